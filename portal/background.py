"""Work that a request starts and does not wait for beyond a few seconds."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import TypeVar

from flask import copy_current_request_context

from portal.connectors.errors import ConnectorError
from portal.database import connection
from portal.logs import log
from portal.problems import Problem

Found = TypeVar("Found")

# More than the web server has threads, so that a service that hangs cannot stop the pages.
_pool = ThreadPoolExecutor(max_workers=64, thread_name_prefix="background")


_under_way: set[Future] = set()


def join() -> None:
    """Wait until nothing is under way any more."""
    wait(list(_under_way))


class StillUnderWay(Exception):
    """The time is over. The work continues in its thread, and the next request finds its outcome in the database."""


def within(seconds: float, act: Callable[[], Found]) -> Found:
    """What act() returns or raises, in a thread of its own with this request's context. Raises StillUnderWay."""
    return result_of(begin(act), seconds)


def begin(act: Callable[[], Found]) -> "Future[Found]":
    """Begin act() in a thread of its own with this request's context, beside whatever the request does."""

    @copy_current_request_context
    def run() -> Found:
        with connection():
            return act()

    work = _pool.submit(copy_context().run, run)
    _under_way.add(work)
    work.add_done_callback(_under_way.discard)
    return work


def result_of(work: "Future[Found]", seconds: float) -> Found:
    """What came of something that was begun. Raises StillUnderWay."""
    try:
        return work.result(timeout=seconds)
    except TimeoutError:
        work.add_done_callback(_note)
        raise StillUnderWay() from None


def _note(work: Future) -> None:
    """An error that no caller waits for any more is at least in the log."""
    error = work.exception()
    if isinstance(error, Problem | ConnectorError):
        log.warning("background work refused", kind=type(error).__name__, reason=str(error))
    elif error:
        log.error("background work failed", exc_info=error)
