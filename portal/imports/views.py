"""The pages of an import: choose a file, say what is in it, look at what it would do, Import."""

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_login import current_user

from portal import access
from portal.access import Action
from portal.columns import layouts
from portal.columns.answers import Answers
from portal.config import settings
from portal.hand_over import recipients
from portal.import_plans import templates
from portal.import_plans.summary import SHOWN, outcome
from portal.imports import forms, uploads
from portal.imports import jobs as import_jobs
from portal.imports.forms import ImportForm
from portal.imports.uploads import OPEN, Import, ImportState
from portal.languages import N_, joined
from portal.languages import gettext as _
from portal.organisations import zones
from portal.people import rules
from portal.people.models import Employee
from portal.security import costly
from portal.tables import Unreadable
from portal.web import Answer, csv_download, leave_to, page, swap

blueprint = Blueprint("imports", __name__)
TITLES = {
    ImportState.READING: N_("Reading the file"),
    ImportState.READ: N_("Check before importing"),
    ImportState.IMPORTING: N_("Importing"),
    ImportState.DONE: N_("Imported"),
    ImportState.FAILED: N_("Not imported"),
}


@blueprint.get("/people/employees/import")
@access.requires(Action.IMPORT)
def ask_import() -> Answer:
    return _upload_page(ImportForm())


@blueprint.post("/people/employees/import")
@costly
@access.requires(Action.IMPORT)
def upload_import() -> Answer:
    form = ImportForm()
    if not form.validate():
        return _upload_page(form, status=422)
    try:
        kept = uploads.keep(form.file.data.stream, form.file.data.filename or "", current_user)
    except (Unreadable, uploads.TooMany) as problem:
        form.file.errors = [joined(problem.message, problem.next_step)]
        return _upload_page(form, status=problem.status)
    import_jobs.soon(kept)
    return leave_to(url_for(".preview_import", upload=kept.token))


def _upload_page(form: ImportForm, status: int = 200) -> Answer:
    remembered = layouts.all_of(access.organisation()) if access.may(Action.EDIT_MANY) else []
    most = settings().most_lines
    context = {"form": form, "remembered": remembered, "most_lines": most}
    context |= {"unfinished": uploads.unfinished(current_user), "titles": TITLES}
    return page("imports/upload.html", status=status, **context)


@blueprint.get("/people/employees/import/template.<any(csv, xlsx):kind>")
@access.requires(Action.IMPORT)
def import_template(kind: str) -> Answer:
    """An empty file with our columns and two invented people."""
    if kind == "xlsx":
        return templates.workbook()
    return csv_download(templates.lines(), "employees-template.csv")


@blueprint.post("/people/employees/import/columns/<int:layout_id>/forget")
@access.requires(Action.EDIT_MANY)
def forget_columns(layout_id: int) -> Answer:
    """Ask again what the columns of such files mean."""
    if layouts.forget(access.organisation(), layout_id, by=current_user):
        flash(_("Forgotten. The portal asks again for the next file with these headings."), "info")
    return leave_to(url_for(".ask_import"))


@blueprint.get("/people/employees/import/<upload>")
@access.requires(Action.IMPORT)
def preview_import(upload: str) -> Answer:
    """What importing the uploaded file would do, or what has to be asked first; how far it is, and what came of it."""
    return _preview(uploads.of(upload, current_user))


def _preview(kept: Import, status: int = 200, **context: Any) -> Answer:
    context |= {"kept": kept, "moving": kept.state in OPEN, "most": SHOWN, "choices": layouts.CHOICES}
    context["title"] = TITLES[ImportState(kept.state)]
    context |= {"types": rules.EMPLOYMENT_TYPES, "zones": zones.choices}
    answers = Answers.of(kept.answers)
    context |= {"outcome": outcome, "answered": answers.any, "earlier": answers.earlier_at}
    return swap("imports/_import.html", in_page="imports/preview.html", back_to=None, status=status, **context)


@blueprint.get("/people/employees/import/<upload>/lines.csv")
@costly
@access.requires(Action.IMPORT)
def import_lines(upload: str) -> Answer:
    """All that the file would do, line by line: the page shows the first of each kind."""
    kept = uploads.of(upload, current_user)
    if kept.state != ImportState.READ:
        raise uploads.UploadGone()
    return csv_download(uploads.listing(kept), "import-preview.csv")


@blueprint.get("/people/employees/import/<upload>/columns")
@access.requires(Action.IMPORT)
def ask_columns(upload: str) -> Answer:
    """What each column of the file means, to change it."""
    kept = uploads.of(upload, current_user)
    if kept.state != ImportState.READ or not kept.found.get("columns"):
        return leave_to(url_for(".preview_import", upload=upload))
    return _preview(kept, choosing=True)


