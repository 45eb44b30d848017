"""`portal sandbox` and `python -m portal.sandbox`."""

import json
import signal
import threading
from importlib import import_module
from pathlib import Path
from ssl import SSLContext
from typing import Any

import click

from portal import garbage
from portal.sandbox.server import Application, Server, tls_context

FOLDER, FILE = click.Path(file_okay=False, path_type=Path), click.Path(dir_okay=False, path_type=Path)
PEM = click.Path(exists=True, dir_okay=False, path_type=Path)
# Loaded when one is started: every other command would load them for nothing.
SERVICES = {"microsoft-365": "portal.sandbox.microsoft365", "google-workspace": "portal.sandbox.google.command"}


@click.command()
@click.option(
    "--service",
    type=click.Choice(list(SERVICES)),
    default="microsoft-365",
    show_default=True,
    help="The service it stands in for.",
)
@click.option(
    "--port",
    default=None,
    type=click.IntRange(0, 65535),
    help="Port of everything that the service shows; 0 for a free one. Without it 9080, or 9090 for Google Workspace.",
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
@click.option("--client-id", default="", help="Client id of the registered application; a fixed one when empty.")
@click.option("--client-secret", default="", help="Its client secret; made up when empty.")
@click.option("--client-certificate", type=PEM, help="Its certificate (PEM), for Microsoft's client assertions.")
@click.option("--redirect-uri", multiple=True, help="A registered redirect address; without any, all on this machine.")
def sandbox(service: str, port: int | None, control_port: int, tls_dir: Path | None, **values: Any) -> None:
    """A local stand-in for Microsoft 365 or Google Workspace: sign-in, directory, and a small Admin Centre.

    Once it listens it prints one JSON line with its addresses. Nothing leaves this machine.
    """
    garbage.look_seldom()
    with garbage.loading():
        module: Any = import_module(SERVICES[service])
        made = module.make(**values)
    tls, ca_file = tls_context(tls_dir, *module.NAMES) if tls_dir else (None, None)
    server = _listening(made.web, module.PORT if port is None else port, tls)
    controls = _listening(made.control, control_port)
    made.opened(server.url)
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    for each in (server, controls):
        threading.Thread(target=each.serve_forever, daemon=True).start()
    line = {**made.line(server.url), "control_url": controls.url, "ca_file": str(ca_file) if ca_file else None}
    click.echo(json.dumps(line))
    stop.wait()
    for each in (server, controls):
        each.shutdown()
    made.close()


def _listening(application: Application, port: int, tls: SSLContext | None = None) -> Server:
    try:
        return Server(application, port, tls)
    except OSError as error:
        raise click.ClickException(
            f"Port {port} cannot be used: {error.strerror}. --port 0 takes a free one."
        ) from error
