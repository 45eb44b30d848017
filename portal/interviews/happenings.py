"""What other rooms have of interviews: lines on a candidate's timeline, and what goes when a candidate is erased."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from portal.candidate_care import erasing
from portal.connectors.calendars import Said
from portal.interviews.models import Feedback, Happening, Interview, InterviewEvent
from portal.messages.models import Delivery
from portal.recruitment import timeline
from portal.recruitment.models import Application, Candidate
from portal.recruitment.timeline import MOST, Entry

INTERVIEWS = "interviews"
ICONS = {
    Happening.PLANNED: "calendar-days", Happening.MOVED: "arrow-path", Happening.OFF: "x-mark",
    Happening.MOVED_OUTSIDE: "arrow-path", Happening.OFF_OUTSIDE: "x-mark", Happening.TAKEN_OVER: "arrow-path",
    Happening.ANSWER: "chat-bubble-left", Happening.NO_LINK: "exclamation-triangle",
    Happening.FAILED: "exclamation-triangle",
}  # fmt: skip
SAID = {Said.YES: "will come", Said.MAYBE: "may come", Said.NO: "cannot come", Said.NOTHING: "has not answered"}


def note(interview: Interview, kind: Happening, *, by: str = "", words: str = "", **detail: Any) -> None:
    """Within a transaction. detail: when, before (words); who, said (of an answer)."""
    InterviewEvent.create(
        organisation=interview.organisation_id, interview=interview, kind=kind, detail=detail, words=words, by_name=by
    )  # fmt: skip


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
            return f"Interview planned: {detail['when']}"
        case Happening.MOVED:
            return f"Interview moved to {detail['when']}"
        case Happening.OFF:
            return "Interview called off"
        case Happening.MOVED_OUTSIDE:
            return f"Interview moved in Outlook to {detail['when']}"
        case Happening.OFF_OUTSIDE:
            return "Interview called off in Outlook"
        case Happening.TAKEN_OVER:
            return "Interview taken over"
        case Happening.ANSWER:
            return f"{detail['who']} {SAID[Said(detail['said'])]}"
        case Happening.NO_LINK:
            return "Outlook gave no Teams link"
    return "The interview did not reach the calendar"


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
            kind=INTERVIEWS, at=one.at, title="Feedback given", icon="chat-bubble-left", by=one.user_name,
            about=application.vacancy.title, template="interviews/_entry.html", row=one.interview,
        )  # fmt: skip


timeline.KINDS[INTERVIEWS] = "Interviews"
timeline.SOURCES.extend((_events, _feedback))


@erasing.also
def erase_interviews(candidate: Candidate) -> None:
    """Within the transaction of an erasure. The rest of an interview's rows goes with it."""
    applications: Any = Application.select(Application.id).where(Application.candidate == candidate)
    theirs: Any = Interview.select(Interview.id).where(Interview.application.in_(applications))
    Delivery.delete().where(Delivery.interview_id.in_(theirs)).execute()
    Interview.delete().where(Interview.application.in_(applications)).execute()
