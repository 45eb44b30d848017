"""The WSGI application of the sandbox: identity platform, Graph and Admin Centre behind one address."""

import os
from typing import Any

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from portal import places
from portal.sandbox import admin_centre, graph
from portal.sandbox.calendar import pages as outlook
from portal.sandbox.faults import Fault, Faults
from portal.sandbox.identity import answers, consent, discovery, sign_in, token
from portal.sandbox.identity.answers import SignInError
from portal.sandbox.identity.platform import Identity
from portal.sandbox.journal import Journal
from portal.sandbox.mail import outside
from portal.sandbox.refusals import Refusal, not_permitted
from portal.sandbox.state import State
from portal.sandbox.throttle import Throttle
from portal.sandbox.wire import Wire

# The Admin Centre, calendars by hand, the world outside and static files are not Microsoft's doing.
OWN_PAGES = ("/static/", "/admin-centre", "/outside", "/outlook")

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


class Sessions(SecureCookieSessionInterface):
    """Those who sign in have a session. Graph has none, and is asked thousands of times."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return self.session_class() if request.path.startswith("/v1.0/") else super().open_session(app, request)


def create(state: State, faults: Faults, journal: Journal, identity: Identity, throttle: Throttle) -> Flask:
    app = Flask("sandbox", template_folder=str(places.TEMPLATES), static_folder=str(places.STATIC))
    app.config.update(SECRET_KEY=os.urandom(16), SESSION_COOKIE_NAME="sandbox", SESSION_COOKIE_SAMESITE="Lax")
    app.session_interface = Sessions()
    app.extensions.update(state=state, identity=identity, throttle=throttle, faults=faults, journal=journal)
    app.register_error_handler(SignInError, answers.refuse)
    app.register_error_handler(404, _not_found)
    special = {
        "revoked consent": lambda: _as_graph(not_permitted()),
        "expired secret": _secret_expired,
        "claims challenge": lambda: _challenge(state),
    }
    Wire(faults, journal, state.clock, OWN_PAGES, _refusal, special, ("/oauth2/v2.0/token",)).lay(app)
    for part in (discovery, sign_in, consent, token, admin_centre, outside, outlook):
        app.register_blueprint(part.blueprint)
    app.register_blueprint(graph.blueprint())
    app.register_blueprint(graph.files())
    return app


def _not_found(_error: Exception) -> Any:
    return answers.trouble(900144, "There is nothing at this address.")[0], 404


def _secret_expired() -> Response:
    raise SignInError(401, "invalid_client", 7000222, "The provided client secret keys are expired.")


def _challenge(state: State) -> None:
    for tenant in state.tenants.values():
        state.refuse_earlier_tokens(tenant)


def _refusal(fault: Fault) -> Response:
    """A failure of the service, in the shape of the part that was asked."""
    code, message = SAID.get(fault.status, SAID[503])
    message = SAID_WITH.get(fault.code, message)
    if request.path.startswith("/v1.0/"):
        inner = {"code": "429", "message": "Please retry after", "status": "429"} if fault.status == 429 else None
        return _as_graph(Refusal(fault.status, fault.code or code, fault.message or message, inner=inner))
    error = SignInError(
        fault.status,
        fault.code or "temporarily_unavailable",
        90033,
        fault.message or "A transient error has occurred. Please try again.",
    )
    return answers.refuse(error)


def _as_graph(error: Refusal) -> Response:
    from portal.sandbox.graph import calls

    calls.name_request()
    return calls.mark(calls.refuse(error))
