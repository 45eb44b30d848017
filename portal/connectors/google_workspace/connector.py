"""Our verbs in Google's terms: what changes an account. How it is found is in `finding.py`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from portal.connectors.errors import (
    AlreadyExists,
    NotFound,
    NotPermitted,
    Refused,
    TryLater,
)
from portal.connectors.google_workspace import licensing, payloads, scopes, standing, tokens
from portal.connectors.google_workspace.client import NAME, PATIENCE, DirectoryClient
from portal.connectors.google_workspace.finding import GoogleFinding
from portal.connectors.google_workspace.fresh import FRESH
from portal.connectors.google_workspace.groups import GoogleGroups
from portal.connectors.google_workspace.held import Held
from portal.connectors.google_workspace.moments import moment
from portal.connectors.google_workspace.pictures import GooglePictures
from portal.connectors.google_workspace.settings import settings
from portal.connectors.mailboxes import WithoutMailboxes
from portal.connectors.passes import WithoutPasses
from portal.connectors.values import (
    NOT_SEEN,
    NOT_SHOWN,
    Administrator,
    Call,
    Kept,
    Licence,
    NewAccount,
    RemoteAccount,
    Tenant,
)
from portal.languages import full_day, joined
from portal.languages import gettext as _

# The clocks of the portal and of Google may differ by some minutes.
LATELY_MADE = timedelta(hours=1)
NOT_MADE = _("Google made no account: somebody has a personal Google account with this address, and was invited.")
MAYBE_A_GROUP = _(
    "This address is taken, and Google does not say by whom. Most likely it belongs to a group: "
    "the portal is not allowed to look at groups."
)
OTHER_NAME = _(
    "Choose another username. An administrator can let the portal look at groups: Settings > "
    "General Settings > Add-ons, then Settings, and Grant."
)
NOT_WHOLE = _("This account is new, and Google does not show all of it yet.")
CHANGING = _("%(name)s is still carrying out another change to this account.", name=NAME)
CONFLICTS = _(
    "Choose another username. Or your Google administrator decides about such accounts under "
    "Account settings > Conflicting accounts management."
)


class GoogleConnector(GoogleFinding, GoogleGroups, GooglePictures, WithoutMailboxes, WithoutPasses):
    """The Connector of one Google Workspace customer. patience: seconds for the repeats of one call together."""

    def __init__(self, tenant_id: str, credential: str, *, kept: Kept | None = None, patience: float = PATIENCE):
        self.tenant_id, self._credential, self._patience = tenant_id, credential, patience
        self._kept = kept or Kept(credential)
        self._client: DirectoryClient | None = None

    @property
    def client(self) -> DirectoryClient:
        """Raises BadCredentials where the connection holds no sign-in."""
        if self._client is None:
            self._client = DirectoryClient(
                self.tenant_id, Held.read(self._credential), kept=self._kept, patience=self._patience
            )
        return self._client

    @property
    def calls(self) -> list[Call]:
        return self._client.calls if self._client else []

    def tenant(self) -> Tenant:
        return payloads.tenant(self.client.customer(), self.client.domains())

    def licences(self) -> list[Licence]:
        """What the customer's people have; nothing where the portal may not look."""
        if not self._may(scopes.LICENSING):
            return []
        return licensing.licences(self.client)

    def units(self) -> list[str]:
        """Paths of the organisational units, the root first; the root alone where the portal may not look."""
        found = self.client.org_units() if self._may(scopes.ORG_UNITS) else []
        return [payloads.ROOT, *sorted(unit["orgUnitPath"] for unit in found if unit["orgUnitPath"] != payloads.ROOT)]

    def granted(self) -> frozenset[str]:
        """The scopes of the sign-in as Google states them now. Raises BadCredentials too where the role is lost."""
        granted = tokens.access(self.tenant_id, self.client.held, self._kept).scopes
        if scopes.has(granted, scopes.USERS):
            standing.refuse_lost_role(self.client)
        return granted

    def _may(self, scope: str) -> bool:
        return scopes.has(self.client.held.scopes, scope)

    def signs_in_as(self) -> str:
        standing.refuse_lost_role(self.client)
        held = self.client.held
        words = _("It signs in as %(email)s, a super administrator.", email=held.email)
        if not held.ends:
            return words
        day = full_day(date.fromisoformat(held.ends))
        return joined(
            words, _("Google ends this sign-in on %(day)s: press Continue with Google again before that day.", day=day)
        )

    def is_tenant_administrator(self, person: Administrator) -> bool:
        try:
            user = self.client.signer(person.person_id)
        except (NotFound, NotPermitted):
            return False
        return user.get("isAdmin") is True and user.get("customerId") == self.tenant_id == person.tenant_id

    def with_licences(self, remote: RemoteAccount, also: Sequence[str] = ()) -> RemoteAccount:
        held = licensing.held_by(self.client, remote.username, also) if self._may(scopes.LICENSING) else frozenset()
        return replace(remote, licence_ids=held, own_licence_ids=held)

    def create(self, new: NewAccount) -> RemoteAccount:
        """Raises AlreadyExists only once Google shows who has the address; until then it may be this very account."""
        body = payloads.new_user(new)
        try:
            with standing.about(self.client, None):
                user = self.client.insert_user(body)
        except AlreadyExists as error:
            found = self._made_or_held(new, error)
            self.expect(found.id)
            return found
        if user is None:
            raise AlreadyExists(NOT_MADE, next_step=CONFLICTS, code="202", status=202, target="username")
        account = self._account({"suspended": not new.enabled, **user})
        self.expect(account.id)
        return account

    def _made_or_held(self, new: NewAccount, error: AlreadyExists) -> RemoteAccount:
        """The account that an earlier try of this very create made. Raises AlreadyExists, or TryLater while unknown.

        Without the permission to look at groups it is never known whether one has the address: that is NOT_SEEN.
        """
        for holder in self.holders(new.username):
            if holder.kind == NOT_SHOWN:
                words = _("Somebody has a personal Google account with this address.")
                raise error.worded(words, next_step=CONFLICTS, target=NOT_SHOWN) from error
            if holder.kind == "deleted":
                continue
            if holder.account and holder.account.marker == new.marker:
                return holder.account
            raise error
        if not self._may(scopes.GROUPS):
            raise error.worded(MAYBE_A_GROUP, next_step=OTHER_NAME, target=NOT_SEEN) from error
        raise error.worded(
            _("Google says that the address is taken, and does not show yet who has it."), kind=TryLater
        ) from error

    def update(self, account_id: str, fields: Mapping[str, Any]) -> None:
        """What others keep in the same arrays stays: they are read, changed and written."""
        user = self._read(account_id)
        body = payloads.changed_user(user, fields)
        if (
            "externalIds" in body
            and account_id in FRESH
            and _is_new(user)
            and not any(map(payloads.is_marker, user.get("externalIds") or ()))
        ):
            # Our marker is not shown yet, and the array is written whole.
            raise TryLater(NOT_WHOLE, code="no marker yet")
        self._put(account_id, body)

    def block(self, account_id: str) -> None:
        self._put(account_id, {"suspended": True})

    def unblock(self, account_id: str) -> None:
        """Raises Refused for an account that is archived: it needs a licence before it can be used again."""
        if self._read(account_id).get("archived"):
            raise Refused(
                _(
                    "This account is archived in Google Workspace, and needs a full licence before it "
                    "can be used again."
                ),
                next_step=_("Ask your Google administrator to take it out of the archive, then press Action again."),
                code="archived",
            )
        self._put(account_id, {"suspended": False})

    def set_password(self, account_id: str, password: str) -> None:
        self._put(account_id, payloads.password_of(password))

    def rename(self, account_id: str, username: str, names: Mapping[str, str]) -> None:
        """Google keeps the old address as an alias. It was seen to refuse a name as taken that it had just given."""
        body = payloads.changed_user(self._read(account_id), names) if names else {}
        try:
            self._put(account_id, {"primaryEmail": username, **body})
        except AlreadyExists as error:
            if self._read(account_id)["primaryEmail"].casefold() == username.casefold():
                return
            if any(
                one.kind == "account" and one.account and one.account.id == account_id for one in self.holders(username)
            ):
                raise error.worded(CHANGING, kind=TryLater) from error
            raise

    def _put(self, account_id: str, body: dict[str, Any]) -> None:
        if not body:
            return
        try:
            with standing.about(self.client, account_id):
                self.client.update_user(account_id, body)
        except AlreadyExists as error:
            if "primaryEmail" in body:
                raise
            # Nothing else of an account can be somebody else's: this is how a rename that is under way shows.
            raise error.worded(CHANGING, kind=TryLater) from error

    def revoke_sessions(self, account_id: str) -> None:
        with standing.about(self.client, account_id):
            self.client.sign_out(account_id)

    def set_manager(self, account_id: str, manager_id: str | None) -> None:
        """Raises NotFound when it is the manager who is gone."""
        address = self._read(manager_id)["primaryEmail"] if manager_id else None
        self._put(account_id, payloads.with_manager(self._read(account_id), address))

    def assign_licences(
        self, account_id: str, *, add: list[str], remove: list[str], without: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        if not add and not remove:
            return
        username = self._read(account_id)["primaryEmail"]
        with standing.about(self.client, account_id):
            licensing.assign(self.client, username, add=add, remove=remove)

    def restore(self, account_id: str, *, username: str | None = None) -> RemoteAccount:
        """Into the organisational unit it was in, where that is still there. Raises NotFound when it is not deleted."""
        if username:
            raise Refused(
                _("Google restores an account under its old username alone, and another account has that now."),
                next_step=_("Rename the other account in the Google Workspace Admin Centre, or create a new one."),
            )
        user = next((user for user in self.client.deleted_users() if user["id"] == account_id), None)
        if user is None:
            raise NotFound(_("Google Workspace has no such deleted account."))
        self._undelete(account_id, user.get("orgUnitPath") or payloads.ROOT)
        return self.find(account_id, just_created=True)

    def _undelete(self, account_id: str, unit: str) -> None:
        try:
            self.client.undelete_user(account_id, unit)
        except Refused as error:
            if error.target == "unit" and unit != payloads.ROOT:
                self._undelete(account_id, payloads.ROOT)
            elif not self._is_there(account_id):
                raise

    def _is_there(self, account_id: str) -> bool:
        """Whether the account is back already: the list of deleted ones may trail behind."""
        try:
            return bool(self.client.get_user(account_id)["id"] == account_id)
        except (NotFound, NotPermitted):
            return False

    def delete(self, account_id: str) -> None:
        with standing.about(self.client, account_id):
            self.client.delete_user(account_id)

    def admin_url(self, account_id: str | None = None) -> str:
        base = f"{settings().admin_console_url}/ac/users"
        return f"{base}/{account_id}" if account_id else base


def _is_new(user: Mapping[str, Any]) -> bool:
    """Whether it was made lately, or Google does not say when: one that was restored was made long ago."""
    created = moment(user.get("creationTime"))
    return created is None or datetime.now(UTC) - created < LATELY_MADE
