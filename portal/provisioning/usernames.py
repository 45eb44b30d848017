"""Which username to suggest for an employee: from the preferred name, in plain letters, and free in the tenant."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from anyascii import anyascii

from portal.addons.models import Connection
from portal.connectors import SERVICES
from portal.connectors.base import Connector, Holder, RemoteAccount
from portal.people.models import Employee
from portal.provisioning.models import OPEN, Account, Operation

LONGEST = 64
MOST_TRIES = 30


def plain(text: str) -> str:
    """The text in lower-case letters and digits: "O'Brien-Łuc" becomes "obrien-luc"."""
    return re.sub(r"[^a-z0-9-]", "", anyascii(text).lower()).strip("-")


def candidates(employee: Employee) -> Iterator[str]:
    """Local parts in the order in which they are tried: mary.obrien, mary.obrien2, mary.obrien3 …"""
    parts = [plain(employee.preferred_name or employee.first_name), plain(employee.last_name)]
    base = ".".join(part for part in parts if part) or plain(employee.employee_number) or "employee"
    yield base[:LONGEST].rstrip(".-")
    for number in range(2, MOST_TRIES + 1):
        yield base[: LONGEST - len(str(number))].rstrip(".-") + str(number)


@dataclass(frozen=True)
class Suggestion:
    """A local part that nobody holds; empty when all are taken. deleted: an account of this name in the recycle bin."""

    local_part: str
    deleted: RemoteAccount | None = None


def suggest(employee: Employee, connection: Connection, connector: Connector, domain: str) -> Suggestion:
    """The first candidate that nobody holds, here or in the tenant, and whether this looks like a rehire.

    Raises ConnectorError when the tenant cannot be asked.
    """
    deleted = None
    for local_part in candidates(employee):
        username = f"{local_part}@{domain}"
        holders = connector.holders(username)
        deleted = deleted or next((holder.account for holder in holders if holder.kind == "deleted"), None)
        if not holders and not _reserved(username, connection):
            return Suggestion(local_part, deleted)
    return Suggestion("", deleted)


@dataclass(frozen=True)
class Advice:
    """What is said about a username while it is typed. next_free: a local part to take instead."""

    free: bool
    sentence: str
    next_free: str = ""


def advise(employee: Employee, connection: Connection, connector: Connector, local_part: str, domain: str) -> Advice:
    """Whether the username is acceptable and free; who holds it if not, and the next that is free.

    Raises ConnectorError when the tenant cannot be asked.
    """
    if domain not in connection.domains:
        return Advice(False, "Choose a domain of your tenant.")
    problem = SERVICES[connection.service].local_part_problem(local_part)
    if problem:
        return Advice(False, problem)
    username = f"{local_part}@{domain}"
    holders = connector.holders(username)
    if not holders and not _reserved(username, connection):
        return Advice(True, f"{username} is free.")
    return Advice(False, _who_holds(username, holders), suggest(employee, connection, connector, domain).local_part)


HELD = {
    "account": "{username} is the account of {name}.",
    "alias": "{username} is a second address of {name} ({holder}).",
    "deleted": "{username} belonged to {name}, whose account is in the recycle bin. If this is a rehire, restore it.",
}


def _who_holds(username: str, holders: list[Holder]) -> str:
    if not holders:
        return f"{username} is being given to somebody else just now."
    first = holders[0]
    words = HELD.get(first.kind, "{username} is taken by {name}.")
    return words.format(username=username, name=first.account.display_name, holder=first.account.username)


def _reserved(username: str, connection: Connection) -> bool:
    """True when an account, or an operation that is under way, has the name."""
    accounts = Account.select().where(
        Account.connection == connection, Account.username == username, Account.detached_at.is_null()
    )
    if accounts.exists():
        return True
    running = Operation.select(Operation.requested).where(Operation.connection == connection, Operation.state.in_(OPEN))
    return any(operation.requested.get("username") == username for operation in running)
