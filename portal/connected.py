"""The applications that the organisation is connected to, and which of them a page is about."""

from typing import Any

from flask import Blueprint, g, has_request_context, request, url_for
from werkzeug.exceptions import NotFound

from portal.access import organisation
from portal.connections.live import NotConnected, is_known, live_connection
from portal.connections.models import Connection


def connections() -> list[Connection]:
    """What the organisation is connected to, in the order of connecting. A page that only shows reads it once."""
    if not has_request_context() or request.method not in ("GET", "HEAD"):
        return Connection.all_live_of(organisation())
    if "connections" not in g:
        g.connections = Connection.all_live_of(organisation())
    return list(g.connections)


def chosen_connection() -> Connection | None:
    """The connected application that a page is about: the one that `app` names in its address or form, else the first.

    None while nothing is connected.
    """
    return _chosen_of(connections())


def _chosen_of(found: list[Connection]) -> Connection | None:
    asked = request.values.get("app", "")
    return next((one for one in found if one.service == asked), found[0] if found else None)


def need_connection() -> Connection:
    """The application that a page is about. Raises NotConnected while nothing is connected."""
    connection = chosen_connection()
    if connection is None:
        raise NotConnected()
    return connection


def application_tabs(endpoint: str, **values: Any) -> list[tuple[str, str, bool]]:
    """Name, address and whether it is the one shown of each connected application; empty with nothing to choose."""
    found = connections()
    chosen = _chosen_of(found)
    if len(found) < 2:
        return []
    return [(one.service_name, url_for(endpoint, app=one.service, **values), one == chosen) for one in found]


def about_one_application(blueprint: Blueprint, *endpoints: str) -> None:
    """Whatever leads from a page about the application that its address names leads to the same one.

    endpoints: of the blueprint, to which it applies; all when none is given.
    """
    names = {f"{blueprint.name}.{endpoint}" for endpoint in endpoints}

    @blueprint.url_defaults
    def keep(endpoint: str, values: dict[str, Any]) -> None:
        asked = request.args.get("app", "") if has_request_context() else ""
        if "app" not in values and is_known(asked) and (not names or endpoint in names):
            values["app"] = asked


def connection_or_404(service_key: str) -> Connection:
    """The organisation's live connection to the application of that key.

    Raises NotFound for a service that there is none of; NotConnected.
    """
    if not is_known(service_key):
        raise NotFound()
    return live_connection(organisation(), service_key)
