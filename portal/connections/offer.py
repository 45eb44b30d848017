"""What a tenant offers: domains for usernames, and licences. Only this module writes it to a connection."""

from typing import Any

from portal.connections.models import Connection
from portal.connections.settings import NO_LICENCE
from portal.connectors import SERVICES, for_connection
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


def name_of(connection: Connection, plan_id: str) -> str:
    """What a licence is called, also one that the tenant no longer offers."""
    offered = next((plan["name"] for plan in connection.plans if plan["id"] == plan_id), "")
    return offered or SERVICES[connection.service].plan_name(plan_id) or plan_id or "No licence"


def names_of(connection: Connection, plan_ids) -> dict[str, str]:
    """Plan id -> name, by name."""
    named = {plan_id: name_of(connection, plan_id) for plan_id in plan_ids}
    return dict(sorted(named.items(), key=lambda pair: pair[1]))


def seats(plan: dict) -> str:
    """ "3 seats left", of a plan as the connection keeps it."""
    left = plan["free"]
    return "no seat left" if not left else "1 seat left" if left == 1 else f"{left} seats left"


def with_seats(connection: Connection, named: dict[str, str]) -> list[str]:
    """The names (by plan id), each with the seats that are left on it."""
    offered = {plan["id"]: plan for plan in connection.plans}
    return [
        f"{name} ({seats(offered[plan_id]) if plan_id in offered else 'no longer offered'})"
        for plan_id, name in named.items()
    ]


def is_known(connection: Connection, plan_id: str) -> bool:
    """Whether the tenant offers the licence, or it stands for none."""
    return plan_id == NO_LICENCE or any(plan["id"] == plan_id for plan in connection.plans)
