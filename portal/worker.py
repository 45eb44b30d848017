"""The job queue. huey is only the wake-up: what is to be done stands in the database; a sweep each minute finds it."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from huey import SqliteHuey
from huey.api import Huey

from portal.config import settings
from portal.database import connection
from portal.logs import log


def _queue() -> Huey:
    url = settings().database
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///") + "-queue"
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        return SqliteHuey("portal", filename=path, fsync=False)
    from huey import PostgresHuey

    return PostgresHuey("portal", dsn=url)


queue = _queue()


@functools.lru_cache(maxsize=1)
def _app() -> Any:
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
