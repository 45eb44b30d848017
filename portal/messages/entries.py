"""What a candidate's timeline has of messages, and how the state of each is shown."""

from collections.abc import Iterable
from typing import NamedTuple

from peewee import JOIN

from portal.carrying.models import State
from portal.languages import gettext as _
from portal.languages import joined, pgettext
from portal.mailboxes.models import Mailbox
from portal.messages import actions
from portal.messages.letters import shown
from portal.messages.models import Delivery, Direction, Message, MessageKind, MessageState
from portal.recruitment import timeline
from portal.recruitment.models import Application, Candidate
from portal.recruitment.timeline import MOST, Entry

MESSAGES = "messages"


OUT = _("Message to the candidate")
TITLES = {
    MessageKind.PLAIN: _("Message from the candidate"), MessageKind.AUTOMATIC: _("Automatic reply"),
    MessageKind.BOUNCE: _("A message came back"), MessageKind.ANSWER: _("Answer to an invitation"),
}  # fmt: skip


class Shown(NamedTuple):
    """A state as a badge."""

    colour: str
    icon: str
    word: str


STATES = {
    MessageState.WAITING: Shown("blue", "clock", pgettext("message", "Waiting")),
    MessageState.SENDING: Shown("blue", "clock", _("Being sent")),
    MessageState.SENT: Shown("blue", "clock", _("Being confirmed")),
    MessageState.CONFIRMED: Shown("green", "check-circle", pgettext("message", "Sent")),
    MessageState.UNCONFIRMED: Shown("yellow", "exclamation-triangle", _("Not confirmed")),
    MessageState.FAILED: Shown("red", "x-circle", _("Not sent")),
    MessageState.BOUNCED: Shown("red", "x-circle", _("Came back")),
    MessageState.CANCELLED: Shown("secondary", "x-circle", pgettext("message", "Cancelled")),
    MessageState.RECEIVED: Shown("blue", "inbox-arrow-down", pgettext("message", "Received")),
}


class Line:
    """A message as a line of the timeline. delivery: how it goes out from a mailbox, if it does."""

    def __init__(self, message: Message, delivery: Delivery | None = None):
        self.message, self.delivery = message, delivery

    @classmethod
    def of(cls, message: Message) -> "Line":
        """The line of one message, looked up."""
        return cls(message, _deliveries([message]).get(message.id))

    @property
    def is_out(self) -> bool:
        return self.message.direction == Direction.OUT

    @property
    def is_new(self) -> bool:
        """Whether it came from the candidate and no user has seen it."""
        return not self.is_out and self.message.seen_at is None

    @property
    def state(self) -> Shown:
        if self.message.state == MessageState.SENT and self.delivery is None:
            return STATES[MessageState.CONFIRMED]
        return STATES[MessageState(self.message.state)]

    @property
    def moving(self) -> bool:
        """Whether its state may change while the page is open."""
        waits = self.message.state in (MessageState.WAITING, MessageState.SENDING)
        return waits or (self.message.state == MessageState.SENT and self.delivery is not None)

    @property
    def problem(self) -> str:
        """What is wrong, and what to do about it, as sentences."""
        if self.delivery is not None and self.delivery.state == State.WAITING:
            return joined(self.delivery.message, self.delivery.next_step)
        return joined(self.message.problem, self.message.next_step)

    @property
    def text(self) -> str:
        return shown(self.message.text)

    @property
    def can_cancel(self) -> bool:
        return self.moving and actions.may_be_cancelled(self.message)


def _messages(candidate: Candidate, applications: list[Application]) -> Iterable[Entry]:
    titles = {one.id: one.vacancy.title for one in applications}
    about = Message.application.is_null() | Message.application.in_(list(titles))
    mine = Message.select(Message, Mailbox).join(Mailbox, JOIN.LEFT_OUTER).where(Message.candidate == candidate, about)
    found = list(mine.order_by(Message.at.desc(), Message.id.desc()).limit(MOST))
    deliveries = _deliveries(found)
    for message in found:
        is_out = message.direction == Direction.OUT
        yield Entry(
            kind=MESSAGES, at=message.at, title=OUT if is_out else TITLES[MessageKind(message.kind)],
            icon="paper-airplane" if is_out else "inbox-arrow-down", by=message.by_name,
            about=titles.get(message.application_id or 0, ""), template="recruitment/_message.html",
            row=Line(message, deliveries.get(message.id)),
        )  # fmt: skip


def _deliveries(messages: list[Message]) -> dict[int, Delivery]:
    """The latest delivery of each message that goes out from a mailbox, by the id of the message."""
    sent = [one.id for one in messages if one.mailbox_id is not None and one.direction == Direction.OUT]
    rows = Delivery.select().where(Delivery.mail.in_(sent)).order_by(Delivery.id) if sent else []
    return {row.mail_id: row for row in rows}


timeline.KINDS.setdefault(MESSAGES, _("Messages"))
timeline.SOURCES.append(_messages)
