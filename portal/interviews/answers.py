"""Who comes: what guests answer on their own page, in their mail program, or in their calendar."""

from datetime import datetime

from portal import audit
from portal.candidate_care import own_page
from portal.connectors.calendars import Said
from portal.connectors.personal import Kind
from portal.database import now
from portal.interviews import happenings, words
from portal.interviews.models import Attendance, Happening, Interview, InterviewState
from portal.languages import gettext as _
from portal.problems import Problem
from portal.reading import taking
from portal.recruitment.models import Application, Candidate

LONGEST_WORDS = 1000


class NotAhead(Problem):
    message = _("This interview is over, or it was called off.")
    status = 409
    title = _("Your answer comes too late")
    next_step = _("Write to the people who invited you.")


def waiting_for(candidate: Candidate) -> list[Attendance]:
    """The candidate's interviews that lie ahead, the next one first; and those called off that were to be."""
    mine = (
        Attendance.select(Attendance, Interview)
        .join(Interview)
        .where(Attendance.candidate == candidate, Interview.ends_at > now())
    )
    return list(mine.order_by(Interview.starts_at))


def answer(candidate: Candidate, attendance_id: int, said: Said, sentence: str = "") -> None:
    """The candidate answers on their own page. Raises NotAhead; for an interview of somebody else, too."""
    mine = (Attendance.id == attendance_id) & (Attendance.candidate == candidate)
    with audit.turn(candidate.organisation_id):
        attendance = Attendance.get_or_none(mine)
        if attendance is None or not attendance.interview.lies_ahead:
            raise NotAhead()
        take(attendance, said, words=sentence)


def take(attendance: Attendance, said: Said, *, words: str = "", at: datetime | None = None) -> None:
    """Within a transaction: note an answer, once. at: when it was given, which may be before one that is known.

    An answer is never taken back to none.
    """
    if said == Said.NOTHING or (attendance.said == said and words in ("", attendance.words)):
        return
    if at is not None and attendance.answered_at is not None and at <= attendance.answered_at:
        return
    attendance.said, attendance.words, attendance.answered_at = said, words[:LONGEST_WORDS], at or now()
    attendance.save()
    who = attendance.name
    happenings.note(attendance.interview, Happening.ANSWER, words=attendance.words, who=who, said=said)


SAID = {Kind.ACCEPTED: Said.YES, Kind.TENTATIVE: Said.MAYBE, Kind.DECLINED: Said.NO}


@taking.when_answered
def by_mail(candidate: Candidate, kind: Kind, sentence: str, at: datetime) -> None:
    """An answer that came as mail from a candidate's mail program. Within the transaction that keeps the mail.

    Such a mail names no interview. With several ahead nobody guesses: their calendars are read in the next round.
    """
    ahead = [one for one in waiting_for(candidate) if not one.interview.is_off]
    if len(ahead) == 1 and at >= happenings.last_change(ahead[0].interview):
        take(ahead[0], SAID[kind], words=sentence, at=at)


def held(candidate: Candidate) -> list[dict[str, str]]:
    """What the candidate downloads of it: when they were invited, and what they answered."""
    mine = Attendance.select(Attendance, Interview).join(Interview).where(Attendance.candidate == candidate)
    return [
        {
            "when": words.of(one.interview), "place": one.interview.place, "state": one.interview.state,
            "answer": one.said, "words": one.words,
        }
        for one in mine.order_by(Attendance.id)
    ]  # fmt: skip


own_page.MORE["interviews"] = held


def of(interview: Interview) -> list[Attendance]:
    """Who is to come, the candidate first."""
    mine = Attendance.select().where(Attendance.interview == interview)
    return list(mine.order_by(Attendance.candidate.is_null(), Attendance.name))


def next_of(applications: list[Application]) -> dict[int, Interview]:
    """The next interview of each application that has one ahead, by the application's id."""
    mine = Interview.select().where(
        Interview.application.in_([one.id for one in applications]), Interview.ends_at > now(),
        Interview.state == InterviewState.PLANNED,
    )  # fmt: skip
    return {one.application_id: one for one in mine.order_by(Interview.starts_at.desc())}
