"""`portal sandbox` and `python -m portal.sandbox`."""

import json
import secrets
import signal
import threading
from pathlib import Path

import click
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from portal.sandbox import app, control, seed
from portal.sandbox.faults import Faults
from portal.sandbox.identity import Identity
from portal.sandbox.state import State
from portal.sandbox.throttle import Throttle

HOST = "127.0.0.1"


class _Quiet(WSGIRequestHandler):
    """Keeps connections open, says nothing."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log(self, *_arguments: object) -> None:
        pass

    log_request = log  # type: ignore[assignment]


def _listen(application, port: int, tls) -> BaseWSGIServer:
    server = make_server(HOST, port, application, threaded=True, request_handler=_Quiet, ssl_context=tls)
    server.daemon_threads = True  # type: ignore[attr-defined]
    return server


def _tls(folder: Path | None):
    """A certificate of an authority of our own, which is written to the folder; (None, None) without one."""
    if folder is None:
        return None, None
    import ssl

    import trustme

    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", HOST)
    ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context, ca_file


@click.command()
@click.option(
    "--port",
    default=9080,
    show_default=True,
    help="Port of Graph, identity platform and Admin Centre; 0 for a free one.",
)
@click.option("--control-port", default=0, show_default=True, help="Port of the control address; 0 for a free one.")
@click.option(
    "--tls-dir", type=click.Path(file_okay=False, path_type=Path), help="Serve https; the authority is written here."
)
@click.option(
    "--data", type=click.Path(dir_okay=False, path_type=Path), help="SQLite file that keeps the state; memory without."
)
@click.option("--users", default=0, show_default=True, help="So many invented users besides the fixed cast.")
@click.option("--client-id", default="11111111-2222-4333-8444-555555555555", show_default=True)
@click.option("--client-secret", default="", help="Client secret of the registered application; made up when empty.")
@click.option("--redirect-uri", multiple=True, help="Allowed redirect address; without any, all on this machine.")
def sandbox(port, control_port, tls_dir, data, users, client_id, client_secret, redirect_uri) -> None:
    """A local stand-in for Microsoft 365. Prints one JSON line with its addresses once it listens."""
    context, ca_file = _tls(tls_dir)
    state, faults, throttle = State(data, seed.tenants(users)), Faults(), Throttle()
    registered = Identity(client_id, client_secret or secrets.token_urlsafe(24), list(redirect_uri), "")
    server = _listen(app.create(state, faults, registered, throttle), port, context)
    registered.base_url = f"{'https' if context else 'http'}://{HOST}:{server.port}"
    controls = _listen(control.create(state, faults, registered, throttle), control_port, None)
    threading.Thread(target=controls.serve_forever, daemon=True).start()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: threading.Thread(target=server.shutdown, daemon=True).start())
    line = {
        "graph_url": registered.base_url,
        "login_url": registered.base_url,
        "control_url": f"http://{HOST}:{controls.port}",
        "admin_centre_url": f"{registered.base_url}/admin-centre",
        "ca_file": str(ca_file) if ca_file else None,
        "client_id": registered.client_id,
        "client_secret": registered.client_secret,
        "tenants": [
            {"id": tenant.id, "name": tenant.name, "default_domain": tenant.default_domain}
            for tenant in state.tenants.values()
        ],
    }
    click.echo(json.dumps(line))
    server.serve_forever()
    controls.shutdown()
