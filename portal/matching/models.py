"""A reading of a tenant's accounts, and whose each may be."""

from enum import StrEnum

from peewee import SQL, BooleanField, CharField, ForeignKeyField, IntegerField

from portal.connections.models import Connection
from portal.database import BaseModel, UtcDateTimeField, now
from portal.languages.columns import SentenceField
from portal.leases import Leased
from portal.organisations.models import Organisation
from portal.people.models import Employee


class Rule(StrEnum):
    """By what an account is taken for an employee's, the strongest first. `doubt` is for a person to look into."""

    NUMBER = "number"
    ADDRESS = "address"
    NAME = "name"
    DOUBT = "doubt"


class ReadingState(StrEnum):
    READING = "reading"
    READ = "read"
    FAILED = "failed"


class Reading(Leased):
    """One reading of all accounts of a tenant. accounts: how many have been read."""

    OPEN = (ReadingState.READING,)

    organisation_id: int
    connection_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    connection = ForeignKeyField(Connection, on_delete="CASCADE")
    state = CharField(max_length=20, default=ReadingState.READING)
    by_name = CharField(max_length=320, default="")
    accounts = IntegerField(default=0)
    problem = SentenceField(default="")
    started_at = UtcDateTimeField(default=now)
    finished_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("connection", "id"), False), (("state",), False))

    @classmethod
    def latest_of(cls, connection: Connection, state: ReadingState | None = None) -> "Reading | None":
        query = cls.select().where(cls.connection == connection)
        if state:
            query = query.where(cls.state == state)
        return query.order_by(cls.id.desc()).first()


# Two admins who ask in the same second ask for one reading.
Reading.add_index(
    Reading.index(Reading.connection, unique=True, name="reading_one_open")
    .where(SQL("state = 'reading'"))
)  # fmt: skip


class FoundAccount(BaseModel):
    """An account of the tenant that no employee had when it was read.

    employee, rule, evidence: whose it may be, and why. doubt: why that is not certain.
    barred: why the portal leaves it alone (a Protection), if so. about: job title and department.
    """

    reading_id: int
    employee_id: int | None
    reading = ForeignKeyField(Reading, on_delete="CASCADE")
    remote_id = CharField(max_length=320)
    username = CharField(max_length=320)
    display_name = CharField(max_length=256, default="")
    about = CharField(max_length=400, default="")
    enabled = BooleanField()
    barred = CharField(max_length=20, default="")
    created_at = UtcDateTimeField(null=True)
    employee = ForeignKeyField(Employee, null=True, on_delete="SET NULL")
    rule = CharField(max_length=20, default="")
    evidence = SentenceField(longest=400, default="")
    doubt = SentenceField(default="")

    class Meta:
        indexes = ((("reading", "remote_id"), True), (("reading", "rule", "id"), False))
