"""Faults by rule, and the journal of requests."""

import random
import re
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Fault:
    """What happens to calls that match. kind: "status", "reset", "slow" or "lost answer" (done, but no answer).

    skip: so many matching calls pass first. times: so many are hit, None for all. share: 0 to 1, a random part.
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
    code: str = ""
    message: str = ""
    hits: int = 0

    def fits(self, method: str, path: str) -> bool:
        if self.method and method != self.method:
            return False
        if self.path and not re.search(self.path, path):
            return False
        if self.share < 1 and random.random() > self.share:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        return self.times is None or self.hits < self.times


@dataclass
class Faults:
    """The rules in force, the latency of every call, and what was asked."""

    rules: list[Fault] = field(default_factory=list)
    latency: float = 0.0
    journal: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=20_000))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self, method: str, path: str) -> Fault | None:
        with self.lock:
            for fault in self.rules:
                if fault.fits(method, path):
                    fault.hits += 1
                    return fault
        return None

    def clear(self) -> None:
        with self.lock:
            self.rules.clear()
            self.latency = 0.0
            self.journal.clear()
