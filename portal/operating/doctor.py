"""Tries everything the portal depends on, and says what is wrong and what to do."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import requests

from portal import database, presence, vault
from portal.config import ConfigurationError, settings
from portal.connections.doctor import expiry
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.connectors.errors import ConnectorError
from portal.connectors.microsoft365.trial import try_credentials
from portal.mail.sending import probe

PATIENCE = 20.0
UNKNOWN_END = "Set PORTAL_M365_CLIENT_SECRET_EXPIRES to be warned before the client secret ends."


@dataclass(frozen=True)
class Finding:
    """What was found of one part."""

    part: str
    good: bool
    sentence: str


def examine(tenant: str = "") -> list[Finding]:
    """A Finding for every part, in the order in which to mend them. tenant: where to try Microsoft's credentials."""
    try:
        settings()
    except ConfigurationError as error:
        # Every other part would only say the same.
        return [_try("portal", _program), Finding("settings", False, str(error))]
    checks = {**CHECKS, "Microsoft": lambda: _microsoft(tenant)}
    return [_try(part, check) for part, check in checks.items()]


def _try(part: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(part, True, check())
    except Exception as error:
        return Finding(part, False, " ".join(str(error).split()) or type(error).__name__)


def _keys() -> str:
    settings().require_secrets()
    if vault.decrypt(vault.encrypt("probe")) != "probe":
        raise RuntimeError("What is encrypted does not open again: check PORTAL_ENCRYPTION_KEYS.")
    count = len(settings().encryption_keys)
    return (
        "There is one key, and it opens what it encrypts." if count == 1 else f"There are {count} keys, and they work."
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
    return f"{'SQLite' if database.is_sqlite() else 'PostgreSQL'} answers, and its tables are of this version."


def _queue() -> str:
    from portal.worker import queue

    count = queue.pending_count()
    return f"It can be reached, and {'nothing waits' if not count else f'{count} wait'} in it."


def _mail() -> str:
    """The whole conversation of a mail, but for a recipient. It waits for as long as a person at a terminal does."""
    return f"{probe(within=PATIENCE)} answers, and takes mail from {settings().mail_from}."


def _microsoft(tenant: str) -> str:
    chosen = settings()
    if not chosen.m365_client_id or not (chosen.m365_client_secret or chosen.m365_certificate_file):
        raise RuntimeError(
            "PORTAL_M365_CLIENT_ID and PORTAL_M365_CLIENT_SECRET or PORTAL_M365_CERTIFICATE_FILE are not set."
        )
    address = f"{chosen.login_url}/organizations/v2.0/.well-known/openid-configuration"
    try:
        requests.get(address, timeout=10, allow_redirects=False).raise_for_status()
    except requests.RequestException as error:
        raise RuntimeError(f"{chosen.login_url} does not answer: {type(error).__name__}.") from error
    words = [f"{urlsplit(chosen.login_url).hostname} answers.", _credentials(tenant)]
    for service in SERVICES.values():
        ends = expiry(service)
        if ends.urgent:
            raise RuntimeError(f"The {ends.kind} {ends.words}. Renew it, or nothing can be changed from then on.")
        words.append(f"The {ends.kind} {ends.words}." if ends.ends else UNKNOWN_END)
    return " ".join(words)


def _credentials(tenant: str) -> str:
    """Ask for a token: of `tenant`, else of the tenant that was connected last, else of none in particular."""
    live = None if tenant else _last_connected()
    try:
        if live is not None:
            SERVICES[live.service].connector(live.tenant_id).granted()
            return f"It accepts the portal's credentials in {live.tenant_name}."
        return try_credentials(tenant)
    except ConnectorError as error:
        code = f" ({error.code})" if error.code and error.code not in error.message else ""
        raise RuntimeError(f"{error.message.rstrip('.')}{code}. {error.next_step}".strip()) from error


def _last_connected() -> Connection | None:
    database.initialise(settings().database)
    with database.connection() as opened:
        if not opened.table_exists("connection"):
            return None
        return Connection.select().where(Connection.disconnected_at.is_null()).order_by(Connection.id.desc()).first()


def _program() -> str:
    return f"{version('account-portal')}, from {Path(__file__).parent}."


CHECKS: dict[str, Callable[[], str]] = {
    "portal": _program, "keys": _keys, "database": _database, "queue": _queue, "mail": _mail,
}  # fmt: skip
