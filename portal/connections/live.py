"""The live connections of an organisation."""

from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.organisations.plans import Feature
from portal.problems import Problem


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
    live = Connection.select(Connection.id).where(Connection.id == connection.id, Connection.disconnected_at.is_null())
    if not live.exists():
        raise NotConnected()
