"""Making a message of a mail that is a candidate's. Only here is the text of a mail asked for."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from peewee import IntegrityError

from portal import audit
from portal.auth.models import User
from portal.connectors.errors import ConnectorError, NotFound, Unreadable
from portal.connectors.personal import Bounce, Header, Kind, Mail, PersonalMailbox
from portal.database import now, transaction
from portal.languages import N_, joined
from portal.languages import gettext as _
from portal.mailboxes.models import Mailbox, MailboxState
from portal.messages.models import Direction, Message, MessageKind, MessageState
from portal.reading import files, words
from portal.reading.matching import Match
from portal.reading.models import Unassigned
from portal.recruitment.candidates import folded
from portal.recruitment.models import Application, Candidate, CandidateAddress, Part, TeamMember

KINDS = {
    Kind.PLAIN: MessageKind.PLAIN, Kind.AUTOMATIC: MessageKind.AUTOMATIC, Kind.BOUNCE: MessageKind.BOUNCE,
    Kind.ACCEPTED: MessageKind.ANSWER, Kind.TENTATIVE: MessageKind.ANSWER, Kind.DECLINED: MessageKind.ANSWER,
}  # fmt: skip
ANSWERS = {Kind.ACCEPTED: N_("Accepted."), Kind.TENTATIVE: N_("Accepted tentatively."), Kind.DECLINED: N_("Declined.")}
# Who hears of a candidate's answer to an invitation, within the transaction that keeps it: kind, sentence, moment.
Answered = Callable[[Candidate, Kind, str, datetime], None]
_HEARS: list[Answered] = []
DELIVERED_WITHIN = timedelta(hours=1)
NOT_READ = N_("The portal could not read this mail. Look in Outlook.")
# What the portal says in place of what a mail says.
OURS = frozenset((*ANSWERS.values(), NOT_READ))


def when_answered(listener: Answered) -> Answered:
    """Marks what is called with each answer of a candidate's mail program to an invitation."""
    _HEARS.append(listener)
    return listener


def message_id_of(header: Header) -> str:
    """What a mail is known by everywhere. Some have none; their own mailbox's id does for them."""
    return (header.message_id or f"<{header.id}>")[:1000]


def is_known(organisation_id: int, candidate_id: int, message_id: str) -> bool:
    """Whether the mail is on the candidate's timeline, or waits for a user or was left out by one."""
    return any(
        table.select()
        .where(
            table.organisation == organisation_id, table.candidate == candidate_id, table.message_id == message_id
        )
        .exists()
        for table in (Message, Unassigned)
    )  # fmt: skip


def _is_another(mailbox: Mailbox, header: Header, match: Match) -> bool:
    """Whether it is another mail with the message id of one that is known, as some programs send them.

    One that is delivered twice comes twice within the hour.
    """
    known = Message.get_or_none(
        Message.candidate == match.candidate_id, Message.message_id == header.message_id,
        Message.mailbox == mailbox, Message.remote_id != header.id[:600], Message.direction == Direction.IN,
    )  # fmt: skip
    return bool(header.message_id) and known is not None and abs(known.at - header.at) > DELIVERED_WITHIN


def take(mailbox: Mailbox, outlook: PersonalMailbox, header: Header, match: Match) -> None:
    """Put the mail on the candidate's timeline, or on the list of those that a user decides about.

    Raises ConnectorError when the mailbox cannot be asked now.
    """
    if is_known(mailbox.organisation_id, match.candidate_id, message_id_of(header)):
        if not _is_another(mailbox, header, match):
            return
        header = replace(header, message_id="")
        if is_known(mailbox.organisation_id, match.candidate_id, message_id_of(header)):
            return
    with suppress(IntegrityError, NotFound):
        # Taken from another mailbox in the same second, or deleted by its owner: nothing is left to do.
        if match.doubt is not None:
            _ask(mailbox, header, match)
        else:
            _keep(mailbox, header, match, *_read(outlook, header))


def take_one(row: Unassigned, outlook: PersonalMailbox) -> Message | None:
    """Put a mail that a user has decided about on the candidate's timeline. None when it is there already.

    Raises ConnectorError.
    """
    header = Header(
        row.remote_id, row.message_id, row.thread, row.sender, (), row.at, name=row.name, web_link=row.web_link
    )
    with suppress(IntegrityError):
        return _keep(row.mailbox, header, Match(row.candidate_id, row.answered), *_read(outlook, header))
    return None


def _ask(mailbox: Mailbox, header: Header, match: Match) -> None:
    with audit.turn(mailbox.organisation_id):
        if _erased(match.candidate_id):
            return
        Unassigned.create(
            organisation=mailbox.organisation_id, candidate=match.candidate_id, mailbox=mailbox,
            answered=match.answered, why=match.doubt, sender=words.clean_line(header.sender, 320),
            name=words.clean_line(header.name, 320), at=header.at, message_id=message_id_of(header),
            thread=header.thread[:600], remote_id=header.id, web_link=header.web_link,
        )  # fmt: skip


def _read(outlook: PersonalMailbox, header: Header) -> tuple[Mail, list[dict[str, Any]], Bounce | None]:
    """What the mail says, its files as they are kept, and what a mail server reported. Raises ConnectorError."""
    try:
        mail = outlook.read(header.id)
        attached = files.described(outlook.files(header.id)) if mail.has_files else []
        told = outlook.bounce(header.id) if Kind.BOUNCE in (mail.kind, header.kind) else None
    except ConnectorError as error:
        if isinstance(error, NotFound) or not (error.permanent or isinstance(error, Unreadable)):
            raise
        # One strange mail must not keep all others from being read.
        return Mail("", NOT_READ), [], None
    return mail, attached, told


