"""Carries many operations of one tenant out side by side, each by the steps and with the journal of a single one."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TypeVar

from flask import current_app

from portal import committing, database
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.connectors.http import before_waiting
from portal.lending import lending
from portal.operations import engine, jobs
from portal.operations.models import Operation, State

Item = TypeVar("Item")


@dataclass(frozen=True)
class Later:
    """In the place of an item: there may be one after so many seconds, or once one more has ended."""

    seconds: float | None = None


# Enough to fill the requests that the connector's calls share, while others of them write.
SIDE_BY_SIDE = 200


class Places:
    """Places for so many under way in this process; all who have many at the same time share them equally."""

    def __init__(self, number: int):
        self._free, self._number, self._sharing = number, number, 0
        self._changed = threading.Condition()

    @contextmanager
    def shared(self) -> "Iterator[Share]":
        """Within it, one more shares them."""
        with self._changed:
            self._sharing += 1
        try:
            yield Share(self)
        finally:
            with self._changed:
                self._sharing -= 1

    def take(self, share: "Share", *, wait: bool) -> bool:
        """Take a place. False when there is none, or others are to have it; wait: until there is one."""
        with self._changed:
            while not self._free or share.taken >= max(1, self._number // self._sharing):
                if not wait:
                    return False
                self._changed.wait()
            self._free -= 1
            share.taken += 1
            return True

    def leave(self, share: "Share") -> None:
        with self._changed:
            self._free += 1
            share.taken -= 1
            self._changed.notify_all()


@dataclass
class Share:
    """The places of one of those who share them. taken: how many it has now."""

    places: Places
    taken: int = 0


_places = Places(SIDE_BY_SIDE)


def carry_out_many(
    connection: Connection,
    items: Iterable[Item | Later],
    begin: Callable[[Item], Operation | None],
    *,
    ended: Callable[[Operation | None], object] = lambda operation: None,
    come_back: Callable[[Operation], object] = jobs.come_back,
) -> int:
    """Begin an operation for each of the items, carry it out as far as it gets, and see to what follows.

    items: taken one by one, each when there is room for it, or later.
    begin: writes the operation down, in whose caller's hands it then is; or gives one that is due again; None when
    there is none to begin.
    ended: called with each operation once it has come as far as it gets; with None where there was none to begin.
    come_back: called with each that has to be tried again at its time.
    Returns how many were begun.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def one(item: Item) -> Operation | None:
        with app.app_context(), lending(), database.connection(), before_waiting(database.lend):
            operation = begin(item)
            if operation is None:
                return None
            ours = operation.state == State.RUNNING and operation.is_ours
            operation = engine.carry_out(operation, ours=ours, patience=engine.PATIENCE_IN_WORKER)
            come_back(operation)
            jobs.follow(operation)
            return operation

    with (
        SERVICES[connection.service].together(),
        _places.shared() as mine,
        committing.together(),
        ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="bulk") as pool,
    ):
        at_their_end: SimpleQueue[Future[Operation | None]] = SimpleQueue()
        under_way = begun = 0

        def has_ended(work: "Future[Operation | None]") -> None:
            _places.leave(mine)
            at_their_end.put(work)

        def wait_for_one(seconds: float | None = None) -> None:
            nonlocal under_way, begun
            with suppress(Empty):
                operation = at_their_end.get(timeout=seconds).result()
                under_way -= 1
                begun += operation is not None
                ended(operation)

        for item in items:
            if not isinstance(item, Later):
                while not _places.take(mine, wait=not under_way):
                    wait_for_one()
                pool.submit(copy_context().run, one, item).add_done_callback(has_ended)
                under_way += 1
            elif under_way:
                wait_for_one(item.seconds)
        while under_way:
            wait_for_one()
        return begun
