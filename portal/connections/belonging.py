"""Whether a person who signed in is one of a tenant's people, where the application names a domain and not the tenant.

A domain can change hands, and the portal's copy of a tenant's domains can be old. So a domain alone opens nothing: the
portal knows the person's id already, or it asks the tenant for that id.
"""

from portal.connections import offer
from portal.connections.models import Connection
from portal.connectors import for_connection
from portal.connectors.errors import NotFound, NotPermitted
from portal.connectors.values import Administrator, Protection


def names_domain(connection: Connection, person: Administrator) -> bool:
    """Whether the domain of the sign-in is in the portal's copy of the tenant's domains. True where none was named."""
    return not person.domain or person.domain in (name.casefold() for name in connection.domains)


def has_domain(connection: Connection, person: Administrator) -> bool:
    """The same; a domain that the copy does not have is looked for at the tenant. Raises ConnectorError."""
    if not names_domain(connection, person):
        offer.read_domains(connection)
    return names_domain(connection, person)


def has_person(connection: Connection, person: Administrator) -> bool:
    """Whether the tenant has an account with this very id, and not as a guest. Raises ConnectorError."""
    try:
        remote = for_connection(connection).find(person.person_id)
    except (NotFound, NotPermitted):
        return False
    return Protection.GUEST not in remote.protections
