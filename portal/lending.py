"""Threads that hand their connection to the database on while they wait for an application.

A Run has hundreds of people under way, each in a thread of its own, and PostgreSQL has few connections for a process.
A thread needs one for a few milliseconds between two calls that take a hundred times as long.
"""

import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from playhouse.db_url import register_database
from playhouse.pool import MaxConnectionsExceeded
from playhouse.postgres_ext import PooledPsycopg3Database

# What a URL of peewee's begins with for the Pool below.
SCHEME = "lending"
# How many of a process's connections are kept for those who do not lend theirs.
LEFT_FOR_OTHERS = 12
# Seconds.
ASKED_AFTER = 30.0

_lends: ContextVar[bool] = ContextVar("lends", default=False)


@contextmanager
def lending() -> Iterator[None]:
    """Within it the thread gives its connection back at each `database.lend`."""
    token = _lends.set(True)
    try:
        yield
    finally:
        _lends.reset(token)


def lends() -> bool:
    return _lends.get()


class Pool(PooledPsycopg3Database):
    """Connections to PostgreSQL, of which those who lend theirs never take the last ones."""

    def _connect(self) -> Any:
        if lends() and len(self._in_use) >= self._max_connections - LEFT_FOR_OTHERS:
            raise MaxConnectionsExceeded("the others are for those who do not lend theirs")
        return super()._connect()

    def _is_closed(self, connection: Any) -> bool:
        """Whether it is of no use any more. To ask the server takes as long as a statement, so few ask.

        Those who lend theirs do not: while they held one, they did not either. A server that has cut a connection has
        said so on it, and says nothing else there between two statements. After a longer rest something on the way may
        have forgotten the connection without a word.
        """
        if connection.closed or lends():
            return bool(connection.closed)
        if time.monotonic() - connection.rests_since < ASKED_AFTER and not _has_news(connection):
            return False
        return super()._is_closed(connection)

    def _can_reuse(self, connection: Any) -> bool:
        connection.rests_since = time.monotonic()
        return super()._can_reuse(connection)


def _has_news(connection: Any) -> bool:
    """Whether the server has sent what nobody has read."""
    asked = select.poll()
    asked.register(connection.fileno(), select.POLLIN)
    return bool(asked.poll(0))


register_database(Pool, SCHEME)
