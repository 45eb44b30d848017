"""Tries everything the portal depends on, and says what is wrong and what to do."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import requests

from portal import database, presence, vault
from portal.config import ConfigurationError, settings
from portal.connections.doctor import expiry
from portal.connections.models import Connection
from portal.connectors import SERVICES, for_connection
from portal.connectors.base import Service
from portal.connectors.errors import ConnectorError
from portal.mail.sending import probe
from portal.operating import probe as probing

PATIENCE = 20.0


@dataclass(frozen=True)
class Finding:
    """What was found of one part."""

    part: str
    good: bool
    sentence: str


def examine(tenant: str = "") -> list[Finding]:
    """A Finding for every part, in the order in which to correct them. tenant: where to try the credentials."""
    try:
        settings()
    except ConfigurationError as error:
        # Every other part would only say the same.
        return [_try("portal", _program), Finding("settings", False, str(error))]
    services = [_try(service.name, lambda service=service: _service(service, tenant)) for service in SERVICES.values()]
    return [*(_try(part, check) for part, check in CHECKS.items()), *services]


def _try(part: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(part, True, check())
    except Exception as error:
        return Finding(part, False, " ".join(str(error).split()) or type(error).__name__)


def _keys() -> str:
    settings().require_secrets()
    if vault.decrypt(vault.encrypt("probe")) != "probe":
        raise RuntimeError("A value that was encrypted cannot be decrypted: check PORTAL_ENCRYPTION_KEYS.")
    count = len(settings().encryption_keys)
    return (
        "There is one key, and it decrypts what it encrypts."
        if count == 1
        else f"There are {count} keys, and they work."
    )


def _database() -> str:
    database.initialise(settings().database)
    with database.connection() as connection:
        if not connection.table_exists("organisation"):
            raise RuntimeError("There are no tables. Run `portal init`.")
        try:
            presence.check_version()
        except presence.OtherVersion as other:
            raise RuntimeError(f"{other.message} {other.next_step}") from other
        database.check_writing()
    return f"{'SQLite' if database.is_sqlite() else 'PostgreSQL'} answers, and its tables are of this version."


def _queue() -> str:
    from portal.worker import queue

    count = queue.pending_count()
    return f"It can be reached, and {'nothing waits' if not count else f'{count} wait'} in it."


def _mail() -> str:
    """The whole conversation of a mail, without a recipient. It waits for as long as a person at a terminal does."""
    return f"{probe(within=PATIENCE)} answers, and takes mail from {settings().mail_from}."


def _proxy() -> str:
    """Whether the reverse proxy keeps back what the portal would take for the proxy's own words."""
    if not settings().trusted_proxies:
        return "None is trusted, so X-Forwarded headers count for nothing."
    try:
        passes = probing.passes_underscores(settings().public_url)
    except requests.RequestException as error:
        return f"Not tried, as {settings().public_url} does not answer from here ({type(error).__name__})."
    if passes:
        raise RuntimeError(
            "It hands on headers with an underscore in their name, so anybody can send X_Forwarded_For and choose the "
            "address they seem to come from. Have it drop them: see docs/operating.md, “Reverse proxy”."
        )
    return "It drops headers that have an underscore in their name."


def _service(service: Service, tenant: str) -> str:
    """What the application says of itself, and until when the portal's own credential lasts.

    One that nobody has begun to set up is no problem, while another one is used.
    """
    if not service.begun and any(other.begun for other in SERVICES.values()):
        return f"Not set up, so nobody can connect it. It needs {' and '.join(service.settings_needed)}."
    live = None if tenant else _last_connected(service)
    try:
        words = [service.examine(tenant, for_connection(live) if live else None)]
    except ConnectorError as error:
        code = f" ({error.code})" if error.code and error.code not in error.message else ""
        raise RuntimeError(f"{error.message.rstrip('.')}{code}. {error.next_step}".strip()) from error
    if ends := expiry(service):
        if ends.urgent:
            raise RuntimeError(f"The {ends.kind} {ends.words}. Renew it, or nothing can be changed from then on.")
        words.append(f"The {ends.kind} {ends.words}." if ends.ends else ends.problem)
    return " ".join(words)


def _last_connected(service: Service) -> Connection | None:
    database.initialise(settings().database)
    with database.connection() as opened:
        if not opened.table_exists("connection"):
            return None
        mine = Connection.select().where(Connection.service == service.key, Connection.disconnected_at.is_null())
        return mine.order_by(Connection.id.desc()).first()


def _program() -> str:
    return f"{version('account-portal')}, from {Path(__file__).parent}."


CHECKS: dict[str, Callable[[], str]] = {
    "portal": _program, "keys": _keys, "database": _database, "queue": _queue, "mail": _mail,
    "proxy": _proxy,
}  # fmt: skip
