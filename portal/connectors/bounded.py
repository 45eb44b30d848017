"""Answers within bounds: of bytes once they are unpacked, and of seconds for the whole, however it comes."""

import http.client
import io
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import ProxyManager

# Seconds from the request to the end of its answer, however it comes: twice this must be less than a lease.
LONGEST_ANSWER = 25.0
# Bytes of an answer once it is unpacked. A page of 999 accounts, each with many licences, has some 22 million.
LARGEST_ANSWER = 32_000_000
CHUNK = 65_536

_until: ContextVar[float] = ContextVar("until", default=float("inf"))


class TooLarge(requests.RequestException):
    """The answer is larger than any that the application has to give."""


class _InTime(io.RawIOBase):
    """Reads from a socket until the answer's last moment: a time-out for each read alone never ends a trickle."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket):
        self._raw, self._sock = raw, sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left, limit = _until.get() - time.monotonic(), self._sock.gettimeout()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        if limit is None or left < limit:
            self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer whose status line, headers and body all come through _InTime."""

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any):
        super().__init__(sock, *arguments, **options)
        self.fp = io.BufferedReader(_InTime(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    response_class = _Response


class _TlsConnection(HTTPSConnection):
    response_class = _Response


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


POOLS = {"http": _Pool, "https": _TlsPool}


class Adapter(HTTPAdapter):
    """Connections whose answers come in time."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        if isinstance(manager, ProxyManager):
            manager.pool_classes_by_scheme = POOLS
        return manager


@contextmanager
def in_time(seconds: float | None = None) -> Iterator[None]:
    """Within it, in this thread, whatever is read of an answer must have come before the seconds are over.

    seconds: LONGEST_ANSWER unless they are given.
    """
    token = _until.set(time.monotonic() + (LONGEST_ANSWER if seconds is None else seconds))
    try:
        yield
    finally:
        _until.reset(token)


def read(response: requests.Response, largest: int | None = None) -> None:
    """Read the answer to its end. largest: bytes that it may have, once unpacked. Raises TooLarge."""
    largest = LARGEST_ANSWER if largest is None else largest

    parts, size = [], 0
    with response:
        for part in response.iter_content(CHUNK):
            size += len(part)
            if size > largest:
                raise TooLarge(f"more than {largest} bytes", response=response)
            parts.append(part)
    response._content = b"".join(parts)
