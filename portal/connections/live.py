"""The live connection of an organisation."""

from portal.connections.models import Connection
from portal.organisations.plans import Feature
from portal.people.models import Employee
from portal.problems import Problem


class NotConnected(Problem):
    """Your organisation is not connected to an application yet."""

    next_step = "Connect one under Settings > General Settings > Add-ons."


def live_connection(employee: Employee) -> Connection:
    """The organisation's live connection. Raises NotConnected."""
    connection = Connection.live_of(employee.organisation)
    if connection is None or not employee.organisation.has(Feature.ACCOUNT_PROVISIONING):
        raise NotConnected()
    return connection
