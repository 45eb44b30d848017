"""Changes of a user: what is sent is changed, what is absent stays, null clears.

https://developers.google.com/workspace/admin/directory/v1/guides/manage-users#update_user
"""

from typing import Any

from portal.sandbox.google import log, unverified
from portal.sandbox.google.directory import shapes
from portal.sandbox.google.directory.making import KEPT
from portal.sandbox.google.licensing import seats
from portal.sandbox.google.refusals import Refusal
from portal.sandbox.google.rules import addresses, users
from portal.sandbox.google.state import Customer, State, User, people

LOGGED = {
    "externalIds": "external", "relations": "relation", "phones": "phone", "addresses": "address",
    "recoveryEmail": "recovery", "customSchemas": "custom", "organizations": "other",
}  # fmt: skip


def change(state: State, actor: User, user: User, body: dict[str, Any], *, patch: bool = False) -> None:
    """patch: the older method, which cannot clear arrays. Raises Refusal, and then nothing has changed."""
    customer = state.customers[user.customer]
    before = shapes.whole(state, user)
    renamed = _renamed(customer, user, body)
    name = users.check_names({**user.body["name"], **body["name"]}) if body.get("name") else user.body["name"]
    users.check_lists(body)
    users.check_recovery(body)
    users.check_schemas(customer, body.get("customSchemas"))
    org_unit = users.check_org_unit(customer, body["orgUnitPath"]) if body.get("orgUnitPath") else user.org_unit
    password = users.check_password(customer, body) if body.get("password") else user.password
    said = _Said(state, actor, customer, user)
    _switch(state, customer, user, body, said)
    said.when(name.get("givenName") != user.body["name"].get("givenName"), "given")
    said.when(name.get("familyName") != user.body["name"].get("familyName"), "family")
    said.when(org_unit != user.org_unit, "move", ORG_UNIT_NAME=user.org_unit, NEW_VALUE=org_unit)
    said.when(password != user.password, "password")
    user.body["name"], user.org_unit, user.password = name, org_unit, password
    if body.get("changePasswordAtNextLogin") is not None:
        user.must_change = body["changePasswordAtNextLogin"]
    _keep(user, body, said, patch=patch)
    if renamed:
        _rename(state, user, renamed, said)
    people.save(state, user, "update", before)
    said.write()


class _Said:
    """Lines for the admin log, written when all has gone well."""

    def __init__(self, state: State, actor: User, customer: Customer, user: User):
        self.state, self.actor, self.customer, self.address = state, actor, customer, user.address
        self.lines: list[tuple[str, dict[str, str]]] = []

    def when(self, holds: bool, what: str, **more: str) -> None:
        if holds:
            self.lines.append((what, more))

    def write(self) -> None:
        for what, more in self.lines:
            log.record(self.state, self.actor, self.customer, what, self.address, **more)


def _renamed(customer: Customer, user: User, body: dict[str, Any]) -> str:
    """The new address, "" when it stays. Raises Refusal."""
    if not body.get("primaryEmail") or body["primaryEmail"].lower() == user.address:
        return ""
    wanted = addresses.check_form(customer, body["primaryEmail"])
    addresses.check_free(customer, wanted, own=user.id)
    return wanted


def _rename(state: State, user: User, wanted: str, said: _Said) -> None:
    said.when(True, "rename", NEW_VALUE=wanted)
    if unverified.RENAME_LEAVES_ALIAS:
        people.hold(user.customer, user.address, "alias", user.id)
    else:
        people.let_go(state, user.address)
    people.hold(user.customer, wanted, "user", user.id)
    user.address = wanted
    if state.timing.rename:
        user.free_at = state.clock.time() + state.timing.rename


def _switch(state: State, customer: Customer, user: User, body: dict[str, Any], said: _Said) -> None:
    """Suspended and archived. Raises Refusal."""
    suspended = user.suspended if body.get("suspended") is None else body["suspended"]
    archived = user.archived if body.get("archived") is None else body["archived"]
    now = people.written(state.clock.time())
    if user.suspended and not suspended and user.body.get("suspensionReason") == "ABUSE":
        raise Refusal(412, "adminCannotUnsuspend", "Cannot restore a user suspended for abuse.")
    if archived and not user.archived:
        seats.need_archive_licence(customer, user)
        user.body["archivalTime"] = now
    if suspended and not user.suspended:
        user.body.update(suspensionReason="ADMIN", suspensionTime=now)
    if (suspended and not user.suspended) and unverified.SUSPEND_ENDS_TOKENS:
        people.end_tokens(user.id, all_of_them=False)
    said.when(suspended and not user.suspended, "suspend")
    said.when(user.suspended and not suspended, "unsuspend")
    said.when(archived and not user.archived, "archive")
    said.when(user.archived and not archived, "unarchive")
    user.suspended, user.archived = suspended, archived


def _keep(user: User, body: dict[str, Any], said: _Said, *, patch: bool) -> None:
    """Arrays are replaced whole. What cannot be cleared stays."""
    for name in KEPT:
        if name not in body:
            continue
        value = body[name]
        if name in users.LISTS and not value and (patch or (value == [] and not unverified.EMPTY_LIST_CLEARS)):
            continue
        if name == "customSchemas" and value:
            value = _merged(user.body.get(name) or {}, value)
        said.when(user.body.get(name) != value and name in LOGGED, LOGGED.get(name, ""))
        user.body[name] = value
        if value in (None, [], {}, ""):
            del user.body[name]


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Custom fields one by one; null clears a schema or a field."""
    found = dict(old)
    for schema, values in new.items():
        merged = {**found.get(schema, {}), **(values or {})}
        found[schema] = {} if values is None else {key: value for key, value in merged.items() if value is not None}
    return {schema: values for schema, values in found.items() if values}
