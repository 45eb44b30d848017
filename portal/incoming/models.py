"""That somebody leaves, as another system says, until a person decides."""

from enum import StrEnum

from peewee import CharField, DateField, ForeignKeyField

from portal.database import BaseModel, UtcDateTimeField, now
from portal.organisations.models import Organisation
from portal.people.models import Employee


class Decision(StrEnum):
    """What became of a proposal. Empty while it waits."""

    ENTERED = "entered"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


class LeavingProposal(BaseModel):
    """Another system says that an employee leaves. Nothing follows before a person enters the last day.

    source: what says so, as receipts name it. day: the last day that it says or implies.
    """

    organisation_id: int
    employee_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    employee = ForeignKeyField(Employee, on_delete="CASCADE", backref="leaving_proposals")
    source = CharField(max_length=200)
    day = DateField()
    made_at = UtcDateTimeField(default=now)
    decision = CharField(max_length=20, default="")
    decided_at = UtcDateTimeField(null=True)
    decided_by_name = CharField(max_length=320, default="")

    class Meta:
        indexes = ((("organisation", "decision"), False), (("employee", "decision"), False))
