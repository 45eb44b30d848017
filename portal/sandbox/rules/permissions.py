"""Which application permissions let a call through.

https://learn.microsoft.com/graph/permissions-reference; each list is that of the call's own page.
"""

from dataclasses import dataclass

from portal.sandbox.refusals import not_permitted
from portal.sandbox.state.models import Tenant

# What the sandbox's application declares, and Accept therefore grants: the title and the words of Microsoft's page.
DECLARED = {
    "User.ReadWrite.All": (
        "Read and write all users' full profiles",
        "Allows the app to read and update user profiles without a signed in user.",
    ),
    "Organization.Read.All": (
        "Read organization information",
        "Allows the app to read the organization and related resources, without a signed-in user.",
    ),
    "Domain.Read.All": ("Read domains", "Allows the app to read all domain properties without a signed-in user."),
    "LicenseAssignment.Read.All": (
        "Read all license assignments",
        "Allows an app to read license assignments for users and groups, without a signed-in user.",
    ),
    "Directory.Read.All": (
        "Read directory data",
        "Allows the app to read data in your organization's directory, such as users, groups and apps.",
    ),
    "LicenseAssignment.ReadWrite.All": (
        "Manage all license assignments",
        "Allows an app to manage license assignments for users and groups, without a signed-in user.",
    ),
    "User.RevokeSessions.All": (
        "Revoke all sign in sessions for a user",
        "Allow the app to revoke all sign in sessions for a user, without a signed-in user.",
    ),
    "User-PasswordProfile.ReadWrite.All": (
        "Read and write all password profiles and reset user passwords",
        "Allows the app to read and write password profiles and reset passwords for all users.",
    ),
    "User-LifeCycleInfo.ReadWrite.All": (
        "Read and write all users' lifecycle information",
        "Allows the app to read and write lifecycle information, such as employeeLeaveDateTime, of all users.",
    ),
    "MailboxSettings.ReadWrite": (
        "Read and write all user mailbox settings",
        "Allows the app to create, read, update, and delete user's mailbox settings without a signed-in user.",
    ),
    "GroupMember.ReadWrite.All": (
        "Read and write all group memberships",
        "Allows the app to list groups, and to read and update their members, without a signed-in user.",
    ),
    "Group.ReadWrite.All": (
        "Read and write all groups",
        "Allows the app to create, change and delete groups, and to read and write what is in them.",
    ),
    "AuditLog.Read.All": (
        "Read all audit log data",
        "Allows the app to read and query your audit log activities, without a signed-in user.",
    ),
    "Reports.Read.All": (
        "Read all usage reports",
        "Allows an app to read all service usage reports without a signed-in user.",
    ),
    "ReportSettings.Read.All": (
        "Read all admin report settings",
        "Allows the app to read all admin report settings, such as whether to display concealed information.",
    ),
    "ProfilePhoto.ReadWrite.All": (
        "Read and write profile photo of a user or group",
        "Allows the app to read and write all photos of users and groups, without a signed-in user.",
    ),
    "UserAuthMethod-TAP.ReadWrite.All": (
        "Read and write all users' temporary access passes",
        "Allows the app to read and write temporary access passes of all users, without a signed-in user.",
    ),
    "Policy.Read.AuthenticationMethod": (
        "Read authentication method policies",
        "Allows the app to read all authentication method policies for the tenant, without a signed-in user.",
    ),
    "User.DeleteRestore.All": (
        "Delete and restore all users",
        "Allows the app to delete and restore all users, without a signed-in user.",
    ),
}
DIRECTORY = ("Directory.Read.All", "Directory.ReadWrite.All")
READ_USERS = ("User.Read.All", "User.ReadWrite.All", *DIRECTORY)
READ_BASIC_USERS = ("User.ReadBasic.All", *READ_USERS)
WRITE_USERS = ("User.ReadWrite.All", "Directory.ReadWrite.All")
CHANGE_USERS = (
    *WRITE_USERS, "User-Mail.ReadWrite.All", "User-PasswordProfile.ReadWrite.All", "User-Phone.ReadWrite.All",
    "User.EnableDisableAccount.All", "User.ManageIdentities.All",
)  # fmt: skip
DELETE_USERS = ("User.DeleteRestore.All", "User.ReadWrite.All")
REVOKE_SESSIONS = ("User.RevokeSessions.All", *WRITE_USERS)
ASSIGN_LICENCES = ("LicenseAssignment.ReadWrite.All", *WRITE_USERS)
READ_LICENCES = ("LicenseAssignment.Read.All", "LicenseAssignment.ReadWrite.All", *READ_USERS)
READ_PRODUCTS = (
    "LicenseAssignment.Read.All", "LicenseAssignment.ReadWrite.All", "Organization.Read.All",
    "Organization.ReadWrite.All", *DIRECTORY,
)  # fmt: skip
READ_ORGANISATION = ("Organization.Read.All", "Organization.ReadWrite.All", *READ_USERS)
READ_DOMAINS = ("Domain.Read.All", "Domain.ReadWrite.All", *DIRECTORY)
READ_GROUPS = (
    "Group.ReadBasic.All", "Group.Read.All", "Group.ReadWrite.All", "GroupMember.Read.All",
    "GroupMember.ReadWrite.All", "Group.ManageProtection.All", *DIRECTORY,
)  # fmt: skip
READ_MEMBERSHIPS = ("GroupMember.ReadBasic.All", *READ_GROUPS)
READ_ALL_MEMBERSHIPS = (*READ_MEMBERSHIPS, *READ_USERS)
READ_OWNERS = ("GroupMember.Read.All", "GroupMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All", *DIRECTORY)
WRITE_OWNERS = ("Group.ReadWrite.All", "Directory.ReadWrite.All")
WRITE_MEMBERS = ("GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All")
SEND_MAIL = ("Mail.Send",)
READ_SIGN_INS = ("AuditLog.Read.All",)
READ_REPORTS = ("Reports.Read.All",)
READ_REPORT_SETTINGS = ("ReportSettings.Read.All", "ReportSettings.ReadWrite.All")
MAILBOX_SETTINGS = ("MailboxSettings.ReadWrite",)
READ_MAILBOX_SETTINGS = ("MailboxSettings.Read", *MAILBOX_SETTINGS)
READ_PICTURES = (
    "ProfilePhoto.Read.All", "ProfilePhoto.ReadWrite.All", "User.Read.All", "User.ReadBasic.All",
    "User.ReadWrite.CrossCloud",
)  # fmt: skip
WRITE_PICTURES = ("ProfilePhoto.ReadWrite.All", "User.ReadWrite.All")
TEMPORARY_PASSES = ("UserAuthMethod-TAP.ReadWrite.All", "UserAuthenticationMethod.ReadWrite.All")
READ_TEMPORARY_PASSES = (
    *TEMPORARY_PASSES, "UserAuthMethod-TAP.Read.All", "UserAuthenticationMethod.Read.All",
)  # fmt: skip
READ_PASS_POLICY = ("Policy.Read.AuthenticationMethod", "Policy.ReadWrite.AuthenticationMethod")
RESTORE_USERS = ("User.DeleteRestore.All", "User.ReadWrite.All")
SUBSCRIBE = READ_USERS
# https://learn.microsoft.com/graph/tutorial-lifecycle-workflows-set-employeeleavedatetime
READ_LEAVE_DATE = ("User-LifeCycleInfo.Read.All", "User-LifeCycleInfo.ReadWrite.All")
# What even those who may change everything else need a permission of its own for.
GUARDED = {"passwordProfile", "employeeLeaveDateTime"}

