"""Groups and who is in them."""

from typing import Any

from flask import Response

from portal.sandbox import directory
from portal.sandbox.graph.calls import address, answer, asked, call, nothing, reference, sent, state
from portal.sandbox.graph.shapes import CONTEXT, check_select, group_shape, linked_user
from portal.sandbox.odata import pages
from portal.sandbox.odata.kinds import GROUPS
from portal.sandbox.refusals import Refusal, bad_request, malformed, not_found
from portal.sandbox.rules import permissions
from portal.sandbox.rules.groups import MOST_AT_ONCE
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state import Group, User
from portal.sandbox.state.models import Member, Owner


def group_of(caller: Caller, group_id: str) -> Group:
    group = Group.get_or_none((Group.tenant == caller.tenant.id) & (Group.id == group_id.lower()))
    if group is None:
        raise not_found(group_id)
    return group


@call("GET", "/groups", needs=permissions.READ_GROUPS)
def list_groups(caller: Caller) -> Response:
    """https://learn.microsoft.com/graph/api/group-list"""
    options = asked()
    unknown = [name for name in options.select if name not in GROUPS.known]
    if unknown:
        raise malformed(
            "Parsing OData Select and Expand failed: "
            f"Could not find a property named '{unknown[0]}' on type 'microsoft.graph.group'."
        )
    page = pages.listing(
        GROUPS, lambda model: model.tenant == caller.tenant.id, options, lambda body: group_shape(body, options),
        base=address("/groups"), moment=state().clock.time(),
    )  # fmt: skip
    return answer({"@odata.context": f"{CONTEXT}groups", **page})


@call("GET", "/groups/<group_id>", needs=permissions.READ_GROUPS)
def get_group(caller: Caller, group_id: str) -> Response:
    """https://learn.microsoft.com/graph/api/group-get"""
    group = group_of(caller, group_id)
    return answer({"@odata.context": f"{CONTEXT}groups/$entity", **group_shape(group.body, asked())})


@call("GET", "/groups/<group_id>/members", "/groups/<group_id>/members/graph.user",
      "/groups/<group_id>/members/microsoft.graph.user", needs=permissions.READ_MEMBERSHIPS)  # fmt: skip
def members(caller: Caller, group_id: str) -> Response:
    """https://learn.microsoft.com/graph/api/group-list-members"""
    options = asked()
    check_select(options, caller, collection=True)
    ids = Member.select(Member.user).where(Member.group == group_of(caller, group_id).id)
    return _users(caller, ids)


def _users(caller: Caller, ids: Any) -> Response:
    found = User.select().where(User.id.in_(ids) & User.deleted_at.is_null()).order_by(User.seq)
    value = [linked_user(user, asked(), caller) for user in found]
    return answer({"@odata.context": f"{CONTEXT}directoryObjects", "value": value})


@call("GET", "/groups/<group_id>/owners", needs=permissions.READ_OWNERS)
def owners(caller: Caller, group_id: str) -> Response:
    """https://learn.microsoft.com/graph/api/group-list-owners"""
    check_select(asked(), caller, collection=True)
    return _users(caller, Owner.select(Owner.user).where(Owner.group == group_of(caller, group_id).id))


@call("POST", "/groups/<group_id>/owners/$ref", needs=permissions.WRITE_OWNERS)
def add_owner(caller: Caller, group_id: str) -> Response:
    """https://learn.microsoft.com/graph/api/group-post-owners"""
    group = group_of(caller, group_id)
    directory.add_owner(caller, group, _referred(caller, reference()))
    return nothing()


@call("DELETE", "/groups/<group_id>/owners/<user_id>/$ref", needs=permissions.WRITE_OWNERS)
def remove_owner(caller: Caller, group_id: str, user_id: str) -> Response:
    """https://learn.microsoft.com/graph/api/group-delete-owners"""
    directory.remove_owner(caller, group_of(caller, group_id), user_id.lower())
    return nothing()


@call("PATCH", "/groups/<group_id>", needs=permissions.WRITE_MEMBERS)
def add_members(caller: Caller, group_id: str) -> Response:
    """https://learn.microsoft.com/graph/api/group-post-members: several at once."""
    group, body = group_of(caller, group_id), sent()
    links = body.get("members@odata.bind")
    if set(body) != {"members@odata.bind"} or not isinstance(links, list):
        raise Refusal(501, "NotImplemented", "The sandbox changes nothing of a group but its members.")
    if len(links) > MOST_AT_ONCE:
        raise bad_request(f"The number of references in one request cannot be more than {MOST_AT_ONCE}.")
    ids = [str(link).rstrip("/").rpartition("/")[2] for link in links]
    directory.add_members(state(), caller, group, [_referred(caller, own) for own in ids])
    return nothing()


def _referred(caller: Caller, name: str) -> User:
    """The user at the end of a link. One that was made moments ago cannot be linked yet. Raises Refusal."""
    user = directory.user_of(caller.tenant, name)
    if user.visible_at > state().clock.time():
        raise bad_request("Not a valid reference update.")
    return user


@call("POST", "/groups/<group_id>/members/$ref", needs=permissions.WRITE_MEMBERS)
def add_member(caller: Caller, group_id: str) -> Response:
    """https://learn.microsoft.com/graph/api/group-post-members"""
    group = group_of(caller, group_id)
    directory.add_member(state(), caller, group, _referred(caller, reference()))
    return nothing()


@call("DELETE", "/groups/<group_id>/members/<user_id>/$ref", needs=permissions.WRITE_MEMBERS)
def remove_member(caller: Caller, group_id: str, user_id: str) -> Response:
    """https://learn.microsoft.com/graph/api/group-delete-members"""
    directory.remove_member(state(), caller, group_of(caller, group_id), user_id.lower())
    return nothing()


@call("DELETE", "/groups/<group_id>/members/<user_id>", needs=permissions.WRITE_MEMBERS)
def remove_without_reference(caller: Caller, group_id: str, user_id: str) -> Response:
    """Without /$ref this would be about the object itself; the page warns of it, and the sandbox never does it."""
    raise bad_request("Deleting a member needs /$ref; without it the object itself would be deleted.")
