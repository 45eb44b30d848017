"""What the portal asks an administrator to allow, and what each of it is for.

https://developers.google.com/identity/protocols/oauth2/scopes#admin-directory
https://developers.google.com/identity/protocols/oauth2/resources/granular-permissions
"""

from collections.abc import Iterable

from portal.connectors.values import Permission
from portal.languages import gettext as _

PREFIX = "https://www.googleapis.com/auth/"
USERS = f"{PREFIX}admin.directory.user"
DOMAINS = f"{PREFIX}admin.directory.domain.readonly"
CUSTOMER = f"{PREFIX}admin.directory.customer.readonly"
ORG_UNITS = f"{PREFIX}admin.directory.orgunit.readonly"
GROUPS = f"{PREFIX}admin.directory.group.readonly"
GROUP_MEMBERS = f"{PREFIX}admin.directory.group.member"
SECURITY = f"{PREFIX}admin.directory.user.security"
LICENSING = f"{PREFIX}apps.licensing"
AUDIT = f"{PREFIX}admin.reports.audit.readonly"

# Who signs in. Google answers with the long names of the last two.
IDENTITY = ("openid", "email", "profile")
PERMISSIONS = (
    Permission((USERS,), _("create, deactivate and reactivate accounts"), required=True),
    Permission((CUSTOMER,), _("read your company’s name in Google Workspace"), required=True),
    Permission((DOMAINS,), _("offer verified domains"), required=True),
    Permission((ORG_UNITS,), _("offer organisational units"), required=False),
    Permission((GROUPS,), _("see which addresses groups hold"), required=False),
    Permission((GROUP_MEMBERS,), _("add people to groups, and take them out"), required=False, only_if_used=True),
    Permission((SECURITY,), _("sign leavers out everywhere"), required=False),
    Permission((LICENSING,), _("check the Business Plan, and give and take licences"), required=False),
    Permission((AUDIT,), _("notice changes in the Admin console sooner"), required=False),
)
# Each is asked for, the ones that are needed first: a person may untick any of them.
ASKED_FOR = (*IDENTITY, *(permission.names[0] for permission in PERMISSIONS))


def lost(granted: frozenset[str], *, required: bool) -> list[str]:
    """What cannot be done without the boxes that were left unticked, in words."""
    return [one.feature for one in PERMISSIONS if one.required is required and not one.met_by(granted)]


def granted(said: str | None, asked: Iterable[str]) -> frozenset[str]:
    """What an answer says was granted. One that says nothing grants what was asked for.

    https://www.rfc-editor.org/rfc/rfc6749#section-5.1
    """
    return frozenset(asked if said is None else said.split())


def has(granted: frozenset[str], scope: str) -> bool:
    return scope in granted
