"""Temporary Access Passes."""

import secrets
from typing import Any

from flask import Response

from portal.sandbox import clock
from portal.sandbox.graph.calls import answer, call, known_user, sent, state
from portal.sandbox.graph.shapes import CONTEXT
from portal.sandbox.refusals import bad_request, bad_value
from portal.sandbox.rules import permissions, protections
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state import people

SHORTEST, LONGEST, USUAL = 10, 43200, 60
KNOWN = {"lifetimeInMinutes", "isUsableOnce", "startDateTime"}


@call("POST", "/users/<name>/authentication/temporaryAccessPassMethods", needs=permissions.TEMPORARY_PASSES)
def create_pass(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/authentication-post-temporaryaccesspassmethods"""
    wanted = {key: value for key, value in sent().items() if "@odata." not in key}
    user = known_user(caller, name)
    protections.check_administrator(caller, user)
    _check(wanted)
    found = {
        "id": people.new_id(), "createdDateTime": state().clock.now(),
        "startDateTime": wanted.get("startDateTime") or state().clock.now(),
        "lifetimeInMinutes": wanted.get("lifetimeInMinutes") or USUAL,
        "isUsableOnce": bool(wanted.get("isUsableOnce")), "isUsable": True, "methodUsabilityReason": "EnabledByPolicy",
        "temporaryAccessPass": secrets.token_urlsafe(8),
    }  # fmt: skip
    context = f"{CONTEXT}users('{user.id}')/authentication/temporaryAccessPassMethods/$entity"
    return answer({"@odata.context": context, **found}, 201)


def _check(wanted: dict[str, Any]) -> None:
    unknown = wanted.keys() - KNOWN
    if unknown:
        raise bad_request(f"Invalid property '{sorted(unknown)[0]}'.")
    minutes = wanted.get("lifetimeInMinutes", USUAL)
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not SHORTEST <= minutes <= LONGEST:
        raise bad_request(f"lifetimeInMinutes must be between {SHORTEST} and {LONGEST}.")
    if "startDateTime" in wanted:
        try:
            clock.read(str(wanted["startDateTime"]))
        except ValueError:
            raise bad_value("startDateTime", "TemporaryAccessPassAuthenticationMethod") from None
