"""One pooled session for every connected application: retries, and a record of each exchange."""

import math
import os
import random
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookiejar import DefaultCookiePolicy
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from pydantic_core import from_json

from portal.connectors import bounded, silence
from portal.connectors.errors import TryLater
from portal.connectors.pace import Pacer, retry_after
from portal.connectors.values import Call
from portal.languages import gettext as _

# Seconds to connect, and between two pieces of an answer.
TIMEOUT = (3.05, 20.0)
RETRYABLE = frozenset({429, 500, 502, 503, 504})
REPEATABLE = frozenset({"GET", "PATCH", "PUT", "DELETE"})
SECRETS = frozenset({
    "password", "newpassword", "currentpassword", "temporaryaccesspass", "access_token", "refresh_token", "id_token",
    "client_secret", "client_assertion", "secrettext", "clientstate", "code_verifier",
    # No secrets, but what no receipt needs: a person's face, and the claims that a new token is to have.
    "photodata", "www-authenticate",
})  # fmt: skip
# An authorisation code is one in what is sent; the code of an answer says what went wrong, and belongs on the receipt.
SENT_SECRETS = SECRETS | {"code"}
LONGEST_LIST = 25
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 8.0
# What is nested deeper in an exchange is not kept of it.
DEEPEST = 20
# Variables of the environment that decide how a server is reached, and whether it is trusted.
COUNTING = (
    "http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
    "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
)  # fmt: skip
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NUL, LIKE_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000"), rb"\u0000"


_before_each: ContextVar[Callable[[], None] | None] = ContextVar("before_each", default=None)


@contextmanager
def before_each(call: Callable[[], None]) -> Iterator[None]:
    """Within it, in this thread, `call` is made before every request; what it raises keeps the request from being sent.

    A worker renews its lease with it, and so keeps the lease while many requests take long.
    """
    token = _before_each.set(call)
    try:
        yield
    finally:
        _before_each.reset(token)


_before_waiting: ContextVar[Callable[[], None] | None] = ContextVar("before_waiting", default=None)


@contextmanager
def before_waiting(call: Callable[[], None]) -> Iterator[None]:
    """Within it, in this thread, `call` is made whenever the thread is to wait for its turn or for an answer."""
    token = _before_waiting.set(call)
    try:
        yield
    finally:
        _before_waiting.reset(token)


def about_to_send() -> None:
    """Makes the calls that `before_each` and `before_waiting` asked for in this thread, if any."""
    if (call := _before_each.get()) is not None:
        call()
    about_to_wait()


def about_to_wait() -> None:
    """Makes the call that `before_waiting` asked for in this thread, if any."""
    if (call := _before_waiting.get()) is not None:
        call()


class Wire(Protocol):
    """What sends a request: the session, or something that sends many together."""

    def request(self, method: str, url: str, **options: Any) -> requests.Response: ...


_wire: ContextVar[Wire | None] = ContextVar("wire", default=None)


@contextmanager
def through(wire: Wire) -> Iterator[None]:
    """Within it, and in threads that copy its context, every Channel sends through this wire."""
    token = _wire.set(wire)
    try:
        yield
    finally:
        _wire.reset(token)


