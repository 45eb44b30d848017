"""Plan interview, Move, Call off and Take over."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access, seeing
from portal.access import Action
from portal.candidate_care import letters as to_candidates
from portal.interview_pages import grid
from portal.interview_pages.forms import DO_LOOK, CallOffForm, PlanForm, WhenForm
from portal.interview_pages.views import interview_or_404
from portal.interviews import planning, sight, words
from portal.interviews.models import Interview
from portal.interviews.planning import Plan
from portal.languages import gettext as _
from portal.mail import texts as mail_texts
from portal.problems import Problem
from portal.recruitment.models import Application
from portal.web import Answer, leave_to, page

blueprint = Blueprint("plan_interview", __name__, url_prefix="/recruitment")

TEXTS = {
    "en": (
        "Interview: {vacancy} at {organisation}",
        "Hello {name},\n\nwe would be glad to talk with you about {vacancy}.",
    ),
    "de": (
        "Gespräch: {vacancy} bei {organisation}",
        "Guten Tag {name},\n\nwir möchten gern mit Ihnen sprechen: {vacancy}.",
    ),
    "fr": (
        "Entretien : {vacancy} chez {organisation}",
        "Bonjour {name},\n\nNous serions heureux d’échanger avec vous au sujet du poste « {vacancy} ».",
    ),
    "es": (
        "Entrevista: {vacancy} en {organisation}",
        "Hola, {name}:\n\nNos gustaría hablar con usted sobre el puesto «{vacancy}».",
    ),
}  # fmt: skip


def _first_day(application: Application) -> date:
    """The next day but one on which people work."""
    day: date = application.organisation.today + timedelta(days=2)
    return day + timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))


@blueprint.get("/applications/<int:application_id>/interview")
@access.requires(Action.TAKE_PART)
def ask(application_id: int) -> Answer:
    application = seeing.application_or_404(application_id)
    people = planning.possible_interviewers(application, current_user)
    language = to_candidates.language_of(application.candidate, application)
    values = to_candidates.values_for(application.candidate, application)
    subject, text = (mail_texts.filled(part, values) for part in TEXTS.get(language, TEXTS["en"]))
    form = PlanForm(
        application.organisation.time_zone, people, formdata=None, day=_first_day(application),
        who=[current_user.id], subject=subject[:200], text=text,
    )  # fmt: skip
    return _plan_page(application, form)


@blueprint.post("/applications/<int:application_id>/interview")
@access.requires(Action.TAKE_PART)
def plan(application_id: int) -> Answer:
    """Show the day as chosen, or invite."""
    application = seeing.application_or_404(application_id)
    people = planning.possible_interviewers(application, current_user)
    form = PlanForm(application.organisation.time_zone, people)
    if request.form.get("do") == DO_LOOK:
        return _plan_page(application, form)
    if not form.validate() or form.begins is None or form.ends is None:
        return _plan_page(application, form, status=422)
    if taken := _taken(form, form.chosen):
        return _plan_page(application, form, status=409, taken=taken)
    wanted = Plan(
        form.begins, form.ends, form.zone.data, form.chosen, form.subject.data, form.text.data,
        form.place.data or "", bool(form.online.data),
    )  # fmt: skip
    try:
        interview = planning.plan(application, wanted, by=current_user)
    except Problem as problem:
        return _plan_page(application, form, status=problem.status, problem=problem)
    flash(_("Invited for %(when)s.", when=words.of(interview)), "success")
    return leave_to(url_for("interviews.show", interview_id=interview.id))


def _taken(form: WhenForm, people: tuple[Any, ...], besides: Interview | None = None) -> list[Any]:
    """Who is not free, unless the page has shown this already for the same time.

    besides: an interview that is in their calendars itself, and must not count.
    """
    if form.begins is None or form.ends is None:
        return []
    found = grid.not_free(people, _spans(form.begins, form.ends, besides), by=current_user)
    said = f"{form.begins.isoformat()} {' '.join(str(user.id) for user, _slot in found)}"
    if not found or form.anyway.data == said:
        return []
    form.anyway.data = said
    return found


def _spans(begins: datetime, ends: datetime, besides: Interview | None) -> list[tuple[datetime, datetime]]:
    """The time without that of the interview."""
    if besides is None or besides.ends_at <= begins or besides.starts_at >= ends:
        return [(begins, ends)]
    return [span for span in ((begins, besides.starts_at), (besides.ends_at, ends)) if span[0] < span[1]]


def _day_of(form: WhenForm, people: tuple[Any, ...]) -> grid.Day | None:
    if not isinstance(form.day.data, date) or form.zone.data not in form.zone.choices or not people:
        return None
    try:
        return grid.of_day(form.day.data, form.zone.data, form.minutes.data or 60, people, by=current_user)
    except (OverflowError, ValueError):
        return None


def _plan_page(application: Application, form: PlanForm, *, status: int = 200, **values: Any) -> Answer:
    address, mailbox = to_candidates.address_of(application.candidate), planning.live_mailbox(current_user)
    # Outlook writes to guests, and not to its owner.
    readers = [user for user in form.chosen if mailbox is None or user.id != current_user.id]
    return page(
        "interviews/plan.html", status=status, application=application, form=form, day=_day_of(form, form.chosen),
        mailbox=mailbox, address=address.address if address else "", names=planning.names(readers), **values,
    )  # fmt: skip


def _led_or_404(interview_id: int) -> Interview:
    """An interview that the user may change. Raises NotFound."""
    interview = interview_or_404(interview_id)
    if not sight.leads(interview, current_user):
        raise NotFound()
    return interview


@blueprint.get("/interviews/<int:interview_id>/move")
@access.requires(Action.TAKE_PART)
def ask_move(interview_id: int) -> Answer:
    interview = _led_or_404(interview_id)
    begins = interview.starts_at.astimezone(ZoneInfo(interview.zone))
    form = WhenForm(
        interview.zone, formdata=None, day=begins.date(), minutes=words.minutes(interview), place=interview.place,
        time=f"{begins:%H:%M}",
    )  # fmt: skip
    return _move_page(interview, form)


@blueprint.post("/interviews/<int:interview_id>/move")
@access.requires(Action.TAKE_PART)
def move(interview_id: int) -> Answer:
    interview = _led_or_404(interview_id)
    form = WhenForm(interview.zone)
    if request.form.get("do") == DO_LOOK:
        return _move_page(interview, form)
    if not form.validate() or form.begins is None or form.ends is None:
        return _move_page(interview, form, status=422)
    if taken := _taken(form, _users_of(interview), besides=interview):
        return _move_page(interview, form, status=409, taken=taken)
    try:
        planning.move(interview, form.begins, form.ends, form.place.data or "", by=current_user)
    except Problem as problem:
        return _move_page(interview, form, status=problem.status, problem=problem)
    flash(_("The interview has another time."), "success")
    return leave_to(url_for("interviews.show", interview_id=interview.id))


def _users_of(interview: Interview) -> tuple[Any, ...]:
    return tuple(one.user for one in interview.attendances if one.user_id)


def _move_page(interview: Interview, form: WhenForm, *, status: int = 200, **values: Any) -> Answer:
    people = _users_of(interview)
    return page(
        "interviews/move.html", status=status, interview=interview, form=form, day=_day_of(form, people),
        when=words.of(interview), **values,
    )  # fmt: skip


@blueprint.get("/interviews/<int:interview_id>/call-off")
@access.requires(Action.TAKE_PART)
def ask_call_off(interview_id: int) -> Answer:
    return _call_off_page(_led_or_404(interview_id), CallOffForm(formdata=None))


@blueprint.post("/interviews/<int:interview_id>/call-off")
@access.requires(Action.TAKE_PART)
def call_off(interview_id: int) -> Answer:
    interview, form = _led_or_404(interview_id), CallOffForm()
    if not form.validate():
        return _call_off_page(interview, form, status=422)
    try:
        planning.call_off(interview, form.reason.data, by=current_user)
    except Problem as problem:
        return _call_off_page(interview, form, status=problem.status, problem=problem)
    flash(_("The interview is called off."), "success")
    return leave_to(url_for("interviews.show", interview_id=interview.id))


def _call_off_page(interview: Interview, form: CallOffForm, *, status: int = 200, **values: Any) -> Answer:
    return page("interviews/call_off.html", status=status, interview=interview, form=form, **values)


@blueprint.get("/interviews/<int:interview_id>/take-over")
@access.requires(Action.TAKE_PART)
def ask_take_over(interview_id: int) -> Answer:
    return _take_over_page(_led_or_404(interview_id))


@blueprint.post("/interviews/<int:interview_id>/take-over")
@access.requires(Action.TAKE_PART)
def take_over(interview_id: int) -> Answer:
    interview = _led_or_404(interview_id)
    try:
        fresh = planning.take_over(interview, by=current_user)
    except Problem as problem:
        return _take_over_page(interview, status=problem.status, problem=problem)
    flash(_("The interview is yours now."), "success")
    return leave_to(url_for("interviews.show", interview_id=fresh.id))


def _take_over_page(interview: Interview, *, status: int = 200, problem: Problem | None = None) -> Answer:
    return page(
        "interviews/take_over.html", status=status, interview=interview, problem=problem, when=words.of(interview),
        mailbox=planning.live_mailbox(current_user),
    )  # fmt: skip
