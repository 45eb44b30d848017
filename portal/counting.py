"""Counts that a page shows of very many rows: remembered for a minute, as going through the rows takes long."""

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

Counted = TypeVar("Counted")

# Below this number a count is always exact.
MANY = 1_000
LASTS = 60.0
_known: dict[tuple[Any, ...], tuple[float, Any]] = {}
_lock = threading.Lock()


def remembered(key: tuple[Any, ...], count: Callable[[], Counted], *, size: Callable[[Counted], int]) -> Counted:
    """What `count` gives, or what it gave less than a minute ago if it was of MANY or more. size: how many that is."""
    at, found = _known.get(key, (0.0, None))
    if time.monotonic() < at:
        return found
    counted = count()
    with _lock:
        _known.pop(key, None)
        if size(counted) >= MANY:
            _known[key] = time.monotonic() + LASTS, counted
            for old in [other for other, (until, _) in _known.items() if until < time.monotonic()]:
                del _known[old]
    return counted


def forget(*key: Any) -> None:
    """Count again what begins with this key: this process has just changed it."""
    with _lock:
        for known in [other for other in _known if other[: len(key)] == key]:
            del _known[known]
