"""Another system on this machine, behind TLS: it keeps what it is sent, and answers as it is told."""

import queue
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from portal import config


@dataclass
class Got:
    """A request that arrived."""

    path: str
    headers: dict[str, str]
    body: bytes
    name: str = ""


@dataclass
class Reply:
    """What is answered. hangs: nothing is answered before `Receiver.let_go`."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    hangs: bool = False


class Receiver:
    """replies: of the next requests, in turn; afterwards each is answered by `reply`."""

    def __init__(self, authority: trustme.CA, *names: str, host: str = "127.0.0.1"):
        self.got: list[Got] = []
        self.arrived: queue.Queue[Got] = queue.Queue()
        self.replies: list[Reply] = []
        self.reply = Reply()
        self.let_go = threading.Event()
        self.names: list[str] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                asked = Got(self.path, dict(self.headers), body, receiver.names[-1] if receiver.names else "")
                receiver.got.append(asked)
                receiver.arrived.put(asked)
                reply = receiver.replies.pop(0) if receiver.replies else receiver.reply
                if reply.hangs:
                    receiver.let_go.wait(20)
                self.send_response(reply.status)
                for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

            do_GET = do_POST

            def log_message(self, *_arguments: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_arguments: Any) -> None:
                """Who hangs up is none of the server's business."""

        self.server = Server((host, 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*(names or ("localhost",))).configure_cert(context)
        context.sni_callback = lambda _socket, name, _context: self.names.append(name or "")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_port

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}/hook"

    def __enter__(self) -> "Receiver":
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_arguments: object) -> None:
        self.let_go.set()
        self.server.shutdown()
        self.server.server_close()


class Authority(trustme.CA):
    """An authority whose certificates the portal trusts while REQUESTS_CA_BUNDLE names `file`."""

    def __init__(self, folder: Path):
        super().__init__()
        self.file = folder / "authority.pem"
        self.cert_pem.write_to_path(str(self.file))


@pytest.fixture
def authority(tmp_path, monkeypatch):
    """The authority that the portal trusts in this test."""
    made = Authority(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(made.file))
    return made


@pytest.fixture
def allowed(monkeypatch):
    """allowed(names and networks): what the operator lets the portal call inside."""

    def allow(listed):
        monkeypatch.setenv("PORTAL_OUTGOING_ALLOWED", listed)
        config.forget()

    yield allow
    monkeypatch.delenv("PORTAL_OUTGOING_ALLOWED", raising=False)
    config.forget()
