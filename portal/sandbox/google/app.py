"""The WSGI application: accounts, APIs and Admin console behind one address."""

import os
from typing import Any

from flask import Flask, Response, request

from portal import places
from portal.sandbox.faults import Fault, Faults
from portal.sandbox.google import batch, calls, console
from portal.sandbox.google.accounts import answers, authorize, discovery, token, userinfo
from portal.sandbox.google.accounts.answers import TokenError
from portal.sandbox.google.accounts.client import Client
from portal.sandbox.google.directory import (
    aliases,
    channels,
    customers,
    groups,
    members,
    photos,
    roles,
    schemas,
    security,
    users,
)
from portal.sandbox.google.licensing import assignments
from portal.sandbox.google.quotas import RATE, Quotas
from portal.sandbox.google.refusals import Refusal, forbidden
from portal.sandbox.google.reports import activities, usage
from portal.sandbox.google.state import State
from portal.sandbox.journal import Journal
from portal.sandbox.wire import Wire

# The Admin console and static files are no part of what applications ask.
OWN_PAGES = ("/static/", "/ac/")
SECRET = ("/token", "/oauth2/v4/token", "/tokeninfo")
# What the APIs say with these states, where a fault does not say it itself: reason and message.
SAID = {
    400: ("invalid", "Invalid Input"),
    401: ("authError", "Invalid Credentials"),
    403: ("quotaExceeded", RATE),
    404: ("notFound", "Resource Not Found: userKey"),
    409: ("duplicate", "Entity already exists."),
    412: ("conditionNotMet", "User creation is not complete."),
    429: ("rateLimitExceeded", "Rate Limit Exceeded"),
    500: ("backendError", "Backend Error"),
    502: ("backendError", "Bad Gateway"),
    503: ("backendError", "Service unavailable. Please try again"),
    504: ("backendError", "Gateway Timeout"),
}  # fmt: skip
SAID_WITH = {
    "forbidden": "Not Authorized to access this resource/api", "domainCannotUseApis": "Domain cannot use apis.",
    "userRateLimitExceeded": "User Rate Limit Exceeded", "rateLimitExceeded": "Rate Limit Exceeded",
    "limitExceeded": "Domain user limit reached. Contact Support.", "conflict": "Conflict",
    "internalError": "Internal Error", "aborted": "The operation was aborted.",
}  # fmt: skip
# Their methods enter themselves in calls.VIEWS.
METHODS = (
    aliases, channels, customers, groups, members, photos, roles, schemas, security, users, assignments, activities,
    usage,
)  # fmt: skip
APIS = ("/admin/", "/apps/", "/batch", "/v1/userinfo", "/oauth2/v2/userinfo")


def create(state: State, faults: Faults, journal: Journal, client: Client, quotas: Quotas) -> Flask:
    app = Flask("google-sandbox", template_folder=str(places.TEMPLATES), static_folder=str(places.STATIC))
    app.config.update(SECRET_KEY=os.urandom(16), SESSION_COOKIE_NAME="google", SESSION_COOKIE_SAMESITE="Lax")
    app.extensions.update(state=state, client=client, quotas=quotas, faults=faults, journal=journal)
    app.extensions["notifier"] = notifier = channels.Notifier(state)
    state.listeners.append(notifier.tell)
    app.register_error_handler(TokenError, answers.refuse)
    app.register_error_handler(404, _not_found)
    special = {"revoked consent": lambda: calls.refuse(forbidden()), "expired secret": _secret_expired}
    Wire(faults, journal, state.clock, OWN_PAGES, _refusal, special, SECRET, "x-goog-request-id").lay(app)
    for part in (discovery, authorize, token, userinfo, batch, console):
        app.register_blueprint(part.blueprint)
    app.register_blueprint(calls.blueprint())
    return app


def _not_found(_error: Exception) -> Any:
    return Response("<html><title>Error 404 (Not Found)!!1</title></html>", 404, content_type="text/html")


def _secret_expired() -> Response:
    raise TokenError(401, "invalid_client", "Unauthorized")


def _refusal(fault: Fault) -> Response:
    """A failure of the service, in the shape of the part that was asked."""
    reason, message = SAID.get(fault.status, SAID[503])
    if not request.path.startswith(APIS):
        status, error = fault.status, fault.code or "internal_failure"
        return answers.refuse(TokenError(status, error, fault.message or "Backend Error"))
    reason = fault.code or reason
    text = fault.message or SAID_WITH.get(reason, message)
    return calls.refuse(Refusal(fault.status, reason, text, plain=text if fault.body == "plain" else ""))