class Session(requests.Session):
    """Connections are kept and shared between threads. No redirect is followed, no cookie kept, no answer unlimited."""

    def __init__(self) -> None:
        super().__init__()
        adapter = bounded.Adapter(pool_connections=16, pool_maxsize=256, max_retries=0)
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # Without one, requests puts a password of a .netrc in the place of the token.
        self.auth = _as_it_is
        self._environment: dict[tuple[Any, ...], tuple[Any, Any]] = {}

    def request(  # type: ignore[override]
        self, method: str, url: str, *, largest: int | None = None, **options: Any
    ) -> requests.Response:
        """The answer, read to its end; a redirect is an answer like any other. largest: bytes that it may have.

        Raises requests.RequestException: bounded.TooLarge, or when no whole answer came in time.
        """
        about_to_send()
        options = {"timeout": TIMEOUT, **options, "allow_redirects": False, "stream": True}
        with bounded.in_time():
            response = super().request(method, url, **options)
            bounded.read(response, largest)
        return response

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere. Were there a target, requests would read the whole body to look at it."""

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """The environment's proxies and authorities hold, except that no proxy leads to this machine.

        What requests finds for a server is kept while the variables that count are the same: it looks through the whole
        environment, twice, which takes it as long as all the rest of a request.
        """
        server = urlsplit(url if isinstance(url, str) else url.decode())
        key = (server.scheme, server.netloc, verify, *map(os.environ.get, COUNTING))
        if key not in self._environment:
            merged = super().merge_environment_settings(url, {}, stream, verify, cert)
            self._environment[key] = {} if is_loopback(url) else merged["proxies"], merged["verify"]
        found, trusted = self._environment[key]
        return {"proxies": dict(found), "stream": stream, "verify": trusted, "cert": cert}


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def is_loopback(url: str | bytes) -> bool:
    """True when the address is on this machine."""
    host = urlsplit(url if isinstance(url, str) else url.decode()).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


SESSION = Session()


@dataclass(frozen=True)
class RequestIds:
    """Names of the headers in which the portal sends a request's id, and in which the application names its own."""

    sent: str = "x-request-id"
    received: str = "x-request-id"


@dataclass(frozen=True)
class Cost:
    """What one request takes from the application's quota: writes, and units of its own kind."""

    writes: int = 0
    units: int = 1


class Channel:
    """The way to one tenant of one application.

    name: what the application is called in messages. patience: seconds that repeats of one request may take together.
    ids: where the answer has the ids of requests. calls: every try so far, secrets masked. confidential: nothing is
    kept there of what was sent and received, as in people's own mail.
    """

    def __init__(
        self, name: str, pacer: Pacer, *, patience: float, ids: RequestIds = RequestIds(), confidential: bool = False
    ):
        self.name = name
        self.pacer = pacer
        self.ids = ids
        self.patience = patience
        self.confidential = confidential
        self.calls: list[Call] = []

    def request(
        self, method: str, url: str, *, path: str, headers: Mapping[str, str], cost: Cost, json: Any = None,
        content: bytes | None = None, alone: bool = False,
    ) -> requests.Response:  # fmt: skip
        """One request, tried again while that is harmless and the patience lasts; the last answer, whatever its status.

        A POST is only repeated when it was certainly not carried out: throttled, or never sent. Raises TryLater when
        no answer came (`unknown`: the change may have been made), or when the quota leaves no room for it in time.
        content: a file, in place of JSON. alone: sent alone also where others are sent together.
        """
        deadline, pause = time.monotonic() + self.patience, FIRST_PAUSE
        while True:
            self._take_turn(cost, deadline)
            try:
                response = self._once(method, url, path=path, headers=headers, json=json, content=content, alone=alone)
            except requests.RequestException as error:
                why, wait = silence.reason(error, self.name), jittered(pause)
                harmless = (method in REPEATABLE or why.certain) and not why.hopeless
                if not harmless or time.monotonic() + wait >= deadline:
                    raise self._unanswered(method, why) from error
            else:
                self.pacer.heard(response.status_code, response.headers, units=cost.units)
                harmless = method in REPEATABLE or response.status_code == 429
                asked = retry_after(response.headers)
                wait = jittered(pause) if asked is None else max(asked, FIRST_PAUSE)
                if response.status_code not in RETRYABLE or not harmless or time.monotonic() + wait >= deadline:
                    return response
            time.sleep(wait)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _take_turn(self, cost: Cost, deadline: float) -> None:
        many = _wire.get() is not None
        about_to_wait()
        while wait := self.pacer.reserve(writes=cost.writes, units=cost.units, many=many):
            if time.monotonic() + wait > deadline:
                raise TryLater(
                    _("%(name)s is busy and asked us to wait.", name=self.name), code="quota", retry_after=wait
                )
            time.sleep(wait)

    def _once(
        self, method: str, url: str, *, path: str, headers: Mapping[str, str], json: Any, content: bytes | None,
        alone: bool,
    ) -> requests.Response:  # fmt: skip
        request_id = str(uuid.uuid4())
        at, began = datetime.now(UTC), time.perf_counter()
        response, arrived = None, False
        try:
            wire = SESSION if alone else _wire.get() or SESSION
            body = {"json": json} if content is None else {"data": content}
            response = wire.request(method, url, headers={**headers, self.ids.sent: request_id}, **body)
            arrived = True
            return response
        except requests.RequestException as error:
            arrived = not silence.never_sent(error)
            raise
        finally:
            self.calls.append(
                Call(
                    method=method,
                    path=path,
                    status=None if response is None else response.status_code,
                    request_id=self._id_of(response) or request_id,
                    at=at,
                    seconds=round(time.perf_counter() - began, 4),
                    sent=None if self.confidential else _sent(json, content),
                    received=None if response is None or self.confidential else masked(body_of(response)),
                    arrived=arrived,
                )
            )

    def _id_of(self, response: requests.Response | None) -> str:
        return "" if response is None else response.headers.get(self.ids.received, "")

    def _unanswered(self, method: str, why: silence.Silence) -> TryLater:
        return TryLater(
            why.message,
            unknown=method != "GET" and not why.certain,
            next_step=why.next_step,
            code=why.code,
            request_id=self.calls[-1].request_id,
        )


