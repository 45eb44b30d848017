"""The demo's other systems: a webhook, Teams, Slack and a SIEM take what they are sent, and a page shows it."""

import contextlib
import json
import signal
import socket
import ssl
import sys
import threading
from collections import deque
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click
import trustme
from flask import Flask, Response, render_template
from werkzeug.serving import WSGIRequestHandler, make_server

from portal.demo.ports import HOST, free_port
from portal.places import STATIC, TEMPLATES

NAME = "localhost"
KEPT = 200
NAMES = {"/webhook": "Payroll (webhook)", "/teams": "Teams", "/slack": "Slack"}
SIEM = "SIEM (syslog over TLS)"
# Teams takes a message for later.
STATUS = {"/teams": 202}

Arrived = deque[dict[str, str]]


class _Quiet(WSGIRequestHandler):
    def log(self, *_arguments: object) -> None:
        pass


def _keep(arrived: Arrived, system: str, head: str, body: bytes) -> None:
    at = datetime.now(UTC).strftime("%H:%M:%S UTC")
    text = body.decode("utf-8", "replace")
    with contextlib.suppress(ValueError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    arrived.appendleft({"system": system, "at": at, "head": head, "body": text})


def _https(arrived: Arrived, context: ssl.SSLContext, port: int) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            shown = [f"{name}: {value}" for name, value in self.headers.items() if name.startswith("webhook-")]
            _keep(arrived, NAMES.get(self.path, self.path), "\n".join(shown), body)
            self.send_response(STATUS.get(self.path, 200))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer((HOST, port), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def _syslog(arrived: Arrived, context: ssl.SSLContext, port: int) -> socket.socket:
    def take(plain: socket.socket) -> None:
        try:
            with context.wrap_socket(plain, server_side=True) as opened:
                data = b""
                while part := opened.recv(65536):
                    data += part
                while data:
                    length, _, rest = data.partition(b" ")
                    head, _, body = rest[: int(length)].partition(b"\xef\xbb\xbf")
                    _keep(arrived, SIEM, head.decode("utf-8", "replace"), body)
                    data = rest[int(length) :]
                opened.unwrap()
        except (OSError, ValueError):
            return

    def serve() -> None:
        while True:
            try:
                plain, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=take, args=(plain,), daemon=True).start()

    server = socket.create_server((HOST, port))
    threading.Thread(target=serve, daemon=True).start()
    return server


def create_app(arrived: Arrived) -> Flask:
    """The page that shows what arrived."""
    app = Flask("systems", template_folder=str(TEMPLATES), static_folder=str(STATIC))

    @app.after_request
    def guard(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'; img-src data:"
        return response

    @app.get("/")
    def show() -> str:
        return render_template("demo/systems.html", arrived=list(arrived))

    return app


def main(folder: Path, port: int) -> None:
    """Take messages until SIGTERM. Says its addresses in one JSON line once it listens."""
    authority = trustme.CA()
    bundle = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(bundle))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(NAME).configure_cert(context)
    arrived: Arrived = deque(maxlen=KEPT)
    https = _https(arrived, context, free_port(port + 1))
    syslog = _syslog(arrived, context, free_port(port + 2))
    page = make_server(HOST, port, create_app(arrived), threaded=True, request_handler=_Quiet)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: threading.Thread(target=page.shutdown, daemon=True).start())
    said: dict[str, Any] = {
        "page": f"http://{HOST}:{page.port}/", "https": f"https://{NAME}:{https.server_port}",
        "syslog": f"tls://{NAME}:{syslog.getsockname()[1]}", "authority": str(bundle),
    }  # fmt: skip
    (folder / "systems.json").write_text(json.dumps(said))
    click.echo(json.dumps(said))
    page.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
