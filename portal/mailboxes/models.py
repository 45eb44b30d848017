"""The mailboxes that users have connected, and which organisations allow it."""

from enum import StrEnum
from typing import Any

from peewee import SQL, CharField, ForeignKeyField, JSONField, TextField

from portal.auth.models import User
from portal.connections.models import Connection
from portal.database import BaseModel, UtcDateTimeField, now
from portal.languages.columns import SentenceField
from portal.leases import Leased
from portal.organisations.models import Organisation


class MailboxState(StrEnum):
    """RECONNECT: only its owner can let the portal in again. OFF: it was disconnected."""

    LIVE = "live"
    RECONNECT = "reconnect"
    OFF = "off"


class Allowance(BaseModel):
    """An administrator of the connected application let the portal into people's mailboxes there."""

    connection_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    connection = ForeignKeyField(Connection, unique=True, on_delete="CASCADE")
    by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    by_name = CharField(max_length=320, default="")
    at = UtcDateTimeField(default=now)


class Mailbox(Leased):
    """A user's own mailbox. tenant_id, person_id: whose it is, as the application states it.

    address: what mail goes out from. addresses: all of the owner's. scopes: what they allowed. encrypted_cache: what
    the portal acts in their name with; empty when it is off. problem, next_step, code: why it must be connected again.
    since: when its state became what it is. told_at, admins_told_at: when its owner and the Admins had an email about
    that. used_at: when the application last let the portal in. Who does something in it holds its lease: one at a time.
    read_to: up to when its mail has been read. read_at: when that was done last.
    """

    OPEN = (MailboxState.LIVE,)

    organisation_id: int
    user_id: int
    connection_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    user = ForeignKeyField(User, unique=True, on_delete="CASCADE")
    connection = ForeignKeyField(Connection, on_delete="CASCADE")
    tenant_id = CharField(max_length=64)
    person_id = CharField(max_length=64)
    name = CharField(max_length=256, default="")
    address = CharField(max_length=320)
    addresses = JSONField(default=list)
    scopes = JSONField(default=list)
    encrypted_cache = TextField(default="")
    state = CharField(max_length=20, default=MailboxState.LIVE)
    since = UtcDateTimeField(default=now)
    problem = SentenceField(default="")
    next_step = SentenceField(default="")
    code = CharField(max_length=200, default="")
    used_at = UtcDateTimeField(default=now)
    told_at = UtcDateTimeField(null=True)
    admins_told_at = UtcDateTimeField(null=True)
    read_to = UtcDateTimeField(null=True)
    read_at = UtcDateTimeField(null=True)

    @property
    def is_live(self) -> bool:
        return self.state == MailboxState.LIVE

    @property
    def is_off(self) -> bool:
        return self.state == MailboxState.OFF

    @classmethod
    def of(cls, user: Any) -> "Mailbox | None":
        """The user's mailbox, unless it was disconnected."""
        found = cls.get_or_none(cls.user == user.id, cls.state != MailboxState.OFF)
        if found is not None:
            found.organisation = user.organisation
        return found


# One mailbox belongs to one user at a time, even when two connect it in the same second.
Mailbox.add_index(
    Mailbox.index(Mailbox.tenant_id, Mailbox.person_id, unique=True, name="mailbox_one_user")
    .where(SQL("state <> 'off'"))
)  # fmt: skip
