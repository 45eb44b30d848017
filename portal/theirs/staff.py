"""Many employees at once, found by what an account can be known by: for whole tenants that are read page by page."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from portal.accounts.naming import naming_of
from portal.connections.models import Connection
from portal.connectors.values import RemoteAccount
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.theirs import rules
from portal.theirs.models import Declined
from portal.theirs.rules import LinkOffer
from portal.theirs.signs import Key, Signs, folded, of_account, of_employee


@dataclass(frozen=True, slots=True)
class Owner:
    """An employee who has a number. signs: by which the name can be compared."""

    id: int
    name: str
    signs: Signs

    @classmethod
    def of(cls, employee: Employee) -> "Owner":
        return cls(employee.id, employee.name, of_employee(employee))

    def fits(self, account: Signs) -> bool:
        """Whether the account has their name too, or at least no other."""
        return not rules.has_other_name(self.signs, account)


class Staff:
    """Employees of one organisation by their signs. Each is held against accounts as they come."""

    def __init__(self, connection: Connection, employees: Iterable[Employee]):
        self._signs: dict[int, Signs] = {}
        self._by: dict[Key, list[int]] = defaultdict(list)
        self._owners = _Numbers(connection.organisation_id)
        naming = naming_of(connection)
        for employee in employees:
            signs = self._signs[employee.id] = of_employee(employee, naming)
            for key in signs.keys:
                self._by[key].append(employee.id)

    def of(self, remote: RemoteAccount) -> dict[int, LinkOffer]:
        """Whose the account may be, by employee's number in the database, with the evidence for each."""
        signs = of_account(remote)
        found: dict[int, LinkOffer] = {}
        employee_ids = {one for key in signs.keys for one in self._by.get(key, ())}
        owner = self._owners.of(remote) if employee_ids else None
        for employee_id in employee_ids:
            candidate = candidate_of(self._signs[employee_id], employee_id, remote, signs, owner)
            if rules.may_be(candidate.evidence, remote.protections, of_another=candidate.of_another):
                found[employee_id] = candidate
        return found


def candidate_of(
    person: Signs, employee_id: int, remote: RemoteAccount, signs: Signs, owner: Owner | None
) -> LinkOffer:
    """The account held against the employee. owner: who has its number, be it this employee or another."""
    other = owner if owner is not None and owner.id != employee_id else None
    number_of = other.name if other else ""
    evidence = rules.compare(person, signs, number_of=number_of)
    return LinkOffer(remote, evidence, number_of=number_of, of_another=other is not None and other.fits(signs))


class _Numbers:
    """Who has which employee number in the organisation."""

    def __init__(self, organisation: Organisation | int):
        rows = Employee.select(Employee.id, Employee.employee_number, Employee.first_name, Employee.preferred_name,
                               Employee.last_name).where(Employee.organisation == organisation)  # fmt: skip
        self._owners = {folded(row.employee_number): row for row in rows.iterator()}

    def of(self, remote: RemoteAccount) -> Owner | None:
        found = self._owners.get(folded(str(remote.fields.get("employee_number") or "")))
        return Owner.of(found) if found is not None else None


def declined(connection_id: int) -> set[tuple[str, int]]:
    """(id of the account, number of the employee) that do not belong together, as a user said."""
    rows: Any = Declined.select(Declined.remote_id, Declined.employee).where(Declined.connection == connection_id)
    return set(rows.tuples())
