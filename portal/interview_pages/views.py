"""Recruitment > Interviews: one's own, and the page of each with its feedback."""

from typing import Any

from flask import Blueprint, flash, g, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access
from portal.access import Action
from portal.database import now
from portal.interview_pages.forms import FeedbackForm
from portal.interviews import answers, bringing, feedback, happenings, sight, words
from portal.interviews.models import Feedback, Interview, InterviewMail, InterviewState, Verdict
from portal.languages import gettext as _
from portal.problems import Problem
from portal.recruitment import sight as recruitment_sight
from portal.recruitment.files import FileKind, StoredFile, content_of
from portal.web import Answer, file_download, leave_to, page

blueprint = Blueprint("interviews", __name__, url_prefix="/recruitment/interviews")
blueprint.add_app_template_filter(words.of, "interview_time")
# Of what is over, so many.
MOST = 50


@blueprint.app_template_global()
def sees_interviews() -> bool:
    """Whether the menu has Interviews: for those who plan them, and for who takes part in one."""
    if "sees_interviews" not in g:
        g.sees_interviews = access.may(Action.TAKE_PART) and (
            recruitment_sight.takes_part(current_user) or sight.takes_part(current_user)
        )
    return bool(g.sees_interviews)


def interview_or_404(interview_id: int) -> Interview:
    """The interview, if the user may see it. Raises NotFound."""
    found: Interview | None = sight.interviews(current_user).where(Interview.id == interview_id).first()
    if found is None:
        raise NotFound()
    found.organisation = found.application.organisation = current_user.organisation
    found.application.candidate.organisation = current_user.organisation
    return found


@blueprint.get("")
@access.requires(Action.TAKE_PART, advertised=True)
def own() -> Answer:
    """Today's, the next ones, and those that wait for one's word."""
    if not sees_interviews():
        raise NotFound()
    planned = sight.mine(current_user).where(Interview.state == InterviewState.PLANNED)
    ahead = list(planned.where(Interview.ends_at > now()).order_by(Interview.starts_at).limit(MOST))
    over = list(planned.where(Interview.ends_at <= now()).order_by(Interview.starts_at.desc()).limit(MOST))
    given: Any = Feedback.select(Feedback.interview).where(Feedback.user == current_user.id)
    done = {one.interview_id for one in given}
    today = current_user.organisation.today
    zone = current_user.organisation.zone
    first = [one for one in ahead if one.starts_at.astimezone(zone).date() <= today]
    return page(
        "interviews/own.html", today=first, following=[one for one in ahead if one not in first],
        waiting=[one for one in over if one.id not in done], given=[one for one in over if one.id in done],
    )  # fmt: skip


@blueprint.get("/<int:interview_id>")
@access.requires(Action.TAKE_PART)
def show(interview_id: int) -> Answer:
    return _page(interview_or_404(interview_id))


def _page(interview: Interview, form: FeedbackForm | None = None, *, status: int = 200, problem: Any = None) -> Answer:
    mine = feedback.own(interview, current_user)
    mails = InterviewMail.select().where(InterviewMail.interview == interview).order_by(InterviewMail.id)
    return page(
        "interviews/show.html", status=status, interview=interview, when=words.of(interview), problem=problem,
        guests=answers.of(interview), last_mails={one.attendance_id: one for one in mails}, said=happenings.SAID,
        leads=sight.leads(interview, current_user), took_part=feedback.took_part(interview, current_user), own=mine,
        others=feedback.readable(interview, current_user), hidden=feedback.others(interview, current_user),
        delivery=bringing.latest(interview),
        form=form or FeedbackForm(formdata=None, obj=mine), files=_files(interview),
    )  # fmt: skip


def _files(interview: Interview) -> list[StoredFile]:
    """The CVs that came with the application."""
    mine = (StoredFile.application == interview.application_id) & (StoredFile.kind == FileKind.CV)
    return list(StoredFile.select().where(mine).order_by(StoredFile.id.desc()))


@blueprint.get("/<int:interview_id>/files/<int:file_id>")
@access.requires(Action.TAKE_PART)
def file(interview_id: int, file_id: int) -> Answer:
    """The CV, also for interviewers who see nothing else of the candidate."""
    found = next((one for one in _files(interview_or_404(interview_id)) if one.id == file_id), None)
    if found is None:
        raise NotFound()
    return file_download(content_of(found), found.name)


@blueprint.post("/<int:interview_id>/feedback")
@access.requires(Action.TAKE_PART)
def give(interview_id: int) -> Answer:
    interview, form = interview_or_404(interview_id), FeedbackForm()
    if not form.validate():
        return _page(interview, form, status=422)
    try:
        feedback.give(interview, Verdict(form.verdict.data), form.text.data, by=current_user)
    except Problem as problem:
        return _page(interview, form, status=problem.status, problem=problem)
    flash(_("Your feedback is kept."), "success")
    return leave_to(url_for(".show", interview_id=interview.id))
