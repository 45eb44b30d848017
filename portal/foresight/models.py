"""What was last seen of an account that will stand in the way of changing it."""

from peewee import CharField, ForeignKeyField, JSONField, TextField

from portal.accounts.models import Account
from portal.database import BaseModel, UtcDateTimeField
from portal.organisations.models import Organisation


class Foresight(BaseModel):
    """One account, as it was last looked at.

    barred: the Protection for which the portal leaves it alone; empty for none. out_of_reach: its groups that the
    portal cannot change, name -> who can, as a sentence. licensing: names of groups that give it a licence. Both are
    None where the groups could not be read. problem: why the last look brought nothing, as sentences. seen_at: of the
    last one that did; again_at: when the next one is due.
    """

    account_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    account = ForeignKeyField(Account, unique=True, on_delete="CASCADE")
    barred = CharField(max_length=40, default="")
    out_of_reach = JSONField(null=True)
    licensing = JSONField(null=True)
    problem = TextField(default="")
    seen_at = UtcDateTimeField(null=True)
    again_at = UtcDateTimeField()

    class Meta:
        indexes = ((("organisation", "barred"), False),)
