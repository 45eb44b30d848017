"""What a user is linked to: manager, reports, memberships."""

from flask import Response

from portal.sandbox import directory
from portal.sandbox.graph.calls import answer, asked, call, known_user, nothing, reference, state
from portal.sandbox.graph.expanding import direct_reports, memberships, owned_groups
from portal.sandbox.graph.shapes import CONTEXT, check_select, linked_user
from portal.sandbox.refusals import malformed, not_found
from portal.sandbox.rules import permissions
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state import User, people

KINDS = {
    f"{space}.{kind}": kind for space in ("graph", "microsoft.graph") for kind in ("group", "directoryRole")
}  # fmt: skip


def manager_of(caller: Caller, name: str) -> User:
    user = known_user(caller, name)
    manager = people.find(caller.tenant, user.manager) if user.manager else None
    if manager is None:
        raise not_found("manager")
    return manager


@call("GET", "/users/<name>/manager", needs=permissions.READ_USERS)
def manager(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/user-list-manager"""
    options = asked()
    check_select(options, caller, collection=False)
    found = manager_of(caller, name)
    return answer({"@odata.context": f"{CONTEXT}directoryObjects/$entity", **linked_user(found, options, caller)})


@call("GET", "/users/<name>/manager/$ref", needs=permissions.READ_USERS)
def manager_link(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/user-list-manager"""
    found = manager_of(caller, name)
    link = f"https://graph.microsoft.com/v2/{caller.tenant.id}/directoryObjects/{found.id}/Microsoft.DirectoryServices.User"
    return answer({"@odata.context": f"{CONTEXT}$ref", "@odata.id": link})


@call("PUT", "/users/<name>/manager/$ref", needs=permissions.WRITE_USERS)
def set_manager(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/user-post-manager"""
    user = known_user(caller, name)
    directory.set_manager(state(), caller, user, known_user(caller, reference()))
    return nothing()


@call("DELETE", "/users/<name>/manager/$ref", needs=permissions.WRITE_USERS)
def clear_manager(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/user-delete-manager"""
    directory.clear_manager(state(), caller, known_user(caller, name))
    return nothing()


@call("GET", "/users/<name>/directReports", needs=permissions.READ_USERS)
def reports(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/user-list-directreports"""
    options = asked()
    check_select(options, caller, collection=True)
    value = [linked_user(item, options, caller) for item in direct_reports(known_user(caller, name))]
    return answer({"@odata.context": f"{CONTEXT}directoryObjects", "value": value})


@call("GET", "/users/<name>/transitiveMemberOf", "/users/<name>/transitiveMemberOf/<kind>",
      needs=permissions.READ_ALL_MEMBERSHIPS)  # fmt: skip
def all_member_of(caller: Caller, name: str, kind: str = "") -> Response:
    """https://learn.microsoft.com/graph/api/user-list-transitivememberof; no group here is in another one."""
    return _memberships(caller, name, kind)


@call("GET", "/users/<name>/ownedObjects", "/users/<name>/ownedObjects/<kind>", needs=permissions.READ_USERS)
def owned(caller: Caller, name: str, kind: str = "") -> Response:
    """https://learn.microsoft.com/graph/api/user-list-ownedobjects: of the groups alone."""
    _check_kind(kind)
    value = owned_groups(known_user(caller, name), asked()) if KINDS.get(kind, "group") == "group" else []
    return answer({"@odata.context": f"{CONTEXT}directoryObjects", "value": value})


@call("GET", "/users/<name>/memberOf", "/users/<name>/memberOf/<kind>", needs=permissions.READ_MEMBERSHIPS)
def member_of(caller: Caller, name: str, kind: str = "") -> Response:
    """https://learn.microsoft.com/graph/api/user-list-memberof"""
    return _memberships(caller, name, kind)


def _check_kind(kind: str) -> None:
    if kind and kind not in KINDS:
        raise malformed(f"Resource not found for the segment '{kind}'.")


def _memberships(caller: Caller, name: str, kind: str) -> Response:
    _check_kind(kind)
    value = memberships(known_user(caller, name), asked(), caller, KINDS.get(kind, ""))
    count = {"@odata.count": len(value)} if asked().advanced else {}
    return answer({"@odata.context": f"{CONTEXT}directoryObjects", **count, "value": value})
