"""Who is in a group.

https://developers.google.com/workspace/admin/directory/reference/rest/v1/members
"""

from typing import Any

from portal.sandbox.google.calls import Asked, call, state
from portal.sandbox.google.directory.keys import find, group_of
from portal.sandbox.google.paging import paged
from portal.sandbox.google.refusals import Refusal, forbidden, invalid_input, not_found, not_met
from portal.sandbox.google.state import Group, User, people
from portal.sandbox.google.state.models import Member

ROLES = ("MEMBER", "MANAGER", "OWNER")
DELIVERIES = ("ALL_MAIL", "DAILY", "DIGEST", "DISABLED", "NONE")


def _named(key: str) -> User | Group | None:
    """The person or group, also a deleted person, who stays a member."""
    user = find(state(), key) or User.get_or_none((User.id == key) & User.deleted_at.is_null())
    return user or people.find_group(key)


def _shown(row: Member) -> dict[str, Any]:
    user = User.get_or_none((User.id == row.member) & User.deleted_at.is_null())
    group = None if user else Group.get_or_none(Group.id == row.member)
    found = {
        "kind": "admin#directory#member", "id": row.member, "etag": people.etag(row.group, row.member, row.role),
        "role": row.role, "type": row.kind, "status": "SUSPENDED" if user and user.suspended else "ACTIVE",
    }  # fmt: skip
    address = user.address if user else group.email if group else ""
    return {**found, "email": address} if address else found


def _row(asked: Asked) -> tuple[Group, Member]:
    """Raises Refusal."""
    group = group_of(asked.caller, asked.names["groupKey"])
    member = _named(asked.names["memberKey"])
    row = member and Member.get_or_none((Member.group == group.id) & (Member.member == member.id))
    if not row:
        raise not_found("memberKey")
    return group, row


@call("directory.members.list")
def list_members(asked: Asked) -> dict[str, Any]:
    group = group_of(asked.caller, asked.names["groupKey"])
    roles = [role for role in (asked.options.get("roles") or "").split(",") if role]
    gone = User.select(User.id).where(User.deleted_at.is_null(False))
    live = Member.select().where((Member.group == group.id) & Member.member.not_in(gone)).order_by(Member.member)
    rows = [row for row in live if not roles or row.role in roles]
    part, token = paged(rows, asked.options)
    answer: dict[str, Any] = {"kind": "admin#directory#members", "etag": people.etag(group.id, len(rows))}
    if part:
        answer["members"] = [_shown(row) for row in part]
    return {**answer, "nextPageToken": token} if token else answer


@call("directory.members.get")
def get(asked: Asked) -> dict[str, Any]:
    _, row = _row(asked)
    return {**_shown(row), "delivery_settings": row.delivery}


@call("directory.members.hasMember")
def has_member(asked: Asked) -> dict[str, Any]:
    group, member = group_of(asked.caller, asked.names["groupKey"]), _named(asked.names["memberKey"])
    if member is None:
        raise not_found("memberKey")
    return {"isMember": Member.select().where((Member.group == group.id) & (Member.member == member.id)).exists()}


@call("directory.members.insert")
def insert(asked: Asked) -> dict[str, Any]:
    group, body = _changeable(asked), asked.body
    member = _named(str(body.get("id") or body.get("email") or ""))
    if member is None or member.customer != group.customer:
        raise not_found("memberKey")
    if member.id == group.id or (isinstance(member, Group) and _holds(member, group.id)):
        raise not_met("Cyclic memberships not allowed")
    if Member.get_or_none((Member.group == group.id) & (Member.member == member.id)):
        raise Refusal(409, "duplicate", "Member already exists.")
    _check(body)
    kind = "GROUP" if isinstance(member, Group) else "USER"
    row = Member.create(group=group.id, member=member.id, kind=kind, role=body.get("role") or "MEMBER",
                        delivery=body.get("delivery_settings") or "ALL_MAIL")  # fmt: skip
    return _shown(row)


def _changeable(asked: Asked) -> Group:
    """Raises Refusal: a dynamic group makes its members itself."""
    group = group_of(asked.caller, asked.names["groupKey"])
    if group.dynamic:
        raise forbidden()
    return group


def _holds(outer: Group, wanted: str) -> bool:
    inner = [row.member for row in Member.select().where((Member.group == outer.id) & (Member.kind == "GROUP"))]
    return wanted in inner or any(_holds(Group.get(Group.id == own), wanted) for own in inner)


def _check(body: dict[str, Any]) -> None:
    """Raises Refusal."""
    if body.get("role") not in (None, *ROLES):
        raise invalid_input("role")
    if body.get("delivery_settings") not in (None, *DELIVERIES):
        raise invalid_input("delivery_settings")


@call("directory.members.patch")
def patch(asked: Asked) -> dict[str, Any]:
    _changeable(asked)
    _, row = _row(asked)
    _check(asked.body)
    row.role = asked.body.get("role") or row.role
    row.delivery = asked.body.get("delivery_settings") or row.delivery
    wanted = (Member.group == row.group) & (Member.member == row.member)
    Member.update(role=row.role, delivery=row.delivery).where(wanted).execute()
    return _shown(row)


@call("directory.members.delete")
def delete(asked: Asked) -> None:
    _changeable(asked)
    _, row = _row(asked)
    Member.delete().where((Member.group == row.group) & (Member.member == row.member)).execute()
