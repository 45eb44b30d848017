"""What the portal asks of an application, with a package for each application.

Adding an application means a package beside `microsoft365` and a line in SERVICES.
"""

from typing import Protocol

from portal import vault
from portal.connectors.base import Connector, Service
from portal.connectors.errors import BadCredentials
from portal.connectors.google_workspace import GoogleWorkspace
from portal.connectors.microsoft365 import Microsoft365
from portal.connectors.values import Kept
from portal.languages import gettext as _

SERVICES: dict[str, Service] = {service.key: service for service in (Microsoft365(), GoogleWorkspace())}


class _Connection(Protocol):
    service: str
    tenant_id: str
    encrypted_credential: str

    def credential_now(self) -> str:
        """The encrypted credential as the database has it now; empty where the connection was ended."""

    def replace_credential(self, seen: str, new: str) -> bool:
        """Write this encrypted credential in the place of one that was seen. False when another is there."""


class _KeptByConnection(Kept):
    """In the database, encrypted. Of two processes that are given one at the same time, the first one's stays."""

    def __init__(self, connection: _Connection, credential: str):
        super().__init__(credential)
        self._connection = connection

    def now(self) -> str:
        found = self._connection.credential_now()
        return _opened(self._connection, found) if found else ""

    def replace(self, old: str, new: str) -> None:
        seen = self._connection.credential_now()
        while seen and _opened(self._connection, seen) == old:
            # It may have been encrypted with another key meanwhile: then it is looked at once more.
            if self._connection.replace_credential(seen, vault.encrypt(new)):
                return
            seen = self._connection.credential_now()


def for_connection(connection: _Connection) -> Connector:
    """A Connector for the tenant of this connection.

    The connection's own credential, if it has one, is decrypted in this module and nowhere else, and one that the
    application gives in its place is kept. Raises BadCredentials when no key opens it any more.
    """
    service = SERVICES[connection.service]
    if not connection.encrypted_credential:
        return service.connector(connection.tenant_id)
    credential = _opened(connection, connection.encrypted_credential)
    kept = _KeptByConnection(connection, credential)
    return service.connector(connection.tenant_id, credential=credential, kept=kept)


def _opened(connection: _Connection, encrypted: str) -> str:
    try:
        return vault.decrypt(encrypted)
    except vault.CannotOpen as error:
        name = SERVICES[connection.service].name
        raise BadCredentials(
            _("The portal can no longer read the credentials with which it signs in to %(name)s.", name=name),
            next_step=_("An Admin must disconnect the add-on and connect it again."),
        ) from error
