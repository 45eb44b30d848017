"""How long a row is good for. A clock may jump: what was written ahead of it is over, and not good for longer."""

from datetime import datetime, timedelta
from typing import Any

from portal.database import now

# The clocks of several machines may differ by so much.
CLOCKS_DIFFER = timedelta(minutes=2)


def over(moment: datetime, limit: timedelta) -> bool:
    """True when `moment` is longer ago than `limit`, or lies ahead."""
    present = now()
    return not present - limit <= moment <= present + CLOCKS_DIFFER


def lately(field: Any, limit: timedelta) -> Any:
    """The same for a query: rows whose moment is not over."""
    return field.between(now() - limit, now() + CLOCKS_DIFFER)
