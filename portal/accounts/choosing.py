"""Which HR fields flow to the accounts of a connection."""

from portal import audit
from portal.accounts import fields
from portal.auth.models import User
from portal.connections.models import Connection
from portal.database import transaction


def choose_fields(connection: Connection, names: list[str], *, by: User) -> None:
    """Let exactly these HR fields flow to the accounts of the connection."""
    with transaction():
        before = fields.chosen(connection)
        fields.choose(connection, names)
        audit.record(by, "choose field sync", connection, before=before, after=fields.chosen(connection))
