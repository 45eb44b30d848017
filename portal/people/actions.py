"""Adding and editing employees. Each is one transaction, with its line in the audit log."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from portal import audit, happenings
from portal.audit import Actor
from portal.config import settings
from portal.database import lock_row, now, transaction
from portal.happenings import Happening
from portal.languages import gettext as _
from portal.languages import number
from portal.organisations.models import Organisation
from portal.people import addresses
from portal.people.managers import would_loop
from portal.people.models import Employee
from portal.problems import Problem


class FieldRefused(Problem):
    """One field of the record cannot be as given. field: its name."""

    status = 422

    def __init__(self, field: str, message: str):
        super().__init__(message)
        self.field = field


class NumberTaken(FieldRefused):
    """Another employee has the number. holder: who."""

    def __init__(self, holder: Employee):
        message = _(
            "%(name)s already has the number %(employee_number)s: enter a different one.",
            name=holder.name,
            employee_number=holder.employee_number,
        )
        super().__init__("employee_number", message)
        self.holder = holder


class ChangedMeanwhile(Problem):
    """Another user changed this employee after the form was opened. current: the record as it is now."""

    title = _("Somebody else was faster")
    next_step = _("Open the employee’s page, look at what was changed, and edit it again.")

    def __init__(self, current: Employee):
        super().__init__()
        self.current = current


def add_employee(organisation: Organisation, values: dict[str, Any], *, by: Actor | str) -> Employee:
    """Add an employee. values: a value for each field of the form, manager as an Employee or None.

    Raises FieldRefused when the organisation already has this employee number.
    """
    employee = Employee(organisation=organisation, **values)
    with transaction():
        hold_records(organisation)
        _refuse(Employee(organisation=organisation), values)
        _refuse_beyond_most(organisation)
        employee.save()
        audit.record(by, "add employee", employee, employee_number=employee.employee_number)
        happenings.tell_all(organisation.id, "employee", lambda: told_of(employee.id, {}, new=True))
    return employee


def edit_employee(
    employee: Employee, values: dict[str, Any], *, by: Actor | str, opened_at: datetime | None = None
) -> tuple[Employee, dict[str, list[Any]]]:
    """Change the fields of an employee that differ from `values`; returns the row and {field: [before, after]}.

    opened_at: changed_at of the row when the person began to edit; None to change it whatever happened since.
    Raises ChangedMeanwhile, and FieldRefused for a number that is taken or a manager who reports to this employee.
    """
    with transaction():
        hold_records(employee.organisation)
        current = Employee.get_by_id(employee.id)
        current.organisation = employee.organisation
        before = {name: getattr(current, name) for name in values}
        changed = [name for name, value in values.items() if value != before[name]]
        if not changed:
            return current, {}
        if opened_at is not None and opened_at != current.changed_at:
            raise ChangedMeanwhile(current)
        _refuse(current, values)
        for name in changed:
            setattr(current, name, values[name])
        current.changed_at = now()
        current.save()
        if "personal_email" in changed:
            addresses.note(current, before["personal_email"], values["personal_email"])
        old, new = _plain(before), _plain(values)
        changes = {name: [old[name], new[name]] for name in changed}
        audit.record(by, "edit employee", current, changes=changes)
        happenings.tell_all(current.organisation_id, "employee", lambda: told_of(current.id, changes))
    return current, changes


def told_of(employee_id: int, changes: dict[str, list[Any]], *, new: bool = False) -> Iterator[Happening]:
    """What other systems are told of a changed record: that it changed, and never to what.

    changes: {field: [before, after]}.
    """
    yield Happening("employee.created" if new else "employee.updated", {"employee_id": employee_id})
    if changes.get("end_date", [None, None])[1]:
        yield Happening("employee.ended", {"employee_id": employee_id})


def hold_records(organisation: Organisation) -> None:
    """Make other changes of the organisation's records wait for the end of this transaction, as SQLite always does."""
    lock_row(Organisation, organisation.id)


def refusals(employee: Employee, values: dict[str, Any]) -> Iterator[FieldRefused]:
    """Why the employee's record cannot become these values. employee: of no id for one that is added."""
    if employee.id and values.get("second_manager") == employee:
        yield FieldRefused("second_manager", _("An employee cannot be their own manager: choose somebody else."))
    manager = values.get("manager")
    if employee.id and manager is not None and manager.id != employee.manager_id and would_loop(employee, manager):
        yield FieldRefused("manager", _loop_words(employee, manager))
    number = values.get("employee_number")
    if number and number != employee.employee_number:
        mine = Employee.organisation == employee.organisation_id
        holder = Employee.get_or_none(mine, Employee.employee_number == number)
        if holder is not None and holder.id != employee.id:
            yield NumberTaken(holder)


def _refuse(employee: Employee, values: dict[str, Any]) -> None:
    """Raises FieldRefused."""
    for problem in refusals(employee, values):
        raise problem


def _refuse_beyond_most(organisation: Organisation) -> None:
    most = settings().most_employees
    if Employee.select().where(Employee.organisation == organisation).count() >= most:
        message = _(
            "An organisation may have %(most)s employees here. Your IT team can raise the limit.", most=number(most)
        )
        raise FieldRefused("employee_number", message)


def _loop_words(employee: Employee, manager: Employee) -> str:
    if manager.id == employee.id:
        return _("An employee cannot be their own manager: choose somebody else.")
    return _(
        "%(manager)s reports to %(name)s, directly or through others: choose somebody else.",
        manager=manager.name,
        name=employee.name,
    )


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """The values as the audit log keeps them: dates as text, the manager by employee number."""
    plain = {}
    for name, value in values.items():
        plain[name] = value.isoformat() if isinstance(value, date) else value
        if isinstance(value, Employee):
            plain[name] = value.employee_number
    return plain
