"""Our verbs in Graph's terms."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from portal.connectors.errors import ConnectorError, NotFound, NotPermitted, Protected, Refused, TryLater
from portal.connectors.microsoft365 import alike, holders, payloads, places, roles, tokens
from portal.connectors.microsoft365.client import PATIENCE, GraphClient, quoted
from portal.connectors.microsoft365.fresh import FRESH
from portal.connectors.microsoft365.groups import GraphGroups
from portal.connectors.microsoft365.last_use import GraphLastUses
from portal.connectors.microsoft365.licences import licence_of
from portal.connectors.microsoft365.mailboxes import GraphMailboxes
from portal.connectors.microsoft365.passes import GraphPasses
from portal.connectors.microsoft365.pictures import GraphPictures
from portal.connectors.microsoft365.settings import settings
from portal.connectors.values import (
    NOBODY,
    Administrator,
    Alike,
    Call,
    Changes,
    Holder,
    Licence,
    Manager,
    NewAccount,
    Permission,
    Protection,
    RemoteAccount,
    Tenant,
    Wanted,
)
from portal.languages import gettext as _

LONGEST_EMPLOYEE_ID = payloads.FIELDS["employee_number"][1]


class GraphConnector(GraphGroups, GraphMailboxes, GraphLastUses, GraphPasses, GraphPictures):
    """The Connector of one Microsoft 365 tenant. patience: seconds that the repeats of one call may take together."""

    def __init__(self, tenant_id: str, *, patience: float = PATIENCE):
        self.tenant_id = tenant_id
        self.graph = GraphClient(tenant_id, patience=patience)

    @property
    def calls(self) -> list[Call]:
        return self.graph.calls

    def tenant(self) -> Tenant:
        return payloads.tenant(self.graph.organization(), self.graph.domains())

    def licences(self) -> list[Licence]:
        return sorted((licence_of(sku) for sku in self.graph.subscribed_skus()), key=lambda licence: licence.name)

    def units(self) -> list[str]:
        return []

    def with_licences(self, remote: RemoteAccount, also: Sequence[str] = ()) -> RemoteAccount:
        return remote

    def granted(self) -> frozenset[str]:
        return tokens.granted(self.tenant_id)

    def signs_in_as(self) -> str:
        return ""

    def is_tenant_administrator(self, person: Administrator) -> bool:
        """Whether the person may connect this tenant: by the roles the sign-in stated, else by asking the directory."""
        if person.tenant_id.casefold() != self.tenant_id.casefold():
            return False
        if person.roles & roles.MAY_CONNECT:
            return True
        return bool(roles.held(self.graph.member_of(person.person_id)) & roles.MAY_CONNECT)

    def find(self, account_id: str, *, just_created: bool = False) -> RemoteAccount:
        if just_created:
            self.expect(account_id)
        # Asking for the day of leaving without the permission for it would refuse the whole account.
        select = payloads.SELECT_ALL if self._has(places.LEAVE_DATE) else payloads.SELECT
        with FRESH.known(account_id):
            user = self.graph.get_user(account_id, select=select, with_manager=True)
        # Here the states were asked for: where none came, no group gave a licence.
        return payloads.remote_account({**user, "licenseAssignmentStates": _states(user)})

    def _has(self, permission: Permission) -> bool:
        """Whether the portal's token states the permission; False when it states nothing."""
        try:
            return permission.met_by(self.granted())
        except ConnectorError:
            return False

    def expect(self, account_id: str) -> None:
        FRESH.add(account_id)

    def find_by_username(self, username: str) -> RemoteAccount | None:
        try:
            return payloads.remote_account(self.graph.get_user(username))
        except NotFound:
            return None

    def find_made(self, username: str, marker: str) -> RemoteAccount | None:
        found = self.find_by_username(username)
        return found if found is not None and found.marker == marker else None

    def holders(self, username: str) -> list[Holder]:
        """Who has the address: as sign-in name, as another address, as a group, or in the recycle bin."""
        return self.holders_of([username])[username]

    def holders_of(self, usernames: Sequence[str]) -> dict[str, list[Holder]]:
        return holders.holders_of(self.graph, usernames)

    def search(self, text: str, *, limit: int = 20) -> list[RemoteAccount]:
        """Accounts whose name, username or mail has words that begin so, or whose employee number is the text."""
        words = " ".join(text.replace('"', " ").replace("\\", " ").split())
        if not words:
            return []
        terms = " OR ".join(f'"{name}:{words}"' for name in ("displayName", "userPrincipalName", "mail"))
        users = {user["id"]: user for user in self.graph.search_users(terms, top=limit)}
        if any(character.isdigit() for character in words) and len(words) <= LONGEST_EMPLOYEE_ID:
            numbered = {user["id"]: user for user in self.graph.find_users(f"employeeId eq {quoted(words)}")}
            users = numbered | users
        return [payloads.remote_account(user) for user in users.values()][:limit]

    def alike(self, wanted: Wanted) -> Alike:
        return alike.alike(self.graph, wanted)

    def protections(self, account_id: str) -> frozenset[Protection]:
        """What only memberships and the recycle bin show; what the account itself shows is in `find`'s answer."""
        try:
            with FRESH.known(account_id):
                member_of = self.graph.member_of(account_id)
        except NotFound:
            if any(user["id"] == account_id for user in self.graph.deleted_users()):
                return frozenset({Protection.DELETED})
            raise
        return frozenset({Protection.ADMINISTRATOR}) if roles.holds_any(member_of) else frozenset()

    def create(self, new: NewAccount) -> RemoteAccount:
        made = self.graph.create_user(payloads.new_user(new))
        account = payloads.remote_account({**made, "accountEnabled": new.enabled})
        self.expect(account.id)
        return account

    def update(self, account_id: str, fields: Mapping[str, Any]) -> None:
        """Raises NotPermitted, naming what has to be granted, for a field that needs a permission of its own."""
        body = payloads.changed_user(fields)
        if "otherMails" in body:
            others = self.graph.other_mails(account_id)
            body["otherMails"] += [address for address in others[1:] if address not in body["otherMails"]]
        try:
            self._change(account_id, body)
        except NotPermitted as error:
            if payloads.LEAVE_DATE not in body or self._has(places.LEAVE_DATE):
                raise
            raise error.worded(
                _("Your company’s Microsoft 365 does not let the portal write the leave date."),
                next_step=_("Press Grant under Settings > Field sync, or untick the leave date there."),
                target="end_date",
            ) from error

    def block(self, account_id: str) -> None:
        self._change(account_id, {"accountEnabled": False})

    def unblock(self, account_id: str) -> None:
        self._change(account_id, {"accountEnabled": True})

    def set_password(self, account_id: str, password: str) -> None:
        """Raises NotPermitted with its own words: a reset needs a grant beyond the others."""
        try:
            self._change(account_id, {"passwordProfile": payloads.password_profile(password)})
        except NotPermitted as error:
            raise error.worded(
                _("Your company’s Microsoft 365 does not let the portal set a new password for an existing account."),
            ) from error

    def rename(self, account_id: str, username: str, names: Mapping[str, str]) -> None:
        """One change for all. Exchange then makes the new address, and keeps the old one."""
        self._change(account_id, {"userPrincipalName": username, **payloads.changed_user(names)})

    def _change(self, account_id: str, body: dict[str, Any]) -> None:
        if not body:
            return
        try:
            with FRESH.known(account_id):
                self.graph.update_user(account_id, body)
        except NotPermitted as error:
            # Microsoft says the same when a permission is missing and when the account is an administrator's.
            self._refuse_administrator(account_id, error)
            raise

    def _refuse_administrator(self, account_id: str, error: NotPermitted) -> None:
        try:
            protected = Protection.ADMINISTRATOR in self.protections(account_id)
        except (NotFound, NotPermitted, TryLater):
            return
        if protected:
            words = _("This account holds an administrator role in Microsoft 365, so the portal cannot change it.")
            raise error.worded(words, kind=Protected) from error

    def revoke_sessions(self, account_id: str) -> None:
        with FRESH.known(account_id):
            self.graph.revoke_sessions(account_id)

    def manager_of(self, account_id: str) -> Manager:
        try:
            return payloads.manager_of(self.graph.manager(account_id))
        except NotFound:
            return NOBODY

    def set_manager(self, account_id: str, manager_id: str | None) -> None:
        if manager_id is not None:
            self._set_manager(account_id, manager_id)
            return
        try:
            self.graph.clear_manager(account_id)
        except NotFound:
            # There is none, which is what was wanted; unless the account itself is gone.
            self.find(account_id)

    def _set_manager(self, account_id: str, manager_id: str) -> None:
        """Raises NotFound at once when it is the manager who is gone, even while the account itself is new."""
        try:
            with FRESH.known(account_id, manager_id):
                self.graph.set_manager(account_id, manager_id)
        except TryLater as error:
            if isinstance(error.__cause__, NotFound):
                self.find(manager_id)
            raise

    def assign_licences(
        self, account_id: str, *, add: list[str], remove: list[str], without: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        if not add and not remove:
            return
        try:
            with FRESH.known(account_id):
                self.graph.assign_licences(account_id, add=add, remove=remove, without=without or {})
        except Refused as error:
            if error.target == "country" and self.find(account_id).country:
                # The country is there: Microsoft's licensing only has not seen it yet.
                raise error.worded(
                    _("Not every part of Microsoft 365 knows the country yet, so the licence has to wait."),
                    kind=TryLater,
                ) from error
            raise

    def restore(self, account_id: str, *, username: str | None = None) -> RemoteAccount:
        """username: another one than before; then addresses that others have since are not given back either."""
        self.graph.restore(account_id, new_name=username)
        return self.find(account_id, just_created=True)

    def delete(self, account_id: str) -> None:
        try:
            self.graph.delete_user(account_id)
        except NotPermitted as error:
            self._refuse_administrator(account_id, error)
            raise

    def all_accounts(self) -> Iterator[RemoteAccount]:
        return (payloads.remote_account(user) for user in self.graph.all_users())

    def deleted_accounts(self) -> Iterator[RemoteAccount]:
        return (payloads.remote_account(user, deleted=True) for user in self.graph.deleted_users())

    def changes(self, link: str | None = None) -> Iterator[Changes]:
        for page in self.graph.changed_users(link):
            changed: dict[str, RemoteAccount] = {}
            removed: dict[str, bool] = {}
            for user in page["value"]:
                changed.pop(user["id"], None)
                removed.pop(user["id"], None)
                if "@removed" in user:
                    removed[user["id"]] = user["@removed"].get("reason") == "changed"
                else:
                    changed[user["id"]] = payloads.remote_account(user)
            next_link = page.get("@odata.deltaLink") or ""
            yield Changes(tuple(changed.values()), removed, next_link, complete=bool(next_link) and not link)

    def admin_url(self, account_id: str | None = None) -> str:
        base = settings().admin_centre_url
        return f"{base}#/users/:/UserDetails/{account_id}" if account_id else base


def _states(user: Mapping[str, Any]) -> list[dict[str, Any]]:
    held = user.get("assignedLicenses") or []
    return user.get("licenseAssignmentStates") or [{"skuId": item["skuId"], "assignedByGroup": None} for item in held]
