"""What the worker does for Runs: they take turns, a portion each, and leave some threads to what people wait for."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from huey import crontab
from peewee import Asc, fn

from portal.database import now
from portal.runs import carrying, planning
from portal.runs.models import LineState, Run, RunLine, RunState
from portal.worker import job, queue

BEHIND = -10
AT_ONCE = 8
# A turn for which this worker has no room is left to another one so many times; by then a sweep comes.
PASSES, PASSES_ON_AFTER = 20, 0.5
_room = threading.BoundedSemaphore(1)


def leave_room(threads: int) -> None:
    """Of so many threads of this worker, let Runs have three quarters: half of a turn is waiting for the last of it."""
    global _room
    _room = threading.BoundedSemaphore(max(1, threads * 3 // 4))


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
    """The Runs that no worker holds and that have something to do now, in the order of their turns.

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


@queue.task(priority=BEHIND)
@job
def take_turn(passes: int = PASSES) -> None:
    """Give one Run its turn, whichever it is; as long as there are others, the next one follows.

    passes: how often a worker without room may leave the turn to another one.
    """
    with room() as taken:
        run = due().first() if taken else None
        pause = _turn_of(run) if run is not None else None
    if taken and due().exists():
        # The worker that has the room calls for the next turn.
        take_turn()
    if pause:
        # Also while others have their turns: when those are over, nobody else may call for this one.
        take_turn.schedule(delay=pause)
    if not taken and passes and due().exists():
        take_turn.schedule((passes - 1,), delay=PASSES_ON_AFTER)


def _turn_of(run: Run) -> float | None:
    if run.state == RunState.PLANNING:
        return planning.plan(run)
    return carrying.carry_on(run, others_wait=lambda: due().exists())


@queue.periodic_task(crontab(minute="*"))
@job
def sweep_runs() -> None:
    """Wake up Runs that a worker which died, or a queue that was lost, has left behind."""
    for _ in range(due().limit(AT_ONCE).count()):
        take_turn()