def _keep(
    mailbox: Mailbox, header: Header, match: Match, mail: Mail, attached: list[dict[str, Any]], told: Bounce | None
) -> Message | None:
    kind = header.kind if header.kind != Kind.PLAIN else mail.kind
    with audit.turn(mailbox.organisation_id):
        if _erased(match.candidate_id):
            return None
        writer = writer_of(mailbox, header.sender) if match.outgoing else None
        made: Message = Message.create(
            organisation=mailbox.organisation_id, candidate=match.candidate_id,
            application=application_of(mailbox, match.candidate_id, match.answered), mailbox=mailbox,
            direction=Direction.OUT if match.outgoing else Direction.IN, kind=KINDS[kind],
            state=MessageState.CONFIRMED if match.outgoing else MessageState.RECEIVED, by=writer,
            by_name=(writer.display_name if writer else words.clean_line(header.name, 320)) if match.outgoing else "",
            sender=words.clean_line(header.sender, 320), sender_name=words.clean_line(header.name, 320),
            recipients=_shown_recipients(header, match), subject=words.clean_line(mail.subject),
            text=words.clean_text(mail.text) or ANSWERS.get(kind, ""), files=attached, at=header.at,
            message_id=message_id_of(header), thread=header.thread[:600], remote_id=header.id[:600],
            in_reply_to=match.answered.message_id or "" if match.answered else "", web_link=header.web_link,
            seen_at=now() if match.outgoing or kind != Kind.PLAIN else None,
        )  # fmt: skip
        if told is not None:
            _came_back(match, told)
        if kind in ANSWERS and not match.outgoing:
            for hears in _HEARS:
                hears(made.candidate, kind, made.text if mail.text else "", header.at)
    return made


def _erased(candidate_id: int) -> bool:
    """Whether the candidate was erased meanwhile. The organisation's turn must be ours."""
    candidate = Candidate.get_or_none(Candidate.id == candidate_id)
    return candidate is None or candidate.erased_at is not None


def writer_of(mailbox: Mailbox, sender: str) -> User | None:
    """The user whose mailbox has the address that a mail came from."""
    connected = Mailbox.select(Mailbox, User).join(User).where(
        Mailbox.organisation == mailbox.organisation_id, Mailbox.state != MailboxState.OFF
    )  # fmt: skip
    wanted = folded(sender)
    for one in connected:
        if wanted in {folded(address) for address in (one.address, *one.addresses)}:
            found: User = one.user
            return found
    return None


def _shown_recipients(header: Header, match: Match) -> list[str]:
    """Without the addresses of other people outside: two candidates may be in one mail."""
    if not match.outgoing:
        return []
    rows = CandidateAddress.select(CandidateAddress.folded).where(CandidateAddress.candidate == match.candidate_id)
    theirs = {row.folded for row in rows}
    return [words.clean_line(one, 320) for one in header.recipients if folded(one) in theirs]


def application_of(mailbox: Mailbox, candidate_id: int, answered: Message | None) -> int | None:
    """What a mail is about: what the answered one is about, else the candidate's newest application that goes on.

    One of a vacancy that the mailbox's owner works on comes before others.
    """
    if answered is not None and answered.application_id is not None:
        return answered.application_id
    rows = list(
        Application.select().where(Application.candidate == candidate_id).order_by(Application.applied_at.desc())
    )
    led = TeamMember.select(TeamMember.vacancy).where(
        TeamMember.user == mailbox.user_id, TeamMember.part.in_((Part.RECRUITER, Part.HIRING_MANAGER))
    )
    mine = {member.vacancy_id for member in led}
    rows.sort(key=lambda one: (one.ended is not None, one.vacancy_id not in mine))
    return rows[0].id if rows else None


def _came_back(match: Match, told: Bounce) -> None:
    """Mark the message that did not arrive, and the address. Only what we wrote to that address is believed."""
    answered = match.answered
    if answered is None or answered.message_id != told.message_id or answered.direction != Direction.OUT:
        return
    failed = folded(told.recipient)
    if not told.for_good or failed not in {folded(one) for one in answered.recipients}:
        return
    came_back = _("This mail came back: %(address)s did not accept it.", address=told.recipient)
    reason = _("The mail server answered %(status)s.", status=told.status) if told.status else ""
    Message.update(
        state=MessageState.BOUNCED, problem=joined(came_back, reason),
        next_step=_("Ask the candidate for another address, by telephone for example."),
    ).where(Message.id == answered.id).execute()  # fmt: skip
    CandidateAddress.update(bounced_at=now()).where(
        CandidateAddress.candidate == match.candidate_id, CandidateAddress.folded == failed
    ).execute()


def seen(candidate: Candidate, applications: list[Application]) -> None:
    """A user looks at the candidate's page: what came about these applications is no longer new."""
    mine = (Message.candidate == candidate) & Message.seen_at.is_null() & (Message.direction == Direction.IN)
    about = Message.application.is_null() | Message.application.in_([one.id for one in applications])
    with transaction():
        Message.update(seen_at=now()).where(mine, about).execute()
