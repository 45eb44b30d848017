"""The WSGI application of the sandbox: identity platform, Graph and Admin Centre behind one address."""

import json
import os
import socket
import struct
import time
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request

from portal.sandbox import (
    admin_centre,
    graph,
    graph_changes,
    graph_directory,
    graph_groups,
    graph_licences,
    graph_users,
    identity,
    token_endpoint,
)
from portal.sandbox.faults import Fault, Faults
from portal.sandbox.identity import Identity
from portal.sandbox.state import State
from portal.sandbox.throttle import Throttle

# Importing a room adds its calls to the blueprint.
ROOMS = (graph_users, graph_licences, graph_directory, graph_groups, graph_changes, token_endpoint)
ROOT = Path(__file__).resolve().parent.parent.parent


def create(state: State, faults: Faults, registered: Identity, throttle: Throttle) -> Flask:
    app = Flask("sandbox", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.update(SECRET_KEY=os.urandom(16), SESSION_COOKIE_NAME="sandbox")
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.filters["sku_name"] = lambda sku_id, names: names.get(sku_id, sku_id)
    app.extensions.update(state=state, identity=registered, throttle=throttle)
    app.before_request(lambda: _before(faults))
    app.after_request(lambda response: _after(faults, response))
    app.register_blueprint(identity.blueprint)
    app.register_blueprint(graph.blueprint)
    app.register_blueprint(admin_centre.blueprint)
    return app


def _before(faults: Faults) -> Any:
    g.began = time.perf_counter()
    if faults.latency and request.endpoint != "static":
        time.sleep(faults.latency)
    g.fault = fault = faults.next(request.method, request.path)
    if fault is None or fault.kind == "lost answer":
        return None
    if fault.kind == "slow":
        time.sleep(fault.seconds)
        return None
    if fault.kind == "reset":
        return _cut()
    return _refusal(fault)


def _refusal(fault: Fault) -> Response:
    codes = {429: ("TooManyRequests", "Please retry again later.")}
    code, message = codes.get(fault.status, ("serviceNotAvailable", "The service is temporarily unavailable."))
    body = {
        "error": {
            "code": fault.code or code,
            "message": fault.message or message,
            "innerError": {"date": "", "request-id": ""},
        }
    }
    headers = {
        "request-id": "fault",
        **({"Retry-After": f"{fault.retry_after:g}"} if fault.retry_after is not None else {}),
    }
    return Response(json.dumps(body), fault.status, headers, content_type="application/json")


def _cut() -> Response:
    """Close the connection without an answer."""
    connection = request.environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.shutdown(socket.SHUT_RDWR)
    return Response(status=503)


def _after(faults: Faults, response: Response) -> Response:
    if request.endpoint == "static":
        return response
    text = request.get_data(as_text=True) if request.mimetype == "application/json" else ""
    faults.journal.append({
        "method": request.method, "path": request.path, "query": request.query_string.decode(),
        "headers": {name: value for name, value in request.headers.items() if name != "Authorization"},
        "body": text, "status": response.status_code,
        "answer": response.get_data(as_text=True) if response.is_json else "",
        "fault": g.fault.kind if g.get("fault") else None,
    })  # fmt: skip
    if g.get("fault") and g.fault.kind == "lost answer":
        return _cut()
    return response
