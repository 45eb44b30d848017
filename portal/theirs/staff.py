"""Many employees at once, found by what an account can be known by: for whole tenants that are read page by page."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from portal.connectors.base import RemoteAccount
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.theirs import rules
from portal.theirs.models import Declined
from portal.theirs.rules import Evidence
from portal.theirs.signs import Key, Signs, folded, of_account, of_employee


class Staff:
    """Employees of one organisation by their signs. Each is held against accounts as they come."""

    def __init__(self, organisation: Organisation | int, employees: Iterable[Employee]):
        self._signs: dict[int, Signs] = {}
        self._by: dict[Key, list[int]] = defaultdict(list)
        self._owners = _Numbers(organisation)
        for employee in employees:
            signs = self._signs[employee.id] = of_employee(employee)
            for key in signs.keys:
                self._by[key].append(employee.id)

    def number_of(self, employee_id: int, remote: RemoteAccount) -> str:
        """The name of another employee who has the account's number; empty for nobody."""
        return self._owners.other(employee_id, remote)

    def of(self, remote: RemoteAccount) -> dict[int, Evidence]:
        """Whose the account may be, by employee's number in the database, with what speaks for each."""
        signs = of_account(remote)
        found: dict[int, Evidence] = {}
        for employee_id in {one for key in signs.keys for one in self._by.get(key, ())}:
            owner = self.number_of(employee_id, remote)
            evidence = rules.compare(self._signs[employee_id], signs, number_of=owner)
            if rules.may_be(evidence, remote.protections, number_of=owner):
                found[employee_id] = evidence
        return found


class _Numbers:
    """Who has which employee number in the organisation."""

    def __init__(self, organisation: Organisation | int):
        rows = Employee.select(Employee.id, Employee.employee_number, Employee.first_name, Employee.preferred_name,
                               Employee.last_name).where(Employee.organisation == organisation)  # fmt: skip
        self._owners = {folded(row.employee_number): (row.id, row.name) for row in rows.iterator()}

    def other(self, employee_id: int, remote: RemoteAccount) -> str:
        owner = self._owners.get(folded(str(remote.fields.get("employee_number") or "")))
        return owner[1] if owner is not None and owner[0] != employee_id else ""


def declined(connection_id: int) -> set[tuple[str, int]]:
    """(id of the account, number of the employee) of which somebody said that they do not belong together."""
    rows: Any = Declined.select(Declined.remote_id, Declined.employee).where(Declined.connection == connection_id)
    return set(rows.tuples())
