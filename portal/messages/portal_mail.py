"""Messages of users without a mailbox, sent by the portal's own mail server. Each goes out once.

One that may have arrived is not sent again. Answers go to the user's own inbox.
"""

import re
from datetime import timedelta
from email.utils import parseaddr
from typing import Any

from portal import mail
from portal.config import settings
from portal.database import now, transaction
from portal.languages import gettext as _
from portal.logs import log
from portal.mail import building, lane
from portal.messages.letters import text_for
from portal.messages.models import Direction, Message, MessageState
from portal.messages.sending import files_of
from portal.recruitment.files import content_of

# Longer than the longest conversation with a mail server.
HELD, AGAIN, TRIED_FOR = timedelta(minutes=20), timedelta(minutes=5), timedelta(days=1)
AT_ONCE = 50
LOST = _("The portal stopped while sending it, so nobody knows whether it arrived.")
MESSAGE_ID = re.compile(r"<[^<>\s]{1,990}>")


def _due() -> Any:
    ready = (Message.direction == Direction.OUT) & Message.mailbox.is_null() & (Message.not_before <= now())
    return Message.select().where(ready, Message.state == MessageState.WAITING)


def sweep() -> None:
    """Have what is due sent, in a thread for mails, and say of what was cut off that nobody knows."""
    lost = {"state": MessageState.UNCONFIRMED, "problem": LOST, "not_before": None}
    with transaction():
        Message.update(lost).where(Message.state == MessageState.SENDING, Message.not_before <= now()).execute()
    if _due().exists():
        lane.OTHER.start(send_all)


def send_all() -> None:
    """Send what is due, and say what became of each."""
    for message in list(_due().order_by(Message.not_before, Message.id).limit(AT_ONCE)):
        # Held while it is sent: a process that dies before the last dot leaves it to the next one.
        held = {"not_before": now() + HELD, "tries": Message.tries + 1}
        if _change(message, held, Message.not_before == message.not_before):
            _send(message)


def _change(message: Message, changes: dict[Any, Any], *conditions: Any, state: str = MessageState.WAITING) -> bool:
    mine = (Message.id == message.id) & (Message.state == state)
    with transaction():
        return bool(Message.update(changes).where(mine, *conditions).execute())


def _send(message: Message) -> None:
    state = [MessageState.WAITING]

    def note_last_dot() -> bool:
        taken = _change(message, {"state": MessageState.SENDING})
        state[0] = MessageState.SENDING
        return taken

    try:
        letter = composed(message)
        mail.send(letter, before_last_dot=note_last_dot)
    except mail.Stopped:
        return
    except mail.NotSent as problem:
        log.warning("message not sent", message=message.id, reason=problem.kind)
        _change(message, _after(message, problem), state=state[0])
        return
    sent = {
        "state": MessageState.SENT, "problem": "", "at": now(), "message_id": letter.message_id, "not_before": None,
    }  # fmt: skip
    _change(message, sent, state=state[0])


def _after(message: Message, problem: mail.NotSent) -> dict[str, Any]:
    words = {"problem": problem.args[0]}
    if problem.kind == mail.Kind.UNKNOWN:
        return {**words, "state": MessageState.UNCONFIRMED, "not_before": None}
    again = problem.may_be_sent_again and message.at > now() - TRIED_FOR
    state = MessageState.WAITING if again else MessageState.FAILED
    return {**words, "state": state, "not_before": now() + AGAIN if again else None}


def composed(message: Message) -> mail.Mail:
    """The email as it goes out. Raises NotSent for a bad address."""
    letter = building.begin(
        message.recipients[0], message.subject, sender_name=message.sender_name, reply_to=message.sender
    )
    # A person wrote it: what is sent on its own has this, and programs treat it differently.
    del letter.headers["Auto-Submitted"]
    if MESSAGE_ID.fullmatch(message.in_reply_to):
        letter.headers["In-Reply-To"] = letter.headers["References"] = message.in_reply_to
    letter.content.set_content(text_for(message), cte="quoted-printable")
    for file in files_of(message):
        letter.content.add_attachment(
            content_of(file), maintype="application", subtype="octet-stream", filename=file.name
        )
    return letter


def cancel(message: Message) -> bool:
    """Do not send it. False when it is not waiting any more."""
    return _change(message, {"state": MessageState.CANCELLED, "not_before": None, "problem": _("You cancelled it.")})


def own_address() -> str:
    """The address that these messages come from."""
    return parseaddr(settings().mail_from)[1]
