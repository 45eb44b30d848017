"""Bodies of requests that come slowly hold few threads, so that a stranger who lets them trickle in stops nobody else.

The web server hands a request on before its body is there, and the thread that reads the body waits for it. A reverse
proxy that reads requests whole keeps all of this away: then a body is there when it is read.
"""

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from portal.logs import log

# How many requests the web server answers at once in each process.
THREADS = 16
# How many of them may wait for bodies: in all, and from one address.
MOST, EACH = 10, 6
# Seconds that a reader waits for a place: bodies that are there are read in a moment.
PATIENCE = 0.25
SENTENCE = b"The portal is busy: too many requests are still on their way. Try again in a moment.\n"


class TooManySlow(BaseException):
    """No exception that a view or the pages for errors would catch: those would read the body again."""


class Bodies:
    """A WSGI application in front of another one. It sees the address that a trusted proxy names."""

    def __init__(self, app: Callable[..., Any]):
        self.app, self.free = app, threading.Condition()
        self.reading: Counter[str] = Counter()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        address = environ.get("REMOTE_ADDR", "")
        length = environ.get("CONTENT_LENGTH") or ("0" if "HTTP_TRANSFER_ENCODING" not in environ else "")
        body = environ["wsgi.input"] = _Body(environ["wsgi.input"], lambda: self.place(address), length)

        def begin(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            """Say that the connection ends where a body is left: the web server ends it, and loses the next request."""
            return start_response(status, [*headers, ("Connection", "close")] if body.is_left else headers, *error)

        try:
            return self.app(environ, begin)
        except TooManySlow:
            log.warning("too many slow bodies", address=address, path=environ.get("PATH_INFO", ""))
            start_response("503 Service Unavailable", [("Content-Type", "text/plain"), ("Retry-After", "5")])
            return [SENTENCE]

    @contextmanager
    def place(self, address: str) -> Iterator[None]:
        """One of the places for readers. Raises TooManySlow when none becomes free."""
        until = time.monotonic() + PATIENCE
        with self.free:
            while self.reading.total() >= MOST or self.reading[address] >= EACH:
                if not self.free.wait(until - time.monotonic()) and time.monotonic() >= until:
                    raise TooManySlow()
            self.reading[address] += 1
        try:
            yield
        finally:
            with self.free:
                self.reading[address] -= 1
                if not self.reading[address]:
                    del self.reading[address]
                self.free.notify_all()


class _Body:
    """The body as WSGI gives it; each look at it takes a place. length: how many bytes it has, or not known."""

    def __init__(self, inner: Any, place: Callable[[], Any], length: str):
        self.inner, self.place = inner, place
        self.left = int(length) if length.isdecimal() else math.inf

    @property
    def is_left(self) -> bool:
        return self.left > 0

    def read(self, *size: int) -> Any:
        return self._noted(self.inner.read, *size)

    def readline(self, *size: int) -> Any:
        return self._noted(self.inner.readline, *size)

    def readlines(self, *hint: int) -> Any:
        with self.place():
            lines = self.inner.readlines(*hint)
        self.left -= sum(map(len, lines))
        return lines

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _noted(self, look: Callable[..., bytes], *size: int) -> bytes:
        with self.place():
            found = look(*size)
        self.left = self.left - len(found) if found else 0
        return found
