"""What Clean-up remembers: accounts that are kept on purpose, and when accounts were last used."""

from enum import StrEnum

from peewee import CharField, DateField, ForeignKeyField

from portal.connections.models import Connection
from portal.database import BaseModel, UtcDateTimeField, now
from portal.languages.columns import SentenceField
from portal.leases import Leased
from portal.organisations.models import Organisation


class KeptAccount(BaseModel):
    """An account that no list of Clean-up shows until a date. name: as it was called when somebody kept it."""

    organisation_id: int
    connection_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    connection = ForeignKeyField(Connection, on_delete="CASCADE")
    remote_id = CharField(max_length=320)
    name = CharField(max_length=320, default="")
    reason = CharField(max_length=300)
    until = DateField()
    by_name = CharField(max_length=320, default="")
    kept_at = UtcDateTimeField(default=now)

    class Meta:
        indexes = ((("connection", "remote_id"), True),)


class UseState(StrEnum):
    READING = "reading"
    READ = "read"
    FAILED = "failed"


class UseReading(Leased):
    """The reading of when the accounts of a connection were last used; there is one of each, read again and again.

    source: a connectors.last_use.Source, of the last that came to its end; empty before. why_not, what_to_do: as of
    LastUse. problem: why the last one failed.
    """

    OPEN = (UseState.READING,)

    organisation_id: int
    connection_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    connection = ForeignKeyField(Connection, unique=True, on_delete="CASCADE")
    state = CharField(max_length=20, default=UseState.READING)
    source = CharField(max_length=20, default="")
    why_not = SentenceField(default="")
    what_to_do = SentenceField(default="")
    problem = SentenceField(default="")
    read_at = UtcDateTimeField(null=True)


class LastSeen(BaseModel):
    """When an account was last used; None where nothing is recorded."""

    reading_id: int
    reading = ForeignKeyField(UseReading, on_delete="CASCADE")
    remote_id = CharField(max_length=320)
    used_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("reading", "remote_id"), True),)
