"""A receiver of messages, and each message to one."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from portal import vault
from portal.auth.models import AccessLevel, User
from portal.database import BaseModel, UtcDateTimeField, now
from portal.guard import addresses
from portal.guard.addresses import Address
from portal.languages import N_, pgettext
from portal.languages.columns import SentenceField
from portal.organisations.models import Organisation


class Kind(StrEnum):
    """How a receiver is spoken to."""

    WEBHOOK = "webhook"
    TEAMS = "teams"
    SLACK = "slack"


# As pages say the first of them; the others are names.
WORD = N_("Webhook")


class Receiver(BaseModel):
    """Another system that an Admin has entered. Its address may hold a secret, so it is encrypted as the secrets are.

    kinds: which types of messages it wants; empty for all. old_until: until when messages are signed with the earlier
    secret too. paused_at, paused_why: who stopped it and why; messages are kept meanwhile. told: false until
    Admins have the email. arrived: what an Admin said of the latest test, where the other system cannot say it.
    used_on: the day of the last line about its use.
    """

    organisation_id: int
    made_by_id: int | None
    deliveries: Any
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    kind = CharField(max_length=20, default=Kind.WEBHOOK)
    name = CharField(max_length=80)
    host = CharField(max_length=253)
    encrypted_address = TextField()
    encrypted_secret = TextField(default="")
    encrypted_old_secret = TextField(default="")
    old_until = UtcDateTimeField(null=True)
    kinds = JSONField(default=list)
    made_by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    made_by_name = CharField(max_length=320)
    made_at = UtcDateTimeField(default=now)
    paused_at = UtcDateTimeField(null=True)
    paused_why = SentenceField(longest=400, default="")
    told = BooleanField(default=True)
    last_ok_at = UtcDateTimeField(null=True)
    problem = SentenceField(longest=500, default="")
    arrived = BooleanField(null=True)
    used_on = CharField(max_length=10, default="")

    class Meta:
        table_name = "webhook_receiver"
        indexes = ((("organisation", "kind"), False),)

    @property
    def address(self) -> Address:
        """Where it is called. Raises vault.CannotOpen."""
        return addresses.read(vault.decrypt(self.encrypted_address))

    @property
    def secrets(self) -> list[str]:
        """What its messages are signed with: the present secret, and the earlier one while both hold."""
        old = [self.encrypted_old_secret] if self.old_until is not None and self.old_until > now() else []
        return [vault.decrypt(each) for each in (self.encrypted_secret, *old)]

    @property
    def maker_left(self) -> bool:
        """Whether the Admin who entered it is no longer one."""
        maker = self.made_by
        return maker is None or not maker.enabled or maker.access_level != AccessLevel.ADMIN

    @property
    def state(self) -> str:
        """In one word, for a badge."""
        if self.paused_at is not None:
            return pgettext("door", "Paused")
        return (
            pgettext("door", "Needs attention")
            if self.problem
            else pgettext("door", "Working")
            if self.last_ok_at
            else pgettext("door", "Not used yet")
        )


class State(StrEnum):
    """Where a message is."""

    WAITING = "waiting"
    SENDING = "sending"
    DONE = "done"
    FAILED = "failed"


class Delivery(BaseModel):
    """A message to one receiver. message_id, body: the same at each attempt.

    not_before: when the next attempt is due. until: when one that is under way is taken for lost. status, answer,
    seconds: of the latest attempt; public: whether an Admin may see the answer.
    """

    receiver_id: int
    receiver = ForeignKeyField(Receiver, backref="deliveries", on_delete="CASCADE")
    message_id = CharField(max_length=40)
    kind = CharField(max_length=40)
    body = TextField()
    made_at = UtcDateTimeField(default=now)
    state = CharField(max_length=10, default=State.WAITING)
    attempts = IntegerField(default=0)
    not_before = UtcDateTimeField(null=True, default=now)
    until = UtcDateTimeField(null=True)
    tried_at = UtcDateTimeField(null=True)
    status = IntegerField(null=True)
    milliseconds = IntegerField(null=True)
    answer = TextField(default="")
    public = BooleanField(default=False)
    problem = SentenceField(longest=500, default="")

    class Meta:
        table_name = "webhook_delivery"
        indexes = ((("receiver", "state", "not_before"), False), (("state", "not_before"), False))

    @property
    def shown_answer(self) -> str:
        """The beginning of what the other system answered; nothing when it is inside a network."""
        return self.answer[:500] if self.public else ""


def free(moment: datetime) -> Any:
    """Messages that may be sent at this moment: due, and not under way, or lost on the way."""
    waiting = (Delivery.state == State.WAITING) & (Delivery.not_before <= moment)
    return waiting | ((Delivery.state == State.SENDING) & (Delivery.until < moment))


KEPT = timedelta(days=30)
