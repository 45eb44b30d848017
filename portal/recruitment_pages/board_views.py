"""A vacancy as a board: a column for each stage, a card for each application; and adding a candidate by hand."""

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access, audit, params, seeing
from portal.access import Action
from portal.candidate_care import letters
from portal.candidate_care.models import CandidateMail
from portal.candidate_care.texts import Kind
from portal.interviews.answers import next_of
from portal.languages import gettext as _
from portal.languages import joined
from portal.problems import Problem
from portal.recruitment import actions, queries, sight
from portal.recruitment.candidates import FieldRefused, folded
from portal.recruitment.models import Application, Ended, Source, Stage, Vacancy, VacancyState
from portal.recruitment_pages.forms import HAND_SOURCES, CandidateForm, NotTakenForm
from portal.web import Answer, leave_to, page, swap

blueprint = Blueprint("board", __name__, url_prefix="/recruitment")
FROM_CANDIDATE = "candidate"


@blueprint.get("/vacancies/<int:vacancy_id>")
@access.requires(Action.TAKE_PART)
def show(vacancy_id: int) -> Answer:
    vacancy = seeing.vacancy_or_404(vacancy_id)
    mine = sight.applications(current_user).where(Application.vacancy == vacancy)
    moved = mine.where(Application.id == params.number("moved"), Application.ended.is_null()).first()
    return _board(vacancy, moved=moved if moved is not None and moved.stage else None)


def _board(vacancy: Vacancy, *, status: int = 200, **context: Any) -> Answer:
    """The board: alone for htmx, which asked to move a card, else on its page."""
    board = queries.board(vacancy, current_user)
    interviews = next_of([card for column in board.columns for card in column.cards])
    context |= {"vacancy": vacancy, "board": board, "tab": "board", "interviews": interviews}
    moved = context.get("moved")
    back = url_for(".show", vacancy_id=vacancy.id, moved=moved.id if moved else None)
    return swap("recruitment/_board.html", in_page="recruitment/board.html", back_to=back, status=status, **context)


@blueprint.post("/applications/<int:application_id>/move")
@access.requires(Action.TAKE_PART)
def move(application_id: int) -> Answer:
    """Put an application on another stage. It writes to nobody."""
    application = seeing.application_or_404(application_id)
    stage = Stage.get_or_none(Stage.id == params.number("stage"), Stage.vacancy == application.vacancy_id)
    if stage is None:
        raise NotFound()
    vacancy = seeing.vacancy_or_404(application.vacancy_id)
    try:
        moved = actions.move(application, stage, by=current_user, seen=params.number("from_stage"))
    except Problem as problem:
        return _answer(application, vacancy, status=problem.status, problem=problem)
    return _answer(moved, vacancy, moved=moved)


def _answer(application: Application, vacancy: Vacancy, *, status: int = 200, **context: Any) -> Answer:
    """Back to where the button was: the board, or the candidate's page."""
    problem = context.get("problem")
    if request.form.get("back") != FROM_CANDIDATE:
        return _board(vacancy, status=status, **context)
    if problem is not None:
        flash(joined(problem.message, problem.next_step), "danger")
    moved = application.id if problem is None else None
    return leave_to(url_for("candidates.profile", candidate_id=application.candidate_id, moved=moved))


@blueprint.get("/applications/<int:application_id>/not-taken")
@access.requires(Action.TAKE_PART)
def ask_not_taken(application_id: int) -> Answer:
    return _not_taken_form(seeing.application_or_404(application_id), NotTakenForm(formdata=None, write=True))


@blueprint.post("/applications/<int:application_id>/not-taken")
@access.requires(Action.TAKE_PART)
def not_take(application_id: int) -> Answer:
    application, form = seeing.application_or_404(application_id), NotTakenForm()
    if not form.validate():
        return _not_taken_form(application, form, status=422)
    try:
        written = _end(application, form)
    except Problem as problem:
        return _not_taken_form(application, form, status=problem.status, problem=problem)
    letters.sweep()
    told = _("An email goes to %(recipient)s.", recipient=written.recipient) if written else _("Nobody was written to.")
    flash(joined(_("%(candidate)s is not taken.", candidate=application.candidate.name), told), "success")
    return leave_to(_back(application))


