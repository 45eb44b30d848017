"""Calls that are made side by side share requests: up to twenty in one, on a few connections.

https://learn.microsoft.com/graph/json-batching

A caller notices nothing of it: each call is answered, throttled, repeated and refused as if it were sent alone. A
request that gets no answer is no answer to each of its calls, so each is looked up before it is sent again.
"""

import json
import queue
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.exceptions import ContentDecodingError
from requests.structures import CaseInsensitiveDict

from portal.connectors import http
from portal.connectors.microsoft365 import shapes
from portal.connectors.microsoft365.batch import NO_BATCH
from portal.connectors.microsoft365.settings import settings

MOST_IN_ONE = 20
CONNECTIONS = 12
# How long the first call of a request waits for others to join it; where lately none came only a moment, or this share
# of what the application takes to answer.
LINGER, MOMENT, SHARE_OF_ANSWER = 0.05, 0.005, 0.02
# After so many seconds without an answer a caller makes sure that it is still its turn.
ASK_AGAIN = 10.0
# A batch may answer with either; of its parts neither says anything.
ANSWERED = (200, 424)


@dataclass
class _Waiting:
    """A call that waits for its answer."""

    method: str
    url: str
    body: Any
    headers: Mapping[str, str]
    answer: "Future[requests.Response]" = field(default_factory=Future)

    @property
    def token(self) -> str:
        return self.headers.get("Authorization", "")

    def written(self, number: int) -> dict[str, Any]:
        headers = {name: value for name, value in self.headers.items() if name != "Authorization"}
        path = self.url.removeprefix(f"{settings().graph}/v1.0")
        part: dict[str, Any] = {"id": str(number), "method": self.method, "url": path}
        if self.body is not None:
            part["body"] = self.body
            headers["Content-Type"] = "application/json"
        return {**part, "headers": headers} if headers else part


class BatchingTransport:
    """Gathers the calls of many threads while it is open: `with BatchingTransport() as wire: …`; see http.through."""

    def __init__(self) -> None:
        self._calls: queue.Queue[_Waiting | None] = queue.Queue()
        self._free = threading.Semaphore(CONNECTIONS)
        self._lanes = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="together")
        self._linger, self._moment = LINGER, MOMENT
        self._gatherer = threading.Thread(target=self._gather, name="together", daemon=True)

    def __enter__(self) -> "BatchingTransport":
        self._gatherer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._calls.put(None)
        self._gatherer.join()
        self._lanes.shutdown()

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        """The answer to one call. Raises requests.RequestException as a session does."""
        call = _Waiting(method, url, options.get("json"), options["headers"])
        if url.endswith("/$batch"):
            return _alone(call)
        http.about_to_send()
        self._calls.put(call)
        while True:
            try:
                return call.answer.result(timeout=ASK_AGAIN)
            except TimeoutError:
                if call.answer.done():
                    raise
                self._go_on_waiting(call)

    def _go_on_waiting(self, call: _Waiting) -> None:
        """What keeps a request from being sent keeps one from being sent that still waits in the queue."""
        try:
            http.about_to_send()
        except Exception:
            call.answer.cancel()
            raise

    def _gather(self) -> None:
        while (first := self._calls.get()) is not None:
            self._free.acquire()
            calls, more = self._joined(first)
            for number, token in enumerate(dict.fromkeys(call.token for call in calls)):
                # The connection that it waited for is that of the first request.
                if number:
                    self._free.acquire()
                self._lanes.submit(self._send, [call for call in calls if call.token == token])
            if not more:
                return

    def _joined(self, first: _Waiting) -> tuple[list[_Waiting], bool]:
        """The first call and those that came meanwhile; False once no more will come."""
        calls, until = [first], time.monotonic() + self._linger
        while len(calls) < MOST_IN_ONE:
            try:
                call = self._calls.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                self._linger = LINGER if len(calls) > 1 else self._moment
                return calls, True
            if call is None:
                return calls, False
            calls.append(call)
        return calls, True

    def _send(self, calls: list[_Waiting]) -> None:
        began = time.monotonic()
        try:
            calls = [call for call in calls if call.answer.set_running_or_notify_cancel()]
            if not calls:
                return
            try:
                answers = [_alone(calls[0])] if len(calls) == 1 else _batch(calls)
            except Exception as error:
                for call in calls:
                    call.answer.set_exception(error)
                return
            self._moment = min(LINGER, max(MOMENT, SHARE_OF_ANSWER * (time.monotonic() - began)))
        finally:
            self._free.release()
        for call, answer in zip(calls, answers, strict=True):
            if isinstance(answer, Exception):
                call.answer.set_exception(answer)
            else:
                call.answer.set_result(answer)


def _alone(call: _Waiting) -> requests.Response:
    headers = dict(call.headers)
    return http.SESSION.request(call.method, call.url, json=call.body, headers=headers)


def _alone_or_why(call: _Waiting) -> requests.Response | Exception:
    try:
        return _alone(call)
    except requests.RequestException as error:
        return error


def _batch(calls: list[_Waiting]) -> list[requests.Response | Exception]:
    response = http.SESSION.request(
        "POST",
        f"{settings().graph}/v1.0/$batch",
        json={"requests": [call.written(number) for number, call in enumerate(calls)]},
        headers={"Authorization": calls[0].token},
    )
    if response.status_code in NO_BATCH:
        return [_alone_or_why(call) for call in calls]
    if response.status_code not in ANSWERED:
        return [response for _ in calls]
    try:
        found = shapes.parts_of(http.body_of(response))
    except shapes.NotAsDescribed as error:
        return [ContentDecodingError(str(error)) for _ in calls]
    return [_part(found.get(str(number)), call) for number, call in enumerate(calls)]


def _part(part: Mapping[str, Any] | None, call: _Waiting) -> requests.Response | Exception:
    """The answer to one call, in the shape in which a session gives it."""
    if part is None:
        return ContentDecodingError("a part of the batch is not answered as described")
    answer = http.ReadAnswer()
    answer.status_code, answer.url = part["status"], call.url
    answer.headers = CaseInsensitiveDict(shapes.headers_of(part))
    body = part.get("body")
    answer.body = http.parsed(body.encode()) if isinstance(body, str) else body
    answer._content = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return answer
