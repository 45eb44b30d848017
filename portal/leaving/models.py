from enum import StrEnum
from typing import Any

from peewee import CharField, ForeignKeyField, TextField

from portal.connections.models import Connection
from portal.database import BaseModel, UtcDateTimeField, now
from portal.operations.models import Operation
from portal.organisations.models import Organisation
from portal.people.models import Employee

# Of Snapshot.waits_for_seats, while licences are to be given as soon as there are seats.
WAITS = "yes"


class Kind(StrEnum):
    LEAVER = "leaver"
    ABSENCE = "absence"


class Conversion(StrEnum):
    """What became of the mailbox that a person is to convert to a shared one. NOT_WANTED: nobody asked for that."""

    NOT_WANTED = ""
    PLANNED = "planned"
    VERIFIED = "verified"
    SKIPPED = "skipped"


class Snapshot(BaseModel):
    """What was noted of an account before anything was taken from it, encrypted.

    operation: the one that noted it. waits_for_seats: WAITS, or empty.
    ended_at: when all that can come back had come back; until then Undo leaving is offered.
    """

    organisation_id: int
    employee_id: int
    connection_id: int
    operation_id: int
    id: Any
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    employee = ForeignKeyField(Employee, backref="snapshots", on_delete="CASCADE")
    connection = ForeignKeyField(Connection, on_delete="CASCADE")
    operation = ForeignKeyField(Operation, on_delete="CASCADE")
    kind = CharField(max_length=20)
    encrypted_contents = TextField()
    shared_mailbox = CharField(max_length=20, default=Conversion.NOT_WANTED)
    waits_for_seats = CharField(max_length=20, default="")
    created_at = UtcDateTimeField(default=now)
    ended_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("employee", "connection"), False), (("waits_for_seats",), False))
