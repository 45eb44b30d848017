"""The WSGI application of the sandbox: identity platform, Graph and Admin Centre behind one address."""

import os
from collections.abc import Collection
from typing import Any

from flask import Flask, Response, g, request

from portal import places
from portal.sandbox import admin_centre, graph
from portal.sandbox.faults import Fault, Faults, wait
from portal.sandbox.identity import answers, consent, discovery, sign_in, token
from portal.sandbox.identity.answers import SignInError
from portal.sandbox.identity.platform import Identity
from portal.sandbox.journal import Entry, Journal
from portal.sandbox.refusals import Refusal, not_permitted
from portal.sandbox.server import AT_ONCE, CUT
from portal.sandbox.state import State
from portal.sandbox.throttle import Throttle

BUSY = "Error due to concurrent requests being made to the tenant. Please wait briefly and retry."
# https://learn.microsoft.com/graph/errors
SAID = {
    400: ("Request_BadRequest", "One or more properties contains invalid values."),
    404: ("Request_ResourceNotFound", "Resource or one of its queried reference-property objects are not present."),
    409: ("Directory_ConcurrencyViolation", BUSY),
    412: ("resourceModified", "The resource has changed since the caller last read it."),
    423: ("resourceLocked", "The resource that is being accessed is locked."),
    507: ("quotaLimitReached", "The maximum storage quota has been reached."),
    429: ("TooManyRequests", "Please retry again later."),
    500: ("Service_InternalServerError", "Encountered an internal server error."),
    502: ("UnknownError", "Bad gateway."),
    503: ("serviceNotAvailable", "The service is temporarily unavailable."),
    504: ("UnknownError", "The gateway did not receive an answer in time."),
    403: ("Authorization_RequestDenied", "Insufficient privileges to complete the operation."),
}  # fmt: skip
FULL = (
    "The directory object quota limit for the Tenant has been exceeded. Please ask your administrator to increase the "
)
# What the service says with these codes, where a fault does not say it itself.
SAID_WITH = {
    "Directory_QuotaExceeded": f"{FULL}the quota limit or delete objects to reduce the used quota.",
    "Directory_ConcurrencyViolation": BUSY,
}
BROKEN = {
    "html": b"<html><body><h2>Our services aren't available right now</h2></body></html>",
    "empty": b"", "list": b"[]", "null": b"null", "cut": b'{"value": [{"id": "', "deep": b"[" * 100_000,
    "not a number": b'{"value": NaN}', "other": b'{"surprise": true}',
}  # fmt: skip
POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"


def create(state: State, faults: Faults, journal: Journal, identity: Identity, throttle: Throttle) -> Flask:
    app = Flask("sandbox", template_folder=str(places.TEMPLATES), static_folder=str(places.STATIC))
    app.config.update(SECRET_KEY=os.urandom(16), SESSION_COOKIE_NAME="sandbox", SESSION_COOKIE_SAMESITE="Lax")
    app.extensions.update(state=state, identity=identity, throttle=throttle, faults=faults, journal=journal)
    app.register_error_handler(SignInError, answers.refuse)
    app.register_error_handler(404, _not_found)
    app.before_request(_before)
    app.after_request(_after)
    for part in (discovery, sign_in, consent, token, admin_centre):
        app.register_blueprint(part.blueprint)
    app.register_blueprint(graph.blueprint())
    return app


def _not_found(_error: Exception) -> Any:
    return answers.trouble(900144, "There is nothing at this address.")[0], 404


def _own(path: str) -> bool:
    """Static files and the Admin Centre are not Microsoft's doing: no faults, no journal."""
    return path.startswith(("/static/", "/admin-centre"))


def _before() -> Any:  # noqa: C901 - one case for each kind of fault
    if _own(request.path):
        return None
    faults: Faults = request_extension("faults")
    if not request.environ.get(AT_ONCE):
        wait(faults.latency)
    g.fault = fault = faults.next(request.method, request.path, _sent() if faults.rules else ())
    if fault is None:
        return None
    if fault.kind == "slow":
        wait(fault.seconds)
    elif fault.kind == "reset":
        request.environ[CUT] = 0
        return Response(status=503)
    elif fault.kind == "status":
        return _refusal(fault)
    elif fault.kind == "revoked consent":
        return _as_graph(not_permitted())
    elif fault.kind == "expired secret":
        raise SignInError(401, "invalid_client", 7000222, "The provided client secret keys are expired.")
    elif fault.kind == "claims challenge":
        state: State = request_extension("state")
        for tenant in state.tenants.values():
            state.refuse_earlier_tokens(tenant)
    return None


def _sent() -> Collection[str]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else ()


def request_extension(name: str) -> Any:
    from flask import current_app

    return current_app.extensions[name]


def _refusal(fault: Fault) -> Response:
    """A failure of the service, in the shape of the part that was asked."""
    headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
    if fault.location:
        headers["Location"] = fault.location
    if fault.body in BROKEN:
        kind = "text/html" if fault.body == "html" else "application/json"
        return Response(BROKEN[fault.body], fault.status, headers, content_type=kind)
    code, message = SAID.get(fault.status, SAID[503])
    message = SAID_WITH.get(fault.code, message)
    if request.path.startswith("/v1.0/"):
        inner = {"code": "429", "message": "Please retry after", "status": "429"} if fault.status == 429 else None
        return _as_graph(
            Refusal(fault.status, fault.code or code, fault.message or message, headers=headers, inner=inner)
        )
    error = SignInError(
        fault.status,
        fault.code or "temporarily_unavailable",
        90033,
        fault.message or "A transient error has occurred. Please try again.",
    )
    response = answers.refuse(error)
    response.headers.update(headers)
    return response


def _as_graph(error: Refusal) -> Response:
    from portal.sandbox.graph import calls

    calls.name_request()
    return calls.mark(calls.refuse(error))


def _after(response: Response) -> Response:
    if _own(request.path):
        response.headers["Content-Security-Policy"] = POLICY
        return response
    fault: Fault | None = g.get("fault")
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Cache-Control"] = "no-store"
    request_extension("journal").add(_entry(response, fault or g.get("fault_in_item")))
    if fault is not None and fault.kind == "lost answer":
        request.environ[CUT] = 0
    if fault is not None and fault.kind == "cut short":
        request.environ[CUT] = 120 + len(response.get_data()) // 2
    return response


def _entry(response: Response, fault: Fault | None) -> Entry:
    """What is written down. Secrets of the application and tokens stay out of it."""
    text = request.get_data(as_text=True) if request.mimetype == "application/json" else ""
    token_answer = request.path.endswith("/oauth2/v2.0/token") and response.status_code == 200
    return Entry(
        method=request.method, path=request.path, query=request.query_string.decode(),
        headers={name: value for name, value in request.headers.items() if name not in ("Authorization", "Cookie")},
        body=text, status=response.status_code,
        answer=response.get_data(as_text=True) if response.is_json and not token_answer else "",
        fault=fault.kind if fault else None, request_id=response.headers.get("request-id", ""),
        at=request_extension("state").clock.time(),
    )  # fmt: skip
