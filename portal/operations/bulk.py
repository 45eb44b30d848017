"""Carries many operations of one tenant out side by side, each by the steps and with the journal of a single one."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
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
# Who waits for a place looks so often, in seconds, which of those under way have ended.
LOOKS_EVERY = 1.0


@dataclass(eq=False)
class Share:
    """What one of those who share the places has of them. taken: how many."""

    taken: int = 0


class Places:
    """Places for so many under way in this process. Of those who wait, the one that has fewest gets a free one."""

    def __init__(self, number: int):
        self._free, self._lock = number, threading.Lock()
        # What each waits for: it is released once the place is theirs.
        self._waiting: dict[Share, threading.Lock] = {}

    def take(self, share: Share, seconds: float) -> bool:
        """Take a place, waiting at most these seconds. False when there was none, or only for others."""
        with self._lock:
            if self._free:
                self._free -= 1
                share.taken += 1
                return True
            mine = self._waiting[share] = threading.Lock()
            mine.acquire()
        mine.acquire(timeout=seconds)
        with self._lock:
            return self._waiting.pop(share, None) is None

    def leave(self, share: Share) -> None:
        with self._lock:
            share.taken -= 1
            if not self._waiting:
                self._free += 1
                return
            following = min(self._waiting, key=lambda one: one.taken)
            following.taken += 1
            self._waiting.pop(following).release()


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
        committing.together(),
        ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="bulk") as pool,
    ):
        those = _UnderWay(ended)
        for item in items:
            if isinstance(item, Later):
                those.note_one(item.seconds)
            else:
                those.take_place()
                pool.submit(copy_context().run, one, item).add_done_callback(those.put)
            those.note_all()
        while those.number:
            those.note_one()
        return those.begun


class _UnderWay:
    """Those of one caller: who are under way, and who have ended and are not noted. begun: how many of these were."""

    def __init__(self, ended: Callable[[Operation | None], object]):
        self.number = self.begun = 0
        self._share, self._note = Share(), ended
        self._ended = SimpleQueue[Future[Operation | None]]()

    def take_place(self) -> None:
        """Wait for a place. One becomes free as one of these ends, or one of others in this process."""
        while not _places.take(self._share, LOOKS_EVERY):
            self.note_all()
        self.number += 1

    def put(self, work: "Future[Operation | None]") -> None:
        """It has ended; called by its own thread."""
        _places.leave(self._share)
        self._ended.put(work)

    def note_one(self, seconds: float | None = None) -> bool:
        """Note one that has ended, or that ends within so many seconds. False when there is none."""
        if not self.number:
            return False
        try:
            operation = self._ended.get(timeout=seconds).result()
        except Empty:
            return False
        self.number -= 1
        self.begun += operation is not None
        self._note(operation)
        return True

    def note_all(self) -> None:
        """Note all that have ended by now, so that what follows goes by them."""
        while self.note_one(0.0):
            pass
