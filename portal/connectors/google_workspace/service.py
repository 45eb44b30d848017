"""Google Workspace as an add-on: its names, what it needs, and how a customer is connected."""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from portal.connectors.base import Connector
from portal.connectors.capabilities import Capabilities, Labels, LocalPartRules, Way, Words
from portal.connectors.errors import NOT_OFFERED, NotOffered
from portal.connectors.google_workspace import (
    identity,
    licences,
    licensing,
    oauth,
    passwords,
    payloads,
    places,
    quota,
    scopes,
    tokens,
    trial,
    usernames,
)
from portal.connectors.google_workspace.client import PATIENCE
from portal.connectors.google_workspace.connector import GoogleConnector
from portal.connectors.google_workspace.held import Held
from portal.connectors.google_workspace.settings import settings
from portal.connectors.http import SESSION, through
from portal.connectors.values import Administrator, Kept
from portal.languages import gettext as _

CAPABILITIES = Capabilities(
    ways_to_connect=(Way.SIGN_IN,),
    licences_come_by_themselves=True,
    licences_need=(scopes.LICENSING,),
    has_units=True,
    groups_give_licences=False,
    groups_need=(scopes.GROUP_MEMBERS,),
    owners_need=(scopes.GROUP_MEMBERS,),
    sessions_need=(scopes.SECURITY,),
    restores_renamed=False,
    # https://developers.google.com/workspace/admin/directory/reference/rest/v1/users, changePasswordAtNextLogin
    may_sign_in_elsewhere=True,
    frees_deleted_names=True,
    has_pictures=True,
    local_part=LocalPartRules(longest=usernames.LONGEST, allowed=usernames.ALLOWED),
    account_id=re.compile(r"\w{1,64}", re.ASCII),
)
WORDS = Words(
    console=_("Google Workspace Admin Centre"),
    sign_in=_("Continue with Google"),
    user_sign_in=_("Sign in with Google"),
    administrator=_("a super administrator"),
    sign_in_help=_(
        "On Google’s page, tick every box: “Select all” does it. If Google shows “Error 400: admin_policy_enforced” or "
        "“access_not_configured”, your Google administrator must trust the portal first: "
        "Admin console > Security > Access and data control > API controls > Manage third-party app access."
    ),
    deleted=_("recently deleted users"),
    no_licence=_("As Google assigns"),
    unit=_("Organisational unit"),
    units=_("Units"),
    requirement=licences.REQUIREMENT,
    licence=_("a licence of an edition with Gmail"),
    # https://support.google.com/a/answer/1727173
    licence_loss=_("Without a licence Google keeps the data of an account for a while, and then deletes it."),
    sessions=_("Open sessions are ended: signed-in phones and computers are signed out."),
    # https://support.google.com/a/answer/33312
    blocked=_("Mail to the account bounces."),
    kept=_("Mailbox, files, groups and the licence (which Google keeps billing)"),
    kept_without_licences=_("Groups and the account itself"),
    restored=_("its mailbox and files"),
    # https://support.google.com/a/answer/182084
    renamed=(
        _("It can take ten minutes until every part of Google shows the new name, and three days in contacts."),
        _("Other applications that know people by their username may create a second profile."),
    ),
    # https://support.google.com/a/answer/1397578
    kept_deleted=_("20 days"),
    menu=Labels(
        create=_("Create Account"),
        link=_("Link Existing Account"),
        unlink=_("Unlink Existing Account"),
        deactivate=_("Deactivate Account"),
    ),
)


class GoogleWorkspace:
    """The Service of Google Workspace."""

    key = "google-workspace"
    name = "Google Workspace"
    capabilities = CAPABILITIES
    words = WORDS
    permissions = scopes.PERMISSIONS
    places = places.PLACES
    fields_in_changes = frozenset(payloads.LONGEST) - {"personal_email"}
    # Each connection has its own, which has no end to count down to.
    credential = None

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
        return bool(settings().client_id or settings().client_secret.get_secret_value())

    def examine(self, tenant: str, connected: Connector | None) -> str:
        return trial.examine(connected)

    def begin_sign_in(self, redirect_uri: str, *, to_connect: bool = False) -> tuple[str, dict[str, Any]]:
        return oauth.begin_sign_in(redirect_uri, to_connect=to_connect)

    def finish_sign_in(self, flow: dict[str, Any], answer: Mapping[str, str]) -> Administrator:
        return oauth.finish_sign_in(flow, answer)

    def consent_url(self, tenant_id: str, *, redirect_uri: str, state: str) -> str:
        raise NotOffered(NOT_OFFERED)

    def check_consent(self, tenant_id: str, answer: Mapping[str, str]) -> None:
        raise NotOffered(NOT_OFFERED)

    def take_key(self, key: str) -> Administrator:
        raise NotOffered(NOT_OFFERED)

    def connector(
        self, tenant_id: str, *, credential: str = "", kept: Kept | None = None, patience: float | None = None
    ) -> Connector:
        return GoogleConnector(tenant_id, credential, kept=kept, patience=PATIENCE if patience is None else patience)

    def forget(self, tenant_id: str) -> None:
        """Drop tokens and refusals: whether the sign-in still lives is then asked again."""
        tokens.forget(tenant_id)
        licensing.forget(tenant_id)
        quota.forget(tenant_id)

    def give_up(self, credential: str, *, used: str = "") -> None:
        held = Held.read(credential)
        # Google ends all that the person ever granted to this portal.
        if not used or Held.read(used).person_id != held.person_id:
            identity.revoke(held.refresh_token)

    def busy_for(self, tenant_id: str, changes: int = 1) -> float:
        return quota.pacer_of(tenant_id).busy_for(changes * quota.CALLS_FOR_A_CHANGE)

    def changes_made(self, tenant_id: str) -> int:
        return quota.pacer_of(tenant_id).taken // quota.CALLS_FOR_A_CHANGE

    @contextmanager
    def together(self) -> Iterator[None]:
        # Google counts each part of a batch as a call, so requests are sent singly, and leave room for single presses.
        with through(SESSION):
            yield

    @property
    def personal_mail(self) -> None:
        """Not yet."""

    def local_part_problem(self, local_part: str) -> str | None:
        return usernames.local_part_problem(local_part)

    def temporary_password(self, username: str) -> str:
        return passwords.temporary_password(username)

    def licence_name(self, licence_id: str) -> str:
        return licences.name_of(licence_id)

    def licences_problem(self, licence_ids: Collection[str]) -> str:
        return licences.problem(licence_ids)

    def shown_as(self, field: str, value: str) -> tuple[str, str]:
        return places.shown_as(field, value)

    def field_problem(self, field: str, value: str) -> str:
        return places.field_problem(field, value)
