"""How a request goes out: never on to where a redirect points, and with a limit on the size and time of its answer."""

import http.client
import io
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.cookiejar import DefaultCookiePolicy
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import ProxyManager

# Seconds to connect, and between two pieces of the answer.
TIMEOUT = (3.05, 20.0)
# Seconds from the request to the end of its answer, however it comes: twice this must be less than a lease.
LONGEST_ANSWER = 25.0
# Bytes of an answer once it is unpacked. A page of 999 accounts, each with many licences, has some 22 million.
LARGEST_ANSWER = 32_000_000
CHUNK = 65_536

_before_each: ContextVar[Callable[[], None] | None] = ContextVar("before_each", default=None)
_until: ContextVar[float] = ContextVar("until", default=float("inf"))


class TooLarge(requests.RequestException):
    """The answer is larger than any that the application has to give."""


@contextmanager
def before_each(call: Callable[[], None]) -> Iterator[None]:
    """Within it, in this thread, `call` is made before every request; what it raises keeps the request from being sent.

    With it, whoever holds something for the time of the work (a lease) holds on to it while many requests take long.
    """
    token = _before_each.set(call)
    try:
        yield
    finally:
        _before_each.reset(token)


def about_to_send() -> None:
    """Makes the call that `before_each` asked for in this thread, if any."""
    if (call := _before_each.get()) is not None:
        call()


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


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        if isinstance(manager, ProxyManager):
            manager.pool_classes_by_scheme = POOLS
        return manager


class Session(requests.Session):
    """Connections are kept and shared between threads. No redirect is followed, no cookie kept, no answer unlimited."""

    def __init__(self) -> None:
        super().__init__()
        adapter = _Adapter(pool_connections=16, pool_maxsize=64, max_retries=0)
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def request(  # type: ignore[override]
        self, method: str, url: str, *, largest: int | None = None, **options: Any
    ) -> requests.Response:
        """The answer, read to its end; a redirect is an answer like any other. largest: bytes that it may have.

        Raises requests.RequestException: TooLarge, or when there was no answer before LONGEST_ANSWER was over.
        """
        about_to_send()
        options = {"timeout": TIMEOUT, **options, "allow_redirects": False, "stream": True}
        token = _until.set(time.monotonic() + LONGEST_ANSWER)
        try:
            response = super().request(method, url, **options)
            _read(response, LARGEST_ANSWER if largest is None else largest)
        finally:
            _until.reset(token)
        return response

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere. Were there a target, the body would be read whole just to look at it."""

    def merge_environment_settings(self, url, proxies, stream, verify, cert):
        """The environment's proxies and authorities hold, except that no proxy leads to this machine."""
        merged = super().merge_environment_settings(url, proxies, stream, verify, cert)
        return {**merged, "proxies": {}} if is_loopback(url) else merged


def _read(response: requests.Response, largest: int) -> None:
    parts, size = [], 0
    with response:
        for part in response.iter_content(CHUNK):
            size += len(part)
            if size > largest:
                raise TooLarge(f"more than {largest} bytes", response=response)
            parts.append(part)
    response._content = b"".join(parts)


def is_loopback(url: str | bytes) -> bool:
    """True when the address is on this machine."""
    host = urlsplit(url if isinstance(url, str) else url.decode()).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


SESSION = Session()
