"""Where Flask-Limiter counts: in the database, so that a limit holds for all web processes together.

The library limits has no such storage of its own. It tells a storage how many are allowed only where the strategy is
"moving-window"; this one then counts in fixed windows, and writes nothing for what is over the limit.
https://limits.readthedocs.io/en/stable/custom-storage.html
"""

import time
from typing import Any

from limits.storage import MovingWindowSupport, Storage
from peewee import Case, CharField, DoubleField, IntegerField, PeeweeException

from portal.database import BaseModel, opened, transaction
from portal.vault import keyed_hash


class RateCount(BaseModel):
    """How often something was done in its window. key: a keyed hash, without a name. ends_at: seconds since 1970."""

    key = CharField(max_length=64, unique=True)
    count = IntegerField()
    ends_at = DoubleField()


class DatabaseStorage(Storage, MovingWindowSupport):
    """Counts of windows. A window that ends later than a fresh one would is from a clock that was ahead: over."""

    STORAGE_SCHEME = ["database"]

    @property
    def base_exceptions(self) -> type[Exception]:
        return PeeweeException

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        moment = time.time()
        fresh = RateCount(key=keyed_hash(key), count=amount, ends_at=moment + expiry)
        goes_on = RateCount.ends_at.between(moment, moment + expiry)
        kept = {
            RateCount.count: Case(None, [(goes_on, RateCount.count + amount)], amount),
            RateCount.ends_at: Case(None, [(goes_on, RateCount.ends_at)], fresh.ends_at),
        }
        query = RateCount.insert(fresh.__data__).on_conflict(conflict_target=[RateCount.key], update=kept)
        return opened(lambda: _counted(query, fresh.key))

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        row = _row(key, longest=expiry)
        return (row.count if row else 0) + amount <= limit and self.incr(key, expiry, amount) <= limit

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        row = _row(key, longest=expiry)
        return (row.ends_at - expiry, row.count) if row else (time.time(), 0)

    def get(self, key: str) -> int:
        row = _row(key)
        return row.count if row else 0

    def get_expiry(self, key: str) -> float:
        row = _row(key)
        return row.ends_at if row else time.time()

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        return opened(lambda: RateCount.delete().execute())

    def clear(self, key: str) -> None:
        opened(lambda: RateCount.delete().where(RateCount.key == keyed_hash(key)).execute())


def _counted(query: Any, key: str) -> int:
    with transaction():
        query.execute()
        return RateCount.get(RateCount.key == key).count


def _row(key: str, *, longest: float = float("inf")) -> RateCount | None:
    """The window that is not over. longest: seconds it lasts at most."""
    moment = time.time()
    mine = (RateCount.key == keyed_hash(key)) & (RateCount.ends_at > moment) & (RateCount.ends_at <= moment + longest)
    return opened(lambda: RateCount.get_or_none(mine))


def sweep() -> None:
    """Forget windows that are over."""
    RateCount.delete().where(RateCount.ends_at < time.time()).execute()
