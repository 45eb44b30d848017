"""The demo's mail catcher: an SMTP server, and a page that lists what it caught."""

import json
import signal
import socket
import sys
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import click
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Session
from flask import Flask, Response, abort, render_template
from werkzeug.serving import WSGIRequestHandler, make_server

from portal.demo.ports import HOST
from portal.places import STATIC, TEMPLATES


class Keep:
    """Writes each mail to a file of its own, numbered in the order in which they came."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.lock = threading.Lock()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Any) -> str:
        with self.lock:
            number = len(list(self.folder.glob("*.eml"))) + 1
            (self.folder / f"{number:05}.eml").write_bytes(envelope.content)
        return "250 kept"


class _Quiet(WSGIRequestHandler):
    def log(self, *_arguments: object) -> None:
        pass


def _read(file: Path) -> EmailMessage:
    return message_from_bytes(file.read_bytes(), policy=policy.default)


def _text(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    return part.get_content() if part else ""


def create_app(folder: Path) -> Flask:
    """The page of the inbox."""
    app = Flask("inbox", template_folder=str(TEMPLATES), static_folder=str(STATIC))

    @app.after_request
    def guard(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'; img-src data:"
        return response

    @app.get("/")
    def inbox() -> str:
        files = sorted(folder.glob("*.eml"), reverse=True)
        return render_template("demo/inbox.html", mails=[(file.stem, _read(file)) for file in files])

    @app.get("/mails/<number>")
    def mail(number: str) -> str:
        file = folder / f"{number}.eml"
        if not number.isdigit() or not file.exists():
            abort(404)
        message = _read(file)
        return render_template("demo/mail.html", mail=message, text=_text(message))

    return app


def main(folder: Path, port: int) -> None:
    """Catch mails until SIGTERM. Says its addresses in one JSON line once it listens."""
    folder.mkdir(parents=True, exist_ok=True)
    with socket.create_server((HOST, 0)) as free:
        smtp_port = free.getsockname()[1]
    catcher = Controller(Keep(folder), hostname=HOST, port=smtp_port)
    catcher.start()
    server = make_server(HOST, port, create_app(folder), threaded=True, request_handler=_Quiet)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: threading.Thread(target=server.shutdown, daemon=True).start())
    click.echo(json.dumps({"smtp_port": smtp_port, "inbox_url": f"http://{HOST}:{server.port}/"}))
    server.serve_forever()
    catcher.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
