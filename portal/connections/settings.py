"""What an organisation has chosen for an add-on: licences by rule, how usernames are made. It outlives Disconnect."""

from typing import Any

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField

from portal.database import BaseModel
from portal.organisations.models import Organisation

NO_LICENCE = ""


class AddOnSettings(BaseModel):
    """The choices of one organisation for one application.

    default_licence: a licence id; NO_LICENCE when that was chosen; None until anything was.
    naming: a key of naming.PATTERNS. separator: between the parts of a name. collision: "number" or "initial".
    letters, cyrillic: keys of letters.LETTERS and letters.CYRILLIC.
    """

    organisation_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    service = CharField(max_length=40)
    default_licence = CharField(max_length=64, null=True)
    licences_go_on_deactivate = BooleanField(default=False)
    naming = CharField(max_length=40, default="first.last")
    separator = CharField(max_length=1, default=".")
    use_preferred_name = BooleanField(default=True)
    collision = CharField(max_length=20, default="number")
    letters = CharField(max_length=20, default="plain")
    cyrillic = CharField(max_length=20, default="any")

    class Meta:
        indexes = ((("organisation", "service"), True),)


class LicenceRule(BaseModel):
    """Who gets which licence: the first rule that matches an employee decides. field: a key of licences.RULES_BY.

    licence: a licence id, or NO_LICENCE. position: rules are tried in this order.
    """

    organisation_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    service = CharField(max_length=40)
    position = IntegerField(default=0)
    field = CharField(max_length=20)
    value = CharField(max_length=200)
    licence = CharField(max_length=64, default=NO_LICENCE)

    class Meta:
        indexes = ((("organisation", "service", "position"), False),)


def settings_of(connection: Any) -> AddOnSettings:
    """What the connection's organisation has chosen for its application; as new when it has chosen nothing."""
    values = {"organisation": connection.organisation_id, "service": connection.service}
    found = AddOnSettings.get_or_none(**values)
    return found or AddOnSettings(**values)


def rules_of(connection: Any) -> list[LicenceRule]:
    """The organisation's licence rules, in the order in which they are tried."""
    mine = (LicenceRule.organisation == connection.organisation_id) & (LicenceRule.service == connection.service)
    return list(LicenceRule.select().where(mine).order_by(LicenceRule.position, LicenceRule.id))
