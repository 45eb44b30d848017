"""The sandbox's own time, which tests can move forward."""

import time
from datetime import UTC, datetime


class Clock:
    """Real time, and so many seconds ahead of it."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def time(self) -> float:
        return time.time() + self.ahead

    def signed_at(self) -> int:
        """The date of a signature: those who check one go by the machine's clock, so it is never ahead of that."""
        return int(min(self.time(), time.time()))

    def now(self) -> str:
        """The moment as Graph writes it: 2026-11-24T09:00:00Z."""
        return written(self.time())


def written(seconds: float) -> str:
    """A moment as Graph writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(text: str) -> float:
    """The seconds of a moment as Graph writes it. Raises ValueError."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
