"""Reading the connected mailboxes, each every few minutes: who wrote to whom, and what a candidate's mail says."""

import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from peewee import fn

from portal.auth.models import User
from portal.connectors.errors import ConnectorError, TryLater
from portal.connectors.http import before_each
from portal.connectors.personal import Bounce, Header, Kind, PersonalMailbox
from portal.database import now
from portal.mailboxes.models import Mailbox, MailboxState
from portal.mailboxes.opening import opened
from portal.messages.models import Direction, Message
from portal.organisations.plans import Feature
from portal.reading import matching, taking
from portal.reading.matching import Match
from portal.reading.models import Unassigned

EVERY = timedelta(minutes=3)
# Mail may appear in a mailbox later than it was received.
OVERLAP = timedelta(days=1)
# A mail server's report that names no mail of ours in its head is looked into once, when it is new.
NEW = timedelta(minutes=15)
FURTHEST_BACK = timedelta(days=180)
AT_ONCE, TOGETHER = 50, 100
# Seconds for which a mailbox is read in one go, while mail that a user sends from it waits.
LONGEST = 20.0
KEPT_DECIDED = timedelta(days=2) + FURTHEST_BACK


class Lost(Exception):
    """Another worker has taken the mailbox."""


def sweep() -> None:
    """Read each mailbox that was not read for some minutes. One that cannot be read now keeps no other waiting.

    They come by lot: those that cannot be read stay due, and would be the first each time.
    """
    due = Mailbox.read_at.is_null() | (Mailbox.read_at < now() - EVERY)
    for mailbox in list(Mailbox.due().where(due).order_by(fn.RANDOM()).limit(AT_ONCE)):
        if mailbox.organisation.has(Feature.RECRUITMENT):
            read(mailbox)
    Unassigned.delete().where(Unassigned.decided_at < now() - KEPT_DECIDED).execute()


def read(mailbox: Mailbox) -> bool:
    """Read what came since last time. False when it could not be done, or not to its end."""
    if not mailbox.claim():
        return False
    started = now()
    progress = _Progress(mailbox.read_to or mailbox.since)
    try:
        with opened(mailbox) as outlook, before_each(lambda: _hold(mailbox)):
            whole = _read(mailbox, outlook, progress)
    except (ConnectorError, Lost):
        whole = False
    # Unless the owner has asked in the meantime to have it read from another moment on.
    same = (Mailbox.id == mailbox.id) & (
        Mailbox.read_to.is_null() if mailbox.read_to is None else Mailbox.read_to == mailbox.read_to
    )
    done = {"read_to": started, "read_at": started} if whole else {"read_to": progress.to}
    Mailbox.update(done).where(same).execute()
    mailbox.release()
    return whole


def _hold(mailbox: Mailbox) -> None:
    if not mailbox.hold_in_time():
        raise Lost()


class _Progress:
    """Up to when the mail of a mailbox has been read. began: when this round did."""

    def __init__(self, before: datetime):
        self.before = self.to = before
        self.began = now()
        self.until = time.monotonic() + LONGEST

    def is_enough(self) -> bool:
        """Whether others may have their turn; never before something new was read."""
        return self.to > self.before and time.monotonic() > self.until


def _read(mailbox: Mailbox, outlook: PersonalMailbox, progress: _Progress) -> bool:
    """False when it was stopped before the end."""
    for headers in _together(outlook.since(progress.before - OVERLAP)):
        known = matching.known_of(mailbox, headers)
        for header in headers:
            for match in _matches(mailbox, outlook, header, known, progress):
                taking.take(mailbox, outlook, header, match)
            # A mail that was moved here from elsewhere may come from the future.
            progress.to = max(progress.to, min(header.at, progress.began))
            if progress.is_enough():
                return False
    return True


def _together(headers: Iterator[Header]) -> Iterator[list[Header]]:
    while some := list(islice(headers, TOGETHER)):
        yield some


def _matches(
    mailbox: Mailbox, outlook: PersonalMailbox, header: Header, known: matching.Known, progress: _Progress
) -> Iterable[Match]:
    found = matching.matches(header, known)
    if found or header.kind != Kind.BOUNCE or header.at < progress.before - NEW:
        return found
    told = _report(outlook, header)
    sent = told and Message.get_or_none(
        Message.organisation == mailbox.organisation_id, Message.message_id == told.message_id,
        Message.direction == Direction.OUT,
    )  # fmt: skip
    return [Match(sent.candidate_id, sent)] if sent else []


def _report(outlook: PersonalMailbox, header: Header) -> Bounce | None:
    try:
        return outlook.bounce(header.id)
    except TryLater:
        raise
    except ConnectorError:
        return None


def read_again(user: User, since: datetime) -> None:
    """Have the user's mailbox read from that moment on, in the next round."""
    earliest = now() - FURTHEST_BACK
    Mailbox.update(read_to=max(since, earliest) + OVERLAP, read_at=None).where(
        Mailbox.user == user.id, Mailbox.state == MailboxState.LIVE
    ).execute()