@blueprint.post("/people/employees/import/<upload>/columns")
@access.requires(Action.IMPORT)
def choose_columns(upload: str) -> Answer:
    """Note what the columns mean, and read the file again. Who sees everybody says it for later files too."""
    kept = uploads.of(upload, current_user)
    columns = kept.found.get("columns") or []
    said = {column["place"]: request.form.get(f"column-{column['place']}", "") for column in columns}
    problem = _("Say what each of these columns means.") if not set(said.values()) <= set(layouts.CHOICES) else ""
    problem = problem or layouts.problem_with(list(said.values()))
    if kept.state != ImportState.READ or not columns:
        return leave_to(url_for(".preview_import", upload=upload))
    if problem:
        for column in columns:
            column["means"] = said[column["place"]]
        return _preview(kept, status=422, choosing=True, problem=problem)
    answers = Answers.of(kept.answers)
    answers.columns = {str(place): means for place, means in said.items()}
    if access.may(Action.EDIT_MANY):
        layouts.remember(kept.organisation, kept.found["header"], list(said.values()), by=current_user)
    return _read_again(kept, answers)


@blueprint.post("/people/employees/import/<upload>/answers")
@costly
@access.requires(Action.IMPORT)
def answer_import(upload: str) -> Answer:
    """Keep the answers about the file and about single lines, and read the file again."""
    kept = uploads.of(upload, current_user)
    found = kept.found
    if kept.state != ImportState.READ or not (found.get("asks") or found.get("encodings") or found.get("sheets")):
        return leave_to(url_for(".preview_import", upload=upload))
    answers = Answers.of(kept.answers)
    before = answers.stored()
    forms.how_to_read(answers, kept.found, request.form)
    forms.file_answers(answers, kept.found["words"], request.form)
    forms.spelling_answers(answers, kept.found.get("spellings") or (), request.form)
    problem = forms.leaver_answers(answers, request.form)
    said, everybody = forms.who_answers(request.form)
    answers.say(kept.found["who"], said)
    answers.everybody = everybody or answers.everybody
    if problem or answers.stored() == before:
        problem = problem or _("Choose an answer first.")
        return _preview(kept, status=422, problem=problem, said=request.form)
    return _read_again(kept, answers)


@blueprint.post("/people/employees/import/<upload>/answers/forget")
@access.requires(Action.IMPORT)
def forget_answers(upload: str) -> Answer:
    """Ask everything again, except for what the columns mean."""
    kept = uploads.of(upload, current_user)
    return _read_again(kept, Answers.of(kept.answers).again())


def _read_again(kept: Import, answers: Answers) -> Answer:
    if kept.state == ImportState.READ and kept.become(
        ImportState.READING, answers=answers.stored(), read=0, problem=""
    ):
        import_jobs.soon(kept)
    return leave_to(url_for(".preview_import", upload=kept.token))


@blueprint.post("/people/employees/import/<upload>")
@access.requires(Action.IMPORT)
def import_employees(upload: str) -> Answer:
    """Import it; a second press finds that it is under way, or done."""
    kept = uploads.of(upload, current_user)
    if recipients.password_waits(Employee.select(Employee.id).where(Employee.organisation == access.organisation())):
        # The file may give one of those who wait for a password another address.
        access.need_password()
    ready = kept.state == ImportState.READ and not kept.found["refused"] and not kept.found.get("asks")
    if ready and kept.become(ImportState.IMPORTING):
        import_jobs.soon(kept)
        kept = uploads.of(upload, current_user)
    else:
        ready = False
    if not ready or kept.state != ImportState.DONE or kept.lines > uploads.SHORT:
        return leave_to(url_for(".preview_import", upload=upload))
    flash(_("Imported: %(outcome)s.", outcome=outcome(kept.found["added"], kept.found["changed"])), "success")
    return leave_to(url_for("employee_list.show"))


@blueprint.post("/people/employees/import/<upload>/discard")
@access.requires(Action.IMPORT)
def discard_import(upload: str) -> Answer:
    kept = uploads.of(upload, current_user)
    if kept.state == ImportState.DONE:
        # Pressed on a page that was still open: there is nothing to discard any more.
        return leave_to(url_for(".preview_import", upload=upload))
    uploads.discard(kept)
    flash(_("The file was discarded. Nothing was imported."), "info")
    return leave_to(url_for("employee_list.show"))
