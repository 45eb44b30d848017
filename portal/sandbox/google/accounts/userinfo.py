"""Who the access token belongs to.

https://developers.google.com/identity/openid-connect/openid-connect#obtaininguserprofileinformation
"""

from flask import Blueprint, Response, request

from portal.sandbox.google.accounts.answers import TokenError, client, json_answer, state
from portal.sandbox.google.accounts.grants import profile
from portal.sandbox.google.caller import Caller
from portal.sandbox.google.calls import identify, refuse
from portal.sandbox.google.refusals import Refusal
from portal.sandbox.google.state.models import Access

blueprint = Blueprint("userinfo", __name__)


def _caller() -> Caller:
    """Raises Refusal."""
    return identify()


@blueprint.get("/v1/userinfo")
@blueprint.post("/v1/userinfo")
@blueprint.get("/oauth2/v3/userinfo")
def of_openid() -> Response:
    try:
        with state().work():
            caller = _caller()
            return json_answer({"sub": caller.user.id, **profile(caller.user, list(caller.scopes))})
    except Refusal as error:
        return refuse(error)


@blueprint.get("/oauth2/v2/userinfo")
@blueprint.get("/userinfo/v2/me")
def of_api() -> Response:
    """https://www.googleapis.com/discovery/v1/apis/oauth2/v2/rest: its own names for the same."""
    try:
        with state().work():
            caller = _caller()
            found = profile(caller.user, list(caller.scopes))
            if "email_verified" in found:
                found["verified_email"] = found.pop("email_verified")
            return json_answer({"id": caller.user.id, **found})
    except Refusal as error:
        return refuse(error)


@blueprint.get("/tokeninfo")
@blueprint.post("/tokeninfo")
@blueprint.get("/oauth2/v3/tokeninfo")
def token_info() -> Response:
    """https://developers.google.com/identity/protocols/oauth2/limited-input-device#calling-google-apis"""
    with state().work():
        held = Access.get_or_none(Access.token == request.values.get("access_token", ""))
        left = int(held.ends_at - state().clock.time()) if held else 0
        if held is None or left <= 0:
            raise TokenError(400, "invalid_token", "Invalid Value")
        return json_answer({
            "azp": client().client_id, "aud": client().client_id, "sub": held.user, "scope": " ".join(held.scopes),
            "exp": str(int(held.ends_at)), "expires_in": str(left), "access_type": "offline",
        })  # fmt: skip
