"""Sending a message from a user's own mailbox: a draft, its files, the sending, and the proof that it was sent.

Nothing is ever sent twice: a step whose outcome nobody knows looks for the mail by its marker, and acts again only
when what it finds proves that the first try did nothing. What was accepted is never sent again.
"""

from collections import Counter
from datetime import datetime, timedelta

from portal.carrying.models import State
from portal.carrying.work import Outcome, StepPlan, VerbPlan
from portal.connectors.errors import AlreadyDone, ConnectorError, NotFound, Protected, Refused
from portal.connectors.personal import Draft, Found
from portal.database import now
from portal.languages import N_
from portal.languages import gettext as _
from portal.messages.engine import DELIVERIES, JOURNAL, MailWork, NotYet
from portal.messages.letters import letter_of
from portal.messages.models import Delivery, DeliveryStep, Message, MessageState
from portal.organisations.plans import Feature
from portal.recruitment.files import StoredFile, content_of

SEND = "send"
# Seconds after the sending at which it is looked for; from then on every five minutes, for an hour.
LOOKS, EVERY, LOOKED_FOR = (2, 5, 15, 60), 300, timedelta(hours=1)
# When a try had no answer, the application does what it was asked within this time, or never.
SETTLED = timedelta(minutes=2)
# Refusals after which a draft would only be left lying about.
REFUSALS = (Refused, Protected, AlreadyDone)
NOT_CONFIRMED = _("Not confirmed, look in Outlook")


class NotConfirmed(Refused):
    """The mail was handed over and has not appeared among what was sent."""


def write_draft(work: MailWork) -> Outcome:
    """A draft with our marker, or the one that an earlier try made."""
    message, letter = _message(work), letter_of(_message(work), work.delivery.marker)
    found = _looked(work) if work.interrupted else None
    if found is None:
        made = work.mailbox.draft(letter, in_reply_to=message.in_reply_to)
    else:
        made = found if found.sent else work.mailbox.rewrite(found.id, letter)
    return Outcome(remember={"draft": made.id}, save=lambda: _note(message, made))


def _looked(work: MailWork) -> Found | None:
    """What an earlier try made. Raises NotYet while it may yet appear."""
    found = work.mailbox.find(work.delivery.marker)
    if found is None:
        _wait_until_settled(work)
    return found


def _wait_until_settled(work: MailWork) -> None:
    """Raises NotYet while the application may yet do what it was asked without an answer."""
    passed = now() - work.last_try
    if timedelta(0) <= passed < SETTLED:
        raise NotYet(
            _("Outlook did not answer, so the portal checks what became of it."), retry_after=_next_look(passed)
        )


def _next_look(passed: timedelta) -> float:
    seconds = passed.total_seconds()
    return next((look - seconds for look in LOOKS if look > seconds), max(SETTLED.total_seconds() - seconds, 1.0))


def attach_files(work: MailWork) -> Outcome:
    """Each file that is not on the draft yet."""
    message, draft = _message(work), work.delivery.results["draft"]
    there = Counter(work.mailbox.attached(draft))
    missing = []
    for file in files_of(message):
        if there[file.name]:
            there[file.name] -= 1
        else:
            missing.append(file)
    if missing and work.interrupted:
        _wait_until_settled(work)
    for file in missing:
        work.mailbox.attach(draft, file.name, "application/octet-stream", content_of(file))
    return Outcome(after={N_("files"): len(message.files), N_("bytes"): sum(file["size"] for file in message.files)})


def files_of(message: Message) -> list[StoredFile]:
    """The files that go along, in their order."""
    wanted = [file["file"] for file in message.files if file.get("file")]
    by_id = {file.id: file for file in StoredFile.select().where(StoredFile.id.in_(wanted))}
    return [by_id[number] for number in wanted if number in by_id]


def send(work: MailWork) -> Outcome:
    """Have the draft sent. After a try without an answer it is sent again only if it still is a draft."""
    message, draft = _message(work), work.delivery.results["draft"]
    if not (work.interrupted and _is_gone(work, message)):
        try:
            work.mailbox.send(draft)
        except NotFound:
            _check_sent_elsewhere(work, message)
        except REFUSALS:
            _throw_away(work, draft)
            raise
    return Outcome(
        remember={"sent_at": now().isoformat()}, save=lambda: _write(message, state=MessageState.SENT, at=now())
    )


