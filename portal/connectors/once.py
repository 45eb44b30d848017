"""What many threads ask for at the same time is asked for once."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from copy import copy
from typing import Any, TypeVar

from portal.connectors import http
from portal.connectors.errors import ConnectorError

Answer = TypeVar("Answer")


class Once:
    """Questions under way in this process. Nothing is remembered once one is answered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[Hashable, Future[Any]] = {}

    def ask(self, key: Hashable, question: Callable[[], Answer]) -> Answer:
        """What question() returns or raises. A thread that comes while it is under way waits, and shares the outcome.

        Of a refusal each has one of its own, to put into words that may name a person.
        An error that is not the application's concerns the thread that asked: another one asks again.
        """
        while True:
            with self._lock:
                asked = self._under_way.get(key)
                if asked is None:
                    mine = self._under_way[key] = Future[Any]()
                    break
            http.about_to_wait()
            error = asked.exception()
            if error is None:
                return asked.result()
            if isinstance(error, ConnectorError):
                raise copy(error)
        try:
            mine.set_result(question())
        except BaseException as error:
            mine.set_exception(copy(error) if isinstance(error, ConnectorError) else error)
            raise
        finally:
            with self._lock:
                del self._under_way[key]
        return mine.result()
