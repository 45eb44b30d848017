"""What the control address does to users and products, without any of Microsoft's rules."""

from typing import Any

from portal.sandbox import mailboxes
from portal.sandbox.clock import written
from portal.sandbox.rules import licences
from portal.sandbox.state import Group, State, Tenant, User, catalogue, people
from portal.sandbox.state.models import Member
from portal.sandbox.state.roles import TEMPLATES

LISTS = ("businessPhones", "proxyAddresses", "assignedLicenses", "licenseAssignmentStates")


def find(tenant: Tenant, name: str) -> User | None:
    """Live by id or username, or in the recycle bin by id."""
    return people.find(tenant, name) or people.find_deleted(tenant, name)


def shown(user: User | None) -> dict[str, Any] | None:
    """All of a user: Graph's properties, and what Graph never shows with a line in front."""
    if user is None:
        return None
    mailbox = mailboxes.of(user)
    own = {
        "_manager": user.manager,
        "_roles": user.roles,
        "_mustChange": user.must_change,
        "_mailboxDue": user.mailbox_due,
        "_mailbox": {"purpose": mailbox.purpose, "settings": mailbox.settings, "rules": mailbox.rules},
    }
    return {**{name: [] for name in LISTS}, "mail": None, "deletedDateTime": None, **user.body, **own}


def change(state: State, tenant: Tenant, asked: dict[str, Any]) -> dict[str, Any] | None:
    """See Control.change_user. Raises KeyError for a user that is not there."""
    user = find(tenant, asked["name"])
    if user is None:
        raise KeyError(asked["name"])
    values = dict(asked.get("values") or {})
    had = mailboxes.licensed(tenant, user)
    if "assignedLicenses" in values:
        values["licenseAssignmentStates"] = [
            licences.direct_state({"disabledPlans": [], **item}, state.clock.now())
            for item in values["assignedLicenses"]
        ]
    if "_manager" in values:
        user.manager = values.pop("_manager")
    for name, value in values.items():
        user.body[name] = value
        if value is None:
            del user.body[name]
    mailboxes.follow(state, tenant, user, had=had)
    if asked.get("join"):
        group = Group.get(Group.tenant == tenant.id, Group.display_name == asked["join"].casefold())
        Member.insert(group=group.id, user=user.id).execute()
    if asked.get("role") or "roles" in asked:
        user.roles = sorted({*asked.get("roles", user.roles), asked.get("role") or ""} & set(TEMPLATES))
    people.save(state, user, values, _move(state, user, asked))
    return shown(user)


def _move(state: State, user: User, asked: dict[str, Any]) -> str:
    """Into the recycle bin or out of it, if that was asked; the kind of the change."""
    mark = user.id.replace("-", "")
    if asked.get("delete"):
        user.deleted_at = state.clock.time()
        user.body["deletedDateTime"] = written(user.deleted_at)
        user.body["userPrincipalName"] = mark + user.body["userPrincipalName"]
        return "deleted"
    if asked.get("restore"):
        user.deleted_at = None
        user.body.pop("deletedDateTime", None)
        user.body["userPrincipalName"] = user.body["userPrincipalName"].removeprefix(mark)
        return "restored"
    return "updated"


def set_seats(state: State, tenant: Tenant, asked: dict[str, Any]) -> dict[str, Any]:
    """See Control.seats. What the tenant does not own is bought. Raises KeyError for an unknown product."""
    found = [item for item in tenant.products if asked["sku"] in (item["skuId"], item["skuPartNumber"])]
    if not found:
        found = [catalogue.subscribed(catalogue.sku_of(asked["sku"]), 0)]
        tenant.products += found
    units = found[0]["prepaidUnits"]
    units["enabled"] = int(asked.get("seats", units["enabled"]))
    for name in ("warning", "suspended", "lockedOut"):
        units[name] = int(asked.get(name, units[name]))
    found[0]["capabilityStatus"] = asked.get("status", found[0]["capabilityStatus"])
    state.keep_tenant(tenant)
    return found[0]


def change_mailbox(tenant: Tenant, asked: dict[str, Any]) -> dict[str, Any]:
    """See Control.change_mailbox. Raises KeyError for a user that is not there."""
    user = find(tenant, asked["name"])
    if user is None:
        raise KeyError(asked["name"])
    mailbox = mailboxes.of(user)
    mailbox.purpose = asked.get("purpose", mailbox.purpose)
    mailbox.rules = [*mailbox.rules, *asked.get("rules", [])]
    mailbox.settings = {**mailbox.settings, **asked.get("settings", {})}
    mailboxes.keep(mailbox)
    return {"purpose": mailbox.purpose, "settings": mailbox.settings, "rules": mailbox.rules}
