"""A setting that one Admin wants weaker, until another Admin has decided."""

from datetime import datetime, timedelta
from enum import StrEnum

from peewee import SQL, CharField, ForeignKeyField, JSONField, TextField

from portal.auth.models import User
from portal.database import BaseModel, UtcDateTimeField, now
from portal.organisations.models import Organisation

# A change that no second Admin answers in this time expires.
LASTS = timedelta(days=7)
# Where no other Admin may decide, the change takes effect after this time, and the portal tells every Admin at once.
ALONE_WAITS = timedelta(hours=24)


class ChangeState(StrEnum):
    """What became of a change that was asked for."""

    WAITING = "waiting for approval"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"
    EXPIRED = "expired"
    TOOK_EFFECT = "took effect"


class PendingChange(BaseModel):
    """One setting of table.CONTROLS: from what to what, who asked, and who decided.

    takes_effect_at: set when no other Admin could decide at the time of asking; the worker then carries it out.
    told_at: when the others were told by mail. told: ids of those who were while others wait for it, with a blank
    between them.
    """

    organisation_id: int
    by_id: int | None
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    control = CharField(max_length=60)
    before = JSONField()
    after = JSONField()
    state = CharField(max_length=30, default=ChangeState.WAITING)
    by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    by_name = CharField(max_length=320)
    asked_at = UtcDateTimeField(default=now)
    takes_effect_at = UtcDateTimeField(null=True)
    decided_by_name = CharField(max_length=320, default="")
    decided_at = UtcDateTimeField(null=True)
    told_at = UtcDateTimeField(null=True)
    told = TextField(default="")

    class Meta:
        indexes = ((("organisation", "state", "id"), False),)

    @property
    def expires_at(self) -> datetime:
        return self.asked_at + LASTS

    @property
    def is_waiting(self) -> bool:
        return self.state == ChangeState.WAITING


# Two requests for the same setting would be decided on without a look at each other.
PendingChange.add_index(
    PendingChange.index(
        PendingChange.organisation, PendingChange.control, unique=True, name="pending_change_one_waiting"
    ).where(SQL("state = 'waiting for approval'"))
)  # fmt: skip
