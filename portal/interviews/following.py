"""What organisers and guests do in their own calendars: the portal reads its interviews there, and takes it over."""

from typing import Any

from portal import audit
from portal.connectors.calendars import Event
from portal.connectors.errors import ConnectorError
from portal.database import now
from portal.interviews import answers, bringing, happenings, planning, words
from portal.interviews.models import Happening, Interview, InterviewState
from portal.logs import log
from portal.mailboxes.models import Mailbox, MailboxState
from portal.mailboxes.opening import opened
from portal.mailboxes.turns import turn

PATIENCE = 10.0


def sweep() -> None:
    """Read every interview that lies ahead in a calendar, one mailbox after the other."""
    ahead = _ahead().select(Interview.mailbox).distinct()
    for mailbox in list(Mailbox.select().where(Mailbox.id.in_(ahead), Mailbox.state == MailboxState.LIVE)):
        try:
            look(mailbox)
        except ConnectorError as error:
            log.info("interviews not read", mailbox=mailbox.id, kind=type(error).__name__)


def _ahead() -> Any:
    return Interview.select().where(
        Interview.state == InterviewState.PLANNED, Interview.ends_at > now(), Interview.remote_id != ""
    )


def look(mailbox: Mailbox) -> None:
    """Read the interviews that lie ahead in one calendar. Raises ConnectorError."""
    mine = [one for one in _ahead().where(Interview.mailbox == mailbox) if not bringing.is_open(one)]
    if not mine:
        return
    with turn(mailbox) as held, opened(held, patience=PATIENCE) as calendar:
        for interview in mine:
            follow(interview, calendar.meeting(interview.remote_id))


def follow(interview: Interview, event: Event | None) -> None:
    """Make the row say what the calendar says; unless the row has changed since, and the calendar is to follow."""
    with audit.turn(interview.organisation_id):
        current = Interview.get_or_none(Interview.id == interview.id)
        if current is None or current.sequence != interview.sequence or bringing.is_open(current):
            return
        if event is None or event.called_off:
            current.state = InterviewState.OFF
            current.sequence += 1
            current.save()
            happenings.note(current, Happening.OFF_OUTSIDE)
            return
        _take_times(current, event)
        for guest in answers.of(current):
            said, at = event.answers.get(guest.address.casefold(), (None, None))
            if said is not None:
                answers.take(guest, said, at=at)


def _take_times(interview: Interview, event: Event) -> None:
    changed = (event.starts, event.ends) != (interview.starts_at, interview.ends_at)
    before = words.of(interview)
    if changed or event.place != interview.place or event.join_url != interview.join_url:
        interview.starts_at, interview.ends_at, interview.place = event.starts, event.ends, event.place[:300]
        interview.join_url = event.join_url
        interview.sequence += changed
        interview.save()
    if changed:
        planning.forget_answers(interview)
        happenings.note(interview, Happening.MOVED_OUTSIDE, before=before, when=words.of(interview))
