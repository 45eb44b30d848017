"""The mail with the login information, and where it is."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, TextField

from portal.accounts.models import Account
from portal.database import UtcDateTimeField, now
from portal.leases import Leased
from portal.mail import sending
from portal.operations.models import Operation
from portal.organisations.models import Organisation
from portal.people.models import Employee


class MailState(StrEnum):
    """Where a LoginMail is. Unknown: the mail server had it and did not confirm; only an Admin may send it again.

    Paused: the organisation was disconnected; what it was before is kept, for when the same tenant comes back.
    """

    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    TO_SHOW = "to show"
    SHOWN = "shown"
    TO_OPEN = "to open"
    OPENED = "opened"
    PAUSED = "paused"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Secret(StrEnum):
    """What is handed over."""

    PASSWORD = "password"  # noqa: S105 - a kind
    PASS = "pass"  # noqa: S105 - a kind


class LoginMail(Leased):
    """The mail with the login information. Its password is encrypted, and wiped once handed over.

    secret: what `encrypted_password` is. ends_at: when a pass stops working. only_link: never in the mail itself.
    link_hash: of the token in its link, when it has a link in place of the password. encrypted_link: the token itself,
    until the mail was sent. opened_at: when a person saw the password behind the link.
    given_at: written before the last dot of the conversation with the mail server, which may have the mail since.
    on_start: it goes out on the morning of the first day, wherever that day moves.
    not_before: when it is tried again; None in one with a problem waits for the mail server to take the portal.
    """

    OPEN, DUE = (MailState.SCHEDULED, MailState.SENDING), "send_at"
    # Beyond the longest conversation.
    MARGIN = timedelta(seconds=30)

    account_id: int
    operation_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    account = ForeignKeyField(Account, backref="login_mails", on_delete="CASCADE")
    operation = ForeignKeyField(Operation, unique=True, on_delete="CASCADE")
    recipient = CharField(max_length=254)
    encrypted_password = TextField(default="")
    state = CharField(max_length=20, default=MailState.SCHEDULED)
    send_at = UtcDateTimeField(default=now)
    sent_at = UtcDateTimeField(null=True)
    attempts = IntegerField(default=0)
    not_before = UtcDateTimeField(null=True)
    problem = TextField(default="")
    message_id = CharField(max_length=200, default="")
    given_at = UtcDateTimeField(null=True)
    paused_from = CharField(max_length=20, default="")
    paused_at = UtcDateTimeField(null=True)
    link_hash = CharField(max_length=64, default="")
    encrypted_link = TextField(default="")
    opened_at = UtcDateTimeField(null=True)
    secret = CharField(max_length=20, default=Secret.PASSWORD)
    ends_at = UtcDateTimeField(null=True)
    only_link = BooleanField(default=False)
    on_start = BooleanField(default=False)

    class Meta:
        indexes = ((("state", "send_at"), False), (("link_hash",), False))

    @classmethod
    def lease(cls) -> timedelta:
        return timedelta(seconds=sending.longest()) + cls.MARGIN

    @classmethod
    def _ready(cls, moment: datetime) -> Any:
        return super()._ready(moment) & (cls.not_before.is_null() | (cls.not_before <= moment))

    @property
    def goes_to(self) -> str:
        """The address it goes to, or went to: until it has been sent, a personal email that was corrected counts."""
        if self.state not in (MailState.SCHEDULED, MailState.SENDING, MailState.PAUSED):
            return self.recipient
        employee: Employee = self.account.employee
        return employee.personal_email or self.recipient
