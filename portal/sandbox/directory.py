"""The verbs of the directory, for Graph and for a person in the Admin Centre.

Each raises Refusal, and is called inside State.work.
"""

from typing import Any

from portal.sandbox import mailboxes
from portal.sandbox.refusals import bad_request, conflict, not_found
from portal.sandbox.rules import groups, licences, permissions, protections, users
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state import Group, State, User, people
from portal.sandbox.state.models import Member, Owner, Tenant

MERGED = ("onPremisesExtensionAttributes",)


def user_of(tenant: Tenant, name: str) -> User:
    """A live user by id or user principal name."""
    user = people.find(tenant, name)
    if user is None:
        raise not_found(name)
    return user


def create(state: State, caller: Caller, wanted: dict[str, Any]) -> User:
    """https://learn.microsoft.com/graph/api/user-post-users"""
    users.check_new(caller.tenant, wanted)
    moment, profile = state.clock.now(), wanted["passwordProfile"]
    body = {
        "id": people.new_id(), "userType": "Member", "createdDateTime": moment, "businessPhones": [],
        "signInSessionsValidFromDateTime": moment, "lastPasswordChangeDateTime": moment, "proxyAddresses": [],
        **{name: value for name, value in wanted.items() if _is_kept(name, value)},
    }  # fmt: skip
    delay = state.timing.new_user
    user = User(
        id=body["id"], tenant=caller.tenant.id, body=body, password=profile["password"],
        must_change=bool(profile.get("forceChangePasswordNextSignIn")),
        visible_at=state.clock.time() + delay if delay else 0,
    )  # fmt: skip
    people.save(state, user, body, "created")
    return user


def _is_kept(name: str, value: Any) -> bool:
    return value is not None and name != "passwordProfile" and "@odata." not in name


def change(state: State, caller: Caller, user: User, changes: dict[str, Any]) -> None:
    """https://learn.microsoft.com/graph/api/user-update"""
    names = {name for name in changes if "@odata." not in name}
    permissions.check_change(caller, names)
    protections.check_change(caller, user, names)
    users.check_changes(caller.tenant, changes, user)
    profile = changes.get("passwordProfile") or {}
    if profile.get("password"):
        user.password = profile["password"]
        user.body["lastPasswordChangeDateTime"] = state.clock.now()
        # A new password ends what was signed in with the old one.
        user.body["signInSessionsValidFromDateTime"] = state.clock.now()
        user.must_change = False
    if "forceChangePasswordNextSignIn" in profile:
        user.must_change = bool(profile["forceChangePasswordNextSignIn"])
    renamed = changes.get("userPrincipalName", user.body["userPrincipalName"]) != user.body["userPrincipalName"]
    for name in names - {"passwordProfile"}:
        _put(user.body, name, changes[name])
    if renamed and user.body.get("proxyAddresses"):
        if state.timing.addresses:
            user.addresses_due = state.clock.time() + state.timing.addresses
            state.wake_at(user.addresses_due)
        else:
            people.follow_name(state, user)
    people.save(state, user, names)


def _put(body: dict[str, Any], name: str, value: Any) -> None:
    if name in MERGED and value is not None:
        merged = {**(body.get(name) or {}), **value}
        body[name] = {key: item for key, item in merged.items() if item is not None and "@odata." not in key}
    elif value is None:
        body.pop(name, None)
    else:
        body[name] = value


def delete(state: State, caller: Caller, user: User) -> None:
    """https://learn.microsoft.com/graph/api/user-delete: into the recycle bin, the id in front of the name."""
    protections.check_administrator(caller, user)
    user.deleted_at = state.clock.time()
    user.mailbox_due = user.addresses_due = None
    user.body["deletedDateTime"] = state.clock.now()
    user.body["userPrincipalName"] = user.id.replace("-", "") + user.body["userPrincipalName"]
    people.save(state, user, ("deletedDateTime",), "deleted")


def deleted_user_of(tenant: Tenant, user_id: str) -> User:
    user = people.find_deleted(tenant, user_id)
    if user is None:
        raise not_found(user_id)
    return user


def restore(
    state: State, user: User, tenant: Tenant, *, new_name: str | None = None, reconcile: bool = False
) -> None:  # fmt: skip
    """https://learn.microsoft.com/graph/api/directory-deleteditems-restore

    Refused while the name or an address is taken. reconcile: addresses that another object has are skipped instead.
    """
    name = new_name or user.body["userPrincipalName"].removeprefix(user.id.replace("-", ""))
    if people.find(tenant, name):
        raise conflict("userPrincipalName")
    users.check_name(tenant, name, None)
    addresses = user.body.get("proxyAddresses") or []
    kept = [address for address in addresses if not people.holder_of_address(tenant, address)]
    if kept != addresses and not reconcile:
        raise conflict("proxyAddresses")
    user.body["proxyAddresses"] = kept
    user.deleted_at = None
    user.body.pop("deletedDateTime")
    user.body["userPrincipalName"] = name
    # Seats that were given away meanwhile do not come back.
    user.body["licenseAssignmentStates"] = [
        item for item in user.body.get("licenseAssignmentStates") or ()
        if (product := tenant.product(item["skuId"])) and licences.seats_left(tenant, product) > 0
    ]  # fmt: skip
    people.save(state, user, ("deletedDateTime",), "restored")


