"""An email without a secret, and what became of it."""

from enum import StrEnum

from peewee import CharField, ForeignKeyField, IntegerField, JSONField, TextField

from portal.database import BaseModel, UtcDateTimeField, now
from portal.operations.models import Operation
from portal.organisations.models import Organisation
from portal.people.models import Employee


class Kind(StrEnum):
    """What an email is about; its words are in texts.py."""

    RENAMED = "renamed"
    WELCOME = "welcome"
    MANAGER = "manager"


class Notice(BaseModel):
    """An email that an operation has put in line. details: what is filled into its text.

    not_before: when it is tried, or tried again; None once it has gone out, may have, or was given up.
    """

    operation_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    employee = ForeignKeyField(Employee, on_delete="CASCADE")
    operation = ForeignKeyField(Operation, unique=True, on_delete="CASCADE")
    kind = CharField(max_length=20)
    recipient = CharField(max_length=254)
    details = JSONField(default=dict)
    made_at = UtcDateTimeField(default=now)
    not_before = UtcDateTimeField(null=True, default=now, index=True)
    tries = IntegerField(default=0)
    sent_at = UtcDateTimeField(null=True)
    problem = TextField(default="")

    @classmethod
    def of(cls, operation: Operation) -> "Notice | None":
        """The email that the operation has put in line."""
        return cls.get_or_none(cls.operation == operation)

    @property
    def sentence(self) -> str:
        """What became of it, in one sentence."""
        if self.sent_at is not None:
            return f"An email went to {self.recipient}."
        if not self.problem:
            return f"An email goes to {self.recipient}."
        return f"The email to {self.recipient} was not sent{' yet' if self.not_before else ''}: {self.problem}"
