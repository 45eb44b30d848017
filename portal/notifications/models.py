"""What an Admin has chosen to hear, emails that are due, and what was told already."""

from datetime import timedelta
from enum import StrEnum

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, JSONField

from portal.auth.models import User
from portal.database import BaseModel, UtcDateTimeField, lock_row, now
from portal.languages.columns import SentenceField
from portal.organisations.models import Organisation


class Rhythm(StrEnum):
    """When a digest comes."""

    OFF = "off"
    DAILY = "daily"
    WEEKLY = "weekly"


class MailChoice(BaseModel):
    """What one Admin hears by email. Who has not chosen hears what is urgent, and gets no digest."""

    user = ForeignKeyField(User, unique=True, on_delete="CASCADE")
    digest = CharField(max_length=10, default=Rhythm.OFF)
    urgent = BooleanField(default=True)

    class Meta:
        table_name = "mail_choice"

    @classmethod
    def of(cls, user: User) -> "MailChoice":
        """What the user has chosen, or what holds before they do."""
        return cls.get_or_none(cls.user == user) or cls(user=user)


class UrgentMail(BaseModel):
    """An email to one Admin, written in the transaction of what it tells. not_before: None once it went."""

    user = ForeignKeyField(User, on_delete="CASCADE")
    title = SentenceField(longest=300)
    lines = JSONField(default=list)
    page = CharField(max_length=300, default="/home")
    made_at = UtcDateTimeField(default=now)
    not_before = UtcDateTimeField(null=True, default=now, index=True)
    tries = IntegerField(default=0)

    class Meta:
        table_name = "urgent_mail"


class Told(BaseModel):
    """What was told already, so that it is told once. key: of what; value: what was told of it last."""

    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    key = CharField(max_length=120)
    value = CharField(max_length=60)
    at = UtcDateTimeField(default=now)

    class Meta:
        indexes = ((("organisation", "key"), True),)

    @classmethod
    def is_news(cls, organisation: Organisation, key: str, value: str) -> bool:
        """Whether this was not told before; from now on it was. Must run inside a transaction."""
        lock_row(Organisation, organisation.id)
        row = cls.get_or_none(cls.organisation == organisation, cls.key == key)
        if row is None:
            cls.create(organisation=organisation, key=key, value=value)
        elif row.value != value:
            row.value, row.at = value, now()
            row.save()
        else:
            return False
        return True


TRIED_FOR = timedelta(hours=6)
AGAIN = timedelta(minutes=5)
KEPT = timedelta(days=60)
