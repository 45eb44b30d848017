"""The live connections of an organisation."""

from typing import Any

from portal.asking import kept
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.organisations.plans import Feature
from portal.problems import Problem
from portal.selecting import ONE


class NotConnected(Problem):
    """service: the key of the add-on that is meant, where one is."""

    title = _("Not connected")
    message = _("Your organisation is not connected to an application yet.")
    next_step = _("Connect one under Settings > General Settings > Add-ons.")

    def __init__(self, service: str = ""):
        super().__init__()
        if service:
            name = SERVICES[service].name
            self.message = _("Your organisation is not connected to %(service)s.", service=name)
            self.next_step = _("Connect %(service)s under Settings > General Settings > Add-ons.", service=name)


def is_known(service: str) -> bool:
    """Whether there is an application of that key."""
    return service in SERVICES


def live_connection(organisation: Organisation, service: str) -> Connection:
    """The organisation's live connection to the application. Raises NotConnected."""
    found = Connection.all_live_of(organisation)
    connection = next((one for one in found if one.service == service), None)
    if connection is None:
        raise NotConnected(service)
    if not organisation.has(Feature.ACCOUNT_PROVISIONING):
        raise NotConnected()
    return connection


def must_be_live(connection: Connection) -> None:
    """Raises NotConnected when the connection was ended since it was loaded."""
    if not _live.exists(connection=connection.id):
        raise NotConnected(connection.service)


@kept
def _live(*, connection: Any) -> Any:
    mine = (Connection.id == connection) & Connection.disconnected_at.is_null()
    return Connection.select(ONE).where(mine).limit(1)
