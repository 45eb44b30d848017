"""Which memberships can be changed.

https://learn.microsoft.com/graph/api/group-post-members and https://learn.microsoft.com/graph/api/group-delete-members
"""

from portal.sandbox.refusals import bad_request, not_found, not_permitted
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state.models import Group, Member, Owner, User

MOST_AT_ONCE = 20


def check_changeable(caller: Caller, group: Group) -> None:
    """Raises Refusal for groups whose members another system keeps."""
    if group.body.get("isManagementRestricted"):
        raise not_permitted()
    if group.body.get("isAssignableToRole") and "RoleManagement.ReadWrite.Directory" not in caller.permissions:
        raise not_permitted()
    if "DynamicMembership" in group.body["groupTypes"]:
        raise not_permitted()
    if group.body.get("onPremisesSyncEnabled"):
        raise bad_request(
            "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects "
            "currently undergoing migration."
        )
    if group.body["mailEnabled"] and "Unified" not in group.body["groupTypes"]:
        raise bad_request("Cannot Update a mail-enabled security groups and or distribution list.")


def is_member(group: Group, user_id: str) -> bool:
    return Member.select().where((Member.group == group.id) & (Member.user == user_id)).exists()


def check_addable(group: Group, user: User) -> None:
    if is_member(group, user.id):
        raise bad_request(
            "One or more added object references already exist for the following modified properties: 'members'."
        )


def check_removable(group: Group, user_id: str) -> None:
    if not is_member(group, user_id):
        raise not_found(user_id)


def owns(group: Group, user_id: str) -> bool:
    return Owner.select().where((Owner.group == group.id) & (Owner.user == user_id)).exists()


def check_owner_addable(group: Group, user: User) -> None:
    if owns(group, user.id):
        raise bad_request(
            "One or more added object references already exist for the following modified properties: 'owners'."
        )


def check_owner_removable(group: Group, user_id: str) -> None:
    """A group keeps an owner who can act: deleted and blocked ones do not count."""
    if not owns(group, user_id):
        raise not_found(user_id)
    others = Owner.select(Owner.user).where((Owner.group == group.id) & (Owner.user != user_id))
    if not User.select().where(User.id.in_(others) & User.deleted_at.is_null() & User.enabled).exists():
        raise bad_request("The group must have at least one owner, hence this owner cannot be removed.")
