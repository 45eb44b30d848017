"""Hire: a candidate becomes an employee, once."""

from typing import Any

from portal import audit
from portal.auth.models import User
from portal.database import now
from portal.languages import gettext as _
from portal.people import actions as people
from portal.people.models import Employee
from portal.recruitment import actions, candidates
from portal.recruitment.models import Application, Ended, MoveKind, Vacancy


def prefilled(application: Application) -> Employee:
    """The record as far as the application says it, not saved."""
    candidate, vacancy = application.candidate, application.vacancy
    addresses = candidates.addresses_of([candidate]).get(candidate.id, [])
    return Employee(
        organisation=application.organisation, first_name=candidate.first_name, last_name=candidate.last_name,
        personal_email=addresses[0] if addresses else "", mobile=candidate.phone, job_title=vacancy.title,
        department=vacancy.department, manager=vacancy.hiring_manager, country=candidate.country or vacancy.country,
    )  # fmt: skip


def same_person(application: Application) -> list[Employee]:
    """Employees with one of the candidate's addresses: an employee may apply for another vacancy."""
    known = candidates.addresses_of([application.candidate]).get(application.candidate_id, [])
    folded = {candidates.folded(one) for one in known}
    mine = Employee.select().where(Employee.organisation == application.organisation_id).order_by(Employee.sort_name)
    found: dict[int, Employee] = {}
    for spelling in folded | {one.casefold() for one in known}:
        for employee in mine.where(Employee.search_text.contains(spelling)):
            if folded & {candidates.folded(one) for one in (employee.personal_email, employee.company_email) if one}:
                found[employee.id] = employee
    return list(found.values())


def hire(
    application: Application, values: dict[str, Any] | None, *, by: User, employee: Employee | None = None
) -> tuple[Employee, bool]:
    """Make the candidate an employee, in one transaction; returns the record, and whether this made it so.

    values: the fields of the new record; None to take `employee`, who works here already. An application that has led
    to an employee leads to the same one. Raises people.FieldRefused, and actions.Moved for one that has ended.
    """
    with audit.turn(application.organisation_id):
        current = Application.get_by_id(application.id)
        if current.employee is not None:
            return current.employee, False
        if current.ended:
            raise actions.Moved(
                _(
                    "%(candidate)s’s application has ended: %(ended)s.",
                    candidate=current.candidate.name,
                    ended=_(current.ended),
                )
            )
        if employee is None:
            employee = people.add_employee(application.organisation, values or {}, by=by)
        elif Application.select().where(Application.employee == employee).exists():
            raise actions.Moved(
                _("%(employee)s was hired by another application.", employee=employee.name),
                _("Add a record of their own."),
            )
        before = current.stage.name if current.stage else ""
        current.employee, current.ended, current.ended_at, current.since = employee, Ended.HIRED, now(), now()
        current.save()
        actions.note(current, MoveKind.HIRED, by=by, before=before)
        number = employee.employee_number
        audit.record(by, "hire candidate", current.candidate, vacancy=current.vacancy.title, employee_number=number)
    return employee, True


def is_filled(vacancy: Vacancy) -> bool:
    """Whether as many were hired as there are openings."""
    hired = Application.select().where(Application.vacancy == vacancy, Application.ended == Ended.HIRED).count()
    return hired >= vacancy.openings
