"""$expand of the links of a user.

https://learn.microsoft.com/graph/query-parameters: one link at a time, at most twenty objects in a list.
"""

from typing import Any

from portal.sandbox.graph.shapes import group_shape, linked_user, role_shape
from portal.sandbox.odata.options import Options
from portal.sandbox.refusals import bad_request, malformed
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state import Group, User, people
from portal.sandbox.state.models import Member, Owner

MOST = 20


def expand(user: User, options: Options, caller: Caller) -> dict[str, Any]:
    """The links that the request asks for, by name."""
    if len(options.expand) > 1:
        raise bad_request("The request has more than one $expand; one link at a time can be expanded.")
    found: dict[str, Any] = {}
    for name, select in options.expand.items():
        inner = Options(select=select)
        if name == "manager":
            manager = people.find(caller.tenant, user.manager) if user.manager else None
            found.update({"manager": linked_user(manager, inner, caller)} if manager else {})
        elif name == "directReports":
            found["directReports"] = [linked_user(item, inner, caller) for item in direct_reports(user)[:MOST]]
        elif name == "memberOf":
            found["memberOf"] = memberships(user, inner, caller)[:MOST]
        else:
            raise malformed(
                "Parsing OData Select and Expand failed: "
                f"Could not find a property named '{name}' on type 'microsoft.graph.user'."
            )
    return found


def direct_reports(user: User) -> list[User]:
    return list(User.select().where((User.manager == user.id) & User.deleted_at.is_null()).order_by(User.seq))


def owned_groups(user: User, options: Options) -> list[dict[str, Any]]:
    """The groups that somebody owns, each with its type."""
    groups = Group.select().join(Owner, on=Owner.group == Group.id).where(Owner.user == user.id).order_by(Group.seq)
    return [{"@odata.type": "#microsoft.graph.group", **group_shape(group.body, options)} for group in groups]


def memberships(user: User, options: Options, caller: Caller, kind: str = "") -> list[dict[str, Any]]:
    """Groups and directory roles, each with its type. kind: only "group" or "directoryRole"."""
    groups = Group.select().join(Member, on=Member.group == Group.id).where(Member.user == user.id).order_by(Group.seq)
    found = [{"@odata.type": "#microsoft.graph.group", **group_shape(group.body, options)} for group in groups]
    for role in user.roles:
        shape = role_shape(caller.tenant, role)
        chosen = {name: shape.get(name) for name in options.select} if options.select else shape
        found.append({"@odata.type": "#microsoft.graph.directoryRole", **chosen})
    return [item for item in found if not kind or item["@odata.type"] == f"#microsoft.graph.{kind}"]
