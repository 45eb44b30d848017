"""An email without a secret, and what became of it."""

from datetime import timedelta
from enum import StrEnum

from peewee import CharField, ForeignKeyField, IntegerField, JSONField, TextField

from portal.database import BaseModel, UtcDateTimeField, now
from portal.languages import gettext as _
from portal.operations.models import Operation
from portal.organisations.models import Organisation
from portal.people.models import Employee

LOST = "The portal stopped while sending it, so nobody knows whether it arrived."
# No conversation with a mail server takes as long.
LOST_AFTER = timedelta(hours=1)


class Kind(StrEnum):
    """What an email is about; its words are in texts.py."""

    RENAMED = "renamed"
    WELCOME = "welcome"
    MANAGER = "manager"


class Notice(BaseModel):
    """An email that an operation, or a step of a timeline, has put in line. details: what is filled into its text.

    step: which step, in its own words; of each there is at most one.

    not_before: when it is tried, or tried again; None once it has gone out, may have, or was given up.
    """

    operation_id: int | None
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    employee = ForeignKeyField(Employee, on_delete="CASCADE")
    operation = ForeignKeyField(Operation, null=True, unique=True, on_delete="CASCADE")
    step = CharField(max_length=40, null=True, unique=True)
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
    def was_refused(self) -> bool:
        """Whether it was given up, and certainly did not arrive."""
        return self.not_before is None and self.sent_at is None and self.problem not in ("", LOST)

    @property
    def is_lost(self) -> bool:
        """Whether the portal stopped while it was sent."""
        tried = self.not_before is None and self.sent_at is None and self.problem == LOST
        return tried and self.made_at < now() - LOST_AFTER

    @property
    def sentence(self) -> str:
        """What became of it, in one sentence."""
        if self.sent_at is not None:
            return _("An email went to %(recipient)s.", recipient=self.recipient)
        if not self.problem or (self.problem == LOST and not self.is_lost):
            return _("An email goes to %(recipient)s.", recipient=self.recipient)
        values = {"recipient": self.recipient, "problem": self.problem}
        if self.not_before:
            return _("The email to %(recipient)s was not sent yet: %(problem)s", **values)
        return _("The email to %(recipient)s was not sent: %(problem)s", **values)
