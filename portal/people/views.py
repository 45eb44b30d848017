from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal import access, params
from portal.access import Action
from portal.config import settings
from portal.people import actions, exporting, import_jobs, managers, queries, rules, successions, uploads
from portal.people.forms import EmployeeForm, ImportForm
from portal.people.models import Employee
from portal.people.reading import COLUMNS
from portal.people.uploads import OPEN, ImportState
from portal.provisioning.models import Status
from portal.security import costly
from portal.tables import Unreadable
from portal.web import csv_download, fragment, leave_to, page, swap, wants_fragment

blueprint = Blueprint("people", __name__)


@blueprint.get("/people/employees")
@access.requires(Action.VIEW_EMPLOYEES)
def employee_list():
    visible, chosen = access.visible_employees(), queries.Filter.read(request.args)
    cursors = {name: params.number(name) for name in ("after", "before")}
    shows_status = access.may(Action.PROVISION)
    employees = queries.employee_page(visible, chosen, today=_today(), with_status=shows_status, **cursors)
    context: dict[str, Any] = {"employees": employees, "chosen": chosen, "shows_status": shows_status}
    if wants_fragment():
        values: dict[str, Any] = {**chosen.values(), **(cursors if employees.before else {})}
        address = url_for(".employee_list", **values)
        return fragment("people/_employee_table.html", push=address, **context)
    departments = {name: name for name in queries.departments(visible)}
    statuses = {word: word for word in Status}
    return page("people/employee_list.html", departments=departments, statuses=statuses, **context)


@blueprint.get("/people/employees/export.csv")
@costly
@access.requires(Action.EDIT_EMPLOYEES)
def export_employees():
    """Those whom the filter of the list lets through, with every column of an import."""
    chosen, shows_status = queries.Filter.read(request.args), access.may(Action.PROVISION)
    found = queries.matching(access.visible_employees(), chosen, today=_today(), with_status=shows_status)
    return csv_download(exporting.export_lines(found), "employees.csv")


def _today() -> date:
    return datetime.now(access.organisation().zone).date()


@blueprint.get("/people/employees/<int:employee_id>")
@access.requires(Action.VIEW_EMPLOYEES)
def profile(employee_id: int):
    employee = access.employee_or_404(employee_id)
    manager = access.visible_employees().where(Employee.id == employee.manager_id).first()
    reports = successions.reports_of(employee).count() if access.may(Action.EDIT_EMPLOYEES) else 0
    return page("people/profile.html", employee=employee, tab="profile", manager=manager, reports=reports)


@blueprint.get("/people/employees/add")
@access.requires(Action.EDIT_EMPLOYEES)
def ask_add():
    return _form(EmployeeForm(access.visible_employees()))


@blueprint.post("/people/employees/add")
@access.requires(Action.EDIT_EMPLOYEES)
def add_employee():
    form = EmployeeForm(access.visible_employees())
    if not form.validate():
        return _form(form, status=422)
    try:
        employee = actions.add_employee(access.organisation(), form.values(), by=current_user)
    except actions.Refused as problem:
        form.refuse(problem.field, problem.message)
        return _form(form, status=422)
    flash(f"{employee.name} has been added.", "success")
    return leave_to(url_for(".profile", employee_id=employee.id))


@blueprint.get("/people/employees/<int:employee_id>/edit")
@access.requires(Action.EDIT_EMPLOYEES)
def ask_edit(employee_id: int):
    return _form(EmployeeForm(access.visible_employees(), access.employee_or_404(employee_id)))


@blueprint.post("/people/employees/<int:employee_id>/edit")
@access.requires(Action.EDIT_EMPLOYEES)
def edit_employee(employee_id: int):
    employee = access.employee_or_404(employee_id)
    form = EmployeeForm(access.visible_employees(), employee)
    if not form.validate():
        return _form(form, status=422)
    try:
        employee, changes = actions.edit_employee(employee, form.values(), by=current_user, opened_at=form.opened_at)
    except actions.Refused as problem:
        form.refuse(problem.field, problem.message)
        return _form(form, status=422)
    except actions.ChangedMeanwhile as problem:
        return _form(form, status=409, differences=form.show_beside(problem.current))
    flash("The changes have been saved." if changes else "Nothing was changed.", "success" if changes else "info")
    return leave_to(url_for(".profile", employee_id=employee.id))


