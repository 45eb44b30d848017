"""Directory roles: who may connect a tenant, and whose accounts are left alone.

https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
"""

from collections.abc import Iterable, Mapping
from typing import Any

# Connecting a tenant gives its organisation here the power to create and block accounts there. So only those may do it
# who have that power already, or can take it: an application's administrator, for one, has no say over people.
TEMPLATES = {
    "Global Administrator": "62e90394-69f5-4237-9190-012177145e10",
    "Privileged Role Administrator": "e8611ab8-c189-46e8-94e1-60213ab1f814",
    "User Administrator": "fe930be7-5e62-47db-91af-98c3a49a38b1",
}
MAY_CONNECT = frozenset(TEMPLATES.values())


def held(member_of: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The template ids of the directory roles among the memberships of an account, by name where the id is missing."""
    roles = [item for item in member_of if item.get("@odata.type") == "#microsoft.graph.directoryRole"]
    ids = [role.get("roleTemplateId") or TEMPLATES.get(str(role.get("displayName")), "") for role in roles]
    return frozenset(filter(None, ids))


def holds_any(member_of: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the account has any directory role: itself, or by a group that roles can be given to."""
    return any(
        item.get("@odata.type") == "#microsoft.graph.directoryRole" or item.get("isAssignableToRole") is True
        for item in member_of
    )
