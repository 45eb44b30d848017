"""What the Add-ons page shows of each application."""

from dataclasses import dataclass

from portal.addons import attempts
from portal.addons.disconnecting import Consequences
from portal.addons.forms import KeyForm
from portal.auth.models import Session
from portal.connections.doctor import Expiry, expiry
from portal.connections.health import Health
from portal.connections.health import of as health_of
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.connectors.base import Service
from portal.connectors.capabilities import Way
from portal.hand_over import pausing
from portal.organisations.models import Organisation


@dataclass(frozen=True)
class Card:
    """One application: connected, waiting for its permissions, or neither. `asking`: shall it be disconnected?

    paused: how many login emails wait: for an Admin, or, without a connection, for the same tenant. key_form: of
    an application that is connected with a typed key, and is not yet.
    """

    service: Service
    connection: Connection | None
    is_waiting: bool
    asking: Consequences | None = None
    paused: int = 0
    key_form: KeyForm | None = None

    @property
    def id(self) -> str:
        return f"add-on-card-{self.service.key}"

    @property
    def health(self) -> Health:
        return health_of(self.connection, self.service) if self.connection else Health()

    @property
    def expiry(self) -> Expiry | None:
        return expiry(self.service)

    @property
    def admin_url(self) -> str:
        return self.service.connector(self.connection.tenant_id).admin_url() if self.connection else ""


def cards(organisation: Organisation, session: Session) -> list[Card]:
    """A card for each application that can be connected or is; for the first one while there is none."""
    connected = {connection.service: connection for connection in Connection.all_live_of(organisation)}
    listed = [service for service in SERVICES.values() if service.configured() or service.key in connected]
    return [
        _card(service, organisation, session, connected.get(service.key))
        for service in listed or list(SERVICES.values())[:1]
    ]


def card(
    service: Service, organisation: Organisation, session: Session, *, asking: Consequences | None = None,
    key_form: KeyForm | None = None,
) -> Card:  # fmt: skip
    """The card as it is now. key_form: what was typed, with what is wrong in it."""
    connection = Connection.live_of(organisation, service.key)
    return _card(service, organisation, session, connection, asking=asking, key_form=key_form)


def _card(
    service: Service, organisation: Organisation, session: Session, connection: Connection | None, *,
    asking: Consequences | None = None, key_form: KeyForm | None = None,
) -> Card:  # fmt: skip
    is_waiting = connection is None and attempts.waiting(service.key, session) is not None
    paused = pausing.asked_about(connection) if connection else pausing.count(organisation, service.key)
    if connection is None and service.capabilities.way == Way.KEY:
        key_form = key_form or KeyForm(service)
    return Card(service, connection, is_waiting, asking, paused, key_form)
