"""The reports of a leaver, on the Profile: who takes them over, and moving them before the last day."""

from flask import Blueprint, flash, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField

from portal import access, params, seeing
from portal.access import Action
from portal.accounts.models import Status
from portal.languages import gettext as _
from portal.languages import joined, listed, ngettext
from portal.paging import PER_PAGE, Page, beyond, start_of
from portal.people import managers, rules
from portal.people.models import Employee
from portal.reporting_lines import successions
from portal.web import Answer, leave_to, page

blueprint = Blueprint("reporting_lines", __name__, url_prefix="/people/employees/<int:employee_id>/reports")


class SuccessorForm(FlaskForm):
    """Who takes over, by number or name; it works as the manager of the employee's record does."""

    manager = StringField(_("New manager for the team"), filters=[rules.tidy])
    manager_id = HiddenField()


@blueprint.get("")
@access.requires(Action.EDIT_MANY)
def show(employee_id: int) -> Answer:
    employee = seeing.employee_or_404(employee_id)
    chosen = employee.successor or (employee.manager if employee.is_leaver else None)
    values = {"manager": chosen.name, "manager_id": chosen.id} if chosen else {}
    return _page(employee, SuccessorForm(formdata=None, **values))


def _page(
    employee: Employee, form: SuccessorForm, *, matches: list[Employee] | None = None, status: int = 200
) -> Answer:
    return page(
        "reporting_lines/reports.html", status=status, employee=employee, tab="profile", form=form,
        matches=matches or [], reports=_some(employee), count=successions.reports_of(employee).count(),
        over=successions.last_day_has_come(employee), without_account=_without_account(employee.successor),
        moved=successions.to_move_back(employee),
    )  # fmt: skip


def _some(employee: Employee) -> Page[Employee]:
    """A page of the reports, by name, behind the one whom the address names."""
    reports, after = successions.reports_of(employee), params.number("after")
    start = reports.where(Employee.id == after).first() if after else None
    if start is not None:
        reports = reports.where(beyond((Employee.sort_name, Employee.id), (start.sort_name, start.id)))
    rows, more = start_of(reports, PER_PAGE)
    return Page(rows, start.id if start else None, rows[-1].id if more else None)


def _without_account(successor: Employee | None) -> str:
    """The applications at which the successor cannot become anybody's manager yet; empty when there are none."""
    places = seeing.places_of(successor) if successor is not None else []
    lacking = [place for place in places if place.account is None or place.account.status == Status.NO_ACCESS]
    return listed(place.service.name for place in lacking) if lacking else ""


@blueprint.post("")
@access.requires(Action.EDIT_MANY)
def choose(employee_id: int) -> Answer:
    employee, form = seeing.employee_or_404(employee_id), SuccessorForm()
    visible, text = seeing.visible_employees(), form.manager.data or ""
    successor, matches = managers.find(visible, text, params.cursor(form.manager_id.data)) if text else (None, [])
    if successor is None:
        words = _("Choose one of these people.") if matches else _("Enter a name or an employee number.")
        form.manager.errors = [
            _("Nobody has the number or the name “%(text)s”.", text=text[:100]) if text and not matches else words
        ]
        return _page(employee, form, matches=matches, status=422)
    try:
        successions.choose(employee, successor, by=current_user)
    except successions.CannotTakeOver as problem:
        form.manager.errors = [joined(problem.message, problem.next_step)]
        return _page(employee, form, status=422)
    flash(_("%(name)s will be the team’s new manager.", name=successor.name), "success")
    return leave_to(url_for(".show", employee_id=employee.id))


@blueprint.post("/nobody")
@access.requires(Action.EDIT_MANY)
def take_back(employee_id: int) -> Answer:
    employee = seeing.employee_or_404(employee_id)
    successions.choose(employee, None, by=current_user)
    flash(_("No new manager is chosen any more."), "info")
    return leave_to(url_for(".show", employee_id=employee.id))


@blueprint.post("/move-back")
@access.requires(Action.EDIT_MANY)
def move_back(employee_id: int) -> Answer:
    """The leaver stays after all: those who were moved away report to them again."""
    employee = seeing.employee_or_404(employee_id)
    try:
        count = successions.move_back(employee, by=current_user)
    except successions.CannotTakeOver as problem:
        flash(
            joined(_("Nobody was moved back."), problem.message, problem.next_step),
            "warning",
        )
    else:
        flash(
            ngettext(
                "%(num)s person reports to %(name)s again.",
                "%(num)s people report to %(name)s again.",
                count,
                name=employee.name,
            ),
            "success",
        )
    return leave_to(url_for("people.profile", employee_id=employee.id))


@blueprint.post("/leave-moved")
@access.requires(Action.EDIT_MANY)
def leave_moved(employee_id: int) -> Answer:
    employee = seeing.employee_or_404(employee_id)
    successions.forget_moves(employee)
    flash(_("Everybody stays with their current manager."), "info")
    return leave_to(url_for("people.profile", employee_id=employee.id))


@blueprint.post("/move")
@access.requires(Action.EDIT_MANY)
def move(employee_id: int) -> Answer:
    employee = seeing.employee_or_404(employee_id)
    try:
        count = successions.move(employee, by=current_user)
    except successions.CannotTakeOver as problem:
        flash(
            joined(_("Nobody was moved."), problem.message, problem.next_step),
            "warning",
        )
    else:
        flash(ngettext("%(num)s person was moved.", "%(num)s people were moved.", count), "success")
    return leave_to(url_for(".show", employee_id=employee.id))
