"""The token endpoint, and the end of a grant.

https://developers.google.com/identity/protocols/oauth2/web-server#exchange-authorization-code
"""

import base64
import hashlib
import hmac
from typing import Any

from flask import Blueprint, Response, request

from portal.sandbox.google.accounts import grants
from portal.sandbox.google.accounts.answers import TokenError, client, json_answer, state
from portal.sandbox.google.accounts.scopes import SIGN_IN
from portal.sandbox.google.state import people
from portal.sandbox.google.state.models import Access, Refresh

blueprint = Blueprint("token", __name__)
CODE_LIFE = 600
BAD = "Bad Request"


@blueprint.post("/token")
@blueprint.post("/oauth2/v4/token")
@blueprint.post("/o/oauth2/token")
def token() -> Response:
    with state().work():
        check_client()
        kind = request.form.get("grant_type", "")
        if kind == "authorization_code":
            return json_answer(_for_code())
        if kind == "refresh_token":
            return json_answer(_for_refresh())
        if kind == "urn:ietf:params:oauth:grant-type:jwt-bearer":
            raise TokenError(401, "unauthorized_client", UNAUTHORISED)
        raise TokenError(400, "unsupported_grant_type", f"Invalid grant_type: {kind}")


UNAUTHORISED = (
    "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the "
    "scopes requested."
)


def check_client() -> None:
    """Raises TokenError."""
    client_id, secret = request.form.get("client_id", ""), request.form.get("client_secret", "")
    if request.authorization and request.authorization.type == "basic":
        client_id, secret = request.authorization.username or "", request.authorization.password or ""
    if request.form.get("grant_type", "").endswith("jwt-bearer"):
        return
    if not client_id:
        raise TokenError(400, "invalid_request", "Could not determine client ID from request.")
    if client().deleted and client_id == client().client_id:
        raise TokenError(401, "deleted_client", "The OAuth client was deleted.")
    if client_id != client().client_id:
        raise TokenError(401, "invalid_client", "The OAuth client was not found.")
    if not hmac.compare_digest(secret.encode(), client().client_secret.encode()):
        raise TokenError(401, "invalid_client", "Unauthorized" if secret else "client_secret is missing.")


def _for_code() -> dict[str, Any]:
    if not request.form.get("code"):
        raise TokenError(400, "invalid_request", "Missing required parameter: code")
    held: Any = client().codes.get(request.form["code"])
    moment = state().clock.time()
    if held is None or held["used"] or held["at"] + CODE_LIFE < moment:
        raise TokenError(400, "invalid_grant", BAD)
    held["used"] = True
    if held["redirect_uri"] != request.form.get("redirect_uri"):
        raise TokenError(400, "invalid_grant", BAD)
    _check_verifier(held)
    user = people.live(held["user"])
    if user is None:
        raise TokenError(400, "invalid_grant", "The account has been deleted")
    if not held["refresh"] or client().withhold_refresh:
        return grants.tokens(user, held["scopes"], nonce=held["nonce"])
    return grants.tokens(user, held["scopes"], nonce=held["nonce"], new_refresh=True)


def _check_verifier(held: dict[str, Any]) -> None:
    """https://datatracker.ietf.org/doc/html/rfc7636"""
    challenge, verifier = held["code_challenge"], request.form.get("code_verifier", "")
    if not challenge and not verifier:
        return
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    if (digest if held["code_challenge_method"] == "S256" else verifier) != challenge or not challenge:
        raise TokenError(400, "invalid_grant", BAD)


def _for_refresh() -> dict[str, Any]:
    if not request.form.get("refresh_token"):
        raise TokenError(400, "invalid_request", "Missing required parameter: refresh_token")
    held, user = grants.live_refresh(request.form["refresh_token"])
    asked = [SIGN_IN.get(scope, scope) for scope in request.form.get("scope", "").split()]
    if not set(asked) <= set(held.scopes):
        raise TokenError(400, "invalid_scope", BAD)
    held.used_at = state().clock.time()
    held.save()
    if client().rotates:
        held.delete_instance()
    return grants.tokens(user, asked or held.scopes, new_refresh=client().rotates)


@blueprint.post("/revoke")
@blueprint.get("/o/oauth2/revoke")
@blueprint.post("/o/oauth2/revoke")
def revoke() -> Response:
    """https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke: the whole grant ends."""
    with state().work():
        wanted = request.values.get("token", "")
        held = Refresh.get_or_none(Refresh.token == wanted) or Access.get_or_none(Access.token == wanted)
        if held is None:
            raise TokenError(400, "invalid_token", "Token expired or revoked")
        people.end_tokens(held.user, all_of_them=True)
        return json_answer({})
