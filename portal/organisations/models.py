import re
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from anyascii import anyascii
from peewee import BooleanField, CharField, DateField, IntegerField

from portal.database import BaseModel, UtcDateTimeField, now
from portal.organisations.plans import PLANS, Feature


class Organisation(BaseModel):
    """A company using the portal; every other row belongs to one.

    key: the word by which the command line knows it, which never changes. first_name: its name when it was made.
    Its Admins may change `name`, which need not be the only one of its kind. company_email_from: key of the application
    whose new addresses become the company email; empty for the one that was connected first. trial_ends: the last day
    of the trial period, when it is known. language: of those of its users who chose none; empty for their browser's.
    sign_in_with: keys of the applications with which its users may sign in, with a blank between them.
    """

    key = CharField(unique=True, max_length=60)
    name = CharField(max_length=200)
    first_name = CharField(max_length=200)
    plan = CharField(max_length=40, default="Platinum")
    time_zone = CharField(max_length=64, default="UTC")
    country = CharField(max_length=2, null=True)
    trial_period = BooleanField(default=True)
    trial_ends = DateField(null=True)
    admins_need_second_factor = BooleanField(default=False)
    approval_above = IntegerField(default=100)
    sign_in_with = CharField(max_length=200, default="")
    outside_sign_in_required = BooleanField(default=False)
    company_email_from = CharField(max_length=40, default="")
    language = CharField(max_length=10, default="")
    created_at = UtcDateTimeField(default=now)

    def save(self, *arguments: Any, **options: Any) -> Any:
        if not self.key:
            self.key, self.first_name = free_key(self.name), self.name
        return super().save(*arguments, **options)

    def has(self, feature: Feature) -> bool:
        return feature in PLANS.get(self.plan, frozenset())

    @property
    def ways_in(self) -> tuple[str, ...]:
        """Keys of the applications with which its users may sign in."""
        return tuple(str(self.sign_in_with).split())

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def today(self) -> date:
        """The day that it is where the organisation is."""
        return now().astimezone(self.zone).date()


def free_key(name: str) -> str:
    """A key that no organisation has, made of the name: "Acme Care" becomes "acme-care", a second one "acme-care-2"."""
    plain = re.sub(r"[^a-z0-9]+", "-", anyascii(name).casefold()).strip("-")[:40].strip("-") or "organisation"
    number = 1
    while (
        Organisation.select().where(Organisation.key == (key := plain if number == 1 else f"{plain}-{number}")).exists()
    ):
        number += 1
    return key
