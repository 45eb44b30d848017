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
    message = _("Your organisation is not connected to an application yet.")
    next_step = _("Connect one under Settings > General Settings > Add-ons.")


def is_known(service: str) -> bool:
    """Whether there is an application of that key."""
    return service in SERVICES


def live_connection(organisation: Organisation, service: str) -> Connection:
    """The organisation's live connection to the application. Raises NotConnected."""
    found = Connection.all_live_of(organisation)
    connection = next((one for one in found if one.service == service), None)
    if found and connection is None:
        raise NotConnected(_("%(services)s is not connected.", services=SERVICES[service].name))
    if connection is None or not organisation.has(Feature.ACCOUNT_PROVISIONING):
        raise NotConnected()
    return connection


def must_be_live(connection: Connection) -> None:
    """Raises NotConnected when the connection was ended since it was loaded."""
    if not _live.exists(connection=connection.id):
        raise NotConnected()


@kept
def _live(*, connection: Any) -> Any:
    mine = (Connection.id == connection) & Connection.disconnected_at.is_null()
    return Connection.select(ONE).where(mine).limit(1)
