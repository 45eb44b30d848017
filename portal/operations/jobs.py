"""What the worker does: load by id, call, nothing more."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from huey import crontab

from portal.database import now
from portal.operations import engine, registry
from portal.operations.models import Operation
from portal.worker import job, queue

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
    for operation in engine.due(*(~elsewhere() for elsewhere in CARRIED_ELSEWHERE)):
        carry_out(operation.id)


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
        carry_out.schedule((operation.id,), delay=max(due - now(), timedelta(seconds=0)))


def follow(operation: Operation) -> None:
    """See to what follows from being done."""
    for further in registry.follow(operation):
        carry_out(further)
