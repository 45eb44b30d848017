"""What a tenant offers: domains for usernames, and licences. Only this module writes it to a connection."""

from typing import Any

from portal.addons.models import Connection
from portal.connectors import for_connection
from portal.connectors.base import Plan, Tenant
from portal.database import transaction


def of(tenant: Tenant, plans: list[Plan]) -> dict[str, Any]:
    """The columns of Connection that say what the tenant offers.

    domains: names, the default one first, without those that another directory signs in for. plans: dictionaries with
    id, name, free (seats) and qualifies, of those that a person can be given.
    """
    usable = [domain for domain in tenant.domains if not domain.federated]
    usable.sort(key=lambda domain: not domain.is_default)
    return {
        "tenant_name": tenant.name[:256],
        "domains": [domain.name for domain in usable],
        "plans": [
            {"id": plan.id, "name": plan.name, "free": plan.free, "qualifies": plan.qualifies}
            for plan in plans
            if plan.assignable
        ],
    }


def read(connection: Connection) -> None:
    """Ask the tenant what it offers now, and keep it. Raises ConnectorError."""
    connector = for_connection(connection)
    offered = of(connector.tenant(), connector.plans())
    with transaction():
        for name, value in offered.items():
            setattr(connection, name, value)
        connection.save(only=[getattr(Connection, name) for name in offered])
