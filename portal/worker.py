"""The job queue. huey only wakes the worker: the database holds what is to be done; a sweep each minute finds it."""

import functools
import threading
from collections.abc import Callable, Iterable
from typing import Any

import structlog

from portal.config import settings
from portal.database import connection
from portal.job_queue import open_queue
from portal.logs import log

queue = open_queue(settings().database)


_making = threading.Lock()


def _app() -> Any:
    # Several threads have their first job at the same moment: one makes the app, the others wait for it.
    with _making:
        return _made()


@functools.lru_cache(maxsize=1)
def _made() -> Any:
    from portal import create_app

    return create_app()


def job(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that runs in the worker: application context, database, and a log line of its own."""

    @functools.wraps(function)
    def run(*arguments: Any) -> Any:
        with _app().app_context(), connection():
            structlog.contextvars.bind_contextvars(job=function.__name__, arguments=arguments)
            try:
                return function(*arguments)
            except Exception:
                log.exception("job failed")
                raise
            finally:
                structlog.contextvars.unbind_contextvars("job", "arguments")

    return run


def for_each(found: Iterable[Any], act: Callable[[Any], Any]) -> None:
    """Act on each of these rows. What goes wrong with one is in the log, and keeps none of the others waiting."""
    for row in list(found):
        try:
            act(row)
        except Exception:
            log.exception("job failed for one of several", row=repr(row))
