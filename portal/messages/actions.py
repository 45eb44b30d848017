"""Writing to a candidate: the rules, then a Message and how it goes out."""

from dataclasses import dataclass, field

from peewee import IntegrityError

from portal import audit
from portal.auth.models import User
from portal.carrying.models import State
from portal.connectors.errors import ConnectorError
from portal.database import now, transaction
from portal.languages import gettext as _
from portal.mailboxes.models import Mailbox
from portal.mailboxes.opening import opened
from portal.mailboxes.turns import turn
from portal.messages import engine, jobs, portal_mail, sending
from portal.messages.letters import subject_of
from portal.messages.models import Delivery, Direction, Message, MessageState
from portal.problems import Problem
from portal.recruitment.candidates import address_of, folded
from portal.recruitment.files import StoredFile
from portal.recruitment.models import Application, Candidate, CandidateAddress


class NotWritten(Problem):
    """The message was not written."""

    title = _("The message was not sent")


class NoAddress(NotWritten):
    message = _("The portal knows no email address of this candidate.")
    next_step = _("Ask the candidate for one, and add it.")


class NotConnected(NotWritten):
    message = _("Your Outlook is not connected any more.")
    next_step = _("Connect it again under “Your sign-in”, or send from the portal.")


class TooLate(Problem):
    message = _("This message may have gone out already, so it cannot be cancelled.")
    title = _("The message was not cancelled")


@dataclass(frozen=True)
class Written:
    """What a user wrote. mailbox: None to send it from the portal. answers: the message that it answers.

    key: a random word of the form, so that a form that is sent twice writes one message. to: None for the address that
    the candidate is written to.
    """

    subject: str
    text: str
    key: str
    application: Application | None = None
    mailbox: Mailbox | None = None
    answers: Message | None = None
    files: list[StoredFile] = field(default_factory=list)


def recipient_of(candidate: Candidate, answers: Message | None = None) -> str:
    """The address that a message goes to: that of the mail it answers if it is the candidate's. Raises NoAddress."""
    if answers is not None and answers.direction == Direction.IN:
        theirs = (CandidateAddress.candidate == candidate) & (CandidateAddress.folded == folded(answers.sender))
        if CandidateAddress.select().where(theirs).exists():
            return answers.sender
    found = address_of(candidate)
    if found is None:
        raise NoAddress()
    return found.address


def sender_of(user: User, mailbox: Mailbox | None) -> tuple[str, str]:
    """The address that answers go to, and the name beside it."""
    if mailbox is not None:
        return mailbox.address, mailbox.name
    return user.email, f"{user.display_name} via {user.organisation.name}"


def write(candidate: Candidate, written: Written, *, by: User) -> Message:
    """Write the message down, and send it as far as that gets in a request. Raises NotWritten."""
    if written.mailbox is not None and (written.mailbox.user_id != by.id or written.mailbox.is_off):
        raise NotConnected()
    try:
        message, delivery = _write_down(candidate, written, by)
    except IntegrityError:
        # Pressed twice: the first press counts.
        return Message.get(Message.candidate == candidate, Message.form_key == written.key)
    if delivery is not None:
        jobs.carry_on(delivery, ours=True)
    else:
        portal_mail.sweep()
    return Message.get_by_id(message.id)


def _write_down(candidate: Candidate, written: Written, by: User) -> tuple[Message, Delivery | None]:
    address, name = sender_of(by, written.mailbox)
    answers = written.answers
    with transaction():
        message = Message.create(
            organisation=candidate.organisation_id, candidate=candidate, application=written.application,
            mailbox=written.mailbox, by=by, by_name=by.display_name, sender=address, sender_name=name,
            recipients=[recipient_of(candidate, answers)], subject=subject_of(written.subject), text=written.text,
            files=[_kept(file, candidate, written.application) for file in written.files], form_key=written.key,
            in_reply_to=(answers.message_id or "") if answers is not None else "",
            not_before=None if written.mailbox is not None else now(),
        )  # fmt: skip
        audit.record(by, "write to candidate", candidate, message=message.id)
        mailbox = written.mailbox
        delivery = engine.begin(sending.SEND, mailbox, by=by, mail=message) if mailbox is not None else None
    return message, delivery


def _kept(file: StoredFile, candidate: Candidate, application: Application | None) -> dict[str, object]:
    """Within a transaction: the file belongs to the candidate now."""
    StoredFile.update(candidate=candidate, application=application, at=now()).where(StoredFile.id == file.id).execute()
    return {"file": file.id, "name": file.name, "size": file.size}


def may_be_cancelled(message: Message) -> bool:
    """Whether it waits, and certainly has not gone out."""
    delivery = _waiting_delivery(message)
    if delivery is not None:
        return not sending.may_have_gone_out(delivery)
    return message.mailbox_id is None and message.state == MessageState.WAITING


def _waiting_delivery(message: Message) -> Delivery | None:
    waits = (Delivery.mail == message) & (Delivery.state == State.WAITING)
    found: Delivery | None = Delivery.get_or_none(waits) if message.mailbox_id is not None else None
    return found


def cancel(message: Message, *, by: User) -> None:
    """Do not send a message that waits. Raises TooLate."""
    delivery = _waiting_delivery(message)
    with transaction():
        if not (_cancel_delivery(delivery) if delivery is not None else portal_mail.cancel(message)):
            raise TooLate()
        audit.record(by, "cancel message", message.candidate, message=message.id)
    if delivery is not None and delivery.results.get("draft"):
        _throw_away(delivery)


def _cancel_delivery(delivery: Delivery) -> bool:
    return not sending.may_have_gone_out(delivery) and engine.cancel(delivery, _("You cancelled it."))


def _throw_away(delivery: Delivery) -> None:
    """The draft that would be left in the mailbox, if it can be reached now."""
    try:
        with turn(delivery.mailbox) as held, opened(held) as mailbox:
            mailbox.trash(delivery.results["draft"])
    except ConnectorError:
        return
