"""Temporary Access Passes, and the policy about them."""

import secrets
from typing import Any

from flask import Response

from portal.sandbox import clock
from portal.sandbox.graph.calls import answer, call, known_user, nothing, sent, state
from portal.sandbox.graph.shapes import CONTEXT
from portal.sandbox.refusals import Refusal, bad_value, not_found
from portal.sandbox.rules import permissions, protections
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state import User, people
from portal.sandbox.state.models import Member, Tenant

KNOWN = {"lifetimeInMinutes", "isUsableOnce", "startDateTime"}
EVERYBODY = "all_users"
# https://learn.microsoft.com/entra/identity/authentication/howto-authentication-temporary-access-pass; the invented
# companies have switched it on.
USUAL: dict[str, Any] = {
    "id": "TemporaryAccessPass", "state": "enabled", "defaultLifetimeInMinutes": 60, "defaultLength": 8,
    "minimumLifetimeInMinutes": 60, "maximumLifetimeInMinutes": 480, "isUsableOnce": False,
    "includeTargets": [{"targetType": "group", "id": EVERYBODY, "isRegistrationRequired": False}],
    "excludeTargets": [],
}  # fmt: skip
POLICIES = "policies/authenticationMethodsPolicy/authenticationMethodConfigurations"
NOT_IN_POLICY = (
    "UserCredentialPolicy does not allow creating or updating this authentication method. AuthMethodType "
    "[TemporaryAccessPass]."
)


def policy_of(tenant: Tenant) -> dict[str, Any]:
    return {**USUAL, **tenant.pass_policy}


@call("GET", f"/{POLICIES}/temporaryAccessPass", needs=permissions.READ_PASS_POLICY)
def pass_policy(caller: Caller) -> Response:
    """https://learn.microsoft.com/graph/api/temporaryaccesspassauthenticationmethodconfiguration-get"""
    kind = "#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration"
    context = f"{CONTEXT}{POLICIES}/$entity"
    return answer({"@odata.context": context, "@odata.type": kind, **policy_of(caller.tenant)})


@call("GET", "/users/<name>/authentication/temporaryAccessPassMethods", needs=permissions.READ_TEMPORARY_PASSES)
def passes(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/authentication-list-temporaryaccesspassmethods: without the value."""
    user = known_user(caller, name)
    context = f"{CONTEXT}users('{user.id}')/authentication/temporaryAccessPassMethods"
    return answer({"@odata.context": context, "value": [_shown(user, "")] if user.access_pass else []})


@call("POST", "/users/<name>/authentication/temporaryAccessPassMethods", needs=permissions.TEMPORARY_PASSES)
def create_pass(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/authentication-post-temporaryaccesspassmethods

    An earlier pass of the same person is replaced.
    """
    wanted = {key: value for key, value in sent().items() if "@odata." not in key}
    user = known_user(caller, name)
    protections.check_administrator(caller, user)
    policy = policy_of(caller.tenant)
    _check(wanted, policy)
    if policy["state"] != "enabled" or not _includes(policy, user):
        raise _refused(NOT_IN_POLICY)
    begins = clock.read(str(wanted["startDateTime"])) if wanted.get("startDateTime") else state().clock.time()
    minutes = wanted.get("lifetimeInMinutes") or policy["defaultLifetimeInMinutes"]
    user.access_pass = {
        "id": people.new_id(), "value": secrets.token_urlsafe(policy["defaultLength"]), "begins": begins,
        "ends": begins + minutes * 60, "minutes": minutes, "made": state().clock.now(),
        "once": bool(wanted.get("isUsableOnce", policy["isUsableOnce"])),
    }  # fmt: skip
    user.save()
    context = f"{CONTEXT}users('{user.id}')/authentication/temporaryAccessPassMethods/$entity"
    return answer({"@odata.context": context, **_shown(user, user.access_pass["value"])}, 201)


@call("DELETE", "/users/<name>/authentication/temporaryAccessPassMethods/<method>", needs=permissions.TEMPORARY_PASSES)
def delete_pass(caller: Caller, name: str, method: str) -> Response:
    """https://learn.microsoft.com/graph/api/temporaryaccesspassauthenticationmethod-delete"""
    user = known_user(caller, name)
    if not user.access_pass or user.access_pass["id"] != method:
        raise not_found(method)
    user.access_pass = {}
    user.save()
    return nothing()


def _shown(user: User, value: str) -> dict[str, Any]:
    held = user.access_pass
    usable = held["begins"] <= state().clock.time() < held["ends"]
    early = state().clock.time() < held["begins"]
    return {
        "id": held["id"], "createdDateTime": held["made"], "startDateTime": clock.written(held["begins"]),
        "lifetimeInMinutes": held["minutes"], "isUsableOnce": held["once"], "isUsable": usable,
        "methodUsabilityReason": "EnabledByPolicy" if usable else "NotYetValid" if early else "Expired",
        "temporaryAccessPass": value or None,
    }  # fmt: skip


def _includes(policy: dict[str, Any], user: User) -> bool:
    groups = {row.group for row in Member.select().where(Member.user == user.id)} | {user.id}
    included = {target["id"] for target in policy["includeTargets"]}
    excluded = {target["id"] for target in policy["excludeTargets"]}
    return (EVERYBODY in included or bool(included & groups)) and not excluded & groups


def _refused(message: str) -> Refusal:
    return Refusal(400, "badRequest", message)


def _check(wanted: dict[str, Any], policy: dict[str, Any]) -> None:
    unknown = wanted.keys() - KNOWN
    if unknown:
        raise _refused(f"Invalid property '{sorted(unknown)[0]}'.")
    shortest, longest = policy["minimumLifetimeInMinutes"], policy["maximumLifetimeInMinutes"]
    minutes = wanted.get("lifetimeInMinutes") or policy["defaultLifetimeInMinutes"]
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not shortest <= minutes <= longest:
        raise _refused(f"Invalid LifetimeInMinutes specified. The valid range between {shortest} and {longest}.")
    if policy["isUsableOnce"] and wanted.get("isUsableOnce") is False:
        raise _refused("Invalid isUsableOnce specified. The policy allows passes for one-time use only.")
    if "startDateTime" in wanted:
        try:
            clock.read(str(wanted["startDateTime"]))
        except ValueError:
            raise bad_value("startDateTime", "TemporaryAccessPassAuthenticationMethod") from None
