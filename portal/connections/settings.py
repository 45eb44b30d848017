"""What an organisation has chosen for an add-on: licences by rule, how usernames are made. It outlives Disconnect."""

from typing import Any, ClassVar

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from portal.asking import kept
from portal.database import BaseModel
from portal.languages import gettext as _
from portal.organisations.models import Organisation

NO_LICENCE = ""


class AddOnSettings(BaseModel):
    """The choices of one organisation for one application.

    default_licence: a licence id; NO_LICENCE when that was chosen; None until anything was. default_unit: the part of
    the tenant that new accounts are made in; empty for the usual one. seats_bought: licence id -> how many the
    organisation says it has, where the application does not tell. signs_in_elsewhere: people use another identity
    provider, so no password is mailed. naming: a key of naming.PATTERNS. separator: between
    the parts of a name. collision: "number" or "initial". letters, cyrillic: keys of letters.LETTERS and
    letters.CYRILLIC. may_delete: accounts may be deleted from the portal. prices: licence id -> what one seat
    costs each month, "12.50", in this currency ("EUR").
    """

    organisation_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    service = CharField(max_length=40)
    default_licence = CharField(max_length=64, null=True)
    licences_go_on_deactivate = BooleanField(default=False)
    default_unit = TextField(default="")
    seats_bought = JSONField(default=dict)
    signs_in_elsewhere = BooleanField(default=False)
    naming = CharField(max_length=40, default="first.last")
    separator = CharField(max_length=1, default=".")
    use_preferred_name = BooleanField(default=True)
    collision = CharField(max_length=20, default="number")
    letters = CharField(max_length=20, default="plain")
    cyrillic = CharField(max_length=20, default="any")
    may_delete = BooleanField(default=False)
    prices = JSONField(default=dict)
    currency = CharField(max_length=3, default="")

    class Meta:
        indexes = ((("organisation", "service"), True),)


class Rule(BaseModel):
    """What an employee of this department or country gets: the first rule that matches decides.

    SUBJECT: what the audit log calls it. field: a key of RULES_BY. position: rules are tried in this order.
    """

    SUBJECT: ClassVar[str]
    organisation_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    service = CharField(max_length=40)
    position = IntegerField(default=0)
    field = CharField(max_length=20)
    value = CharField(max_length=200)

    def fits(self, employee: Any) -> bool:
        held = str(getattr(employee, self.field, "") or "")
        return held.strip().casefold() == self.value.strip().casefold()


class LicenceRule(Rule):
    """Which licence: its id, or NO_LICENCE."""

    SUBJECT = "licence"
    licence = CharField(max_length=64, default=NO_LICENCE)

    class Meta:
        indexes = ((("organisation", "service", "position"), False),)


class UnitRule(Rule):
    """Which part of the tenant: its path."""

    SUBJECT = "unit"
    unit = TextField(default="")

    class Meta:
        indexes = ((("organisation", "service", "position"), False),)


# What a rule asks about -> the label of the page.
RULES_BY = {"department": _("Department"), "country": _("Country")}


def settings_of(connection: Any) -> AddOnSettings:
    """What the connection's organisation has chosen for its application; as new when it has chosen nothing."""
    values = {"organisation": connection.organisation_id, "service": connection.service}
    found: AddOnSettings | None = _settings.first(**values)
    return found or AddOnSettings(**values)


@kept
def _settings(*, organisation: Any, service: Any) -> Any:
    mine = (AddOnSettings.organisation == organisation) & (AddOnSettings.service == service)
    return AddOnSettings.select().where(mine).limit(1)


def rules_of(connection: Any, kind: Any = LicenceRule) -> list[Any]:
    """The organisation's rules of this kind, in the order in which they are tried."""
    return _rules.rows(kind, organisation=connection.organisation_id, service=connection.service)


@kept
def _rules(kind: Any, *, organisation: Any, service: Any) -> Any:
    mine = (kind.organisation == organisation) & (kind.service == service)
    return kind.select().where(mine).order_by(kind.position, kind.id)
