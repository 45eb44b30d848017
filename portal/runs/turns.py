"""Whose turn it is. Runs take turns, a portion each, and leave some threads of a worker to what people wait for."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from peewee import Asc, fn

from portal.database import now
from portal.runs.models import LineState, Run, RunLine, RunState

_room = threading.BoundedSemaphore(1)


def leave_room(threads: int) -> None:
    """Of so many threads of this worker, let Runs have half."""
    global _room
    _room = threading.BoundedSemaphore(max(1, threads // 2))


@contextmanager
def room() -> Iterator[bool]:
    """Whether there is room for one more Run in this worker; it is taken until the end of the block."""
    mine = _room
    taken = mine.acquire(blocking=False)
    try:
        yield taken
    finally:
        if taken:
            mine.release()


def due() -> Any:
    """The Runs that nobody is at and that have something to do now, in the order of their turns.

    The organisation that has waited longest comes first. One tenant is carried out for by one Run at a time.
    """
    moment, other, held = now(), Run.alias(), Run.alias()
    free = Run.is_free(moment)
    its_time = Run.not_before.is_null() | (Run.not_before <= moment)
    under_way = RunLine.select(RunLine.run).where(RunLine.state == LineState.UNDER_WAY)
    moving = (
        ((Run.state == RunState.PLANNING) & (Run.problem == ""))
        | (Run.state == RunState.RUNNING)
        | (Run.state.in_((RunState.PAUSED, RunState.CANCELLED)) & Run.id.in_(under_way))
    )
    taken = held.select(held.connection).where(held.state == RunState.RUNNING, Run.is_held(moment, of=held))
    its_own = (Run.state != RunState.RUNNING) | Run.connection.not_in(taken)
    last: Any = other.select(fn.MAX(other.turn_at)).where(other.organisation == Run.organisation)
    runs = Run.select().where(free, its_time, moving, its_own)
    return runs.order_by(Asc(last, nulls="first"), Run.turn_at.asc(nulls="first"), Run.id)
