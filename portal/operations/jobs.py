"""What the worker does: load by id, call, nothing more."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from huey import crontab

from portal.database import now
from portal.operations import engine, registry
from portal.operations.models import FIELD_SYNC, Operation
from portal.worker import job, queue

# An application that does not answer holds up each try for half a minute. So first comes what a person has pressed and
# what each minute brings, then turns of many and of timelines, then what is tried again, and last changed records.
AGAIN, LAST = -15, -20
# Behind all changed records that were not tried yet.
TRIED = 100_000
# With so many in the queue, the changed records that are due are among them.
MANY_WAIT = 500
# Each gives the condition of operations that others carry on, many together: the sweep leaves those to them.
CARRIED_ELSEWHERE: list[Callable[[], Any]] = []


@queue.task()
@job
def carry_out(operation_id: int) -> None:
    operation = Operation.get_or_none(Operation.id == operation_id)
    if operation is not None:
        finish(engine.carry_out(operation, patience=engine.PATIENCE_IN_WORKER))


@queue.periodic_task(crontab(minute="*"))
@job
def sweep() -> None:
    """Pick up what is due, and what was left behind by a process that died."""
    those = [~elsewhere() for elsewhere in CARRIED_ELSEWHERE]
    if queue.pending_count() >= MANY_WAIT:
        those.append(Operation.by_name != FIELD_SYNC)
    for operation in engine.due(*those):
        wake(operation)


def wake(operation: Operation, *, behind: int = TRIED) -> None:
    """Have the worker carry the operation out, when its turn comes.

    behind: of a changed record, how many of the same connection wait already: those of the others are not behind them.
    """
    carry_out(operation.id, priority=_priority(operation, behind))


def _priority(operation: Operation, behind: int = TRIED) -> int:
    if operation.by_name == FIELD_SYNC:
        return LAST - behind
    return AGAIN if operation.by_id is None else 0


def carry_on(operation: Operation, *, ours: bool = False) -> Operation:
    """Carry the operation out as far as it gets in a request, and see to what comes next."""
    operation = engine.carry_out(operation, ours=ours)
    finish(operation)
    return operation


def finish(operation: Operation) -> None:
    """See to what comes next: the next try at its time, or what follows from being done."""
    come_back(operation)
    follow(operation)


def come_back(operation: Operation) -> None:
    """See to the next try, if there is to be one."""
    if operation.is_open:
        # Not before the lease of the process that has it now would have ended.
        due = max(operation.not_before, operation.lease_until or operation.not_before)
        delay = max(due - now(), timedelta(seconds=0))
        carry_out.schedule((operation.id,), delay=delay, priority=_priority(operation))


def follow(operation: Operation) -> None:
    """See to what follows from being done."""
    for further in registry.follow(operation):
        carry_out(further)
