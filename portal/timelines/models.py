"""An employee's timeline of one kind, and the dated steps it is made of."""

from enum import StrEnum
from typing import Any

from peewee import SQL, BooleanField, CharField, DateField, ForeignKeyField, IntegerField, JSONField

from portal.connections.models import Connection
from portal.database import BaseModel, UtcDateTimeField, now
from portal.languages.columns import SentenceField
from portal.operations.models import Operation
from portal.organisations.models import Organisation
from portal.people.models import Employee


class Course(StrEnum):
    """Where a timeline is. Only an open one has steps to come."""

    OPEN = "open"
    ENDED = "ended"
    CANCELLED = "cancelled"


class StepState(StrEnum):
    """Where a step is. Asks: its time has passed, and a person decides. Held: a second Admin decides.

    Waiting: its operation is under way.
    """

    PLANNED = "planned"
    ASKS = "asks"
    HELD = "held"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


# What is still to come, and can be moved with a date.
TO_COME = (StepState.PLANNED, StepState.ASKS, StepState.HELD)
# What may still become something.
UNSETTLED = (*TO_COME, StepState.WAITING, StepState.FAILED)


class Itinerary(BaseModel):
    """The dated steps of one employee, of one kind: the pages call it a timeline.

    kind: a timeline_templates Kind. dates: anchor -> ISO date that the steps are counted from. version: of the template
    they were made from, template its row, if it has one. options: what was asked for, such as the fields of a move.
    time_zone, followed_at: where the employee was, and when, as the moments of the steps were last worked out.
    """

    organisation_id: int
    employee_id: int
    steps: Any
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    employee = ForeignKeyField(Employee, backref="itineraries", on_delete="CASCADE")
    kind = CharField(max_length=20)
    state = CharField(max_length=20, default=Course.OPEN)
    dates = JSONField(default=dict)
    template_id = IntegerField(null=True)
    version = IntegerField(default=0)
    options = JSONField(default=dict)
    time_zone = CharField(max_length=64, default="")
    followed_at = UtcDateTimeField(default=now)
    by_name = CharField(max_length=320, default="")
    made_at = UtcDateTimeField(default=now)
    ended_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("organisation", "state"), False),)


# Two at the same moment cannot make two.
Itinerary.add_index(
    Itinerary.index(Itinerary.employee, Itinerary.kind, unique=True, name="itinerary_one_open")
    .where(SQL("state = 'open'"))
)  # fmt: skip


class PlannedStep(BaseModel):
    """One thing on one day at one hour: carried out by exactly one operation, or done by a person.

    connection: where it acts; None for what is no application's. key: of the template and the catalogue. place: its
    position among the steps of one moment. days: after the date of its anchor. day, hour: the wall time where the
    employee is, from which due_at follows. moved_by_hand: a person chose day and hour, so no date moves it.
    parts: keys of further steps that its operation carries out too. left_out: key -> why, of those that it could not.
    begun_at: when its operation was begun. looked_at: when its turn came and it could not begin. reason: why it is as
    it is, as a sentence. done_by: who did or decided it.
    """

    organisation_id: int
    itinerary_id: int
    employee_id: int
    connection_id: int | None
    operation_id: int | None
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    itinerary = ForeignKeyField(Itinerary, backref="steps", on_delete="CASCADE")
    employee = ForeignKeyField(Employee, on_delete="CASCADE")
    connection = ForeignKeyField(Connection, null=True, on_delete="CASCADE")
    key = CharField(max_length=40)
    place = IntegerField(default=0)
    anchor = CharField(max_length=20)
    days = IntegerField()
    day = DateField()
    hour = CharField(max_length=5)
    due_at = UtcDateTimeField()
    moved_by_hand = BooleanField(default=False)
    parts = JSONField(default=list)
    left_out = JSONField(default=dict, null=True)
    state = CharField(max_length=20, default=StepState.PLANNED)
    operation = ForeignKeyField(Operation, null=True, on_delete="SET NULL")
    begun_at = UtcDateTimeField(null=True)
    looked_at = UtcDateTimeField(null=True)
    ended_at = UtcDateTimeField(null=True)
    done_by = CharField(max_length=320, default="")
    reason = SentenceField(default="")

    class Meta:
        indexes = (
            (("state", "due_at"), False), (("organisation", "due_at"), False), (("employee",), False),
            (("organisation", "state", "due_at"), False),
        )  # fmt: skip

    @property
    def is_to_come(self) -> bool:
        return self.state in TO_COME
