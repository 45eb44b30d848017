"""Carries many operations of one tenant out side by side, each by the steps and with the journal of a single one."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import cache
from queue import SimpleQueue
from typing import TypeVar

from flask import current_app

from portal import committing, database
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.operations import engine, jobs
from portal.operations.models import Operation, State

Item = TypeVar("Item")

# Enough to fill the requests that the connector's calls share, while others of them write.
SIDE_BY_SIDE = 200
# Each holds a connection to the database, of which PostgreSQL has few: some are left for others of this process.
LEFT_FOR_OTHERS = 12


def side_by_side() -> int:
    """How many operations this process carries out at the same time, for all who have many."""
    return SIDE_BY_SIDE if database.is_sqlite() else database.MOST_CONNECTIONS - LEFT_FOR_OTHERS


@cache
def _places(number: int) -> threading.Semaphore:
    return threading.Semaphore(number)


def carry_out_many(
    connection: Connection,
    items: Iterable[Item | None],
    begin: Callable[[Item], Operation | None],
    *,
    ended: Callable[[Operation | None], object] = lambda operation: None,
) -> int:
    """Begin an operation for each of the items, carry it out as far as it gets, and see to what follows.

    items: taken one by one, each when there is room for it; after None only once one more has ended.
    begin: writes the operation down, in whose caller's hands it then is; None when there is none to begin.
    ended: called with each operation once it has come as far as it gets; with None where there was none to begin.
    Returns how many were begun.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    places = _places(side_by_side())

    def one(item: Item) -> Operation | None:
        with app.app_context(), database.connection():
            operation = begin(item)
            if operation is None:
                return None
            ours = operation.state == State.RUNNING and operation.is_ours
            operation = engine.carry_out(operation, ours=ours, patience=engine.PATIENCE_IN_WORKER)
            jobs.finish(operation)
            return operation

    with (
        SERVICES[connection.service].together(),
        committing.together(),
        ThreadPoolExecutor(side_by_side(), thread_name_prefix="bulk") as pool,
    ):
        at_their_end: SimpleQueue[Future[Operation | None]] = SimpleQueue()
        under_way = begun = 0

        def has_ended(work: "Future[Operation | None]") -> None:
            places.release()
            at_their_end.put(work)

        def wait_for_one() -> None:
            nonlocal under_way, begun
            operation = at_their_end.get().result()
            under_way -= 1
            begun += operation is not None
            ended(operation)

        for item in items:
            if item is not None:
                while not places.acquire(blocking=not under_way):
                    wait_for_one()
                pool.submit(copy_context().run, one, item).add_done_callback(has_ended)
                under_way += 1
            elif under_way:
                wait_for_one()
        while under_way:
            wait_for_one()
        return begun
