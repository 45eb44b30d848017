"""Whose a mail is, by who wrote to whom. Of what is nobody's, nothing goes on from here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from portal.connectors.personal import Header, Kind
from portal.mailboxes.models import Mailbox, MailboxState
from portal.messages.models import Message
from portal.reading.models import Why
from portal.recruitment import sight
from portal.recruitment.candidates import folded
from portal.recruitment.models import Application, Candidate, CandidateAddress, Ended


@dataclass(frozen=True)
class Match:
    """A candidate whom a mail concerns. answered: the message that it answers. doubt: why it may be theirs, if unsure.

    outgoing: it was written to them, by hand in the mailbox.
    """

    candidate_id: int
    answered: Message | None = None
    outgoing: bool = False
    doubt: Why | None = None


@dataclass
class Known:
    """What the portal holds about some mails: candidates by address, messages by message id, and by thread.

    hired: candidates who are colleagues now. Their mail counts only where it answers what was written to a candidate.
    """

    own_domains: frozenset[str]
    hired: frozenset[int] = frozenset()
    candidates: dict[str, int] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    threads: dict[str, Message] = field(default_factory=dict)

    def is_own(self, address: str) -> bool:
        """Whether it is an address of the organisation: whatever has the domain of a connected mailbox."""
        return folded(address).rpartition("@")[2] in self.own_domains

    def candidate(self, address: str) -> int | None:
        return self.candidates.get(folded(address))


def own_domains(organisation_id: int) -> frozenset[str]:
    connected = Mailbox.select(Mailbox.address, Mailbox.addresses).where(
        Mailbox.organisation == organisation_id, Mailbox.state != MailboxState.OFF
    )
    return frozenset(
        folded(address).rpartition("@")[2] for one in connected for address in (one.address, *one.addresses)
    )


def known_of(mailbox: Mailbox, headers: list[Header]) -> Known:
    """What the portal holds about these mails; a few queries for any number of them."""
    organisation = mailbox.organisation_id
    found = Known(own_domains(organisation))
    addresses = {folded(one) for header in headers for one in (header.sender, *header.recipients)}
    for some in _chunks(addresses):
        rows: Any = CandidateAddress.select(CandidateAddress.folded, CandidateAddress.candidate).join(Candidate)
        rows = rows.where(CandidateAddress.organisation == organisation, CandidateAddress.folded.in_(some))
        found.candidates |= {row.folded: row.candidate_id for row in rows.where(Candidate.erased_at.is_null())}
    _leave_out_the_owner(mailbox, found)
    hired = Application.select(Application.candidate).where(
        Application.candidate.in_(list(found.candidates.values())), Application.ended == Ended.HIRED
    )
    found.hired = frozenset(one.candidate_id for one in hired)
    for some in _chunks({one for header in headers for one in header.answers}):
        held = Message.select().where(Message.organisation == organisation, Message.message_id.in_(some))
        found.messages |= {one.message_id: one for one in held.order_by(Message.id)}
    for some in _chunks({header.thread for header in headers if header.thread}):
        # A thread's id means something in its own mailbox only.
        held = Message.select().where(
            Message.organisation == organisation, Message.mailbox == mailbox, Message.thread.in_(some)
        )
        found.threads |= {one.thread: one for one in held.order_by(Message.id)}
    return found


def _leave_out_the_owner(mailbox: Mailbox, found: Known) -> None:
    """A user who applied writes to their own mailbox too; nobody sees their own application."""
    own = set(sight.addresses_of(mailbox.user))
    ids = {candidate for address, candidate in found.candidates.items() if address in own}
    found.candidates = {address: one for address, one in found.candidates.items() if one not in ids}


def _chunks(values: Iterable[str], size: int = 500) -> Iterator[list[str]]:
    listed = sorted(values)
    return (listed[start : start + size] for start in range(0, len(listed), size))


def matches(header: Header, known: Known) -> list[Match]:
    """The candidates whom the mail concerns; none when it is nobody's."""
    answered = next((known.messages[one] for one in header.answers if one in known.messages), None)
    sender = known.candidate(header.sender)
    if known.is_own(header.sender):
        # A colleague who applied is a candidate only where they answer what was written to them as one.
        if sender is not None and answered is not None and answered.candidate_id == sender:
            return [Match(sender, answered)]
        return [] if header.marker else _written_by_hand(header, known, answered)
    if sender is not None:
        # What it answers may be another candidate's: who wrote it decides.
        theirs = answered if answered is not None and answered.candidate_id == sender else None
        return [Match(sender, theirs)] if theirs is not None or sender not in known.hired else []
    return _of_a_stranger(header, known, answered)


def _written_by_hand(header: Header, known: Known, answered: Message | None) -> list[Match]:
    outside = [one for one in header.recipients if not known.is_own(one)]
    to = dict.fromkeys(found for one in outside if (found := known.candidate(one)) is not None)
    theirs = {one: answered if answered is not None and answered.candidate_id == one else None for one in to}
    return [
        Match(one, message, outgoing=True)
        for one, message in theirs.items()
        if message is not None or one not in known.hired
    ]


def _of_a_stranger(header: Header, known: Known, answered: Message | None) -> list[Match]:
    if answered is not None:
        sure = header.kind == Kind.BOUNCE
        return [Match(answered.candidate_id, answered, doubt=None if sure else Why.ANSWERS)]
    in_thread = known.threads.get(header.thread)
    if in_thread is not None:
        return [Match(in_thread.candidate_id, in_thread, doubt=Why.THREAD)]
    in_copy = dict.fromkeys(found for one in header.recipients if (found := known.candidate(one)) is not None)
    # A stranger's mail to many is about none of them; to one candidate and a recruiter, it may be.
    return [Match(one, doubt=Why.COPY) for one in in_copy] if len(in_copy) == 1 else []
