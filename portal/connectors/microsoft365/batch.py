"""Many independent calls in few requests.

https://learn.microsoft.com/graph/json-batching
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from requests.structures import CaseInsensitiveDict

from portal.connectors.errors import ConnectorError
from portal.connectors.http import FIRST_PAUSE, LONGEST_PAUSE, REPEATABLE, RETRYABLE, Cost, jittered
from portal.connectors.microsoft365 import shapes
from portal.connectors.microsoft365.client import GraphClient, described
from portal.connectors.microsoft365.quota import cost_of
from portal.connectors.microsoft365.refusals import from_graph, not_as_described
from portal.connectors.pace import retry_after

MOST_IN_ONE = 20
# Of a whole batch: nothing of it was carried out, as something between here and Graph does not let batches through.
NO_BATCH = frozenset({400, 403, 404, 405, 501})


@dataclass(frozen=True)
class Part:
    """One call of a batch. path: as after /v1.0. shape: of its good answer."""

    method: str
    path: str
    shape: type[shapes.Shape]
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def written(self, number: int) -> dict[str, Any]:
        part: dict[str, Any] = {"id": str(number), "method": self.method, "url": self.path}
        headers = dict(self.headers)
        if self.body is not None:
            part["body"] = self.body
            headers["Content-Type"] = "application/json"
        return {**part, "headers": headers} if headers else part


@dataclass(frozen=True)
class Answered:
    """What became of a Part: the JSON of its good answer, or the error that a single call would have raised."""

    body: Any = None
    error: ConnectorError | None = None

    @property
    def good(self) -> bool:
        return self.error is None


def many(client: GraphClient, parts: Sequence[Part]) -> list[Answered]:
    """Carry the parts out, in no particular order, and return their outcomes in theirs.

    Only what was throttled, or is harmless to repeat, is sent again, while the client's patience lasts. Raises nothing
    of its own: a batch without an answer is the outcome of each of its parts.
    """
    outcomes: dict[int, Answered] = {}
    waiting = list(range(len(parts)))
    deadline, pause = time.monotonic() + client.channel.patience, FIRST_PAUSE
    while waiting:
        asked = 0.0
        for numbers in _twenties(waiting):
            for number, outcome in _send(client, parts, numbers).items():
                outcomes[number] = outcome
                asked = max(asked, outcome.error.retry_after or 0.0 if outcome.error else 0.0)
        waiting = [number for number in waiting if _again(parts[number], outcomes[number])]
        wait = asked or jittered(pause)
        if not waiting or time.monotonic() + wait >= deadline:
            break
        time.sleep(wait)
        pause = min(pause * 2, LONGEST_PAUSE)
    return [outcomes[number] for number in range(len(parts))]


def _twenties(numbers: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(numbers), MOST_IN_ONE):
        yield numbers[start : start + MOST_IN_ONE]


def _again(part: Part, outcome: Answered) -> bool:
    """Whether the part itself was refused in passing. A whole batch without an answer was repeated enough already."""
    error = outcome.error
    if error is None or error.status not in RETRYABLE:
        return False
    return error.status == 429 or part.method in REPEATABLE


def _send(client: GraphClient, parts: Sequence[Part], numbers: list[int]) -> dict[int, Answered]:
    """One batch: the outcome of each of these parts."""
    costs = [cost_of(parts[number].method, parts[number].path) for number in numbers]
    cost = Cost(writes=sum(cost.writes for cost in costs), units=sum(cost.units for cost in costs))
    body = {"requests": [parts[number].written(number) for number in numbers]}
    try:
        answers = shapes.parts_of(client.call("POST", "/$batch", body, cost=cost, shape=shapes.Batch))
    except ConnectorError as error:
        if error.status in NO_BATCH:
            return {number: _alone(client, parts[number]) for number in numbers}
        error.unknown = error.unknown and any(parts[number].method != "GET" for number in numbers)
        return dict.fromkeys(numbers, Answered(error=error))
    return {number: _outcome(parts[number], answers.get(str(number))) for number in numbers}


def _alone(client: GraphClient, part: Part) -> Answered:
    try:
        return Answered(client.call(part.method, part.path, part.body, headers=dict(part.headers), shape=part.shape))
    except ConnectorError as error:
        return Answered(error=error)


def _outcome(part: Part, answer: Mapping[str, Any] | None) -> Answered:
    if answer is None or answer["status"] < 200 or 300 <= answer["status"] < 400:
        return Answered(error=not_as_described(part.method, "not in the batch's answer"))
    headers = CaseInsensitiveDict(shapes.headers_of(answer))
    status, body, request_id = answer["status"], answer.get("body"), headers.get("request-id", "")
    if status < 300:
        try:
            found = described(part.method, body, part.shape, empty=body is None, request_id=request_id)
            return Answered(body=found)
        except ConnectorError as error:
            return Answered(error=error)
    asked = retry_after(headers)
    return Answered(error=from_graph(status, body, method=part.method, request_id=request_id, retry_after=asked))