# What one narrow permission lets an application change; everything else needs one of WRITE_USERS.
NARROW = {
    "User.EnableDisableAccount.All": frozenset({"accountEnabled"}),
    "User-PasswordProfile.ReadWrite.All": frozenset({"passwordProfile"}),
    "User-Phone.ReadWrite.All": frozenset({"businessPhones", "mobilePhone", "faxNumber"}),
    "User-Mail.ReadWrite.All": frozenset({"otherMails"}),
    "User.ManageIdentities.All": frozenset({"identities"}),
    "User-LifeCycleInfo.ReadWrite.All": frozenset({"employeeLeaveDateTime"}),
}
BASIC_PROPERTIES = frozenset({"id", "displayName", "givenName", "surname", "mail", "userPrincipalName"})


@dataclass(frozen=True)
class Caller:
    """Who asks: the application in a tenant with its permissions, or a person in the Admin Centre.

    person: the id of the user in whose name the application asks, with what it may do for them in `scopes`.
    """

    tenant: Tenant
    permissions: frozenset[str] = frozenset()
    app_id: str = ""
    is_person: bool = False
    person: str = ""
    scopes: frozenset[str] = frozenset()

    def need(self, any_of: tuple[str, ...]) -> None:
        """Raises Refusal without one of the permissions."""
        if not self.is_person and not self.permissions & set(any_of):
            raise not_permitted()

    def has(self, any_of: tuple[str, ...]) -> bool:
        return self.is_person or bool(self.permissions & set(any_of))

    @property
    def sees_basics_only(self) -> bool:
        return not self.has(READ_USERS)


def check_change(caller: Caller, names: set[str]) -> None:
    """Raises Refusal when the application may not change all of these properties.

    A password of an existing user, and the day on which they leave, need permissions of their own,
    whatever else is granted.
    https://learn.microsoft.com/graph/api/user-update
    """
    if caller.is_person:
        return
    allowed = frozenset().union(*(NARROW.get(name, frozenset()) for name in caller.permissions))
    if caller.has(WRITE_USERS):
        names = names & GUARDED
    if names - allowed:
        raise not_permitted()
