"""Stays below an application's quota before the application has to say so, and listens when it does."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping


class Window:
    """At most `most` in any `seconds`. Not safe between threads by itself: the Pacer holds the lock."""

    def __init__(self, most: int, seconds: float):
        self.most, self.seconds = most, seconds
        self._spent: deque[tuple[float, int]] = deque()
        self._total = 0

    def wait_for(self, amount: int, moment: float) -> float:
        """Seconds until there is room for the amount; 0.0 when there is now."""
        while self._spent and self._spent[0][0] <= moment - self.seconds:
            self._total -= self._spent.popleft()[1]
        excess = self._total + min(amount, self.most) - self.most
        if amount <= 0 or excess <= 0:
            return 0.0
        for at, spent in self._spent:
            excess -= spent
            if excess <= 0:
                return max(at + self.seconds - moment, 0.001)
        return self.seconds

    def spend(self, amount: int, moment: float) -> None:
        if amount > 0:
            self._spent.append((moment, amount))
            self._total += amount


class Pacer:
    """The quota of one tenant, shared by the threads of a process. Costs nothing while there is room."""

    def __init__(self, *, writes: Window, units: Window, clock: Callable[[], float] = time.monotonic):
        self._writes, self._units, self._clock = writes, units, clock
        self._closed_until = 0.0
        self._refusals = 0
        self._lock = threading.Lock()

    def reserve(self, *, writes: int = 0, units: int = 1) -> float:
        """Book a request and return 0.0; or book nothing and return the seconds to wait before asking again."""
        with self._lock:
            moment = self._clock()
            wait = max(
                self._closed_until - moment,
                self._writes.wait_for(writes, moment),
                self._units.wait_for(units, moment),
            )
            if wait > 0:
                return wait
            self._writes.spend(writes, moment)
            self._units.spend(units, moment)
            return 0.0

    def heard(self, status: int, headers: Mapping[str, str], *, units: int = 1) -> None:
        """Learn from an answer. units: what was booked for it.

        One refusal may concern only that call. The second in a row is taken to mean everybody, so that a queue of
        operations does not knock one by one at a closed door.
        """
        if status != 429:
            self._refusals = 0
            return
        self._refusals += 1
        try:
            asked = float(headers["Retry-After"])
        except (KeyError, ValueError):
            return
        if self._refusals > 1 or self.concerns_everybody(headers):
            self.close_for(asked)

    def concerns_everybody(self, headers: Mapping[str, str]) -> bool:
        """Whether the application said that the refusal is about more than this one call."""
        return False

    def also_spent(self, units: int) -> None:
        """The request cost more than was booked."""
        with self._lock:
            self._units.spend(units, self._clock())

    def close_for(self, seconds: float) -> None:
        """Nobody asks anything before these seconds are over."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock() + min(seconds, 600.0))

    def reopen(self) -> None:
        """Forget a refusal: somebody has reason to ask anew."""
        with self._lock:
            self._closed_until, self._refusals = 0.0, 0
