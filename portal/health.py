"""Is it alive, is it ready, what has it done: for load balancers and monitoring."""

from typing import Any

from flask import Flask, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, Counter, generate_latest

from portal.access import public
from portal.database import connection, database

REQUESTS = Counter("portal_requests", "Requests answered", ["method", "status"])


@public
def healthz() -> Response:
    return jsonify(status="ok")


@public
def readyz() -> tuple[Response, int]:
    problems = {}
    try:
        with connection():
            database.execute_sql("SELECT 1 FROM organisation")
    except Exception as error:
        problems["database"] = type(error).__name__
    return jsonify(status="not ready" if problems else "ready", problems=problems), 503 if problems else 200


@public
def metrics() -> Response:
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def init_app(app: Flask, settings: Any) -> None:
    for view in (healthz, readyz, metrics):
        app.add_url_rule(f"/{view.__name__}", view.__name__, view)

    @app.after_request
    def count(response: Response) -> Response:
        from flask import request

        REQUESTS.labels(request.method, response.status_code).inc()
        return response