def _form(form: EmployeeForm, **context: Any) -> Response:
    """The form of an employee: by itself for htmx, else on its page."""
    context |= {"form": form, "employee": form.employee, "tab": "profile", "longest": rules.LONGEST}
    context["departments"] = queries.departments(form.visible)
    in_page = "people/edit.html" if form.employee else "people/add.html"
    return swap("people/_employee_form.html", in_page=in_page, back_to=None, **context)


@blueprint.get("/people/employees/managers")
@access.requires(Action.EDIT_EMPLOYEES)
def find_manager():
    """Those who are meant by what is being typed as the manager, to choose from."""
    text = params.line("manager")
    found = managers.matches(access.visible_employees(), text)
    return fragment("people/_manager_matches.html", matches=found, text=text)


@blueprint.get("/people/employees/import")
@access.requires(Action.EDIT_EMPLOYEES)
def ask_import():
    return page("people/import.html", form=ImportForm(), columns=COLUMNS, most_lines=settings().most_lines)


@blueprint.post("/people/employees/import")
@costly
@access.requires(Action.EDIT_EMPLOYEES)
def upload_import():
    form = ImportForm()
    if not form.validate():
        return page("people/import.html", status=422, form=form, columns=COLUMNS, most_lines=settings().most_lines)
    try:
        kept = uploads.keep(form.file.data.stream, form.file.data.filename or "", current_user)
    except Unreadable as problem:
        form.file.errors = [f"{problem.message} {problem.next_step}"]
        return page(
            "people/import.html", status=problem.status, form=form, columns=COLUMNS, most_lines=settings().most_lines
        )
    import_jobs.soon(kept)
    return leave_to(url_for(".preview_import", upload=kept.token))


@blueprint.get("/people/employees/import/<upload>")
@access.requires(Action.EDIT_EMPLOYEES)
def preview_import(upload: str):
    """What importing the uploaded file would do; or how far it is, and what came of it."""
    kept = uploads.of(upload, current_user)
    return swap(
        "people/_import.html", in_page="people/import_preview.html", back_to=None, kept=kept, moving=kept.state in OPEN,
        most=import_jobs.SHOWN,
    )  # fmt: skip


@blueprint.get("/people/employees/import/<upload>/lines.csv")
@costly
@access.requires(Action.EDIT_EMPLOYEES)
def import_lines(upload: str):
    """All that the file would do, line by line: the page shows the first of each kind."""
    kept = uploads.of(upload, current_user)
    if kept.state != ImportState.READ:
        raise uploads.UploadGone()
    return csv_download(import_jobs.all_lines(kept), "import-preview.csv")


@blueprint.post("/people/employees/import/<upload>")
@access.requires(Action.EDIT_EMPLOYEES)
def import_employees(upload: str):
    """Import it; a second press finds that it is under way, or done."""
    kept = uploads.of(upload, current_user)
    ready = kept.state == ImportState.READ and not kept.found["refused"]
    if ready and kept.become(ImportState.IMPORTING):
        import_jobs.soon(kept)
    kept = uploads.of(upload, current_user)
    if kept.state != ImportState.DONE or kept.lines > import_jobs.SHORT:
        return leave_to(url_for(".preview_import", upload=upload))
    uploads.discard(kept)
    flash(f"Imported: {kept.found['added']:,} added, {kept.found['changed']:,} changed.", "success")
    return leave_to(url_for(".employee_list"))


@blueprint.post("/people/employees/import/<upload>/discard")
@access.requires(Action.EDIT_EMPLOYEES)
def discard_import(upload: str):
    uploads.discard(uploads.of(upload, current_user))
    flash("The file was discarded. Nothing was imported.", "info")
    return leave_to(url_for(".employee_list"))