def set_manager(state: State, caller: Caller, user: User, manager: User) -> None:
    """https://learn.microsoft.com/graph/api/user-post-manager"""
    if user.body.get("onPremisesSyncEnabled"):
        raise protections.mastered_elsewhere()
    if manager.id == user.id:
        raise bad_request("A user cannot be their own manager.")
    user.manager = manager.id
    people.save(state, user, ("manager",))


def clear_manager(state: State, caller: Caller, user: User) -> None:
    """https://learn.microsoft.com/graph/api/user-delete-manager"""
    if user.body.get("onPremisesSyncEnabled"):
        raise protections.mastered_elsewhere()
    if not user.manager:
        raise not_found("manager")
    user.manager = None
    people.save(state, user, ("manager",))


def revoke_sessions(state: State, user: User) -> None:
    """https://learn.microsoft.com/graph/api/user-revokesigninsessions"""
    user.body["signInSessionsValidFromDateTime"] = state.clock.now()
    people.save(state, user, ("signInSessionsValidFromDateTime",))


def assign_licences(state: State, tenant: Tenant, user: User, body: dict[str, Any]) -> None:
    """https://learn.microsoft.com/graph/api/user-assignlicense"""
    add, remove = licences.read_request(body)
    held = licences.after(tenant, user, add, remove, state.clock.now())
    _hold(state, tenant, user, held)


def _hold(state: State, tenant: Tenant, user: User, held: list[dict[str, Any]]) -> None:
    had = mailboxes.licensed(tenant, user)
    user.body["licenseAssignmentStates"] = held
    mailboxes.follow(state, tenant, user, had=had)
    if licences.has_mailbox(tenant, held) and not user.body.get("proxyAddresses"):
        if state.timing.mailbox:
            user.mailbox_due = state.clock.time() + state.timing.mailbox
            state.wake_at(user.mailbox_due)
        else:
            people.open_mailbox(user)
    people.save(state, user, ("assignedLicenses", "licenseAssignmentStates"))


def add_member(state: State, caller: Caller, group: Group, user: User) -> None:
    """https://learn.microsoft.com/graph/api/group-post-members; a group's licences come with the membership."""
    groups.check_changeable(caller, group)
    groups.check_addable(group, user)
    _join(state, caller, group, user)


def add_members(state: State, caller: Caller, group: Group, users: list[User]) -> None:
    """https://learn.microsoft.com/graph/api/group-post-members: several at once, all of them or none."""
    groups.check_changeable(caller, group)
    for user in users:
        groups.check_addable(group, user)
    for user in users:
        _join(state, caller, group, user)


def _join(state: State, caller: Caller, group: Group, user: User) -> None:
    Member.create(group=group.id, user=user.id)
    held = list(user.body.get("licenseAssignmentStates") or [])
    for item in group.body.get("assignedLicenses") or ():
        held.append(licences.direct_state(item, state.clock.now(), group.id))
    if group.body.get("assignedLicenses"):
        _hold(state, caller.tenant, user, held)


def remove_member(state: State, caller: Caller, group: Group, user_id: str) -> None:
    """https://learn.microsoft.com/graph/api/group-delete-members"""
    groups.check_changeable(caller, group)
    groups.check_removable(group, user_id)
    Member.delete().where((Member.group == group.id) & (Member.user == user_id)).execute()
    user = people.find(caller.tenant, user_id)
    held = (user.body.get("licenseAssignmentStates") or []) if user else []
    left = [item for item in held if item["assignedByGroup"] != group.id]
    if user is not None and left != held:
        _hold(state, caller.tenant, user, left)


def add_owner(caller: Caller, group: Group, user: User) -> None:
    """https://learn.microsoft.com/graph/api/group-post-owners"""
    groups.check_changeable(caller, group)
    groups.check_owner_addable(group, user)
    Owner.create(group=group.id, user=user.id)


def remove_owner(caller: Caller, group: Group, user_id: str) -> None:
    """https://learn.microsoft.com/graph/api/group-delete-owners"""
    groups.check_changeable(caller, group)
    groups.check_owner_removable(group, user_id)
    Owner.delete().where((Owner.group == group.id) & (Owner.user == user_id)).execute()
