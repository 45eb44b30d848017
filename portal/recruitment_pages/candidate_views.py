"""Recruitment > Candidates: the list, and a candidate's page with one timeline."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user

from portal import access, params, seeing
from portal.access import Action
from portal.accounts.models import Account
from portal.candidate_care import merging
from portal.interviews.answers import next_of
from portal.messages.entries import Line
from portal.problems import Problem
from portal.reading import taking
from portal.recruitment import actions, candidates, hiring, queries, sight, stages, timeline
from portal.recruitment.models import Application, Candidate, Ended, Vacancy, VacancyState
from portal.recruitment_pages import exporting
from portal.recruitment_pages.forms import NoteForm
from portal.recruitment_pages.views import need_part
from portal.security import costly
from portal.web import Answer, csv_download, leave_to, page

blueprint = Blueprint("candidates", __name__, url_prefix="/recruitment/candidates")


@blueprint.get("")
@access.requires(Action.TAKE_PART, advertised=True)
def show() -> Answer:
    need_part()
    chosen = queries.CandidateFilter.read(request.args)
    rows = queries.candidate_page(current_user, chosen, after=params.number("after"))
    names = sight.vacancies(current_user).order_by(Vacancy.id.desc()).limit(200)
    titles = {str(one.id): one.title for one in names}
    return page("recruitment/candidates.html", rows=rows, chosen=chosen, titles=titles)


@blueprint.get("/export.csv")
@costly
@access.requires(Action.RECRUIT)
def export() -> Answer:
    """Those whom the filter of the list lets through, a line for each application."""
    chosen = queries.CandidateFilter.read(request.args)
    return csv_download(exporting.export_lines(current_user, chosen), "candidates.csv")


@blueprint.get("/<int:candidate_id>")
@access.requires(Action.TAKE_PART)
def profile(candidate_id: int) -> Answer:
    into = merging.former(candidate_id, current_user.organisation_id)
    if into is not None:
        return redirect(url_for(".profile", candidate_id=seeing.candidate_or_404(into).id), 301)
    return _profile(seeing.candidate_or_404(candidate_id))


def _profile(candidate: Candidate, form: NoteForm | None = None, *, status: int = 200) -> Answer:
    mine = queries.applications_of(current_user, [candidate]).get(candidate.id, [])
    asked = request.args.get("show", "")
    kind = asked if asked in timeline.KINDS else ""
    context: dict[str, Any] = {
        "candidate": candidate, "applications": mine, "form": form or NoteForm(formdata=None), "kind": kind,
        "kinds": timeline.KINDS, "entries": timeline.of(candidate, mine, kind=kind),
        "addresses": candidates.addresses_of([candidate]).get(candidate.id, []),
        "interviews": next_of(mine), "filled": _filled(mine), "with_account": _with_account(mine),
        "stages": stages.of_each(one.vacancy for one in mine if not one.ended),
        "moved": next((one for one in mine if one.id == params.number("moved") and one.stage), None),
    }  # fmt: skip
    shown = page("recruitment/candidate.html", status=status, **context)
    if any(isinstance(entry.row, Line) and entry.row.is_new for entry in context["entries"]):
        taking.seen(candidate, mine)
    return shown


def _filled(applications: list[Application]) -> set[int]:
    """Vacancies that can be closed, because one of these applications took the last opening."""
    hired = [one.vacancy for one in applications if one.ended == Ended.HIRED]
    return {one.id for one in hired if one.state != VacancyState.CLOSED and hiring.is_filled(one)}


def _with_account(applications: list[Application]) -> set[int]:
    """The employees whom these applications led to, and who have an account already."""
    hired = [one.employee_id for one in applications if one.employee_id]
    mine = Account.select(Account.employee).where(Account.employee.in_(hired), Account.detached_at.is_null())
    return {one.employee_id for one in mine} if hired else set()


@blueprint.post("/<int:candidate_id>/notes")
@access.requires(Action.TAKE_PART)
def add_note(candidate_id: int) -> Answer:
    candidate, form = seeing.candidate_or_404(candidate_id), NoteForm()
    if not form.validate():
        return _profile(candidate, form, status=422)
    try:
        actions.add_note(candidate, form.text.data, by=current_user, application=_about(candidate))
    except Problem as problem:
        flash(problem.message, "danger")
        return leave_to(url_for(".show"))
    return leave_to(url_for(".profile", candidate_id=candidate.id))


def _about(candidate: Candidate) -> Application | None:
    """The application that the note is about: the one that was chosen, else the newest that the user sees."""
    mine = queries.applications_of(current_user, [candidate]).get(candidate.id, [])
    chosen = params.number("application")
    return next((one for one in mine if one.id == chosen), mine[0] if mine else None)
