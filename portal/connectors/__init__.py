"""What the portal asks of an application, with a package for each application.

Adding an application means a package beside `microsoft365` and a line in SERVICES.
"""

from typing import Protocol

from portal.connectors.base import Connector, Service
from portal.connectors.microsoft365 import Microsoft365

SERVICES: dict[str, Service] = {service.key: service for service in (Microsoft365(),)}


class _Connection(Protocol):
    service: str
    tenant_id: str


def for_connection(connection: _Connection, *, patience: float | None = None) -> Connector:
    """A Connector for the tenant of this connection. patience: see Service."""
    return SERVICES[connection.service].connector(connection.tenant_id, patience=patience)
