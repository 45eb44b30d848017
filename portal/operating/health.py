"""Is it alive, is it ready: for load balancers and monitoring."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify, request

from portal import vault
from portal.access import public
from portal.database import check_writing, connection, database
from portal.logs import log
from portal.presence import check_version

# What probe.py sends, as WSGI reads it.
PASSED = "Portal-Probe"


def _database() -> None:
    with connection():
        database.execute_sql("SELECT 1 FROM organisation")


def _schema() -> None:
    with connection():
        check_version()


def _writing() -> None:
    with connection():
        check_writing()


def _queue() -> None:
    from portal.worker import queue

    queue.pending_count()


def _keys() -> None:
    vault.decrypt(vault.encrypt("probe"))


CHECKS: dict[str, Callable[[], None]] = {
    "database": _database, "schema": _schema, "writing": _writing, "queue": _queue, "keys": _keys,
}  # fmt: skip


@public
def healthz() -> Response:
    answer = jsonify(status="ok")
    if PASSED in request.headers:
        answer.headers[PASSED] = "yes"
    return answer


@public
def readyz() -> tuple[Response, int]:
    """Whether it can do its work: database, schema, writing, queue, and keys. What is wrong is named, no details."""
    problems = {}
    for part, check in CHECKS.items():
        try:
            check()
        except Exception as error:
            log.warning("not ready", part=part, reason=str(error))
            problems[part] = type(error).__name__
    return jsonify(status="not ready" if problems else "ready", problems=problems), 503 if problems else 200


def init_app(app: Flask, settings: Any) -> None:
    for view in (healthz, readyz):
        app.add_url_rule(f"/{view.__name__}", view.__name__, view)
