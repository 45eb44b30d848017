"""A deletion that one Admin asked for, and what a second one decided."""

from enum import StrEnum

from peewee import SQL, CharField, ForeignKeyField

from portal.accounts.models import Account
from portal.auth.models import User
from portal.database import BaseModel, UtcDateTimeField, now
from portal.organisations.models import Organisation


class DeletionState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Deletion(BaseModel):
    """One Admin wants an account deleted. by: who asked; None once that user is gone."""

    organisation_id: int
    account_id: int
    by_id: int | None
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    account = ForeignKeyField(Account, on_delete="CASCADE")
    state = CharField(max_length=20, default=DeletionState.WAITING)
    by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    by_name = CharField(max_length=320, default="")
    asked_at = UtcDateTimeField(default=now)
    decided_by_name = CharField(max_length=320, default="")
    decided_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("organisation", "state"), False),)


Deletion.add_index(
    Deletion.index(Deletion.account, unique=True, name="deletion_one_waiting")
    .where(SQL("state = 'waiting'"))
)  # fmt: skip