def _end(application: Application, form: NotTakenForm) -> CandidateMail | None:
    """End the application, and put the message in line if there is to be one. Raises actions.Moved."""
    with audit.turn(application.organisation_id):
        actions.end(application, Ended.NOT_TAKEN, by=current_user, reason=form.reason.data)
        if not form.write.data:
            return None
        return letters.write(application.candidate, Kind.NOT_TAKEN, application=application)


def _not_taken_form(application: Application, form: NotTakenForm, *, status: int = 200, **context: Any) -> Answer:
    context |= {"application": application, "form": form, "back": _back(application)}
    context["from_candidate"] = _is_from_candidate()
    context["message"] = letters.would_write(application.candidate, Kind.NOT_TAKEN, application)
    return page("recruitment/not_taken.html", status=status, **context)


def _is_from_candidate() -> bool:
    return request.values.get("back") == FROM_CANDIDATE


def _back(application: Application) -> str:
    if _is_from_candidate():
        return url_for("candidates.profile", candidate_id=application.candidate_id)
    return url_for(".show", vacancy_id=application.vacancy_id)


@blueprint.post("/applications/<int:application_id>/reopen")
@access.requires(Action.TAKE_PART)
def reopen(application_id: int) -> Answer:
    application = seeing.application_or_404(application_id)
    try:
        with audit.turn(application.organisation_id):
            again = actions.reopen(application, by=current_user)
            letters.take_back(application, Kind.NOT_TAKEN)
    except Problem as problem:
        flash(joined(problem.message, problem.next_step), "danger")
    else:
        flash(
            _(
                "%(candidate)s is on the stage %(stage)s again.",
                candidate=application.candidate.name,
                stage=again.stage.name if again.stage else "",
            ),
            "success",
        )
    return leave_to(url_for("candidates.profile", candidate_id=application.candidate_id))


@blueprint.get("/vacancies/<int:vacancy_id>/candidates/add")
@access.requires(Action.TAKE_PART)
def ask_add(vacancy_id: int) -> Answer:
    return _add_form(seeing.vacancy_or_404(vacancy_id), CandidateForm())


@blueprint.post("/vacancies/<int:vacancy_id>/candidates/add")
@access.requires(Action.TAKE_PART)
def add(vacancy_id: int) -> Answer:
    vacancy, form = seeing.vacancy_or_404(vacancy_id), CandidateForm()
    if not form.validate():
        return _add_form(vacancy, form, status=422)
    try:
        application = _added(vacancy, form)
    except FieldRefused as problem:
        form.refuse(problem.field, problem.message)
        return _add_form(vacancy, form, status=422)
    if application.again_at:
        flash(
            _(
                "%(candidate)s had already applied for %(title)s.",
                candidate=application.candidate.name,
                title=vacancy.title,
            ),
            "info",
        )
    else:
        flash(
            _("%(candidate)s has been added to %(title)s.", candidate=application.candidate.name, title=vacancy.title),
            "success",
        )
    return leave_to(url_for("candidates.profile", candidate_id=application.candidate_id))


def _added(vacancy: Vacancy, form: CandidateForm) -> Application:
    """The application that the form makes. Raises FieldRefused."""
    if folded(form.email.data or "") in sight.addresses_of(current_user):
        raise FieldRefused("email", _("This is your own address. Another user must add you."))
    source = next(one for one in HAND_SOURCES if one == form.source.data)
    application = actions.apply(
        vacancy, form.first_name.data or "", form.last_name.data or "", form.email.data or "", form.phone.data or "",
        source=Source(source), by=current_user,
    )  # fmt: skip
    if form.note.data:
        actions.add_note(application.candidate, form.note.data, by=current_user, application=application)
    return application


def _add_form(vacancy: Vacancy, form: CandidateForm, *, status: int = 200) -> Answer:
    if vacancy.state == VacancyState.CLOSED:
        flash(_("%(title)s is closed. Publish it again to add candidates.", title=vacancy.title), "danger")
        return leave_to(url_for(".show", vacancy_id=vacancy.id))
    return page("recruitment/add_candidate.html", status=status, vacancy=vacancy, form=form)
