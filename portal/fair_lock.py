"""A lock that the thread which has waited longest gets next."""

import threading
from collections import deque


class FairLock:
    """Reentrant, as threading.RLock is. That one goes to a thread that asks at the right moment: some never get it."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._queue: deque[tuple[int, threading.Lock]] = deque()
        self._holder: int | None = None
        self._depth = 0

    def acquire(self, timeout: float) -> bool:
        """Whether the lock was obtained within so many seconds."""
        me = threading.get_ident()
        if self._holder == me:
            self._depth += 1
            return True
        with self._guard:
            if self._holder is None:
                self._holder, self._depth = me, 1
                return True
            called = threading.Lock()
            called.acquire()
            mine = (me, called)
            self._queue.append(mine)
        if called.acquire(timeout=timeout):
            return True
        with self._guard:
            # It may have been handed over after the time was up, and then it is held anyway.
            if self._holder == me:
                return True
            self._queue.remove(mine)
            return False

    def release(self) -> None:
        """Hand it to the next. By its holder alone, once for each time that it was had."""
        self._depth -= 1
        if self._depth:
            return
        with self._guard:
            if not self._queue:
                self._holder = None
                return
            self._holder, called = self._queue.popleft()
            self._depth = 1
            called.release()
