"""Where mails are sent: in a few threads of their own, so that a mail server that drips delays nothing else.

They end with the process: the database holds the state of each mail.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

from flask import current_app

from portal.database import connection
from portal.logs import log

Found = TypeVar("Found")


class NotYet(Exception):
    """The caller has waited long enough. begun: the thread continues; otherwise it did not begin."""

    def __init__(self, *, begun: bool):
        super().__init__()
        self.begun = begun


class Lane:
    """size: how many mails of this kind one process sends at the same time."""

    def __init__(self, name: str, size: int):
        self.name, self.size = name, size
        self._free = threading.BoundedSemaphore(size)
        self._under_way: set[Future] = set()

    def start(self, act: Callable[[], Found], *, patience: float = 0) -> "Future[Found] | None":
        """Have it done in a thread of the lane, with this application and a database connection of its own.

        patience: seconds to wait for a thread. None when none was free.
        """
        if not self._free.acquire(timeout=patience) if patience else not self._free.acquire(blocking=False):
            return None
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        work: Future[Found] = Future()
        self._under_way.add(work)

        def run() -> None:
            try:
                with app.app_context(), connection():
                    found = act()
            except BaseException as error:
                log.debug("mail lane", reason=repr(error))
                self._end(work)
                work.set_exception(error)
            else:
                self._end(work)
                work.set_result(found)

        threading.Thread(target=run, name=f"mail {self.name}", daemon=True).start()
        return work

    def _end(self, work: Future) -> None:
        self._free.release()
        self._under_way.discard(work)

    def within(self, seconds: float, act: Callable[[], Found]) -> Found:
        """What act() returns or raises, when that comes within the seconds. Raises NotYet."""
        until = time.monotonic() + seconds
        work = self.start(act, patience=seconds)
        if work is None:
            raise NotYet(begun=False)
        try:
            return work.result(timeout=max(0.0, until - time.monotonic()))
        except TimeoutError:
            if work.done():
                raise
            raise NotYet(begun=True) from None

    def join(self, seconds: float | None = None) -> None:
        """Wait until nothing is under way, or for so many seconds."""
        wait(list(self._under_way), timeout=seconds)

    @property
    def under_way(self) -> int:
        return len(self._under_way)


# The mails with login information, and what a person at the sign-in page or in the settings asks for.
LOGIN, OTHER = Lane("login", 8), Lane("other", 2)


def join(seconds: float | None = None) -> None:
    for each in (LOGIN, OTHER):
        each.join(seconds)
