from zoneinfo import ZoneInfo

from peewee import BooleanField, CharField, IntegerField

from portal.database import BaseModel, UtcDateTimeField, now
from portal.organisations.plans import PLANS, Feature


class Organisation(BaseModel):
    """A company using the portal; every other row belongs to one."""

    name = CharField(unique=True, max_length=200)
    plan = CharField(max_length=40, default="Platinum")
    time_zone = CharField(max_length=64, default="UTC")
    country = CharField(max_length=2, null=True)
    trial_period = BooleanField(default=True)
    admins_need_second_factor = BooleanField(default=False)
    approval_above = IntegerField(default=100)
    outside_sign_in = BooleanField(default=False)
    created_at = UtcDateTimeField(default=now)

    def has(self, feature: Feature) -> bool:
        return feature in PLANS.get(self.plan, frozenset())

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
