"""Microsoft 365 as an add-on: its names, what it needs, and how a tenant is connected."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from portal.connectors.base import Connector
from portal.connectors.capabilities import Capabilities, LocalPartRules, Way, Words
from portal.connectors.errors import NOT_OFFERED, NotOffered
from portal.connectors.http import through
from portal.connectors.microsoft365 import (
    credentials,
    groups,
    last_use,
    licences,
    login,
    mailboxes,
    oauth,
    passes,
    passwords,
    payloads,
    pictures,
    places,
    trial,
    usernames,
)
from portal.connectors.microsoft365.batching import BatchingTransport
from portal.connectors.microsoft365.client import PATIENCE
from portal.connectors.microsoft365.connector import GraphConnector
from portal.connectors.microsoft365.outlook import Outlook
from portal.connectors.microsoft365.quota import pacer_of
from portal.connectors.microsoft365.settings import settings
from portal.connectors.values import Administrator, Credential, Kept, Permission
from portal.languages import gettext as _

# https://learn.microsoft.com/graph/permissions-reference
PERMISSIONS = (
    Permission(("User.ReadWrite.All",), _("create, deactivate and reactivate accounts"), required=True),
    Permission(
        ("Organization.Read.All", "Directory.Read.All", "User.ReadWrite.All"),
        _("show the name of your Microsoft 365 organisation"),
        required=True,
    ),
    Permission(
        ("Domain.Read.All", "Directory.Read.All", "Directory.ReadWrite.All"),
        _("offer your domains for usernames"),
        required=True,
    ),
    Permission(
        (
            "LicenseAssignment.Read.All",
            "LicenseAssignment.ReadWrite.All",
            "Organization.Read.All",
            "Directory.Read.All",
        ),
        _("check your licences and show free seats"),
        required=True,
    ),
    Permission(
        (
            "Directory.Read.All",
            "GroupMember.Read.All",
            "Group.ReadBasic.All",
            "Group.Read.All",
            "GroupMember.ReadWrite.All",
        ),
        _("recognise administrators and leave them alone"),
        required=True,
    ),
    Permission(("LicenseAssignment.ReadWrite.All", "User.ReadWrite.All"), _("assign licences"), required=False),
    Permission(("User.RevokeSessions.All", "User.ReadWrite.All"), _("sign people out everywhere"), required=False),
    Permission(("User-PasswordProfile.ReadWrite.All",), _("resend login information"), required=False),
    Permission(("User.DeleteRestore.All", "User.ReadWrite.All"), _("restore deleted accounts"), required=False),
    mailboxes.PERMISSION,
    last_use.SIGN_INS,
    last_use.REPORTS,
    last_use.REPORT_SETTINGS,
    passes.MAKE,
    passes.READ,
    pictures.PERMISSION,
    places.LEAVE_DATE,
    Permission(
        ("GroupMember.ReadWrite.All", "Group.ReadWrite.All"),
        _("add people to groups, and take them out"),
        required=False,
        only_if_used=True,
    ),
    Permission(("Group.ReadWrite.All",), _("hand over groups to another owner"), required=False, only_if_used=True),
)


CAPABILITIES = Capabilities(
    ways_to_connect=(Way.SIGN_IN_THEN_CONSENT,),
    licence_needs_country=True,
    has_mailbox=True,
    mailbox_needs=mailboxes.PERMISSION.names,
    groups_need=groups.MEMBERS_NEED,
    owners_need=groups.OWNERS_NEED,
    has_passes=True,
    passes_need=(passes.MAKE.names, passes.READ.names),
    has_pictures=True,
    pictures_need=pictures.PERMISSION.names,
    local_part=LocalPartRules(longest=usernames.LONGEST),
)
WORDS = Words(
    console=_("Microsoft 365 Admin Centre"),
    sign_in=_("Sign in with Microsoft"),
    requirement=licences.REQUIREMENT,
    licence=_("a licence with a mailbox"),
    # https://learn.microsoft.com/microsoft-365/admin/add-users/remove-former-employee
    licence_loss=_("Microsoft 365 keeps the mailbox of an account without a licence for 30 days, and deletes it then."),
    sessions=_(
        "Open sessions are revoked: signed-in phones and computers are signed out, which can take up to an hour."
    ),
    kept=_("Mailbox, files, groups and licences"),
    restored=_("its mailbox and files"),
    # https://learn.microsoft.com/sharepoint/upn-changes, https://learn.microsoft.com/entra/identity/hybrid/connect/howto-troubleshoot-upn-changes
    renamed=(
        _("Links to files in OneDrive that were shared before may stop working. OneNote has to be opened again."),
        _("Microsoft Authenticator keeps showing the old name, and may need “check for notifications” once."),
        _("Other applications that know people by their username may create a second profile."),
        _("It can take several hours until every part of Microsoft 365 shows the new name. Choose a quiet day."),
    ),
    primary_address=_(
        "Your IT team can change it in the Exchange admin centre: Recipients > Mailboxes > Manage email address types."
    ),
    # https://learn.microsoft.com/microsoft-365/admin/email/convert-user-mailbox-to-shared-mailbox
    shared_mailbox=_(
        "In the Exchange admin centre: Recipients > Mailboxes, choose the person, Convert to shared mailbox."
    ),
    shared_mailbox_command="Set-Mailbox -Identity {address} -Type Shared",
    # https://learn.microsoft.com/entra/fundamentals/users-restore
    kept_deleted=_("30 days"),
)


class Microsoft365:
    """The Service of Microsoft 365."""

    key = "microsoft-365"
    name = "Microsoft 365"
    capabilities = CAPABILITIES
    words = WORDS
    permissions = PERMISSIONS
    places = places.PLACES
    fields_in_changes = payloads.IN_CHANGES

    @property
    def credential(self) -> Credential:
        return credentials.credential()

    @property
    def sign_in_url(self) -> str:
        return settings().sign_in_url

    @property
    def sign_in_origins(self) -> tuple[str, ...]:
        return (settings().sign_in_origin,)

    @property
    def settings_needed(self) -> tuple[str, ...]:
        return settings().needed

    def configured(self) -> bool:
        return not self.settings_needed

    @property
    def begun(self) -> bool:
        return bool(settings().client_id or settings().client_secret or settings().certificate_file)

    def examine(self, tenant: str, connected: Connector | None) -> str:
        return trial.examine(tenant, connected)

    def begin_sign_in(self, redirect_uri: str, *, to_connect: bool = False) -> tuple[str, dict]:
        return oauth.begin_sign_in(redirect_uri)

    def finish_sign_in(self, flow: dict, answer: Mapping[str, str]) -> Administrator:
        return oauth.finish_sign_in(flow, answer)

    def consent_url(self, tenant_id: str, *, redirect_uri: str, state: str) -> str:
        return oauth.consent_url(tenant_id, redirect_uri=redirect_uri, state=state)

    def check_consent(self, tenant_id: str, answer: Mapping[str, str]) -> None:
        oauth.check_consent(tenant_id, answer)

    def take_key(self, key: str) -> Administrator:
        raise NotOffered(NOT_OFFERED)

    def connector(
        self, tenant_id: str, *, credential: str = "", kept: Kept | None = None, patience: float | None = None
    ) -> Connector:
        return GraphConnector(tenant_id, patience=PATIENCE if patience is None else patience)

    def forget(self, tenant_id: str) -> None:
        """Drop tokens and refusals: the next call asks the tenant again what is granted, and whether it answers."""
        login.forget(tenant_id)
        pacer_of(tenant_id).reopen()

    def give_up(self, credential: str, *, used: str = "") -> None:
        """Nothing: no connection has a credential of its own."""

    def busy_for(self, tenant_id: str, changes: int = 1) -> float:
        return pacer_of(tenant_id).busy_for(changes)

    def changes_made(self, tenant_id: str) -> int:
        return pacer_of(tenant_id).taken

    @contextmanager
    def together(self) -> Iterator[None]:
        with BatchingTransport() as wire, through(wire):
            yield

    @property
    def personal_mail(self) -> Outlook:
        return Outlook()

    def local_part_problem(self, local_part: str) -> str | None:
        return usernames.local_part_problem(local_part)

    def temporary_password(self, username: str) -> str:
        return passwords.temporary_password(username)

    def shown_as(self, field: str, value: str) -> tuple[str, str]:
        return places.shown_as(field, value)

    def field_problem(self, field: str, value: str) -> str:
        return places.field_problem(field, value)

    def licence_name(self, licence_id: str) -> str:
        return licences.name_of(licence_id)

    def licences_problem(self, licence_ids: Collection[str]) -> str:
        # Some contain one another, and Microsoft takes them together all the same.
        return ""
