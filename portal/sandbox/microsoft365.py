"""Puts the stand-in for Microsoft 365 together."""

import secrets
import time
from pathlib import Path
from typing import Any

from portal.sandbox import app, control, mailboxes, steering
from portal.sandbox.faults import Faults
from portal.sandbox.identity.platform import Identity
from portal.sandbox.journal import Journal
from portal.sandbox.keys import Signer
from portal.sandbox.made import Made
from portal.sandbox.mail import transport
from portal.sandbox.notifications import Notifier
from portal.sandbox.state import State, people, seed
from portal.sandbox.throttle import Throttle

PORT = 9080
# Names that the certificate carries besides this machine's own.
NAMES: tuple[str, ...] = ()
CLIENT_ID = "11111111-2222-4333-8444-555555555555"


def make(data: Path | None, users: int, **application: Any) -> Made:
    """See cli.sandbox for the values."""
    state = State(data, lambda: seed.plant(users, time.time()))
    state.settlers += [people.settle, mailboxes.settle, transport.settle]
    state.listeners.append(Notifier(state).tell)
    identity, faults, journal, throttle = _identity(state, **application), Faults(), Journal(), Throttle()
    own = control.Control(state, faults, journal, identity, throttle)

    def opened(url: str) -> None:
        identity.base_url = url

    return Made(
        web=app.create(state, faults, journal, identity, throttle), control=steering.create(own, control.CALLS),
        opened=opened, line=lambda url: _line(state, identity, url), close=state.close,
    )  # fmt: skip


def _identity(state: State, client_id: str, client_secret: str, client_certificate: Path | None,
              redirect_uri: tuple[str, ...]) -> Identity:  # fmt: skip
    """The registered application. The key of the tokens outlives a restart, so that tokens do too."""
    with state.work():
        signer = Signer(state.kept("key"))
        state.keep("key", signer.pem())
    secret = client_secret or secrets.token_urlsafe(24)
    found = Identity(client_id or CLIENT_ID, secret, list(redirect_uri), signer=signer)
    if client_certificate:
        found.register(client_certificate.read_text())
    return found


def _line(state: State, identity: Identity, url: str) -> dict[str, Any]:
    return {
        "graph_url": url,
        "login_url": url,
        "admin_centre_url": f"{url}/admin-centre",
        "outside_url": f"{url}/outside",
        "client_id": identity.client_id,
        "client_secret": identity.client_secret,
        "tenants": [
            {"id": tenant.id, "name": tenant.name, "default_domain": tenant.default_domain}
            for tenant in state.tenants.values()
        ],
    }
