"""What changed at a customer: Google has no list of changes, so the admin log is a hint and a full reading the truth.

https://developers.google.com/workspace/admin/reports/v1/appendix/activity/admin-user-settings
https://developers.google.com/workspace/admin/directory/v1/guides/manage-users
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from portal.connectors.errors import ConnectorError, NotFound, NotPermitted, Refused, TooOld, TryLater, Unreadable
from portal.connectors.google_workspace import scopes
from portal.connectors.google_workspace.client import DirectoryClient
from portal.connectors.google_workspace.holders import account_of
from portal.connectors.values import Changes, RemoteAccount
from portal.languages import gettext as _

# After this time everything is read, even if the log is quiet: the log may miss things.
READ_WHOLE_AFTER = timedelta(hours=20)
# The log may be late by some minutes, so each reading of it begins earlier than the last one ended.
OVERLAP = timedelta(minutes=15)
# With more people than these in the log, everything is read instead.
MOST_HINTS = 100
# Google has asked for fewer calls: a whole reading would be more of them.
BUSY = (403, 429)
ADDRESS, NEW_ADDRESS = "USER_EMAIL", "NEW_VALUE"


@dataclass(frozen=True)
class Link:
    """When everything was last read, and up to when the log was."""

    whole: datetime
    log: datetime

    def __str__(self) -> str:
        return f"{_written(self.whole)} {_written(self.log)}"

    @classmethod
    def read(cls, text: str) -> "Link":
        """Raises TooOld for what this version did not write."""
        try:
            whole, log = (datetime.fromisoformat(part.replace("Z", "+00:00")) for part in text.split())
            if whole.tzinfo is None or log.tzinfo is None:
                raise ValueError("no time zone")
        except ValueError as error:
            raise TooOld(_("Everything is read from the beginning."), code="link") from error
        return cls(whole, log)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def changes(client: DirectoryClient, link: str | None) -> Iterator[Changes]:
    """What changed since the link, as Connector.changes says. Raises ConnectorError."""
    if link and scopes.has(client.held.scopes, scopes.AUDIT):
        last = Link.read(link)
        if datetime.now(UTC) - last.whole < READ_WHOLE_AFTER:
            hinted = _hinted(client, last)
            if hinted is not None:
                yield hinted
                return
    yield from whole(client)


def whole(client: DirectoryClient) -> Iterator[Changes]:
    """All accounts. Raises TryLater for a company without any."""
    began = datetime.now(UTC)
    for page in client.users():
        accounts = tuple(account_of(client, user) for user in page.get("users") or ())
        last = not page.get("nextPageToken")
        yield Changes(accounts, {}, str(Link(began, began)) if last else "", complete=last)


def _hinted(client: DirectoryClient, last: Link) -> Changes | None:
    """The accounts that the log names, as they are now; None where everything has to be read instead."""
    began = datetime.now(UTC)
    try:
        addresses = _addresses(client, last.log - OVERLAP)
    except ConnectorError as error:
        if isinstance(error, TryLater) and (error.status in BUSY or error.code == "quota"):
            raise
        # The log only helps: a portal that may not read it, or gets nothing from it, reads everything.
        return None
    if len(addresses) > MOST_HINTS:
        return None
    found: dict[str, RemoteAccount] = {}
    for address in sorted(addresses):
        try:
            account = account_of(client, client.get_user(address))
        except (NotFound, NotPermitted, Refused, Unreadable):
            # Deleted, or renamed since: only a list of all says which. Or it is an odd one, which the list passes over.
            return None
        found[account.id] = account
    return Changes(tuple(found.values()), {}, str(Link(last.whole, began)))


def _addresses(client: DirectoryClient, since: datetime) -> set[str]:
    found: set[str] = set()
    for activity in client.activities(_written(since)):
        for event in activity.get("events") or ():
            found.update(_named(event))
        if len(found) > MOST_HINTS:
            break
    return found


def _named(event: dict[str, Any]) -> Iterator[str]:
    """Addresses of the people an event is about. A renamed one is found by the new address."""
    values = {one.get("name"): one.get("value") or "" for one in event.get("parameters") or ()}
    renamed = values.get(NEW_ADDRESS, "") if event.get("name") == "RENAME_USER" else ""
    address = renamed if re.fullmatch(r"[^@\s]+@[^@\s]+", renamed) else values.get(ADDRESS, "")
    if re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        yield address.casefold()
