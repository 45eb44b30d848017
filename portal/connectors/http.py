"""One pooled session for every connected application: time-outs, retries, pace, and a record of each exchange."""

import random
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from portal.connectors.base import Call
from portal.connectors.errors import TryLater

TIMEOUT = (3.05, 20)
RETRYABLE = {429, 500, 502, 503, 504}
REPEATABLE = {"GET", "PATCH", "PUT", "DELETE"}
SECRET_NAMES = ("password", "secret", "token", "assertion", "temporaryaccesspass", "code")
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 8.0


class Unreachable(TryLater):
    """No answer came. unknown says whether the request may have been carried out all the same."""


def new_session() -> requests.Session:
    """A session whose connections are kept and shared between threads."""
    session = requests.Session()
    adapter = HTTPAdapter(pool_connections=8, pool_maxsize=64, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def masked(value: Any) -> Any:
    """The same JSON without its secrets."""
    if isinstance(value, Mapping):
        return {key: "***" if key.lower() in SECRET_NAMES else masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item) for item in value]
    return value


class Pacer:
    """Keeps the writes to one tenant below a quota before the application has to say so. Shared by the threads."""

    def __init__(self, *, writes: int, seconds: float):
        self.writes, self.seconds = writes, seconds
        self._sent: deque[float] = deque()
        self._closed_until = 0.0
        self._lock = threading.Lock()

    def wait_for_turn(self, *, write: bool) -> None:
        while True:
            with self._lock:
                moment = time.monotonic()
                while self._sent and self._sent[0] <= moment - self.seconds:
                    self._sent.popleft()
                full = write and len(self._sent) >= self.writes
                opens = max(self._sent[0] + self.seconds if full else 0.0, self._closed_until)
                if opens <= moment:
                    if write:
                        self._sent.append(moment)
                    return
            time.sleep(min(opens - moment, 1.0))

    def close_for(self, seconds: float) -> None:
        """The application asked for a pause: nobody knocks before it is over."""
        with self._lock:
            self._closed_until = max(self._closed_until, time.monotonic() + min(seconds, 300))


def exchange(
    session: requests.Session,
    method: str,
    url: str,
    *,
    headers: Callable[[], Mapping[str, str]],
    json: Any = None,
    path: str,
    calls: list[Call],
    pacer: Pacer,
    patience: float,
) -> requests.Response:
    """One request, tried again while that is harmless and the patience (seconds) lasts; each try is recorded in calls.

    Returns the last answer, whatever its status. Raises Unreachable when none came; its `unknown` is True when the
    request may have been carried out. A POST is only repeated when it was certainly not: throttled, or never sent.
    """
    deadline, pause = time.monotonic() + patience, FIRST_PAUSE
    while True:
        pacer.wait_for_turn(write=method != "GET")
        try:
            response = _once(session, method, url, headers=headers(), json=json, path=path, calls=calls)
        except requests.RequestException as error:
            never_sent = isinstance(error, requests.ConnectTimeout) or "NewConnectionError" in repr(error)
            if (never_sent or method in REPEATABLE) and time.monotonic() + pause < deadline:
                time.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            raise Unreachable("No answer came in time.", unknown=not never_sent, code=type(error).__name__) from error
        if response.status_code not in RETRYABLE or (method not in REPEATABLE and response.status_code != 429):
            return response
        asked = retry_after(response)
        if asked and response.status_code == 429:
            pacer.close_for(asked) if asked <= deadline - time.monotonic() else None
        wait = asked if asked is not None else pause * random.uniform(0.8, 1.2)
        if time.monotonic() + wait >= deadline:
            return response
        time.sleep(wait)
        pause = min(pause * 2, LONGEST_PAUSE)


def _once(
    session: requests.Session,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    json: Any,
    path: str,
    calls: list[Call],
) -> requests.Response:
    client_request_id = str(uuid.uuid4())
    at, began = datetime.now(UTC), time.perf_counter()
    response = None
    try:
        response = session.request(
            method, url, json=json, headers={**headers, "client-request-id": client_request_id}, timeout=TIMEOUT
        )
        return response
    finally:
        calls.append(
            Call(
                method=method,
                path=path,
                status=None if response is None else response.status_code,
                request_id=client_request_id
                if response is None
                else response.headers.get("request-id", client_request_id),
                at=at,
                seconds=round(time.perf_counter() - began, 4),
                sent=masked(json),
                received=None if response is None else masked(body_of(response)),
            )
        )


def body_of(response: requests.Response) -> Any:
    """The JSON of an answer; None when it has none, or is something else."""
    try:
        return response.json() if response.content else None
    except ValueError:
        return None


def retry_after(response: requests.Response) -> float | None:
    """Seconds the application asked us to wait; it may be a fraction."""
    try:
        return max(0.0, float(response.headers["Retry-After"]))
    except (KeyError, ValueError):
        return None
