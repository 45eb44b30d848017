"""Turns at addresses that somebody typed, where a person waits for the answer: a machine that hangs holds up few."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from portal.languages import gettext as _
from portal.problems import Problem

# How many of the threads that answer requests may wait for other systems; of one organisation, one.
MOST_WAITING = 4
_waiting: set[int] = set()
_lock = threading.Lock()


class StillWaiting(Problem):
    message = _("Another test is still waiting for an answer.")
    status = 429
    title = _("One test at a time")
    next_step = _("Wait until it is over, then press the button again.")


@contextmanager
def turn(organisation_id: int) -> Iterator[None]:
    """The organisation's turn to wait for a machine. Raises StillWaiting."""
    with _lock:
        if organisation_id in _waiting or len(_waiting) >= MOST_WAITING:
            raise StillWaiting()
        _waiting.add(organisation_id)
    try:
        yield
    finally:
        with _lock:
            _waiting.discard(organisation_id)
