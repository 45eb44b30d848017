"""Messages with candidates, and the deliveries that bring them, or an interview, to a mailbox."""

from enum import StrEnum
from typing import Any

from peewee import SQL, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from portal.auth.models import User
from portal.carrying.models import Line, Task
from portal.database import BaseModel, UtcDateTimeField, now
from portal.languages.columns import SentenceField
from portal.mailboxes.models import Mailbox
from portal.organisations.models import Organisation
from portal.recruitment.models import Application, Candidate


class Direction(StrEnum):
    """OUT: to the candidate. IN: from them."""

    OUT = "out"
    IN = "in"


class MessageState(StrEnum):
    """WAITING: to be sent. SENDING: the portal's own mail server may have it. SENT: accepted, not confirmed.

    FAILED: not sent. UNCONFIRMED: nobody knows whether.
    """

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    FAILED = "failed"
    BOUNCED = "bounced"
    CANCELLED = "cancelled"
    RECEIVED = "received"


class MessageKind(StrEnum):
    """What an incoming mail is; what goes out is plain."""

    PLAIN = "plain"
    AUTOMATIC = "automatic reply"
    BOUNCE = "bounce"
    ANSWER = "invitation answer"


class Message(BaseModel):
    """A mail to or from a candidate. application: what it is about, if anything.

    mailbox: the one that it is in; None for what the portal's own mail server sends. sender, recipients: addresses.
    message_id: the same everywhere, for ever; None while it has none. thread, remote_id: of the mailbox. in_reply_to:
    the message id of the mail that it answers. web_link: where it is seen in the mailbox. at: when it was sent or
    received; when it was written, until then. files: {"name", "size"}, and with it "file" (a StoredFile's id) once the
    portal has it, or "remote_id" while only the mailbox has. problem, next_step: why it was not sent, as sentences.
    not_before, tries: of what the portal's own mail server sends; not_before is None once it was handed over or given
    up. seen_at: when a user first saw an incoming one. form_key: of the form that it was written in.
    """

    organisation_id: int
    candidate_id: int
    application_id: int | None
    mailbox_id: int | None
    by_id: int | None
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    candidate = ForeignKeyField(Candidate, backref="messages", on_delete="CASCADE")
    application = ForeignKeyField(Application, null=True, backref="messages", on_delete="CASCADE")
    mailbox = ForeignKeyField(Mailbox, null=True, on_delete="SET NULL")
    direction = CharField(max_length=3, default=Direction.OUT)
    kind = CharField(max_length=20, default=MessageKind.PLAIN)
    state = CharField(max_length=20, default=MessageState.WAITING)
    by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    by_name = CharField(max_length=320, default="")
    sender = CharField(max_length=320)
    sender_name = CharField(max_length=320, default="")
    recipients = JSONField(default=list)
    subject = CharField(max_length=1000, default="")
    text = TextField(default="")
    files = JSONField(default=list)
    at = UtcDateTimeField(default=now)
    message_id = CharField(max_length=1000, null=True)
    thread = CharField(max_length=600, default="")
    in_reply_to = CharField(max_length=1000, default="")
    remote_id = CharField(max_length=600, default="")
    web_link = TextField(default="")
    problem = SentenceField(default="")
    next_step = SentenceField(default="")
    not_before = UtcDateTimeField(null=True, index=True)
    tries = IntegerField(default=0)
    seen_at = UtcDateTimeField(null=True)
    form_key = CharField(max_length=40, null=True)

    class Meta:
        indexes = (
            # The same mail in two recruiters' mailboxes is one message.
            (("organisation", "candidate", "message_id"), True),
            (("candidate", "at"), False),
            (("candidate", "form_key"), True),
            (("organisation", "message_id"), False),
            (("organisation", "thread"), False),
        )


class Delivery(Task):
    """One thing to be done in a mailbox or its calendar: send, or invite, move, call off.

    mail: the Message that is sent, if one is. interview_id: the interview that it is about, if it is about one.
    """

    mailbox_id: int
    mail_id: int | None
    steps: Any
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    mailbox = ForeignKeyField(Mailbox, on_delete="CASCADE")
    by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    mail = ForeignKeyField(Message, null=True, backref="deliveries", on_delete="CASCADE")
    interview_id = IntegerField(null=True)

    class Meta:
        indexes = ((("state", "not_before"), False), (("mailbox", "state"), False), (("interview_id",), False))


# Pressing twice, or two tabs, never begin a second one.
for _about in ("mail", "interview_id"):
    Delivery.add_index(
        Delivery.index(getattr(Delivery, _about), unique=True, name=f"delivery_one_open_{_about}")
        .where(SQL("state IN ('waiting', 'running')"))
    )  # fmt: skip


class DeliveryStep(Line):
    """A line of a delivery's journal. No text of a message is in it: ids, sizes and statuses only."""

    delivery = ForeignKeyField(Delivery, backref="steps", on_delete="CASCADE")

    class Meta:
        indexes = ((("delivery", "name"), True),)
