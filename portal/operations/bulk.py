"""Carries many operations of one tenant out side by side, each by the steps and with the journal of a single one."""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import TypeVar

from flask import current_app

from portal import committing, database
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.operations import engine, jobs
from portal.operations.models import Operation, State

Item = TypeVar("Item")

# Enough to fill the requests that the connector's calls share, while others of them write.
SIDE_BY_SIDE = 120
# Each holds a connection to the database, of which PostgreSQL has few: some are left for others of this process.
LEFT_FOR_OTHERS = 12


def side_by_side() -> int:
    """How many operations this process carries out at the same time."""
    return SIDE_BY_SIDE if database.is_sqlite() else database.MOST_CONNECTIONS - LEFT_FOR_OTHERS


def carry_out_many(
    connection: Connection,
    items: Iterable[Item],
    begin: Callable[[Item], Operation | None],
    *,
    progress: Callable[[], object] = lambda: None,
) -> int:
    """Begin an operation for each of the items, carry it out as far as it gets, and see to what follows.

    items: taken one by one, each when there is room for it. progress: called now and then.
    begin: writes the operation down, in whose caller's hands it then is; None when there is none to begin.
    Returns how many were begun.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def one(item: Item) -> bool:
        with app.app_context(), database.connection():
            operation = begin(item)
            if operation is None:
                return False
            ours = operation.state == State.RUNNING and operation.is_ours
            jobs.finish(engine.carry_out(operation, ours=ours, patience=engine.PATIENCE_IN_WORKER))
            return True

    with (
        SERVICES[connection.service].together(),
        committing.together(),
        ThreadPoolExecutor(side_by_side(), thread_name_prefix="bulk") as pool,
    ):
        begun, at_work = 0, set[Future[bool]]()
        for item in items:
            at_work.add(pool.submit(copy_context().run, one, item))
            if len(at_work) >= side_by_side():
                done, at_work = wait(at_work, return_when=FIRST_COMPLETED)
                begun += sum(work.result() for work in done)
                progress()
        while at_work:
            done, at_work = wait(at_work, return_when=FIRST_COMPLETED)
            begun += sum(work.result() for work in done)
            progress()
        return begun
