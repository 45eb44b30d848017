"""Finding accounts of a customer, in every way that the portal asks.

https://developers.google.com/workspace/admin/directory/reference/rest/v1/users
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from portal.connectors.errors import ConnectorError, NotFound, NotPermitted, NotUnderstood, Refused, Unreadable
from portal.connectors.google_workspace import alike, changes, holders, payloads, standing
from portal.connectors.google_workspace.client import DirectoryClient
from portal.connectors.google_workspace.fresh import FRESH
from portal.connectors.google_workspace.moments import moment
from portal.connectors.google_workspace.queries import quoted
from portal.connectors.last_use import LastUse, Source
from portal.connectors.values import NOBODY, Alike, Changes, Holder, Manager, Protection, RemoteAccount, Wanted
from portal.languages import gettext as _


class GoogleFinding(ABC):
    """The part of the Connector that finds accounts, and says how they are."""

    @property
    @abstractmethod
    def client(self) -> DirectoryClient:
        """With what the customer is asked."""

    def find(self, account_id: str, *, just_created: bool = False) -> RemoteAccount:
        if just_created:
            self.expect(account_id)
        return self._with_manager(self._read(account_id))

    def _read(self, account_id: str) -> dict[str, Any]:
        with standing.about(self.client, account_id):
            user = self.client.get_user(account_id)
        if user["id"] != account_id:
            raise NotFound(_("Google Workspace does not know this account."), code="another account")
        return user

    def _with_manager(self, user: Mapping[str, Any]) -> RemoteAccount:
        return replace(self._account(user), manager=self._manager_of(user))

    def _account(self, user: Mapping[str, Any]) -> RemoteAccount:
        return payloads.remote_account(user, own_id=self.client.held.person_id)

    def expect(self, account_id: str) -> None:
        FRESH.add(account_id)

    def find_by_username(self, username: str) -> RemoteAccount | None:
        """The account with this very name; not one that only has it as another address."""
        found = self._at(username)
        return found if found is not None and found.username.casefold() == username.casefold() else None

    def find_made(self, username: str, marker: str) -> RemoteAccount | None:
        """By the address, whosever it is by now, and by the marker, which the index of searches may not have yet."""
        found = self._at(username)
        if found is not None and found.marker == marker:
            return found
        try:
            with standing.about(self.client, None):
                users = alike.matching(self.client, f"externalId={marker}", 1)
        except (Refused, NotUnderstood):
            return None
        return next((one for one in map(self._account, users) if one.marker == marker), None)

    def _at(self, address: str) -> RemoteAccount | None:
        try:
            return self._account(self.client.get_user(address))
        except NotFound:
            return None
        except NotPermitted as error:
            if error.target != "forbidden":
                raise
            standing.refuse_lost_role(self.client)
            return None

    def holders(self, username: str) -> list[Holder]:
        return self.holders_of([username])[username]

    def holders_of(self, usernames: Sequence[str]) -> dict[str, list[Holder]]:
        with standing.about(self.client, None):
            return holders.holders_of(self.client, usernames)

    def search(self, text: str, *, limit: int = 20) -> list[RemoteAccount]:
        """Accounts whose name or address has words that begin so, or whose employee number is the text.

        Those that have exactly the text come first, however many only begin with it.
        """
        words = quoted(text)
        if not words:
            return []
        plain = "".join(character for character in text.split()[0] if character not in "'\\*")
        queries = [f"externalId={words}", f"name:{words}", f"email:{plain}*" if plain.isascii() and plain else ""]
        if "@" not in text:
            queries += [alike.beginnings(text), alike.beginning_of_family_name(text)]
        if "@" in text:
            queries.insert(0, f"email={words}")
        found: dict[str, RemoteAccount] = {}
        refused: ConnectorError | None = None
        for query in filter(None, queries):
            try:
                with standing.about(self.client, None):
                    users = alike.matching(self.client, query, max(limit, alike.MOST_FOUND))
            except (NotUnderstood, Refused) as error:
                refused = error
                continue
            for user in users:
                found.setdefault(user["id"], self._account(user))
        if refused and not found:
            raise refused
        return sorted(found.values(), key=lambda account: not alike.is_exactly(account, text))[:limit]

    def alike(self, wanted: Wanted) -> Alike:
        with standing.about(self.client, None):
            return alike.alike(self.client, wanted)

    def protections(self, account_id: str) -> frozenset[Protection]:
        try:
            return self._account(self._read(account_id)).protections
        except NotFound:
            if any(user["id"] == account_id for user in self.client.deleted_users()):
                return frozenset({Protection.DELETED})
            raise

    def manager_of(self, account_id: str) -> Manager:
        return self._manager_of(self._read(account_id))

    def _manager_of(self, user: Mapping[str, Any]) -> Manager:
        """Google keeps an address, which may be an old one of the manager's, so the account behind it is looked up."""
        address = payloads.manager_address(user)
        if not address:
            return NOBODY
        try:
            found = self._account(self.client.get_user(address))
        except (NotFound, NotPermitted, Refused, Unreadable):
            # It is free text, which may be a name, or the address of somebody who is gone or elsewhere.
            return Manager("", address, address)
        return Manager(found.id, found.display_name, found.username)

    def all_accounts(self) -> Iterator[RemoteAccount]:
        with standing.about(self.client, None):
            for page in self.client.users():
                yield from map(self._account, page.get("users") or ())

    def deleted_accounts(self) -> Iterator[RemoteAccount]:
        with standing.about(self.client, None):
            for user in self.client.deleted_users():
                yield holders.account_of(self.client, user, deleted=True)

    def changes(self, link: str | None = None) -> Iterator[Changes]:
        with standing.about(self.client, None):
            yield from changes.changes(self.client, link)

    def last_used(self) -> LastUse:
        with standing.about(self.client, None):
            used = {user["id"]: moment(user.get("lastLoginTime")) for user in self.client.last_logins()}
        return LastUse(Source.SIGN_INS, used)
