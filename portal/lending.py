"""Threads that hand their connection to the database on while they wait for an application.

A Run has hundreds of people under way, each in a thread of its own, and PostgreSQL has few connections for a process.
A thread needs one for a few milliseconds between two calls that take a hundred times as long.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from playhouse.db_url import register_database
from playhouse.pool import MaxConnectionsExceeded
from playhouse.postgres_ext import PooledPsycopg3Database

# What a URL of peewee's begins with for the Pool below.
SCHEME = "lending"
# So many of a process's connections are left to those who do not lend theirs.
LEFT_FOR_OTHERS = 12

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
        """Those who lend theirs do not ask the server each time: while they held one, they did not ask either."""
        return connection.closed if lends() else super()._is_closed(connection)


register_database(Pool, SCHEME)