def _is_gone(work: MailWork, message: Message) -> bool:
    """Whether the draft has been sent or is gone. Raises NotYet while the application may yet send it."""
    found = work.mailbox.find(work.delivery.marker, message.message_id or "")
    if found is not None and not found.sent:
        _wait_until_settled(work)
        return False
    return True


def _check_sent_elsewhere(work: MailWork, message: Message) -> None:
    """The draft is not there: its owner sent it in Outlook, which is as good, or deleted it. Raises Refused."""
    found = work.mailbox.find(work.delivery.marker, message.message_id or "")
    if work.interrupted or (found is not None and found.sent):
        return
    raise Refused(
        _("The draft was deleted in Outlook before it was sent, so nothing went out."),
        next_step=_("Write it once more."),
    )


def _throw_away(work: MailWork, draft: str) -> None:
    try:
        work.mailbox.trash(draft)
    except ConnectorError:
        return


def confirm(work: MailWork) -> Outcome:
    """The sent mail, found by its marker. Raises NotYet, and NotConfirmed after an hour."""
    message = _message(work)
    found = work.mailbox.find(work.delivery.marker, message.message_id or "")
    if found is not None and found.sent:
        return Outcome(
            after={N_("message"): found.message_id},
            save=lambda: _note(message, found, state=MessageState.CONFIRMED, at=found.at or message.at),
        )
    passed = now() - datetime.fromisoformat(work.delivery.results["sent_at"])
    if passed >= LOOKED_FOR:
        raise NotConfirmed(
            _("Outlook took the message, but it has not appeared in Sent Items for an hour."),
            next_step=_("Look in Outlook. The portal does not send it again."),
        )
    seconds = passed.total_seconds()
    raise NotYet(_("Being confirmed."), retry_after=next((look - seconds for look in LOOKS if look > seconds), EVERY))


def _message(work: MailWork) -> Message:
    if work.delivery.mail is None:
        raise LookupError(f"delivery {work.delivery.id} has no message")
    return work.delivery.mail


def _note(message: Message, found: Draft, **changes: object) -> None:
    _write(message, message_id=found.message_id, thread=found.thread, remote_id=found.id, **_link(found), **changes)


def _link(found: Draft) -> dict[str, str]:
    return {"web_link": found.web_link} if found.web_link else {}


def _write(message: Message, **changes: object) -> None:
    Message.update(changes).where(Message.id == message.id).execute()
    message.__data__.update(changes)


DELIVERIES.register(
    SEND,
    VerbPlan(
        _("send a message"),
        (
            StepPlan("draft", _("Write the draft"), write_draft),
            StepPlan("attach", _("Attach the files"), attach_files, wanted=lambda delivery: bool(delivery.mail.files)),
            StepPlan("send", _("Send it"), send),
            StepPlan("confirm", _("Find it in Sent Items"), confirm, changes=False),
        ),
        feature=Feature.RECRUITMENT,
    ),
)


@DELIVERIES.when_ended(SEND, state=State.FAILED)
@DELIVERIES.when_ended(SEND, state=State.CANCELLED)
def tell_what_became_of_it(delivery: Delivery) -> None:
    """A message that may have gone out is not called unsent."""
    message = delivery.mail
    if message is None:
        return
    if may_have_gone_out(delivery):
        words = {"problem": NOT_CONFIRMED, "next_step": _("The portal does not send it again.")}
        _write(message, state=MessageState.UNCONFIRMED, **words)
    else:
        state = MessageState.FAILED if delivery.state == State.FAILED else MessageState.CANCELLED
        _write(message, state=state, problem=delivery.message, next_step=delivery.next_step)


def may_have_gone_out(delivery: Delivery) -> bool:
    """Whether the message was sent, or may have been."""
    return JOURNAL.step_may_have_happened(delivery, "send")


def receipt_of(message: Message) -> tuple[Delivery, list[DeliveryStep]] | None:
    """The delivery of a message, and its journal; None for one that the portal's own server sends."""
    delivery = Delivery.select().where(Delivery.mail == message).order_by(Delivery.id.desc()).first()
    return (delivery, JOURNAL.lines_of(delivery)) if delivery is not None else None
