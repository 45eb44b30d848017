"""Asks the connected application, by a few small questions, whether an employee has an account there already."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from portal import audit
from portal.accounts.models import Account
from portal.accounts.naming import Naming, naming_of
from portal.auth.models import User
from portal.connections.models import Connection
from portal.connectors import for_connection
from portal.connectors.base import Connector
from portal.connectors.errors import NotFound
from portal.connectors.values import RemoteAccount
from portal.database import transaction
from portal.people.models import Employee
from portal.theirs import asking
from portal.theirs.models import Declined
from portal.theirs.rules import LinkOffer
from portal.theirs.signs import of_account, of_employee
from portal.theirs.staff import Owner, candidate_of

MOST_SHOWN = 5


@dataclass(frozen=True)
class Look:
    """What was found about one employee: the accounts to ask about, the likeliest first.

    unchecked: a sentence about what could not be asked; empty when all was.
    """

    candidates: list[LinkOffer] = field(default_factory=list)
    unchecked: str = ""

    def __bool__(self) -> bool:
        return bool(self.candidates or self.unchecked)

    @property
    def all_deleted(self) -> bool:
        return bool(self.candidates) and all(candidate.deleted for candidate in self.candidates)


def look(employee: Employee, connection: Connection, connector: Connector | None = None) -> Look:
    """Accounts of the tenant, also deleted ones, that may be this employee's and are no other employee's.

    connector: the one to ask through, so that its exchanges are noted. Raises ConnectorError when there is no answer.
    """
    naming = naming_of(connection)
    wanted = asking.wanted(employee, naming, connection.domains)
    found = (connector or for_connection(connection)).alike(wanted)
    near = _near([employee], found.accounts, naming)[employee.id]
    candidates = [candidate for candidate in judged(employee, connection, near) if candidate.may_be]
    return Look(candidates[:MOST_SHOWN], found.unchecked)


def look_for_many(employees: Iterable[Employee], connection: Connection) -> dict[int, list[LinkOffer]]:
    """The same for some dozens of people in one go, by employee's number in the database. Raises ConnectorError."""
    people = list(employees)
    if not people:
        return {}
    naming = naming_of(connection)
    wanted = asking.wanted_of_many(people, naming, connection.domains)
    found = for_connection(connection).alike(wanted).accounts
    near = _near(people, found, naming)
    known = _Known(connection, {remote.id: remote for some in near.values() for remote in some}.values())
    asked = {one.id: [found for found in known.judged(one, near[one.id]) if found.may_be] for one in people}
    return {employee_id: candidates for employee_id, candidates in asked.items() if candidates}


def _near(people: list[Employee], remotes: Iterable[RemoteAccount], naming: Naming) -> dict[int, list[RemoteAccount]]:
    """The accounts that have anything in common with each: there are thousands of deleted ones that have not."""
    keys = {employee.id: of_employee(employee, naming).keys for employee in people}
    near: dict[int, list[RemoteAccount]] = {employee.id: [] for employee in people}
    for remote in remotes:
        its = of_account(remote).keys
        for employee_id in (one for one, theirs in keys.items() if theirs & its):
            near[employee_id].append(remote)
    return near


def candidates(employee: Employee, connection: Connection, text: str) -> list[LinkOffer]:
    """Accounts of the tenant that match the text, those with most in common with the employee first.

    Raises ConnectorError.
    """
    return judged(employee, connection, for_connection(connection).search(text)) if text else []


def candidate(employee: Employee, connection: Connection, remote_id: str) -> LinkOffer:
    """One account of the tenant, deleted ones too, with all that protects it.

    Raises ConnectorError, NotFound when there is none.
    """
    connector = for_connection(connection)
    try:
        remote = connector.find(remote_id)
    except NotFound:
        deleted = deleted_candidate(employee, connection, remote_id)
        if deleted is None:
            raise
        return deleted
    remote = replace(remote, protections=remote.protections | connector.protections(remote.id))
    return judged(employee, connection, [remote])[0]


def deleted_candidate(employee: Employee, connection: Connection, remote_id: str) -> LinkOffer | None:
    """One deleted account; None when it is not there. Raises ConnectorError."""
    deleted = next((one for one in for_connection(connection).deleted_accounts() if one.id == remote_id), None)
    return judged(employee, connection, [deleted])[0] if deleted is not None else None


def judged(employee: Employee, connection: Connection, remotes: Iterable[RemoteAccount]) -> list[LinkOffer]:
    """The accounts held against the employee, the likeliest first."""
    accounts = list({remote.id: remote for remote in remotes}.values())
    return _Known(connection, accounts).judged(employee, accounts)


class _Known:
    """What the portal itself knows of some accounts: who has each, who has its number, and of whom it was declined."""

    def __init__(self, connection: Connection, remotes: Iterable[RemoteAccount]):
        numbers = {remote.id: str(remote.fields.get("employee_number") or "") for remote in remotes}
        linked = Account.select(Account, Employee).join(Employee).where(
            Account.connection == connection, Account.detached_at.is_null(), Account.remote_id.in_(list(numbers))
        )  # fmt: skip
        self._holders = {account.remote_id: account.employee.name for account in linked}
        said: Any = Declined.select(Declined.remote_id, Declined.employee)
        these = Declined.remote_id.in_(list(numbers))
        self._declined = set(said.where(Declined.connection == connection, these).tuples())
        owners = Employee.select().where(
            Employee.organisation == connection.organisation_id,
            Employee.employee_number.in_(sorted(set(numbers.values()) - {""})),
        )  # fmt: skip
        self._owners = {owner.employee_number: Owner.of(owner) for owner in owners}
        self._naming = naming_of(connection)

    def judged(self, employee: Employee, remotes: Iterable[RemoteAccount]) -> list[LinkOffer]:
        person, found = of_employee(employee, self._naming), []
        for remote in remotes:
            owner = self._owners.get(str(remote.fields.get("employee_number") or ""))
            candidate = candidate_of(person, employee.id, remote, of_account(remote), owner)
            refused = (remote.id, employee.id) in self._declined
            found.append(replace(candidate, holder=self._holders.get(remote.id, ""), declined=refused))
        return sorted(found, key=lambda one: one.rank)


def decline(employee: Employee, connection: Connection, remote_id: str, username: str, *, by: User) -> None:
    """Keep that the account is not the employee's: it is not proposed, nor asked about, again."""
    said = {"connection": connection, "remote_id": remote_id, "employee": employee}
    with transaction():
        if Declined.insert(said).on_conflict_ignore().execute():
            audit.record(by, "decline match", employee, account=username)


def propose_again(employee: Employee, connection: Connection, remote_id: str, username: str, *, by: User) -> None:
    """Take back that it was declined."""
    said = (Declined.connection == connection) & (Declined.remote_id == remote_id) & (Declined.employee == employee)
    with transaction():
        if Declined.delete().where(said).execute():
            audit.record(by, "propose match again", employee, account=username)
