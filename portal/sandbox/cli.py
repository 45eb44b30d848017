"""`portal sandbox` and `python -m portal.sandbox`."""

import json
import secrets
import signal
import threading
import time
from pathlib import Path
from ssl import SSLContext
from typing import Any

import click

from portal.sandbox import app, control
from portal.sandbox.faults import Faults
from portal.sandbox.identity.keys import Signer
from portal.sandbox.identity.platform import Identity
from portal.sandbox.journal import Journal
from portal.sandbox.notifications import Courier
from portal.sandbox.server import Application, Server, tls_context
from portal.sandbox.state import State, people, seed
from portal.sandbox.throttle import Throttle

CLIENT_ID = "11111111-2222-4333-8444-555555555555"
FOLDER, FILE = click.Path(file_okay=False, path_type=Path), click.Path(dir_okay=False, path_type=Path)
PEM = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option(
    "--port",
    default=9080,
    show_default=True,
    help="Port of Graph, identity platform and Admin Centre; 0 for a free one.",
)
@click.option("--control-port", default=0, show_default=True, help="Port of the control address; 0 for a free one.")
@click.option("--tls-dir", type=FOLDER, help="Serve https; the authority of the certificate is written here as ca.pem.")
@click.option(
    "--data", type=FILE, help="SQLite file that keeps the state; without it, the state ends with the process."
)
@click.option(
    "--users",
    default=0,
    show_default=True,
    type=click.IntRange(0),
    help="So many invented users besides the fixed cast.",
)
@click.option("--client-id", default=CLIENT_ID, show_default=True, help="Client id of the registered application.")
@click.option("--client-secret", default="", help="Its client secret; made up when empty.")
@click.option("--client-certificate", type=PEM, help="Its certificate (PEM), for client assertions.")
@click.option("--redirect-uri", multiple=True, help="A registered redirect address; without any, all on this machine.")
def sandbox(port: int, control_port: int, tls_dir: Path | None, data: Path | None, users: int,
            **application: Any) -> None:  # fmt: skip
    """A local stand-in for Microsoft 365: Microsoft Graph, the identity platform, and a small Admin Centre.

    Once it listens it prints one JSON line with its addresses. Nothing leaves this machine.
    """
    tls, ca_file = tls_context(tls_dir) if tls_dir else (None, None)
    state = State(data, lambda: seed.plant(users, time.time()))
    state.settlers.append(people.settle)
    state.listeners.append(Courier(state).tell)
    identity, faults, journal, throttle = _identity(state, **application), Faults(), Journal(), Throttle()
    server = _listening(app.create(state, faults, journal, identity, throttle), port, tls)
    controls = _listening(control.create(control.Control(state, faults, journal, identity, throttle)), control_port)
    identity.base_url = server.url
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    for each in (server, controls):
        threading.Thread(target=each.serve_forever, daemon=True).start()
    click.echo(json.dumps(_line(state, identity, server, controls, ca_file)))
    stop.wait()
    for each in (server, controls):
        each.shutdown()
    state.close()


def _listening(application: Application, port: int, tls: SSLContext | None = None) -> Server:
    try:
        return Server(application, port, tls)
    except OSError as error:
        raise click.ClickException(
            f"Port {port} cannot be used: {error.strerror}. --port 0 takes a free one."
        ) from error


def _identity(state: State, client_id: str, client_secret: str, client_certificate: Path | None,
              redirect_uri: tuple[str, ...]) -> Identity:  # fmt: skip
    """The registered application. The key of the tokens outlives a restart, so that tokens do too."""
    with state.work():
        signer = Signer(state.kept("key"))
        state.keep("key", signer.pem())
    found = Identity(client_id, client_secret or secrets.token_urlsafe(24), list(redirect_uri), signer=signer)
    if client_certificate:
        found.register(client_certificate.read_text())
    return found


def _line(state: State, identity: Identity, server: Server, controls: Server, ca_file: Path | None) -> dict[str, Any]:
    return {
        "graph_url": server.url,
        "login_url": server.url,
        "control_url": controls.url,
        "admin_centre_url": f"{server.url}/admin-centre",
        "ca_file": str(ca_file) if ca_file else None,
        "client_id": identity.client_id,
        "client_secret": identity.client_secret,
        "tenants": [
            {"id": tenant.id, "name": tenant.name, "default_domain": tenant.default_domain}
            for tenant in state.tenants.values()
        ],
    }
