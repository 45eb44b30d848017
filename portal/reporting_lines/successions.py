"""Who takes over the team of a leaver, so that from the last day no employee is without a manager."""

from datetime import date, timedelta
from typing import Any

from portal import audit
from portal.auth.models import User
from portal.database import now, transaction
from portal.languages import gettext as _
from portal.people import actions
from portal.people.managers import would_loop
from portal.people.models import Employee, MovedReport
from portal.problems import Problem


class CannotTakeOver(Problem):
    """This person cannot become the team’s manager."""

    status = 422


def reports_of(employee: Employee) -> Any:
    """The employees who report to this one, by name."""
    return reports_of_one(employee.id, employee.organisation_id)


def reports_of_one(employee_id: Any, organisation: Any) -> Any:
    """The same by the employee's number."""
    mine = (Employee.manager == employee_id) & (Employee.organisation == organisation)
    return Employee.select().where(mine).order_by(Employee.sort_name, Employee.id)


def choose(leaver: Employee, successor: Employee | None, *, by: User) -> None:
    """Keep who takes over on the leaver's last day; None for no one. Raises CannotTakeOver."""
    if successor is not None:
        check(leaver, successor)
    with transaction():
        Employee.update(successor=successor).where(Employee.id == leaver.id).execute()
        name = successor.employee_number if successor else None
        audit.record(by, "choose who takes over reports", leaver, successor=name)


def check(leaver: Employee, successor: Employee) -> None:
    """Raises CannotTakeOver, with the reason, for an employee who cannot be the manager of the leaver's reports."""
    if leaver.end_date is None:
        raise CannotTakeOver(_("%(name)s has no end date.", name=leaver.name), _("Enter it on the Profile first."))
    if successor.id == leaver.id:
        raise CannotTakeOver(_("This is the person who leaves."), _("Choose somebody else."))
    if successor.end_date is not None and successor.end_date <= leaver.end_date:
        raise CannotTakeOver(
            _("%(successor)s leaves no later than %(name)s.", successor=successor.name, name=leaver.name),
            _("Choose somebody who stays."),
        )
    if successor.manager_id != leaver.id and would_loop(leaver, successor):
        raise CannotTakeOver(
            _(
                "%(successor)s reports to somebody who reports to %(name)s, and would be above and below them.",
                successor=successor.name,
                name=leaver.name,
            ),
            _("Choose one who reports to %(name)s directly, or somebody else.", name=leaver.name),
        )


def move(leaver: Employee, *, by: User | str) -> int:
    """Let the leaver's reports report to the successor, who, being one of them, gets the leaver's own manager.

    Returns how many were moved. Raises CannotTakeOver, and moves none, when the successor no longer can.
    """
    leaver = Employee.get_by_id(leaver.id)
    successor = leaver.successor
    if successor is None:
        raise CannotTakeOver(_("No new manager is chosen."), _("Choose one first."))
    check(leaver, successor)
    with transaction():
        # The successor first, so that no employee is above and below another in between.
        reports = sorted(reports_of(leaver), key=lambda report: report.id != successor.id)
        # Those who were moved before stay noted, to be moved back as well.
        moved = MovedReport.employee.in_([report.id for report in reports])
        MovedReport.delete().where(MovedReport.leaver == leaver, moved).execute()
        for report in reports:
            manager = leaver.manager if report.id == successor.id else successor
            actions.edit_employee(report, {"manager": manager}, by=by)
            if manager is not None:
                MovedReport.create(organisation=leaver.organisation_id, leaver=leaver, employee=report, manager=manager)
    return len(reports)


def to_move_back(employee: Employee) -> list[MovedReport]:
    """Who was moved away from a leaver who stays after all, and is still where they were moved to."""
    if employee.end_date is not None:
        return []
    moved = MovedReport.select(MovedReport, Employee).join(Employee, on=MovedReport.employee)
    return list(moved.where(MovedReport.leaver == employee, Employee.manager == MovedReport.manager))


def move_back(employee: Employee, *, by: User | str) -> int:
    """Let those who were moved away report to the employee again, all or none; how many. Raises CannotTakeOver."""
    with transaction():
        moved = to_move_back(employee)
        try:
            for move in moved:
                actions.edit_employee(move.employee, {"manager": employee}, by=by)
        except actions.FieldRefused as problem:
            raise CannotTakeOver(problem.message) from problem
        forget_moves(employee)
    return len(moved)


def forget_moves(employee: Employee) -> None:
    """Leave all of them where they are, and do not ask again."""
    MovedReport.delete().where(MovedReport.leaver == employee).execute()


def last_day_has_come(leaver: Employee) -> bool:
    return leaver.end_date is not None and leaver.end_date <= leaver.organisation.today


def due() -> list[Employee]:
    """Leavers whose last day it is, or was, and for whose reports there is a successor."""
    reports = Employee.alias()
    ends = Employee.end_date.is_null(False) & (Employee.end_date <= _latest_day())
    has_reports = Employee.id.in_(reports.select(reports.manager).where(reports.manager.is_null(False)))
    leavers = Employee.select().where(Employee.successor.is_null(False), ends, has_reports)
    return [leaver for leaver in leavers if last_day_has_come(leaver)]


def _latest_day() -> date:
    """The day that it is where the day begins first."""
    return (now() + timedelta(hours=14)).date()


def move_due(leaver: Employee) -> None:
    """Move the reports of one whose last day it is; when that cannot be done, the choice is undone, which shows."""
    try:
        move(leaver, by="portal")
    except CannotTakeOver as problem:
        with transaction():
            Employee.update(successor=None).where(Employee.id == leaver.id).execute()
            audit.record("portal", "reports were not moved", leaver, reason=problem.message)
