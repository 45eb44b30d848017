"""Transactions of many threads, committed together, so that the disk is waited for once for all of them.

SQLite lets one write at a time, and each commit waits for the disk: threads that write by turns mostly wait for each
other. PostgreSQL writes commits of several connections to the disk together itself.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any, TypeVar

from portal.database import connection, database, is_sqlite, lend, take_callbacks, transaction

Done = TypeVar("Done")

# Other processes wait for no more than these before they can write.
MOST_TOGETHER = 40

_writer: ContextVar["Writer | None"] = ContextVar("writer", default=None)
_of_all: "Writer | None" = None
_joining = threading.Lock()


def write(work: Callable[[], Done]) -> Done:
    """Do the work in a transaction, and return what it returns once that is on the disk.

    It makes no remote call. What it raises takes back all that it wrote, and is raised here. Within a transaction it is
    a part of that one, and what it raises has to end it.
    """
    if database.in_transaction():
        return work()
    writer = _writer.get()
    if writer is not None:
        return writer.write(work)
    with transaction():
        return work()


@contextmanager
def together() -> Iterator[None]:
    """Within it, and in threads that copy its context, what `write` is given is committed together.

    Also with what others of this process write within theirs at the same time.
    """
    if not is_sqlite():
        yield
        return
    with _shared() as writer:
        token = _writer.set(writer)
        try:
            yield
        finally:
            _writer.reset(token)


@contextmanager
def _shared() -> Iterator["Writer"]:
    """The Writer of this process, which is there while anybody uses it."""
    global _of_all
    with _joining:
        if _of_all is None or _of_all.is_broken:
            _of_all = Writer()
            _of_all.start()
        writer = _of_all
        writer.users += 1
    try:
        yield writer
    finally:
        with _joining:
            writer.users -= 1
            ends = not writer.users
            if ends and _of_all is writer:
                _of_all = None
        if ends:
            writer.end()


@dataclass
class _Waiting:
    """Work of a thread that waits for its end. result, error: what became of it, which holds once it is committed.

    at_work: held until then, which costs a tenth of what an event does.
    afterwards: what the work wants to be called once it is committed, by its own thread.
    """

    work: Callable[[], Any]
    context: Context = field(default_factory=copy_context)
    at_work: threading.Lock = field(default_factory=threading.Lock)
    result: Any = None
    error: BaseException | None = None
    afterwards: list[Callable[[], Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.at_work.acquire()

    def outcome(self) -> Any:
        """What it returned, or what it raises, once it has ended."""
        with self.at_work:
            if self.error is not None:
                raise self.error
            return self.result

    def try_it(self) -> None:
        """Do it, within the transaction of all. What failed leaves nothing of itself."""
        database.execute_sql("SAVEPOINT work")
        try:
            self.result = self.context.run(self.work)
        except BaseException as error:
            self.error = error
            database.execute_sql("ROLLBACK TO work")
        database.execute_sql("RELEASE work")
        # Those of one that fails must not keep others from hearing that theirs is committed.
        self.afterwards = take_callbacks()


class Writer:
    """A thread that does the work of others, one after the other, and commits what waits in one go.

    users: how many have begun to use it and not ended. is_broken: it writes nothing more.
    """

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self.start = self._thread.start
        self.users, self.is_broken = 0, False

    def end(self) -> None:
        """Once all is written."""
        self._waiting.put(None)
        self._thread.join()

    def write(self, work: Callable[[], Done]) -> Done:
        """See `write` above."""
        mine = _Waiting(work)
        lend()
        self._waiting.put(mine)
        done: Done = mine.outcome()
        for call in mine.afterwards:
            call()
        return done

    def _run(self) -> None:
        ended = False
        try:
            with connection():
                while (first := self._waiting.get()) is not None:
                    self._commit(first)
                ended = True
        except BaseException as error:
            # Without a connection nothing is written: each is told, instead of waiting for ever.
            self.is_broken = True
            while not ended and (one := self._waiting.get()) is not None:
                one.error = error
                one.at_work.release()

    def _commit(self, first: _Waiting) -> None:
        """This one and what waits by then, in one transaction; when that fails, each is told."""
        together = [first]
        try:
            with transaction():
                first.try_it()
                while len(together) < MOST_TOGETHER and (following := self._next()) is not None:
                    together.append(following)
                    following.try_it()
        except BaseException as error:
            for one in together:
                one.error = one.error or error
        for one in together:
            one.at_work.release()

    def _next(self) -> _Waiting | None:
        """What waits now, if anything."""
        try:
            following = self._waiting.get_nowait()
        except queue.Empty:
            return None
        if following is None:
            # It was the last: the thread is to end.
            self._waiting.put(None)
        return following
