"""Planning an interview, moving it, calling it off, and taking it over. Each is one transaction.

The row says how it is to be. What brings it to a calendar, or to inboxes, is put in line in the same transaction, and
the lines of the audit log are about the candidate, so that they go when the candidate is erased.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal import audit
from portal.auth.models import User
from portal.candidate_care import erasing
from portal.candidate_care import letters as to_candidates
from portal.connectors.calendars import Said
from portal.database import now
from portal.interviews import bringing, happenings, words
from portal.interviews.models import Attendance, Happening, Interview, InterviewState
from portal.languages import gettext as _
from portal.mailboxes.models import Mailbox
from portal.problems import Problem
from portal.recruitment import candidates
from portal.recruitment.models import Application, Candidate, TeamMember

DELETED = _("The candidate’s data is deleted.")


@dataclass(frozen=True)
class Plan:
    """What was chosen. users: who comes besides the candidate. zone: the one in which the times were chosen."""

    starts: datetime
    ends: datetime
    zone: str
    users: tuple[User, ...]
    subject: str
    text: str
    place: str = ""
    online: bool = False


class NoAddress(Problem):
    message = _("The portal knows no email address of this candidate, so it cannot invite them.")
    next_step = _("Ask the candidate for an address, and add it.")


class NotOpen(Problem):
    message = _("This application has ended.")
    next_step = _("Reopen it first.")


class NotAhead(Problem):
    message = _("This interview is over, or it was called off.")
    next_step = _("Plan another one.")


class OwnInterview(Problem):
    message = _("Nobody interviews themselves.")
    next_step = _("Choose other interviewers.")


class NotYours(Problem):
    message = _("Only its organiser can change this interview: it is in their calendar.")
    next_step = _("If they are away, press Take over.")


def plan(application: Application, wanted: Plan, *, by: User) -> Interview:
    """Plan an interview and invite everybody. Raises NoAddress, NotOpen, OwnInterview."""
    with audit.turn(application.organisation_id):
        application = Application.get_by_id(application.id)
        if application.ended:
            raise NotOpen()
        interview = _made(application, wanted, by=by)
        happenings.note(interview, Happening.PLANNED, by=by.display_name, when=words.of(interview))
        _record(by, "plan interview", interview)
        begun = bringing.invite(interview, by=by)
    bringing.carry_on(begun)
    return interview


def _made(application: Application, wanted: Plan, *, by: User) -> Interview:
    candidate, address = application.candidate, to_candidates.address_of(application.candidate)
    if address is None:
        raise NoAddress()
    own = {candidates.folded(one.address) for one in candidate.addresses}
    if any(candidates.folded(user.email) in own for user in wanted.users):
        raise OwnInterview()
    interview = Interview.create(
        organisation=application.organisation_id, application=application, organiser=by,
        organiser_name=by.display_name, mailbox=live_mailbox(by), starts_at=wanted.starts, ends_at=wanted.ends,
        zone=wanted.zone, place=wanted.place, online=wanted.online, subject=wanted.subject, text=wanted.text,
    )  # fmt: skip
    shared = {"organisation": application.organisation_id, "interview": interview}
    Attendance.create(**shared, candidate=candidate, name=candidate.name, address=address.address)
    for user in wanted.users:
        Attendance.create(**shared, user=user, name=user.display_name, address=address_of(user))
    return interview


def live_mailbox(user: User) -> Mailbox | None:
    """The calendar that the user's interviews go into; None where the portal's own mail server invites."""
    found = Mailbox.of(user)
    return found if found is not None and found.is_live else None


def address_of(user: User) -> str:
    """Where a colleague is invited: at the mailbox that they connected, else at what they sign in with."""
    found = Mailbox.of(user)
    return found.address if found is not None else user.email


def move(interview: Interview, starts: datetime, ends: datetime, place: str, *, by: User) -> Interview:
    """Give an interview another time or place, and tell everybody. Raises NotAhead, NotYours, bringing.Busy."""
    with audit.turn(interview.organisation_id):
        current = _own(interview, by)
        before, moved = words.of(current), (starts, ends) != (current.starts_at, current.ends_at)
        current.starts_at, current.ends_at, current.place = starts, ends, place
        current.sequence += 1
        current.save()
        if moved:
            forget_answers(current)
        happenings.note(current, Happening.MOVED, by=by.display_name, before=before, when=words.of(current))
        _record(by, "move interview", current)
        begun = bringing.move(current, by=by)
    bringing.carry_on(begun)
    return current


def forget_answers(interview: Interview) -> None:
    """An answer for another time is none for this one."""
    fresh = {Attendance.said: Said.NOTHING, Attendance.words: "", Attendance.answered_at: None}
    Attendance.update(fresh).where(Attendance.interview == interview).execute()


def call_off(interview: Interview, reason: str, *, by: User) -> Interview:
    """Call an interview off; everybody reads the reason. Raises NotAhead, NotYours, bringing.Busy."""
    with audit.turn(interview.organisation_id):
        current = _own(interview, by)
        _off(current, reason)
        happenings.note(current, Happening.OFF, by=by.display_name, words=reason)
        _record(by, "call off interview", current)
        begun = bringing.call_off(current, by=by)
    bringing.carry_on(begun)
    return current


def coming(candidate: Candidate) -> list[Interview]:
    """The interviews with the candidate that lie ahead."""
    theirs: Any = Application.select(Application.id).where(Application.candidate == candidate)
    ahead = (Interview.state != InterviewState.OFF) & (Interview.ends_at > now())
    return list(Interview.select().where(Interview.application.in_(theirs), ahead).order_by(Interview.starts_at))


@erasing.first
def call_off_before_erasing(candidate: Candidate) -> None:
    """No calendar goes on holding a meeting with somebody whom nobody may know any more."""
    for interview in coming(candidate):
        organiser = interview.organiser
        if organiser is None:
            continue
        try:
            with audit.turn(interview.organisation_id):
                current = _ahead(interview)
                _off(current, DELETED)
                begun = bringing.call_off(current, by=organiser)
        except (NotAhead, bringing.Busy):
            continue
        bringing.carry_on(begun)


def take_over(interview: Interview, *, by: User) -> Interview:
    """Call the interview of an absent colleague off and plan the same as one's own. Raises NotAhead, bringing.Busy."""
    with audit.turn(interview.organisation_id):
        current = _ahead(interview)
        users = {one.user_id: one.user for one in current.attendances if one.user_id}
        _off(current, _("%(name)s has taken over this interview. A new invitation follows.", name=by.display_name))
        happenings.note(current, Happening.TAKEN_OVER, by=by.display_name)
        ended = bringing.call_off(current, by=by)
        wanted = Plan(
            current.starts_at, current.ends_at, current.zone, tuple({**users, by.id: by}.values()), current.subject,
            current.text, current.place, current.online,
        )  # fmt: skip
        fresh = _made(current.application, wanted, by=by)
        happenings.note(fresh, Happening.PLANNED, by=by.display_name, when=words.of(fresh))
        _record(by, "take over interview", fresh)
        begun = bringing.invite(fresh, by=by)
    bringing.carry_on(ended, begun)
    return fresh


def _off(interview: Interview, reason: str) -> None:
    interview.state, interview.reason = InterviewState.OFF, reason
    interview.sequence += 1
    interview.save()


def _ahead(interview: Interview) -> Interview:
    current: Interview = Interview.get_by_id(interview.id)
    if not current.lies_ahead:
        raise NotAhead()
    return current


def _own(interview: Interview, by: User) -> Interview:
    current = _ahead(interview)
    if current.organiser_id != by.id:
        raise NotYours()
    return current


def _record(by: User, action: str, interview: Interview) -> None:
    application = interview.application
    audit.record(by, action, application.candidate, vacancy=application.vacancy.title, when=words.of(interview))


def possible_interviewers(application: Application, by: User) -> list[User]:
    """The hiring team of the vacancy, and who asks; sorted by name."""
    members = TeamMember.select().where(TeamMember.vacancy == application.vacancy_id)
    team = {one.user_id: one.user for one in members if one.user.enabled}
    return sorted({**team, by.id: by}.values(), key=lambda user: user.display_name.casefold())


def names(users: Iterable[User]) -> str:
    return ", ".join(user.display_name for user in users)
