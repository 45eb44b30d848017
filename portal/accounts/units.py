"""The part of the tenant that an employee's new account is made in, where an application has such parts."""

from portal.connections.models import Connection
from portal.connections.settings import UnitRule, rules_of, settings_of
from portal.languages import gettext as _
from portal.people.models import Employee


def unit_for(employee: Employee, connection: Connection) -> str:
    """By the first rule that fits, else the organisation's default, else the usual one; empty where there are no parts.

    A part that is no longer there is passed over.
    """
    if not connection.units:
        return ""
    by_rule = [rule.unit for rule in rules_of(connection, UnitRule) if rule.fits(employee)]
    wanted = [*by_rule[:1], settings_of(connection).default_unit, *connection.units[:1]]
    return next((unit for unit in wanted if unit in connection.units), "")


def choices(connection: Connection) -> list[tuple[str, str]]:
    """The units for a list to choose from."""
    return [(unit, in_words(connection, unit)) for unit in connection.units]


def in_words(connection: Connection, unit: str) -> str:
    """What a unit is called. A lone slash says nothing to who does not know folders of computers."""
    return _("/ (all of %(organisation)s)", organisation=connection.tenant_name) if unit == "/" else unit
