"""The part of the tenant that an employee's new account is made in, where an application has such parts."""

from portal.connections.models import Connection
from portal.connections.settings import UnitRule, rules_of, settings_of
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
