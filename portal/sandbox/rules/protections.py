"""Whom an application may not touch: administrators, and people who are mastered elsewhere.

https://learn.microsoft.com/graph/api/user-update and https://learn.microsoft.com/graph/api/resources/users
"""

from collections.abc import Iterable

from portal.sandbox.refusals import Refusal, bad_request, not_permitted
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state import roles
from portal.sandbox.state.models import User

SENSITIVE = frozenset({
    "accountEnabled", "mobilePhone", "businessPhones", "otherMails", "passwordProfile", "userPrincipalName",
    "identities", "onPremisesImmutableId",
})  # fmt: skip
# What the cloud still writes on an account that comes from a local directory.
CLOUD_OWN = frozenset({"usageLocation", "otherMails", "passwordPolicies", "preferredDataLocation"})
MASTERED_ELSEWHERE = (
    "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently "
    "undergoing migration."
)


def check_administrator(caller: Caller, user: User) -> None:
    """An application needs a directory role of its own to do this to an administrator. Raises Refusal."""
    if user.roles and not caller.is_person and not set(caller.tenant.app_roles) & roles.MAY_TOUCH_ADMINISTRATORS:
        raise not_permitted()


def check_change(caller: Caller, user: User, names: Iterable[str]) -> None:
    """Raises Refusal when the caller may not change these properties of this user."""
    changed = set(names)
    if changed & SENSITIVE:
        check_administrator(caller, user)
    if user.body.get("onPremisesSyncEnabled") and changed - CLOUD_OWN:
        raise mastered_elsewhere()


def mastered_elsewhere() -> Refusal:
    return bad_request(MASTERED_ELSEWHERE)
