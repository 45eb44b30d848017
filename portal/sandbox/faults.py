"""Faults by rule: what happens to calls that match."""

import random
import re
import threading
import time
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import Any

KINDS = (
    "status", "reset", "lost answer", "cut short", "slow", "done but refused", "empty list", "empty page",
    "expired secret",
    "revoked consent", "claims challenge",
)  # fmt: skip
BODIES = ("json", "plain", "empty", "html", "list", "null", "cut", "deep", "not a number", "other")


@dataclass
class Fault:
    """What happens to calls of this method whose path matches this pattern.

    kind: "status" (answered with `status` and `retry_after` instead of being done), "reset" (connection closed, not
    done), "lost answer" (done, connection closed), "cut short" (done, closed in the middle of the answer), "slow" (done
    after `seconds`), "done but refused" (done, answered like "status"), "empty list" (the items of the answer are
    missing), "empty page" (the same, and the list goes on), "expired secret" (token requests), "revoked consent" (the
    service refuses with 403), "claims challenge" (every token made so far is refused, and a newer one asked for).
    field: hits only calls that send a property of this name.
    skip: so many matching calls pass first. times: so many are hit then, None for all. share: 0 to 1, a random part.
    code, message, body (one of BODIES), location (of a redirect): what a "status" says. With a status below 300 and a
    body that is none of Graph's, an answer that is not as described.
    """

    method: str = ""
    path: str = ""
    kind: str = "status"
    status: int = 503
    retry_after: float | None = None
    seconds: float = 1.0
    skip: int = 0
    times: int | None = 1
    share: float = 1.0
    field: str = ""
    location: str = ""
    code: str = ""
    message: str = ""
    body: str = "json"
    hits: int = 0

    def __post_init__(self) -> None:
        """Raises ValueError for what cannot be."""
        if self.kind not in KINDS or self.body not in BODIES:
            raise ValueError(f"kind is one of {', '.join(KINDS)}; body one of {', '.join(BODIES)}")
        re.compile(self.path)

    def fits(self, method: str, path: str, sent: Collection[str], dice: random.Random) -> bool:
        """sent: names of the properties in the body."""
        if self.field and self.field not in sent:
            return False
        if (self.method and method != self.method) or (self.path and not re.search(self.path, path)):
            return False
        if self.times is not None and self.hits >= self.times:
            return False
        if self.share < 1 and dice.random() >= self.share:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        return True


@dataclass
class Faults:
    """The rules in force, and the latency of every call in seconds."""

    rules: list[Fault] = field(default_factory=list)
    latency: float = 0.0
    dice: random.Random = field(default_factory=lambda: random.Random(365))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, **values: Any) -> int:
        """Raises TypeError or ValueError for a rule that cannot be. Returns how many there are now."""
        with self.lock:
            self.rules.append(Fault(**values))
            return len(self.rules)

    def listed(self) -> list[dict[str, Any]]:
        with self.lock:
            return [asdict(fault) for fault in self.rules]

    def next(self, method: str, path: str, sent: Collection[str] = ()) -> Fault | None:
        """The rule that hits this call; the first one that matches. sent: names of the properties in the body."""
        if not self.rules:
            return None
        with self.lock:
            for fault in self.rules:
                if fault.fits(method, path, sent, self.dice):
                    fault.hits += 1
                    return fault
        return None

    def clear(self) -> None:
        with self.lock:
            self.rules.clear()

    def reset(self) -> None:
        self.clear()
        self.latency = 0.0
        self.dice = random.Random(365)


def wait(seconds: float) -> None:
    if seconds > 0:
        time.sleep(seconds)
