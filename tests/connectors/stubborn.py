"""Servers that speak HTTP badly, on purpose: each gives the same bytes to every call."""

import contextlib
import json
import re
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import jwt

Answer = Callable[[bytes], Iterator[bytes]]


class Stubborn:
    """Listens on this machine. answer: from the request's first line and headers to the pieces of what is sent back.

    asked: the first line of every request. pause: seconds between the pieces. tls: speaks TLS with this context.
    """

    def __init__(self, answer: Answer, *, pause: float = 0.0, tls: ssl.SSLContext | None = None):
        self.answer, self.tls, self.asked = answer, tls, []
        self._pause, self._over = pause, threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> "Stubborn":
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self._thread.join(5)

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while not self._over.is_set():
                connection, _ = self.listener.accept()
                threading.Thread(target=self._attend, args=(connection,), daemon=True).start()

    def _attend(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.settimeout(10)
            spoken = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
            with spoken:
                request = b""
                while b"\r\n\r\n" not in request and (piece := spoken.recv(65_536)):
                    request += piece
                self.asked.append(request.split(b"\r\n")[0].decode())
                for piece in self.answer(request):
                    if self._over.wait(self._pause) if self._pause else self._over.is_set():
                        return
                    spoken.sendall(piece)
                # What the client is still sending must be read, or closing resets what it has not read yet.
                spoken.settimeout(0.2)
                with contextlib.suppress(OSError):
                    while spoken.recv(65_536):
                        pass


def page(status: str, body: bytes, **headers: str) -> bytes:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def always(body: Any, status: str = "200 OK", **headers: str) -> Answer:
    """The same answer to every call. body: bytes as they are, anything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda request: iter([page(status, content, **{"Content_Type": "application/json", **headers})])


def bomb(size: int) -> bytes:
    """So many spaces, packed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    pieces = [packer.compress(b" " * 1_000_000) for _ in range(size // 1_000_000)]
    return b"".join([*pieces, packer.flush()])


def trickle(*, head: int) -> Answer:
    """A byte at a time without end. head: so many bytes of a good answer come at once."""
    start = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"

    def answer(_: bytes) -> Iterator[bytes]:
        if head:
            yield start[:head]
        yield from (bytes([byte]) for byte in start[head:])
        while True:
            yield b" "

    return answer


def microsoft(answer: Answer, tenant: str, *, roles: tuple[str, ...] = ()) -> Answer:
    """The sign-in service as it should be, and this answer to everything that is asked of Graph."""
    claims = {"tid": tenant, "roles": list(roles), "iat": 4_000_000_000}
    token = jwt.encode(claims, "not a secret, only for tests, and long enough", algorithm="HS256")
    tokens = always({"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": token})

    def route(request: bytes) -> Iterator[bytes]:
        path, host = request.split()[1].decode(), re.search(rb"\r\n[Hh]ost: ([^\r]+)", request)
        base = f"http://{host.group(1).decode() if host else ''}/{tenant}"
        if path.endswith("/openid-configuration"):
            found = {"issuer": f"{base}/v2.0", "authorization_endpoint": f"{base}/authorize",
                     "token_endpoint": f"{base}/oauth2/v2.0/token"}  # fmt: skip
            return always(found)(request)
        return tokens(request) if path.endswith("/token") else answer(request)

    return route
