"""A small threaded web server that keeps connections open, speaks TLS when asked, and can cut an answer off.

Ready-made threaded servers of the standard library's kind close the connection after each answer, or cannot reset one.
"""

import contextlib
import io
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable, Iterable
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

HOST = "127.0.0.1"
IDLE_SECONDS = 300
LONGEST_LINE, MOST_HEADERS, LARGEST_BODY = 65_536, 100, 64_000_000
# An application puts a number here: so many bytes of the answer are sent, then the connection is reset.
CUT = "sandbox.cut"
# True for a part of a batch that is done beside the others, so that the latency of all is that of one.
AT_ONCE = "sandbox.at once"
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Malformed(Exception):
    """What came is not HTTP."""


class Server:
    """Listens at once; `serve_forever` answers until `shutdown`."""

    def __init__(self, application: Application, port: int, tls: ssl.SSLContext | None = None):
        self.application, self.tls = application, tls
        self.listener = socket.create_server((HOST, port), backlog=128, reuse_port=False)
        self.port: int = self.listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://{HOST}:{self.port}"
        self._stopping = threading.Event()

    def serve_forever(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                break
            threading.Thread(target=self._attend, args=(connection,), daemon=True).start()
        self.listener.close()

    def shutdown(self) -> None:
        self._stopping.set()
        # A thread that waits in accept() is only woken by the end of the socket or by a visitor.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)

    def _attend(self, connection: socket.socket) -> None:
        """All requests of one connection."""
        with contextlib.suppress(OSError, ssl.SSLError, Malformed), contextlib.ExitStack() as open_things:
            open_things.enter_context(connection)
            connection.settimeout(IDLE_SECONDS)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls:
                connection = open_things.enter_context(self.tls.wrap_socket(connection, server_side=True))
            reader = open_things.enter_context(connection.makefile("rb"))
            while not self._stopping.is_set() and self._one(connection, reader):
                pass

    def _one(self, connection: socket.socket, reader: Any) -> bool:
        """Answer one request; True when the connection stays open."""
        line = reader.readline(LONGEST_LINE)
        if not line.strip():
            return bool(line)
        try:
            environ = _environ(line, reader, connection, self)
        except Malformed:
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return False
        keep = environ["HTTP_CONNECTION"] != "close"
        answer = _answer(self.application, environ, keep=keep)
        if CUT in environ:
            _reset(connection, answer[: environ[CUT]])
            return False
        connection.sendall(answer)
        return keep


def _environ(line: bytes, reader: Any, connection: socket.socket, server: Server) -> dict[str, Any]:
    """The request as WSGI has it. Raises Malformed."""
    method, target, version = _request_line(line)
    path, _, query = target.partition("?")
    environ: dict[str, Any] = {
        "wsgi.version": (1, 0), "wsgi.url_scheme": "https" if server.tls else "http", "wsgi.errors": sys.stderr,
        "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False, "REQUEST_METHOD": method,
        "SCRIPT_NAME": "", "PATH_INFO": unquote_to_bytes(path).decode("latin-1"), "QUERY_STRING": query,
        "REQUEST_URI": target, "REMOTE_ADDR": HOST, "SERVER_NAME": HOST, "SERVER_PORT": str(server.port),
        "SERVER_PROTOCOL": version, "CONTENT_LENGTH": "", "HTTP_CONNECTION": "",
    }  # fmt: skip
    for name, value in _headers(reader):
        key = named(name)
        environ[key] = f"{environ[key]},{value}" if environ.get(key) and key != "CONTENT_LENGTH" else value
    environ["HTTP_CONNECTION"] = environ["HTTP_CONNECTION"].lower() or (
        "close" if version == "HTTP/1.0" else "keep-alive"
    )
    body = _body(environ, reader, connection)
    environ["CONTENT_LENGTH"], environ["wsgi.input"] = str(len(body)), io.BytesIO(body)
    return environ


def named(header: str) -> str:
    """What WSGI calls a header."""
    key = header.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


def _request_line(line: bytes) -> tuple[str, str, str]:
    parts = line.decode("latin-1").split()
    if len(parts) != 3 or parts[2] not in ("HTTP/1.1", "HTTP/1.0"):
        raise Malformed
    method, target, version = parts
    if "://" in target:
        target = "/" + target.partition("://")[2].partition("/")[2]
    return method, target, version


def _headers(reader: Any) -> Iterable[tuple[str, str]]:
    for _ in range(MOST_HEADERS):
        line = reader.readline(LONGEST_LINE).decode("latin-1")
        if line in ("\r\n", "\n"):
            return
        name, colon, value = line.partition(":")
        if not colon or "_" in name:
            raise Malformed
        yield name.strip(), value.strip()
    raise Malformed


def _body(environ: dict[str, Any], reader: Any, connection: socket.socket) -> bytes:
    if environ.get("HTTP_EXPECT", "").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
        return _chunks(reader)
    try:
        length = int(environ["CONTENT_LENGTH"] or 0)
    except ValueError:
        raise Malformed from None
    if not 0 <= length <= LARGEST_BODY:
        raise Malformed
    body = reader.read(length) if length else b""
    if len(body) < length:
        raise Malformed
    return body


def _chunks(reader: Any) -> bytes:
    parts, total = [], 0
    while True:
        try:
            size = int(reader.readline(LONGEST_LINE).partition(b";")[0], 16)
        except ValueError:
            raise Malformed from None
        total += size
        if not 0 <= total <= LARGEST_BODY:
            raise Malformed
        parts.append(reader.read(size))
        reader.readline(LONGEST_LINE)
        if size == 0:
            return b"".join(parts)


def _answer(application: Application, environ: dict[str, Any], *, keep: bool) -> bytes:
    """The whole answer, as it goes over the wire."""
    status, headers, body = collected(application, environ)
    lines = [f"HTTP/1.1 {status}", f"Date: {formatdate(usegmt=True)}"]
    lines += [f"{name}: {value}" for name, value in headers if name.lower() not in ("content-length", "date")]
    if not status.startswith(("204", "304")):
        lines.append(f"Content-Length: {len(body)}")
    lines.append(f"Connection: {'keep-alive' if keep else 'close'}")
    head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
    return head if environ["REQUEST_METHOD"] == "HEAD" else head + body


def collected(application: Application, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
    """What the application answers: status, headers and body."""
    told: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        told[:] = status, headers

    parts = application(environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close:
            close()
    status, headers = told
    return status, headers, body


def _reset(connection: socket.socket, part: bytes) -> None:
    """Send a part of the answer, then close with a reset instead of a farewell."""
    if part:
        connection.sendall(part)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def tls_context(folder: Path, *names: str) -> tuple[ssl.SSLContext, Path]:
    """A certificate for this machine and these names; the authority that signed it is written to the folder."""
    import trustme

    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", HOST, *names).configure_cert(context)
    return context, ca_file.absolute()
