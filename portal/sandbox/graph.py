"""Microsoft Graph v1.0: who calls, what they may, and how a refusal looks. The calls are in the graph_* rooms."""

import uuid
from datetime import UTC, datetime
from typing import Any

import jwt
from flask import Blueprint, Response, current_app, g, jsonify, request

from portal.sandbox.identity import identity, state
from portal.sandbox.refusals import Refusal, bad_request, not_found, not_permitted, unauthorised
from portal.sandbox.state import Tenant
from portal.sandbox.throttle import Throttle

blueprint = Blueprint("graph", __name__, url_prefix="/v1.0")
CONTEXT = "https://graph.microsoft.com/v1.0/$metadata#"
READ_USERS = ("User.Read.All", "User.ReadWrite.All", "Directory.Read.All")
WRITE_USERS = ("User.ReadWrite.All",)
PASSWORDS = ("User-PasswordProfile.ReadWrite.All",)


@blueprint.before_request
def identify() -> None:
    g.request_id = str(uuid.uuid4())
    g.client_request_id = request.headers.get("client-request-id", g.request_id)
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not token:
        raise unauthorised("Access token is empty.")
    try:
        claims = identity().signer.read(token)
    except jwt.InvalidTokenError:
        raise unauthorised("Access token validation failure. Invalid signature.") from None
    if claims.get("aud") != "https://graph.microsoft.com":
        raise unauthorised("Access token validation failure. Invalid audience.")
    if claims["exp"] < state().clock.time():
        raise unauthorised("Lifetime validation failed, the token is expired.")
    g.roles = frozenset(claims.get("roles") or ())
    g.tenant = state().tenants[claims["tid"]]
    quota = throttle().wait(g.tenant.id, request.method, state().clock.time())
    if quota:
        headers = {"Retry-After": f"{quota:.0f}", "x-ms-throttle-information": "WriteLimitExceeded"}
        raise Refusal(429, "TooManyRequests", "Please retry again later.", headers=headers)


@blueprint.after_request
def mark(response: Response) -> Response:
    response.headers["request-id"] = g.get("request_id", "")
    response.headers["client-request-id"] = g.get("client_request_id", "")
    response.headers["x-ms-resource-unit"] = "1"
    return response


@blueprint.errorhandler(Refusal)
def refuse(error: Refusal):
    date = datetime.fromtimestamp(state().clock.time(), UTC).strftime("%Y-%m-%dT%H:%M:%S")
    body = error.body(request_id=g.request_id, client_request_id=g.client_request_id, date=date)
    return jsonify(body), error.status, error.headers


def throttle() -> Throttle:
    return current_app.extensions["throttle"]


def need(*any_of: str) -> Tenant:
    """The tenant of the token, if it carries one of the permissions. Raises Refusal."""
    if not g.roles & set(any_of):
        raise not_permitted()
    return g.tenant


def user_of(tenant: Tenant, name: str) -> dict[str, Any]:
    user = tenant.find(name)
    if user is None or not state().is_shown(user):
        raise not_found(name)
    return user


def body() -> dict[str, Any]:
    found = request.get_json(silent=True)
    if not isinstance(found, dict):
        raise bad_request("Unable to read JSON request payload. Please ensure Content-Type header is set.")
    return found


def graph_url(path: str) -> str:
    return f"{request.host_url.rstrip('/')}/v1.0{path}"


@blueprint.route("/<path:anything>", methods=["GET", "POST", "PATCH", "PUT", "DELETE"])
def unknown(anything: str):
    raise Refusal(400, "BadRequest", f"Resource not found for the segment '{anything.split('/')[0]}'.")
