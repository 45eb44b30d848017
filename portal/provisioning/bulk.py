"""Carries many operations of one tenant out side by side, each by the steps and with the journal of a single one."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextvars import copy_context

from flask import current_app

from portal.database import connection
from portal.provisioning import engine, jobs
from portal.provisioning.models import Operation, State

SIDE_BY_SIDE = 16


def carry_out_many(operations: Iterable[Operation], *, progress: Callable[[], None] = lambda: None) -> None:
    """Carry each of the operations out as far as it gets, and see to what follows.

    Those that were just started are in the caller's hands; of the others each is claimed first. progress: called after
    each that ended or waits.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def one(operation: Operation) -> None:
        with app.app_context(), connection():
            ours = operation.state == State.RUNNING and bool(operation.lease_by)
            jobs.finish(engine.carry_out(operation, ours=ours))

    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="bulk") as pool:
        for work in as_completed([pool.submit(copy_context().run, one, operation) for operation in operations]):
            work.result()
            progress()
