"""Tries everything the portal depends on, and says what is wrong and what to do."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

from portal import database, vault
from portal.addons.doctor import expiry
from portal.addons.models import Connection
from portal.config import settings
from portal.connectors import SERVICES
from portal.mail.sending import probe

PATIENCE = 20.0


@dataclass(frozen=True)
class Finding:
    """What was found of one part."""

    part: str
    good: bool
    sentence: str


def examine() -> list[Finding]:
    """A Finding for every part, in the order in which to mend them."""
    return [_try(part, check) for part, check in CHECKS.items()]


def _try(part: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(part, True, check())
    except Exception as error:
        return Finding(part, False, " ".join(str(error).split()) or type(error).__name__)


def _keys() -> str:
    settings().require_secrets()
    if vault.open_sealed(vault.seal("probe")) != "probe":
        raise RuntimeError("what is sealed does not open again: check PORTAL_ENCRYPTION_KEYS")
    return f"{len(settings().encryption_keys)} key(s), sealing and opening works"


def _database() -> str:
    database.initialise(settings().database)
    with database.connection() as connection:
        if not connection.table_exists("organisation"):
            raise RuntimeError("there are no tables: run `portal init`")
        if missing := database.pending():
            raise RuntimeError(f"the tables are of an earlier version (without {missing[0]}): run `portal init`")
    return "SQLite" if database.is_sqlite() else "PostgreSQL"


def _queue() -> str:
    from portal.worker import queue

    return f"{queue.pending_count()} job(s) waiting; has its place"


def _mail() -> str:
    """The whole conversation of a mail, but for a recipient. It waits for as long as a person at a terminal does."""
    return f"{probe(within=PATIENCE)} answers, and takes mail from {settings().mail_from}"


def _microsoft() -> str:
    chosen = settings()
    if not chosen.m365_client_id or not (chosen.m365_client_secret or chosen.m365_certificate_file):
        raise RuntimeError(
            "PORTAL_M365_CLIENT_ID and PORTAL_M365_CLIENT_SECRET or PORTAL_M365_CERTIFICATE_FILE are not set"
        )
    address = f"{chosen.login_url}/organizations/v2.0/.well-known/openid-configuration"
    requests.get(address, timeout=10).raise_for_status()
    words = [f"{urlsplit(chosen.login_url).hostname} answers", _credentials()]
    for service in SERVICES.values():
        ends = expiry(service)
        if ends.urgent:
            raise RuntimeError(f"the {ends.kind} {ends.words}: renew it, or nothing can be changed from then on")
        words.append(f"the {ends.kind} {ends.words}" if ends.ends else ends.problem)
    return "; ".join(words)


def _credentials() -> str:
    """Ask for a token of the tenant that was connected last, as every call does."""
    database.initialise(settings().database)
    with database.connection() as opened:
        if not opened.table_exists("connection"):
            return "the credentials are tried when a tenant is connected"
        live = Connection.select().where(Connection.disconnected_at.is_null()).order_by(Connection.id.desc()).first()
    if live is None:
        return "the credentials are tried when a tenant is connected"
    SERVICES[live.service].connector(live.tenant_id).granted()
    return f"the credentials work in {live.tenant_name}"


CHECKS: dict[str, Callable[[], str]] = {
    "keys": _keys, "database": _database, "queue": _queue, "mail": _mail, "Microsoft": _microsoft,
}  # fmt: skip
