"""Work that one worker at a time holds: taken by compare-and-set, held while it lasts, free for others when it ends.

A worker that dies lets go when its lease runs out, and the next sweep finds the row due again.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from peewee import Expression

from portal.clock import CLOCKS_DIFFER
from portal.database import BaseModel, UtcDateTimeField, database, now
from portal.rows import written


class Leased(BaseModel):
    """A row with a `state`, of which one worker at a time makes something.

    OPEN: the states in which there is something to do. DUE: the name of the field that says from when, if one does.
    LEASE: how long a worker holds the row unless it renews the lease; longer than its longest silence.
    """

    OPEN: ClassVar[Iterable[str]] = ()
    DUE: ClassVar[str] = ""
    LEASE: ClassVar[timedelta] = timedelta(seconds=90)

    id: Any
    state: Any
    lease_until: Any = UtcDateTimeField(null=True)
    # Whether this object has taken the row. To have read the row while another held it is not to hold it.
    is_ours = False

    @classmethod
    def lease(cls) -> timedelta:
        """How long a worker holds the row at the most without a sign of life."""
        return cls.LEASE

    @classmethod
    def due(cls) -> Any:
        """A select of the rows with something to do now that no worker holds, the oldest first."""
        return cls.select().where(cls._ready(now())).order_by(cls.id)

    @classmethod
    def _ready(cls, moment: datetime) -> Expression:
        ready = cls.state.in_(list(cls.OPEN)) & cls.is_free(moment)
        return ready & (getattr(cls, cls.DUE) <= moment) if cls.DUE else ready

    @classmethod
    def is_free(cls, moment: datetime) -> Expression:
        """Rows that no worker holds. A lease that ends later than any can is from before a clock was put back."""
        until = cls.lease_until
        return until.is_null() | (until < moment) | (until > moment + cls.lease() + CLOCKS_DIFFER)

    @classmethod
    def is_held(cls, moment: datetime, *, of: Any = None) -> Expression:
        """Rows that a worker holds. of: an alias of the table, when the rows are of that."""
        rows = cls if of is None else of
        return rows.lease_until.between(moment, moment + cls.lease() + CLOCKS_DIFFER)

    @classmethod
    def create_held(cls, **values: Any) -> Any:
        """Write a new row down that is in our hands already."""
        row = cls.create(lease_until=now() + cls.lease(), **values)
        row.is_ours = True
        return row

    def claim(self, *conditions: Any, lease: timedelta | None = None, **changes: Any) -> bool:
        """Take the row, writing `changes` to it. False when another worker holds it, or there is nothing to do.

        lease: how long, when that is less than usual.
        """
        moment = now()
        ready = self._ready(moment)
        for condition in conditions:
            ready &= condition
        return self._write(ready, lease_until=moment + (lease or self.lease()), **changes)

    def hold(self, **changes: Any) -> bool:
        """Hold on to it, writing `changes`. False when it was lost."""
        return self._write_ours(lease_until=now() + self.lease(), **changes)

    def hold_in_time(self) -> bool:
        """Hold on to it once half of the lease is over; cheap to ask often. False when it was found to be lost."""
        left = None if self.lease_until is None else self.lease_until - now()
        # When a clock was put back, more is left than there can be: others may have taken it.
        late = left is None or not self.lease() / 2 <= left <= self.lease()
        return self.is_ours and (not late or self.hold())

    def release(self, **changes: Any) -> bool:
        """Let go of it, writing `changes`. False when it was lost before."""
        return self._write_ours(lease_until=None, **changes)

    def _write_ours(self, **changes: Any) -> bool:
        """Write to the row, if it is ours still."""
        if not self.is_ours or self.lease_until is None:
            return self.is_ours and self._write(self._mine(), **changes)
        cls = type(self)
        bound = (self.id, cls.lease_until.db_value(self.lease_until), *map(str, cls.OPEN))
        cursor = written(database, "ours", cls, changes, bound, lambda: self._update(self._mine(), changes))
        if cursor is None:
            return self._write(self._mine(), **changes)
        return bool(cursor.rowcount) and self._noted(changes)

    def _mine(self) -> Expression:
        cls = type(self)
        return (cls.lease_until == self.lease_until) & cls.state.in_(list(cls.OPEN))

    def _write(self, condition: Any, **changes: Any) -> bool:
        return bool(self._update(condition, changes).execute()) and self._noted(changes)

    def _update(self, condition: Any, changes: dict[str, Any]) -> Any:
        cls = type(self)
        return cls.update(**changes).where(cls.id == self.id, condition)

    def _noted(self, changes: dict[str, Any]) -> bool:
        for name, value in changes.items():
            setattr(self, name, value)
        self.is_ours = self.lease_until is not None
        return True
