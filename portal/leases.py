"""Work that one worker at a time holds: taken by compare-and-set, held while it goes on, left to others when it ends.

A worker that dies lets go when its lease runs out, and the next sweep finds the row due again.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from peewee import Expression

from portal.clock import CLOCKS_DIFFER
from portal.database import BaseModel, UtcDateTimeField, now


class Leased(BaseModel):
    """A row with a `state`, of which one worker at a time makes something.

    OPEN: the states in which there is something to do. DUE: the name of the field that says from when, if one does.
    LEASE: how long a worker holds the row unless it says that it goes on; longer than its longest silence.
    """

    OPEN: ClassVar[Iterable[str]] = ()
    DUE: ClassVar[str] = ""
    LEASE: ClassVar[timedelta] = timedelta(seconds=90)

    id: Any
    state: Any
    lease_until: Any = UtcDateTimeField(null=True)

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
        return until.is_null() | (until < moment) | (until > moment + cls.LEASE + CLOCKS_DIFFER)

    def claim(self, *conditions: Any, **changes: Any) -> bool:
        """Take the row, writing `changes` to it. False when another worker holds it, or there is nothing to do."""
        moment = now()
        ready = self._ready(moment)
        for condition in conditions:
            ready &= condition
        return self._write(ready, lease_until=moment + self.LEASE, **changes)

    def hold(self, **changes: Any) -> bool:
        """Hold on to it, writing `changes`. False when it was lost."""
        return self._write(self._mine(), lease_until=now() + self.LEASE, **changes)

    def hold_in_time(self) -> bool:
        """Hold on to it once half of the lease is over; cheap to ask often. False when it was found to be lost."""
        left = None if self.lease_until is None else self.lease_until - now()
        # More is left than there can be when a clock was put back: others may have taken it.
        late = left is None or not self.LEASE / 2 <= left <= self.LEASE
        return self.hold() if late else True

    def release(self, **changes: Any) -> bool:
        """Let go of it, writing `changes`. False when it was lost before."""
        return self._write(self._mine(), lease_until=None, **changes)

    def _mine(self) -> Expression:
        cls = type(self)
        return (cls.lease_until == self.lease_until) & cls.state.in_(list(cls.OPEN))

    def _write(self, condition: Any, **changes: Any) -> bool:
        cls = type(self)
        if not cls.update(**changes).where(cls.id == self.id, condition).execute():
            return False
        for name, value in changes.items():
            setattr(self, name, value)
        return True
