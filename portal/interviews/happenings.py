"""What other rooms have of interviews: lines on a candidate's timeline, and what goes when a candidate is erased."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from portal.candidate_care import erasing
from portal.carrying.models import OPEN
from portal.connectors.calendars import Said
from portal.database import now
from portal.interviews.models import Feedback, Happening, Interview, InterviewEvent, InterviewMail
from portal.languages import gettext as _
from portal.languages import read, stored
from portal.messages.models import Delivery
from portal.recruitment import timeline
from portal.recruitment.models import Application, Candidate
from portal.recruitment.timeline import MOST, Entry

INTERVIEWS = "interviews"
A_DAY = timedelta(days=1)
ICONS = {
    Happening.PLANNED: "calendar-days", Happening.MOVED: "arrow-path", Happening.OFF: "x-mark",
    Happening.MOVED_OUTSIDE: "arrow-path", Happening.OFF_OUTSIDE: "x-mark", Happening.TAKEN_OVER: "arrow-path",
    Happening.ANSWER: "chat-bubble-left", Happening.NO_LINK: "exclamation-triangle",
    Happening.FAILED: "exclamation-triangle",
}  # fmt: skip
SAID = {
    Said.YES: _("Will come"), Said.MAYBE: _("May come"), Said.NO: _("Cannot come"),
    Said.NOTHING: _("Has not answered"),
}  # fmt: skip


def note(interview: Interview, kind: Happening, *, by: str = "", words: str = "", **detail: Any) -> None:
    """Within a transaction. detail: when, before (words); who, said (of an answer)."""
    InterviewEvent.create(
        organisation=interview.organisation_id, interview=interview, kind=kind, detail=_kept(detail), words=words,
        by_name=by,
    )  # fmt: skip


def _kept(detail: dict[str, Any]) -> dict[str, Any]:
    return {name: stored(value) if isinstance(value, str) else value for name, value in detail.items()}


def last_change(interview: Interview) -> datetime:
    """Since when it is to be at its time: an answer from before is about another one."""
    times = (Happening.PLANNED, Happening.MOVED, Happening.MOVED_OUTSIDE)
    mine = InterviewEvent.select().where(InterviewEvent.interview == interview, InterviewEvent.kind.in_(times))
    latest = mine.order_by(InterviewEvent.id.desc()).first()
    # The times of mails have no fractions of a second.
    return (latest.at if latest else interview.made_at).replace(microsecond=0)


def title(event: InterviewEvent) -> str:
    """The event as a line."""
    detail = event.detail
    match event.kind:
        case Happening.PLANNED:
            return _("Interview planned: %(when)s", when=read(detail["when"]))
        case Happening.MOVED:
            return _("Interview moved to %(when)s", when=read(detail["when"]))
        case Happening.OFF:
            return _("Interview called off")
        case Happening.MOVED_OUTSIDE:
            return _("Interview moved in Outlook to %(when)s", when=read(detail["when"]))
        case Happening.OFF_OUTSIDE:
            return _("Interview called off in Outlook")
        case Happening.TAKEN_OVER:
            return _("Interview taken over")
        case Happening.ANSWER:
            return _answer(detail["who"], Said(detail["said"]))
        case Happening.NO_LINK:
            return _("Outlook gave no Teams link")
    return _("The interview did not reach the calendar")


def _answer(who: str, said: Said) -> str:
    return {
        Said.YES: _("%(name)s will come", name=who),
        Said.MAYBE: _("%(name)s may come", name=who),
        Said.NO: _("%(name)s cannot come", name=who),
        Said.NOTHING: _("%(name)s has not answered", name=who),
    }[said]


def _events(_candidate: Candidate, applications: list[Application]) -> Iterable[Entry]:
    known = {one.id: one for one in applications}
    mine = (
        InterviewEvent.select(InterviewEvent, Interview).join(Interview).where(Interview.application.in_(list(known)))
    )
    for event in mine.order_by(InterviewEvent.id.desc()).limit(MOST):
        application = event.interview.application = known[event.interview.application_id]
        yield Entry(
            kind=INTERVIEWS, at=event.at, title=title(event), icon=ICONS[Happening(event.kind)], by=event.by_name,
            about=application.vacancy.title, text=event.words, template="interviews/_entry.html",
            row=event.interview,
        )  # fmt: skip


def _feedback(_candidate: Candidate, applications: list[Application]) -> Iterable[Entry]:
    """That there is some. What it says is on the interview's page, which asks for one's own first."""
    known = {one.id: one for one in applications}
    mine = Feedback.select(Feedback, Interview).join(Interview).where(Interview.application.in_(list(known)))
    for one in mine.order_by(Feedback.id.desc()).limit(MOST):
        application = one.interview.application = known[one.interview.application_id]
        yield Entry(
            kind=INTERVIEWS, at=one.at, title=_("Feedback given"), icon="chat-bubble-left", by=one.user_name,
            about=application.vacancy.title, template="interviews/_entry.html", row=one.interview,
        )  # fmt: skip


timeline.KINDS[INTERVIEWS] = _("Interviews")
timeline.SOURCES.extend((_events, _feedback))


@erasing.also
def erase_interviews(candidate: Candidate) -> None:
    """Within the transaction of an erasure. The rest of an interview's rows goes with it."""
    applications: Any = Application.select(Application.id).where(Application.candidate == candidate)
    mine = Interview.application.in_(applications)
    _forget([one.id for one in Interview.select(Interview.id).where(mine, ~_still_told())])


def _still_told() -> Any:
    """Whether some calendar, or somebody by email, is still to hear that the interview is off."""
    lately = now() - A_DAY
    delivery = Delivery.select(Delivery.id).where(
        Delivery.interview_id == Interview.id, Delivery.state.in_(OPEN), Delivery.created_at > lately
    )
    waiting = InterviewMail.select(InterviewMail.id).where(
        InterviewMail.interview == Interview.id, InterviewMail.sent_at.is_null(), InterviewMail.made_at > lately
    )
    return fn.EXISTS(delivery) | fn.EXISTS(waiting)


def _forget(ids: list[int]) -> None:
    Delivery.delete().where(Delivery.interview_id.in_(ids)).execute()
    Interview.delete().where(Interview.id.in_(ids)).execute()


def forget_erased() -> None:
    """What stayed of erased candidates' interviews until everybody had heard, at most for a day."""
    erased: Any = Application.select(Application.id).join(Candidate).where(Candidate.erased_at.is_null(False))
    _forget([one.id for one in Interview.select(Interview.id).where(Interview.application.in_(erased), ~_still_told())])
