"""Rules for groups, and which memberships come from them."""

from peewee import CharField, ForeignKeyField

from portal.accounts.models import Account
from portal.connections.settings import Rule
from portal.database import BaseModel, UtcDateTimeField
from portal.languages.columns import SentenceField


class GroupRule(Rule):
    """A group that everyone joins whom the rule fits: all such rules count, not the first alone.

    why_not: who can change the group, as a sentence, when it was last seen and the portal could not.
    """

    SUBJECT = "group"
    group = CharField(max_length=64)
    group_name = CharField(max_length=256)
    why_not = SentenceField(default="")

    class Meta:
        indexes = ((("organisation", "service", "position"), False),)


class GivenGroup(BaseModel):
    """A membership that comes from a rule, so that a move can end it; one that a person gave has no row.

    given_at: None while the account is still to join.
    """

    account_id: int
    account = ForeignKeyField(Account, backref="given_groups", on_delete="CASCADE")
    group = CharField(max_length=64)
    group_name = CharField(max_length=256)
    given_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("account", "group"), True),)
