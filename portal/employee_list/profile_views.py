from typing import Any, NamedTuple

from flask import Blueprint, flash, request, url_for
from flask_login import current_user
from peewee import fn

from portal import access, params, seeing
from portal.access import Action
from portal.accounts.models import Account, Status
from portal.asking import kept
from portal.database import now
from portal.employee_list.forms import AddForm, EmployeeForm, words_of
from portal.hand_over import delivery, moments, recipients
from portal.languages import gettext as _
from portal.people import actions, managers, rules, zones
from portal.people.models import Employee, MovedReport
from portal.people.searching import departments_and_locations
from portal.provisioning.taken import to_give_back
from portal.reporting_lines import successions
from portal.templating import local_time
from portal.timeline_pages import shown
from portal.timelines import planning
from portal.web import Answer, fragment, leave_to, page, swap

blueprint = Blueprint("people", __name__)


@blueprint.get("/people/employees/<int:employee_id>")
@access.requires(Action.VIEW_EMPLOYEES)
def profile(employee_id: int) -> Answer:
    employee = seeing.employee_or_404(employee_id)
    manager, second = (_if_visible(person) for person in (employee.manager_id, employee.second_manager_id))
    about = _about(employee) if access.may(Action.EDIT_EMPLOYEES) else _About()
    return page(
        "employee_list/profile.html", employee=employee, tab="profile", manager=manager,
        second_manager=second, zone=zones.words_of(employee), reports=about.reports,
        moved=successions.to_move_back(employee) if about.moved else [],
        given_back=_to_give_back(employee) if about.deactivated and access.may(Action.PROVISION) else {},
    )  # fmt: skip


def _if_visible(employee_id: int | None) -> Employee | None:
    return seeing.seen_employee(employee_id) if employee_id else None


class _About(NamedTuple):
    """How many report to the employee, and whether there is something to give back should they stay: one query."""

    reports: int = 0
    moved: int = 0
    deactivated: int = 0


def _about(employee: Employee) -> _About:
    return _About(*_counts.first(employee_id=employee.id, organisation=employee.organisation_id))


@kept
def _counts(*, employee_id: Any, organisation: Any) -> Any:
    reports = successions.reports_of_one(employee_id, organisation).order_by()
    moved = MovedReport.select().where(MovedReport.leaver == employee_id)
    blocked = Account.select().where(Account.employee == employee_id, Account.detached_at.is_null(), ~Account.enabled)
    counts = [some.select(fn.COUNT(some.model.id)) for some in (reports, moved, blocked)]
    return Employee.select(*counts).where(Employee.id == employee_id).tuples()


def _to_give_back(employee: Employee) -> dict[str, list[str]]:
    """Licences that were taken from the accounts of an employee who stays: what a reactivation gives back.

    Their names by the key of the application, for each that has any.
    """
    if employee.end_date is not None:
        return {}
    accounts = [account for account in Account.all_live_of(employee) if account.status == Status.DEACTIVATED]
    taken = {account.connection.service: list(to_give_back(account).values()) for account in accounts}
    return {service_key: names for service_key, names in taken.items() if names}


@blueprint.get("/people/employees/add")
@access.requires(Action.EDIT_EMPLOYEES)
def ask_add() -> Answer:
    return _form(AddForm(seeing.visible_employees()))


@blueprint.post("/people/employees/add")
@access.requires(Action.EDIT_EMPLOYEES)
def add_employee() -> Answer:
    form = AddForm(seeing.visible_employees())
    if not form.validate():
        return _form(form, status=422)
    try:
        employee = actions.add_employee(access.organisation(), form.values(), by=current_user)
    except actions.FieldRefused as problem:
        form.refuse(problem.field, words_of(problem))
        return _form(form, status=422)
    planning.follow(employee, by=current_user)
    flash(_("%(name)s has been added.", name=employee.name), "success")
    return leave_to(url_for(".profile", employee_id=employee.id))


@blueprint.get("/people/employees/<int:employee_id>/edit")
@access.requires(Action.EDIT_EMPLOYEES)
def ask_edit(employee_id: int) -> Answer:
    return _form(EmployeeForm(seeing.visible_employees(), seeing.employee_or_404(employee_id)))


@blueprint.post("/people/employees/<int:employee_id>/edit")
@access.requires(Action.EDIT_EMPLOYEES)
def edit_employee(employee_id: int) -> Answer:
    employee = seeing.employee_or_404(employee_id)
    form = EmployeeForm(seeing.visible_employees(), employee)
    if not form.validate():
        return _form(form, status=422)
    if recipients.is_replaced(employee, form.values()["personal_email"]):
        access.need_password()
    change = shown.change_of(employee, form.values())
    at_once = "at_once" in request.form
    if change.matters and (not _is_confirmed(form) or (change.passed and not at_once)):
        return _form(form, status=422 if change.passed else 200, change=change, dates=_dates_of(form))
    try:
        employee, changes = actions.edit_employee(employee, form.values(), by=current_user, opened_at=form.opened_at)
    except actions.FieldRefused as problem:
        form.refuse(problem.field, words_of(problem))
        return _form(form, status=422)
    except actions.ChangedMeanwhile as problem:
        return _form(form, status=409, differences=form.show_beside(problem.current))
    planning.follow(employee, by=current_user, at_once=at_once and bool(change.passed))
    flash(_("The changes have been saved.") if changes else _("Nothing was changed."), "success" if changes else "info")
    if "start_date" in changes:
        _say_when_mail_goes(employee)
    return leave_to(url_for(".profile", employee_id=employee.id))


def _say_when_mail_goes(employee: Employee) -> None:
    """Of login information that waits: a moved start date moves what was to go out on that day, and nothing else."""
    moved = moments.follow_start(employee)
    mail = moved[0] if moved else recipients.waiting(employee)
    if mail is None:
        return
    when = local_time(mail.send_at)
    if not moved:
        words = _(
            "The login information still goes out on %(when)s. To change that, press “Cancel this email” under "
            "Account provisioning, and then “Resend”.",
            when=when,
        )
        flash(words, "warning")
    elif mail.send_at > now():
        flash(_("The login information follows the start date: it goes out on %(when)s.", when=when), "info")
    else:
        delivery.wake()
        flash(_("The login information goes out now, as the start date has come."), "info")


def _dates_of(form: EmployeeForm) -> str:
    """What the steps of a timeline go by, as it was typed: another answer has to be confirmed again."""
    return " ".join(str(form[name].data or "-") for name in (*planning.DATE_FIELDS, "time_zone", "country"))


def _is_confirmed(form: EmployeeForm) -> bool:
    return request.form.get("confirmed_dates") == _dates_of(form)


def _form(form: EmployeeForm, **context: Any) -> Answer:
    """The form of an employee: alone for htmx, else on its page."""
    context |= {"form": form, "employee": form.employee, "tab": "profile", "longest": rules.LONGEST}
    departments, locations = departments_and_locations(seeing.sight_of())
    context |= {"departments": departments, "locations": locations}
    in_page = "employee_list/edit.html" if form.employee else "employee_list/add.html"
    return swap("employee_list/_employee_form.html", in_page=in_page, back_to=None, **context)


@blueprint.get("/people/employees/managers")
@access.requires(Action.EDIT_EMPLOYEES)
def find_manager() -> Answer:
    """Those who are meant by what is being typed as the manager, to choose from."""
    role = "second_manager" if "second_manager" in request.args else "manager"
    text = params.line(role)
    found = managers.matches(seeing.visible_employees(), text)
    return fragment("employee_list/_manager_matches.html", matches=found, text=text, role=role)
