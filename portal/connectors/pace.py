"""Stays below an application's quota before the application has to say so, and listens when it does."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Protocol

LONGEST = 600.0
# Seconds that an application may ask us to wait; one that asks for more is asked again after these.
LONGEST_ASKED = 3600.0


class Window:
    """At most `most` in any `seconds`. Not safe between threads on its own: the Pacer holds the lock."""

    def __init__(self, most: int, seconds: float):
        self.most, self.seconds = most, seconds
        self._spent: deque[tuple[float, int]] = deque()
        self._total = 0

    def wait_for(self, amount: int, moment: float, *, kept: int = 0) -> float:
        """Seconds until there is room for the amount and what is kept for others; 0.0 when there is now."""
        most = self.most - kept
        while self._spent and self._spent[0][0] <= moment - self.seconds:
            self._total -= self._spent.popleft()[1]
        excess = self._total + min(amount, most) - most
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


class Bucket:
    """`most` at once, and as much again in `seconds`, evenly. Not safe between threads on its own, as a Window."""

    def __init__(self, most: int, seconds: float):
        self.most, self.seconds = most, seconds
        self._level, self._at = float(most), -math.inf

    def wait_for(self, amount: int, moment: float) -> float:
        """Seconds until there is room for the amount; 0.0 when there is now."""
        self._fill(moment)
        missing = min(amount, self.most) - self._level
        return max(missing * self.seconds / self.most, 0.001) if amount > 0 and missing > 0 else 0.0

    def spend(self, amount: int, moment: float) -> None:
        self._fill(moment)
        self._level -= max(0, amount)

    def _fill(self, moment: float) -> None:
        if moment > self._at:
            self._level = min(self.most, self._level + (moment - self._at) * self.most / self.seconds)
            self._at = moment


@dataclass(frozen=True)
class Booking:
    """How many were given, in which second since 1970; or none, and the seconds to wait.

    left: how many more there are.
    """

    given: int = 0
    second: int = 0
    wait: float = 0.0
    left: int = 0


class Ledger(Protocol):
    """Where all processes, on whatever machine, write down what they take of a quota that they share."""

    def book(self, quota: str, wanted: int, *, least: int, most: int, seconds: float) -> Booking:
        """Take up to `wanted` of the quota (`most` in any `seconds`); none while there is no room for `least`."""

    def look(self, quota: str, wanted: int, *, most: int, seconds: float) -> Booking:
        """How many could be taken now, and the seconds until there are as many as wanted; takes none."""

    def give_back(self, quota: str, unused: int, *, second: int) -> None:
        """Put back what was given in this second and not used."""

    def close(self, quota: str, seconds: float) -> None:
        """Let no caller take any before these seconds are over."""

    def reopen(self, quota: str) -> None:
        """Let all callers take some again."""


_ledger: Ledger | None = None


def share(ledger: Ledger | None) -> None:
    """From now on, keep quotas together with the other processes that use this ledger."""
    global _ledger
    _ledger = ledger


class Supply:
    """Writes taken from the ledger a few at a time, more while they go fast: the ledger is not asked for each."""

    FEWEST, MOST, KEEPS = 4, 256, 2.0
    # Seconds for which a process goes by what it last saw in the ledger, from which other processes take too.
    SURE = 0.5

    def __init__(self, quota: str, *, most: int, seconds: float, clock: Callable[[], float]):
        self._quota, self._most, self._seconds, self._clock = quota, most, seconds, clock
        self._left, self._until, self._portion = 0, 0.0, self.FEWEST
        self._second, self._empty_until = 0, 0.0
        self._seen, self._seen_until = 0, 0.0

    def take(self, amount: int) -> float:
        """Take the amount and return 0.0; or nothing, and return the seconds to wait."""
        if _ledger is None or amount <= 0:
            return 0.0
        moment = self._clock()
        if moment >= self._until:
            # The quota must not be spent later than it was booked for.
            self._give_back(_ledger)
            self._portion = self.FEWEST
        if self._left < amount:
            return self._book(_ledger, amount, moment)
        self._left -= amount
        return 0.0

    def _give_back(self, ledger: Ledger) -> None:
        if self._left:
            ledger.give_back(self._quota, self._left, second=self._second)
        self._left = 0

    def _book(self, ledger: Ledger, amount: int, moment: float) -> float:
        if self.empty_for(moment):
            return self.empty_for(moment)
        self._give_back(ledger)
        self._portion = min(self._portion * 2, self.MOST)
        booking = ledger.book(
            self._quota, max(amount, self._portion), least=amount, most=self._most, seconds=self._seconds
        )
        if not booking.given:
            self._empty_until = moment + booking.wait
            return booking.wait
        self._left, self._second, self._until = booking.given - amount, booking.second, moment + self.KEEPS
        self._seen, self._seen_until = booking.left, moment + self.SURE
        return 0.0

    def wait_for(self, amount: int, moment: float) -> float:
        """Seconds until the amount could be taken; 0.0 when it could be now. Takes none."""
        if _ledger is None:
            return 0.0
        if self.empty_for(moment):
            return self.empty_for(moment)
        # What is left over is given back before more is taken, however old it is.
        further = amount - self._left
        if further <= 0 or (further <= self._seen and moment < self._seen_until):
            return 0.0
        seen = _ledger.look(self._quota, further, most=self._most, seconds=self._seconds)
        self._seen, self._seen_until = seen.left, moment + self.SURE
        return seen.wait

    def empty_for(self, moment: float) -> float:
        """Seconds until it is worth asking the ledger again."""
        return max(0.0, self._empty_until - moment)

    def give_up(self) -> None:
        self._left = 0

    def close_for(self, seconds: float) -> None:
        self.give_up()
        if _ledger is not None:
            _ledger.close(self._quota, seconds)

    def reopen(self) -> None:
        self._empty_until = 0.0
        if _ledger is not None:
            _ledger.reopen(self._quota)


class Pacer:
    """The quota of one tenant, shared by the threads of a process, and its writes by all processes with a ledger.

    quota: its name in the ledger. kept: writes that are not for those who make many, so that a person who makes a few
    need not wait for them. Costs next to nothing while there is room.
    """

    def __init__(
        self, quota: str, *, writes: Window, units: Window | Bucket, kept: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ):  # fmt: skip
        self._writes, self._units, self._kept, self._clock = writes, units, kept, clock
        self._of_few = Supply(quota, most=writes.most, seconds=writes.seconds, clock=clock)
        self._of_many = Supply(quota, most=writes.most - kept, seconds=writes.seconds, clock=clock)
        self._closed_until = 0.0
        self._refusals = 0
        self._lock = threading.Lock()
        # How many writes were taken here since the process began.
        self.taken = 0

    def reserve(self, *, writes: int = 0, units: int = 1, many: bool = False) -> float:
        """Book a request and return 0.0; or book nothing and return the seconds to wait before asking again.

        many: it is one of many that are made together.
        """
        with self._lock:
            moment = self._clock()
            wait = max(
                self._closed_until - moment,
                self._writes.wait_for(writes, moment, kept=self._kept if many else 0),
                self._units.wait_for(units, moment),
            )
            supply = self._of_many if many else self._of_few
            wait = wait if wait > 0 else supply.take(writes)
            if wait > 0:
                return wait
            self._writes.spend(writes, moment)
            self._units.spend(units, moment)
            self.taken += writes
            return 0.0

    def busy_for(self, writes: int = 1) -> float:
        """Seconds until a Run's writes, so many of them, would be taken; 0.0 when they would be now. Books nothing.

        More than there are within all of the time are never taken, and so much time is what it says.
        """
        if writes > self._writes.most - self._kept:
            return self._writes.seconds
        with self._lock:
            moment = self._clock()
            wait = max(
                self._closed_until - moment,
                self._writes.wait_for(writes, moment, kept=self._kept),
                self._units.wait_for(1, moment),
            )
            return wait if wait > 0 else self._of_many.wait_for(writes, moment)

    def heard(self, status: int, headers: Mapping[str, str], *, units: int = 1) -> None:
        """Learn from an answer. units: what was booked for it.

        One refusal may concern only that call. The second in a row is taken to mean all callers, so that a queue of
        operations does not knock one by one at a closed door.
        """
        if status != 429:
            self._refusals = 0
            return
        self._refusals += 1
        asked = retry_after(headers)
        if asked is None:
            return
        if self._refusals > 1 or self.concerns_everybody(headers):
            self.close_for(asked)
            with self._lock:
                self._of_many.give_up()
                self._of_few.close_for(min(asked, LONGEST))

    def concerns_everybody(self, headers: Mapping[str, str]) -> bool:
        """Whether the application said that the refusal is about more than this one call."""
        return False

    def also_spent(self, units: int) -> None:
        """The request cost more than was booked."""
        with self._lock:
            self._units.spend(units, self._clock())

    def close_for(self, seconds: float) -> None:
        """No caller asks anything before these seconds are over."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock() + min(seconds, LONGEST))

    def reopen(self) -> None:
        """Forget a refusal, in all processes: a caller has reason to ask again."""
        with self._lock:
            self._closed_until, self._refusals = 0.0, 0
            self._of_few.reopen()
            self._of_many.reopen()


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the application asked us to wait, at most LONGEST_ASKED. It may be a fraction, or a date.

    A date is of the application's clock, which its answer shows, and which need not agree with ours.

    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    text = str(headers.get("Retry-After") or "").strip()
    try:
        seconds = float(text)
    except ValueError:
        until = _seconds(text)
        present = _seconds(str(headers.get("Date") or ""))
        seconds = until - (time.time() if math.isnan(present) else present)
    return min(max(0.0, seconds), LONGEST_ASKED) if math.isfinite(seconds) else None


def _seconds(text: str) -> float:
    """A date of HTTP in seconds since 1970; nan for what is none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError):
        return math.nan
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
