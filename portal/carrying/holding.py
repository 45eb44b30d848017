"""Writing about a task only while its lease is ours."""

from collections.abc import Callable
from typing import Any, TypeVar

from portal.carrying.models import Task
from portal.committing import write

Written = TypeVar("Written")


class LostLease(Exception):
    """Another process carries the task out now, or a user cancelled it: leave it alone."""


def all_or_nothing(work: Callable[[], Written], *rows: Any) -> Written:
    """Write as the work does; when that fails, the rows in memory too are as they were."""
    before = [{**vars(row), "__data__": dict(row.__data__), "__rel__": dict(row.__rel__)} for row in rows]
    try:
        return write(work)
    except BaseException:
        for row, values in zip(rows, before, strict=True):
            vars(row).update(values)
        raise


def renew(task: Task, **changes: Any) -> None:
    """Hold on to the task, writing the changes, only while the lease is ours. Raises LostLease."""
    if not task.hold(**changes):
        raise LostLease()


def release(task: Task, **changes: Any) -> None:
    """Let go of the task, writing the changes, only while the lease is ours. Raises LostLease."""
    if not task.release(**changes):
        raise LostLease()
