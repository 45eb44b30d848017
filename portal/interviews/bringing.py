"""How an interview gets to those who come: through the organiser's calendar, else by the portal's own mail server.

The row says how the interview is to be. A delivery looks how it is in the calendar, and makes the one like the other:
so it never matters how far an earlier one came.
"""

from portal.auth.models import User
from portal.carrying.models import OPEN, State
from portal.carrying.work import Outcome, StepPlan, VerbPlan
from portal.connectors.calendars import Event, Guest, Meeting
from portal.connectors.errors import NotFound
from portal.interviews import happenings, invitation, letters
from portal.interviews.models import Attendance, Happening, Interview, InterviewState
from portal.languages import N_, joined
from portal.languages import gettext as _
from portal.messages import engine, jobs
from portal.messages.engine import DELIVERIES, MailWork
from portal.messages.models import Delivery
from portal.organisations.plans import Feature
from portal.problems import Problem

INVITE, MOVE, CALL_OFF = "invite", "move", "call off"
OVERTAKEN = _("The interview was changed again before this was done.")
GONE = _("The interview is no longer in the calendar.")


class Busy(Problem):
    message = _("The portal is writing this interview into the calendar.")
    next_step = _("Try again in a few seconds.")


def invite(interview: Interview, *, by: User) -> Delivery | None:
    """Within a transaction: put the invitation in line. Give what it returns to carry_on after the transaction."""
    return _begin(INVITE, interview, invitation.REQUEST, by)


def move(interview: Interview, *, by: User) -> Delivery | None:
    """The same for another time or place. Raises Busy."""
    return _begin(MOVE, interview, invitation.REQUEST, by)


def call_off(interview: Interview, *, by: User) -> Delivery | None:
    """The same for its end. Raises Busy."""
    return _begin(CALL_OFF, interview, invitation.CANCEL, by)


def _begin(verb: str, interview: Interview, method: str, by: User) -> Delivery | None:
    if interview.mailbox is None:
        letters.put_in_line(interview, method)
        return None
    for earlier in Delivery.select().where(Delivery.interview_id == interview.id, Delivery.state.in_(OPEN)):
        if not engine.cancel(earlier, OVERTAKEN):
            raise Busy()
    return engine.begin(verb, interview.mailbox, by=by, interview_id=interview.id)


def carry_on(*begun: Delivery | None) -> None:
    """After the transaction: do at once what is in line, as far as it gets while a person waits."""
    for delivery in begun:
        if delivery is not None:
            jobs.carry_on(delivery, ours=True)
    letters.sweep()


def latest(interview: Interview) -> Delivery | None:
    """The last piece of work about the interview in its calendar."""
    mine = Delivery.select().where(Delivery.interview_id == interview.id)
    found: Delivery | None = mine.order_by(Delivery.id.desc()).first()
    return found


def is_open(interview: Interview) -> bool:
    """Whether the calendar does not show yet what the row says."""
    mine = (Delivery.interview_id == interview.id) & Delivery.state.in_(OPEN)
    return bool(Delivery.select().where(mine).exists())


def meeting_of(interview: Interview) -> Meeting:
    """The interview as it is to be in the calendar. Its organiser is no guest.

    Its text names no time: every calendar shows its reader's own, and a text would go on naming the old one when the
    organiser moves the meeting there.
    """
    own = {one.casefold() for one in interview.mailbox.addresses} if interview.mailbox else set()
    return Meeting(
        subject=interview.subject, text=interview.text, starts=interview.starts_at,
        ends=interview.ends_at, zone=interview.zone, place=interview.place, online=interview.online,
        guests=tuple(
            Guest(one.address, one.name)
            for one in interview.attendances.order_by(Attendance.id)
            if one.user_id != interview.organiser_id and one.address.casefold() not in own
        ),
    )  # fmt: skip


