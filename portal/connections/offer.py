"""What a tenant offers: domains for usernames, and licences. Only this module writes it to a connection."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from portal.connections.models import Connection
from portal.connections.settings import NO_LICENCE, settings_of
from portal.connectors import SERVICES, for_connection
from portal.connectors.base import Connector, Service
from portal.connectors.values import Licence, Tenant
from portal.database import transaction
from portal.languages import gettext as _
from portal.languages import ngettext


def of(
    tenant: Tenant, licences: list[Licence], units: Sequence[str] = (), bought: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """The columns of Connection that say what the tenant offers.

    bought: licence id -> seats that the organisation says it has, which count where the application tells no number.

    domains: names, the default one first, without those that another directory signs in for. licences: dictionaries
    with id, name, free (seats; None when the tenant does not say), qualifies and used, of those that a
    person can be given.
    """
    return {
        "tenant_name": tenant.name[:256],
        "domains": _usable(tenant),
        "licences": _assignable(licences, bought or {}),
        "units": list(units),
    }


def _usable(tenant: Tenant) -> list[str]:
    usable = [domain for domain in tenant.domains if not domain.federated]
    return [domain.name for domain in sorted(usable, key=lambda domain: not domain.is_default)]


def _assignable(licences: Iterable[Licence], bought: Mapping[str, int]) -> list[dict[str, Any]]:
    """Those that a person can be given, as the column has them."""
    counted = (_with_seats_bought(licence, bought) for licence in licences)
    return [
        {
            "id": licence.id, "name": licence.name, "free": licence.free, "qualifies": licence.qualifies,
            "used": licence.used,
        }
        for licence in counted
        if licence.assignable
    ]  # fmt: skip


def _with_seats_bought(licence: Licence, bought: Mapping[str, int]) -> Licence:
    return licence if licence.total is not None else replace(licence, total=bought.get(licence.id))


def count_again(connection: Connection, bought: Mapping[str, int]) -> None:
    """Within a transaction: the seats that are left, by what the organisation says it has bought and what is in use."""
    for licence in connection.licences:
        used, total = licence.get("used"), bought.get(licence["id"])
        licence["free"] = None if used is None or total is None else max(0, total - used)
    connection.save(only=[Connection.licences])


def asked(connector: Connector, service: Service, bought: Mapping[str, int] | None = None) -> dict[str, Any]:
    """The same, as the tenant says it now. Raises ConnectorError."""
    can = service.capabilities
    licences = connector.licences() if can.has_licences else []
    return of(connector.tenant(), licences, connector.units() if can.has_units else (), bought)


def read(connection: Connection) -> None:
    """Ask the tenant what it offers now, and keep it. Raises ConnectorError."""
    bought = settings_of(connection).seats_bought
    _keep(connection, asked(for_connection(connection), SERVICES[connection.service], bought))


def read_seats(connection: Connection) -> None:
    """Ask the tenant for its licences alone, and keep how many seats are left. Raises ConnectorError."""
    if SERVICES[connection.service].capabilities.has_licences:
        licences = for_connection(connection).licences()
        _keep(connection, {"licences": _assignable(licences, settings_of(connection).seats_bought)})


def _keep(connection: Connection, offered: Mapping[str, Any]) -> None:
    """Write down what is not as it was: most times nothing, and a write waits for the disk."""
    news = {name: value for name, value in offered.items() if value != getattr(connection, name)}
    if not news:
        return
    with transaction():
        for name, value in news.items():
            setattr(connection, name, value)
        connection.save(only=[getattr(Connection, name) for name in news])


def read_domains(connection: Connection) -> None:
    """Ask the tenant for its domains alone, and keep them. Raises ConnectorError."""
    connection.domains = _usable(for_connection(connection).tenant())
    connection.save(only=[Connection.domains])


def name_of(connection: Connection, licence_id: str) -> str:
    """What a licence is called, also one that the tenant no longer offers."""
    offered = next((licence["name"] for licence in connection.licences if licence["id"] == licence_id), "")
    service = SERVICES[connection.service]
    return offered or service.licence_name(licence_id) or licence_id or service.words.no_licence


def names_of(connection: Connection, licence_ids: Iterable[str]) -> dict[str, str]:
    """Licence id -> name, by name."""
    named = {licence_id: name_of(connection, licence_id) for licence_id in licence_ids}
    return dict(sorted(named.items(), key=lambda pair: pair[1]))


def seats(licence: dict) -> str:
    """ "3 seats left", of a licence as the connection keeps it."""
    left = licence["free"]
    if left is None:
        return _("number of free seats unknown")
    return ngettext("%(num)s seat left", "%(num)s seats left", left) if left else _("no seats left")


def with_its_seats(licence: dict) -> str:
    """ "Business Standard (3 seats left)", of a licence as the connection keeps it."""
    return _("%(licence)s (%(seats)s)", licence=licence["name"], seats=seats(licence))


def has_seat(licence: dict) -> bool:
    """Whether a person can be given the licence: always, unless the service says that no seat is free."""
    return licence["free"] is None or licence["free"] > 0


def with_seats(connection: Connection, named: dict[str, str]) -> list[str]:
    """The names (by licence id), each with the seats that are left on it."""
    offered = {licence["id"]: licence for licence in connection.licences}
    return [
        _(
            "%(licence)s (%(seats)s)",
            licence=name,
            seats=seats(offered[licence_id]) if licence_id in offered else _("no longer offered"),
        )
        for licence_id, name in named.items()
    ]


def is_known(connection: Connection, licence_id: str) -> bool:
    """Whether the tenant offers the licence, or it means no licence."""
    return licence_id == NO_LICENCE or any(licence["id"] == licence_id for licence in connection.licences)