def _sent(json: Any, content: bytes | None) -> Any:
    """What a receipt says of what was sent."""
    return masked(json, SENT_SECRETS) if content is None else f"{len(content):,} bytes"


def jittered(pause: float) -> float:
    """The pause, made uneven so that those who failed together do not come back together."""
    return pause * random.uniform(0.75, 1.25)


def masked(value: Any, secrets: frozenset[str] = SECRETS, depth: int = 0) -> Any:
    """The same JSON without its secrets, and with long lists given by their number only."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if not isinstance(value, (dict, list)):
        return value
    if depth == DEEPEST:
        return "…"
    if isinstance(value, dict):
        return {
            key: "***" if str(key).casefold() in secrets else masked(item, secrets, depth + 1)
            for key, item in value.items()
        }
    return f"{len(value)} items" if len(value) > LONGEST_LIST else [masked(item, secrets, depth + 1) for item in value]


def body_of(response: requests.Response) -> Any:
    """The JSON of an answer; None when it has none, or is something else.

    Something else is also what no table of ours could keep (a NUL, half a character, a number that is none) and what is
    nested without end.
    """
    if isinstance(response, ReadAnswer):
        return response.body
    return parsed(response.content)


class ReadAnswer(requests.Response):
    """An answer that came within another one, whose JSON has been read with that one's. body: as body_of gives it."""

    body: Any = None


# As JSON writes a NUL, or one half of a character without the other.
_HIGH, _LOW = rb"\\u[dD][89abAB][0-9a-fA-F]{2}", rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
UNKEPT = re.compile(
    rb"(?<!\\)((?:\\\\)*)(?:\\u0000|" + _HIGH + rb"(?!" + _LOW + rb")|(?<!" + _HIGH + rb")" + _LOW + rb")"
)


def written_by_anybody(response: requests.Response) -> Any:
    """As body_of, of an answer with what strangers wrote: U+FFFD stands for what no table of ours could keep."""
    found = body_of(response)
    if found is not None or not response.content:
        return found
    return parsed(UNKEPT.sub(rb"\1\\ufffd", response.content.decode("utf-8", "replace").encode()))


def parsed(content: bytes) -> Any:
    """As body_of, of the bytes themselves."""
    text = content.removeprefix(BYTE_ORDER_MARK)
    has_nul = LIKE_NUL in text and NUL.search(text)
    try:
        return from_json(text, allow_inf_nan=False) if text and not has_nul else None
    except ValueError:
        return None
