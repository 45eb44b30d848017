"""What was asked, and what was answered."""

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

MOST = 20_000
MOST_BYTES = 64_000_000


@dataclass(frozen=True)
class Entry:
    """One request. query: as sent, not decoded. fault: what the sandbox did to it on purpose, or None."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: str
    status: int
    answer: str
    fault: str | None
    request_id: str
    at: float

    @property
    def size(self) -> int:
        return len(self.body) + len(self.answer) + 1000


@dataclass
class Journal:
    """The last requests, as many as there is room for."""

    entries: deque[Entry] = field(default_factory=deque)
    size: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, entry: Entry) -> None:
        with self.lock:
            self.entries.append(entry)
            self.size += entry.size
            while len(self.entries) > MOST or (self.size > MOST_BYTES and len(self.entries) > 1):
                self.size -= self.entries.popleft().size

    def clear(self) -> None:
        with self.lock:
            self.entries.clear()
            self.size = 0

    def found(self, method: str | None, path: str | None) -> Iterator[dict[str, Any]]:
        """Those of a method, and with this text in their path, oldest first."""
        with self.lock:
            entries = list(self.entries)
        for entry in entries:
            if method in (None, "", entry.method) and (not path or path in entry.path):
                yield asdict(entry)
