"""What a person has let in: applications, application passwords, codes.

https://developers.google.com/workspace/admin/directory/reference/rest/v1/tokens
"""

from typing import Any

from portal.sandbox.google import unverified
from portal.sandbox.google.accounts.scopes import GRANTED_SIGN_IN
from portal.sandbox.google.calls import Asked, call, client, state
from portal.sandbox.google.directory.keys import changeable, user_of
from portal.sandbox.google.refusals import Refusal, not_found
from portal.sandbox.google.state import User, people
from portal.sandbox.google.state.models import Consent


def _reachable(asked: Asked) -> User:
    """Raises Refusal: of somebody suspended, Google tells nothing."""
    user = user_of(state(), asked.caller, asked.names["userKey"])
    if user.suspended or user.archived:
        status = unverified.TOKENS_OF_SUSPENDED
        raise Refusal(status, "authError", "Invalid Credentials", where=("header", "Authorization"))
    return user


@call("directory.tokens.list")
def list_tokens(asked: Asked) -> dict[str, Any]:
    user = _reachable(asked)
    held = Consent.get_or_none(Consent.user == user.id)
    answer: dict[str, Any] = {"kind": "admin#directory#tokenList", "etag": people.etag(user.id, bool(held))}
    if held is None:
        return answer
    scopes = [scope for scope in held.scopes if scope not in GRANTED_SIGN_IN]
    return {**answer, "items": [{
        "kind": "admin#directory#token", "etag": people.etag(user.id, "token"), "clientId": client().client_id,
        "displayText": client().name, "anonymous": False, "nativeApp": False, "scopes": scopes, "userKey": user.id,
    }]}  # fmt: skip


@call("directory.tokens.delete")
def delete_token(asked: Asked) -> None:
    user = _reachable(asked)
    if asked.names["clientId"] != client().client_id or not Consent.get_or_none(Consent.user == user.id):
        raise not_found("clientId")
    people.end_tokens(user.id, all_of_them=True)


@call("directory.asps.list")
def list_passwords(asked: Asked) -> dict[str, Any]:
    user = _reachable(asked)
    return {"kind": "admin#directory#aspList", "etag": people.etag(user.id, "asps")}


@call("directory.asps.delete")
def delete_password(asked: Asked) -> None:
    _reachable(asked)
    raise not_found("codeId")


@call("directory.verificationCodes.list")
def list_codes(asked: Asked) -> dict[str, Any]:
    user = _reachable(asked)
    return {"kind": "admin#directory#verificationCodesList", "etag": people.etag(user.id, "codes")}


@call("directory.verificationCodes.invalidate")
def invalidate_codes(asked: Asked) -> None:
    changeable(state(), asked.caller, asked.names["userKey"])


@call("directory.twoStepVerification.turnOff")
def turn_off(asked: Asked) -> None:
    user = changeable(state(), asked.caller, asked.names["userKey"])
    user.body.pop("_2sv", None)
    user.save()
