"""A target to which the audit log is pushed, and how far it has got."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, TextField

from portal import vault
from portal.audit import AuditEntry
from portal.auth.models import User
from portal.database import BaseModel, UtcDateTimeField, now
from portal.guard import addresses
from portal.guard.addresses import Address
from portal.languages import pgettext
from portal.languages.columns import SentenceField
from portal.organisations.models import Organisation


class Kind(StrEnum):
    """How lines are written, and how they travel."""

    SYSLOG = "syslog"
    CEF = "cef"
    HTTPS = "https"


# The scheme of each kind's address.
SCHEMES: dict[str, str] = {Kind.SYSLOG: "tls", Kind.CEF: "tls", Kind.HTTPS: "https"}
# A target is paused after so many days without success; nothing is lost, as the audit log itself is what waits.
BACKLOG = timedelta(days=30)


class Target(BaseModel):
    """mark: the number of the last line that the target has. header: the word before the token, Bearer or Splunk.

    personal: whether values go along, and not only the names of fields. failing_since: when it first refused, since it
    last worked. lease_until: until when a worker sends to it. used_on: the day of the last line about its use.
    told: false until Admins have the email that it is paused.
    """

    organisation_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    kind = CharField(max_length=10)
    name = CharField(max_length=80)
    host = CharField(max_length=260)
    encrypted_address = TextField()
    encrypted_token = TextField(default="")
    header = CharField(max_length=10, default="Bearer")
    personal = BooleanField(default=False)
    mark = IntegerField(default=0)
    made_by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    made_by_name = CharField(max_length=320)
    made_at = UtcDateTimeField(default=now)
    paused_at = UtcDateTimeField(null=True)
    paused_why = SentenceField(longest=400, default="")
    told = BooleanField(default=True)
    last_ok_at = UtcDateTimeField(null=True)
    problem = SentenceField(longest=500, default="")
    failing_since = UtcDateTimeField(null=True)
    tries = IntegerField(default=0)
    not_before = UtcDateTimeField(default=now)
    lease_until = UtcDateTimeField(null=True)
    used_on = CharField(max_length=10, default="")

    class Meta:
        table_name = "siem_target"

    @property
    def address(self) -> Address:
        """Where it is. Raises vault.CannotOpen."""
        return addresses.read(vault.decrypt(self.encrypted_address), SCHEMES[self.kind])

    @property
    def token(self) -> str:
        """What it is signed in to with, if anything. Raises vault.CannotOpen."""
        return vault.decrypt(self.encrypted_token) if self.encrypted_token else ""

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

    def unsent(self) -> Any:
        """A select of the lines that it does not have."""
        return AuditEntry.select().where(AuditEntry.organisation == self.organisation_id, AuditEntry.number > self.mark)

    @property
    def backlog(self) -> int:
        """How many lines it does not have."""
        return int(self.unsent().count())

    @property
    def behind_since(self) -> datetime | None:
        """When the oldest line that it does not have was written; None when it has all."""
        first = self.unsent().order_by(AuditEntry.number).first()
        return first.at if first is not None else None
