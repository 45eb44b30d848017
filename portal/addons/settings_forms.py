from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, IntegerField, SelectField
from wtforms.validators import NumberRange, Optional, ValidationError

from portal.accounts import units
from portal.accounts.letters import CYRILLIC, LETTERS
from portal.accounts.naming import COLLISIONS, PATTERNS, SEPARATORS, Naming
from portal.connections.models import Connection
from portal.connections.offer import is_known, name_of, with_its_seats
from portal.connections.settings import NO_LICENCE, AddOnSettings, settings_of
from portal.connectors import SERVICES
from portal.languages import gettext as _
from portal.organisations.countries import countries
from portal.people.models import Employee
from portal.people.searching import departments

# What the selects send for these two, as an empty value would be "nothing was chosen".
UNDECIDED, WITHOUT = "undecided", "none"
MOST_SEATS = 1_000_000
MOST_SEATS_WORDS = _("Enter a number between 0 and 1,000,000, or leave this empty.")


def _licence_choices(connection: Connection, *kept: str | None) -> list[tuple[str, str]]:
    """The licences on offer, and those that are chosen already though they are no longer offered."""
    offered = [(licence["id"], with_its_seats(licence)) for licence in connection.licences]
    gone = [licence_id for licence_id in kept if licence_id and not is_known(connection, licence_id)]
    return [
        *offered,
        *(
            (licence_id, _("%(licence)s (no longer offered)", licence=name_of(connection, licence_id)))
            for licence_id in gone
        ),
    ]


class LicenceDefaultsForm(FlaskForm):
    default_licence = SelectField(_("Default licence"))
    licences_go_on_deactivate = BooleanField(_("Take licences away when an account is deactivated"))

    def __init__(self, connection: Connection, **values: Any):
        chosen = settings_of(connection)
        default = {None: UNDECIDED, NO_LICENCE: WITHOUT}.get(chosen.default_licence, chosen.default_licence)
        if by_itself := SERVICES[connection.service].capabilities.licences_come_by_themselves:
            # No choice and the choice of none are the same there.
            default = WITHOUT if default == UNDECIDED else default
        go = chosen.licences_go_on_deactivate
        super().__init__(default_licence=default, licences_go_on_deactivate=go, **values)
        self.default_licence.choices = [
            *([] if by_itself else [(UNDECIDED, _("None (suggest the one that most people have)"))]),
            *_licence_choices(connection, chosen.default_licence),
            (WITHOUT, name_of(connection, NO_LICENCE)),
        ]

    @property
    def values(self) -> dict:
        """The columns of AddOnSettings."""
        chosen = self.default_licence.data
        default = {UNDECIDED: None, WITHOUT: NO_LICENCE}.get(chosen, chosen)
        return {"default_licence": default, "licences_go_on_deactivate": self.licences_go_on_deactivate.data}


class LicenceRuleForm(FlaskForm):
    who = SelectField(_("Department or country"))
    licence = SelectField(_("Licence"))

    def __init__(self, connection: Connection, **values: Any):
        super().__init__(**values)
        staff = Employee.select().where(Employee.organisation == connection.organisation_id)
        self.who.choices = {
            "Department": [(f"department:{name}", name) for name in departments(staff)],
            "Country": [(f"country:{code}", name) for code, name in countries().items()],
        }
        self.licence.choices = [*_licence_choices(connection), (WITHOUT, name_of(connection, NO_LICENCE))]

    def validate_who(self, field: Field) -> None:
        if not field.data or ":" not in field.data:
            raise ValidationError(_("Choose a department or a country."))

    @property
    def values(self) -> dict[str, str]:
        """The columns of LicenceRule."""
        field, _, value = self.who.data.partition(":")
        return {
            "field": field,
            "value": value,
            "licence": NO_LICENCE if self.licence.data == WITHOUT else self.licence.data,
        }


class SignInForm(FlaskForm):
    """How people sign in to the application."""

    signs_in_elsewhere = BooleanField(_("People sign in through another identity provider (single sign-on)"))

    def __init__(self, connection: Connection, **values: Any):
        super().__init__(signs_in_elsewhere=settings_of(connection).signs_in_elsewhere, **values)


class UnitForm(FlaskForm):
    """Which part of the tenant new accounts are made in."""

    default_unit = SelectField(_("For everybody else"))

    def __init__(self, connection: Connection, **values: Any):
        super().__init__(default_unit=settings_of(connection).default_unit or connection.units[0], **values)
        self.default_unit.choices = units.choices(connection)


class UnitRuleForm(FlaskForm):
    department = SelectField(_("Department"))
    unit = SelectField(_("Unit"))

    def __init__(self, connection: Connection, **values: Any):
        super().__init__(**values)
        staff = Employee.select().where(Employee.organisation == connection.organisation_id)
        self.department.choices = [(name, name) for name in departments(staff)]
        self.unit.choices = units.choices(connection)

    @property
    def values(self) -> dict[str, str]:
        """The columns of UnitRule."""
        return {"field": "department", "value": self.department.data, "unit": self.unit.data}


class SeatsForm(FlaskForm):
    """How many seats of one licence were bought, where the application does not tell."""

    licence = HiddenField()
    bought = IntegerField(_("Seats bought"), validators=[Optional(), NumberRange(0, MOST_SEATS, MOST_SEATS_WORDS)])

    def __init__(self, connection: Connection, licence: dict | None = None, **values: Any):
        if licence is not None:
            known = settings_of(connection).seats_bought.get(licence["id"])
            values = {"formdata": None, "licence": licence["id"], "bought": known, **values}
        super().__init__(**values)
        self.offered = {one["id"]: one["name"] for one in connection.licences}
        self.bought.id = self.bought.label.field_id = f"bought-{self.licence.data}"
        self.bought.label.text = _(
            "Seats bought of %(licence)s", licence=self.offered.get(self.licence.data) or _("this licence")
        )
        self.licence.id = f"licence-{self.licence.data}"

    def validate_licence(self, field: Field) -> None:
        if field.data not in self.offered:
            raise ValidationError(_("This licence is no longer offered."))


def seats_forms(connection: Connection) -> list[SeatsForm]:
    """One for each licence of an application that does not say how many were bought."""
    if not SERVICES[connection.service].capabilities.licences_come_by_themselves:
        return []
    return [SeatsForm(connection, licence) for licence in connection.licences]


class NamingForm(FlaskForm):
    naming = SelectField(_("Pattern"))
    separator = SelectField(_("Separator"))
    use_preferred_name = BooleanField(_("Use the preferred name where there is one"))
    collision = SelectField(_("When the name is taken, add"))
    letters = SelectField(_("Letters with marks"))
    cyrillic = SelectField(_("Names in Cyrillic letters"))

    def __init__(self, *args: Any, **values: Any):
        super().__init__(*args, **values)
        self.naming.choices = [(key, pattern.label) for key, pattern in PATTERNS.items()]
        self.separator.choices = [
            (sign, _("%(name)s ( %(sign)s )", name=name, sign=sign)) for sign, name in SEPARATORS.items()
        ]
        self.collision.choices = list(COLLISIONS.items())
        self.letters.choices = list(LETTERS.items())
        self.cyrillic.choices = list(CYRILLIC.items())

    @classmethod
    def of(cls, chosen: AddOnSettings) -> "NamingForm":
        return cls(formdata=None, obj=chosen)

    @property
    def values(self) -> dict:
        """The columns of AddOnSettings."""
        return {field.name: field.data for field in self if field.name != "csrf_token"}

    @property
    def naming_chosen(self) -> Naming:
        chosen = dict(self.values)
        return Naming(pattern=chosen.pop("naming"), **chosen)
