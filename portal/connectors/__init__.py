"""What the portal asks of an application, with a package for each application.

Adding an application means a package beside `microsoft365` and a line in SERVICES.
"""

from typing import Protocol

from portal import vault
from portal.connectors.base import Connector, Service
from portal.connectors.errors import BadCredentials
from portal.connectors.google_workspace import GoogleWorkspace
from portal.connectors.microsoft365 import Microsoft365

SERVICES: dict[str, Service] = {service.key: service for service in (Microsoft365(), GoogleWorkspace())}


class _Connection(Protocol):
    service: str
    tenant_id: str
    encrypted_credential: str


def for_connection(connection: _Connection, *, patience: float | None = None) -> Connector:
    """A Connector for the tenant of this connection. patience: see Service.

    The connection's own credential, if it has one, is decrypted here and nowhere else. Raises BadCredentials when no
    key opens it any more.
    """
    try:
        credential = vault.decrypt(connection.encrypted_credential) if connection.encrypted_credential else ""
    except vault.CannotOpen as error:
        name = SERVICES[connection.service].name
        raise BadCredentials(
            f"The portal can no longer read what it signs in to {name} with.",
            next_step="An Admin must disconnect the add-on and connect it again.",
        ) from error
    return SERVICES[connection.service].connector(connection.tenant_id, credential=credential, patience=patience)