def _make_alike(work: MailWork) -> Outcome:
    """Make the calendar say what the row says."""
    interview = Interview.get_by_id(work.delivery.interview_id)
    event = _event_of(work, interview)
    if interview.is_off:
        if event is not None and not event.called_off:
            work.mailbox.call_off(event.id, interview.reason)
        return Outcome(after={N_("state"): interview.state})
    if event is None:
        if interview.remote_id:
            raise NotFound(GONE, next_step=_("Its organiser may have deleted it in Outlook."))
        event = work.mailbox.invite(meeting_of(interview), interview.key)
    if not _alike(event, interview):
        event = work.mailbox.move(event.id, meeting_of(interview))
    return Outcome(after={N_("id"): event.id, N_("uid"): event.uid}, save=lambda: _keep(interview, event))


def _event_of(work: MailWork, interview: Interview) -> Event | None:
    """As it is in the calendar; not asked for when nobody can have made it yet."""
    if interview.remote_id:
        return work.mailbox.meeting(interview.remote_id)
    earlier = (Delivery.interview_id == interview.id) & (Delivery.id != work.delivery.id)
    if work.interrupted or Delivery.select().where(earlier).exists():
        return work.mailbox.meeting(key=interview.key)
    return None


def _alike(event: Event, interview: Interview) -> bool:
    times = (event.starts, event.ends) == (interview.starts_at, interview.ends_at)
    return times and event.place.strip() == interview.place.strip()


def _keep(interview: Interview, event: Event) -> None:
    kept = {
        Interview.remote_id: event.id, Interview.ical_uid: event.uid, Interview.join_url: event.join_url,
        Interview.web_link: event.web_link,
    }  # fmt: skip
    Interview.update(kept).where(Interview.id == interview.id).execute()


def _read_back(work: MailWork) -> Outcome:
    """How it came out: the link of a video call may be refused without a word."""
    interview = Interview.get_by_id(work.delivery.interview_id)
    event = work.mailbox.meeting(interview.remote_id) if interview.remote_id else None
    if event is None or interview.is_off:
        return Outcome()

    def save() -> None:
        _keep(interview, event)
        if interview.online and not event.join_url and work.delivery.verb == INVITE:
            happenings.note(interview, Happening.NO_LINK, words=NO_LINK)

    return Outcome(after={N_("link"): bool(event.join_url)}, save=save)


NO_LINK = _("The interview is planned anyway. Ask IT whether you may hold Teams meetings, or send a link of your own.")
STEPS = (
    StepPlan("event", _("Update the calendar"), _make_alike, makes=True),
    StepPlan("read back", _("Read it back"), _read_back, changes=False),
)
for _verb, _words in (
    (INVITE, _("invite to an interview")), (MOVE, _("move an interview")), (CALL_OFF, _("call off an interview")),
):  # fmt: skip
    DELIVERIES.register(_verb, VerbPlan(_words, STEPS, feature=Feature.RECRUITMENT if _verb == INVITE else None))


@DELIVERIES.when_ended(INVITE, MOVE, CALL_OFF, state=State.FAILED)
def _note_failure(delivery: Delivery) -> None:
    interview = Interview.get_or_none(Interview.id == delivery.interview_id)
    if interview is None:
        return
    if delivery.error_kind == NotFound.__name__ and not interview.is_off:
        Interview.update(state=InterviewState.OFF).where(Interview.id == interview.id).execute()
        happenings.note(interview, Happening.OFF_OUTSIDE)
        return
    happenings.note(interview, Happening.FAILED, words=joined(delivery.message, delivery.next_step))


@DELIVERIES.when_ended(INVITE, MOVE, CALL_OFF, state=State.CANCELLED)
def _note_end(delivery: Delivery) -> None:
    interview = Interview.get_or_none(Interview.id == delivery.interview_id)
    if interview is not None and delivery.message != OVERTAKEN:
        happenings.note(interview, Happening.FAILED, words=delivery.message)
