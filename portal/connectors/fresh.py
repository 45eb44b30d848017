"""Accounts that were made moments ago: an application may deny them for a while, and that is no reason to give up."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from portal.connectors.errors import ConnectorError, NotFound, TryLater
from portal.languages import gettext as _

# No figure is published. Minutes are the longest that was seen, and to stop waiting too early loses an account.
FRESH_FOR = 600.0


class Fresh:
    """Ids of new accounts, for as long as their absence means nothing. Shared by the threads of a process.

    name: the application's.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def add(self, account_id: str) -> None:
        moment = time.monotonic()
        with self._lock:
            self._until.pop(account_id, None)
            self._until[account_id] = moment + FRESH_FOR
            # The oldest come first. Two go for each that comes, so those that are no longer fresh never pile up.
            for oldest in list(islice(self._until, 2)):
                if self._until[oldest] <= moment:
                    del self._until[oldest]

    def clear(self) -> None:
        """Forget them all: the sandbox was reset."""
        with self._lock:
            self._until.clear()

    def __contains__(self, account_id: object) -> bool:
        return self._until.get(str(account_id), 0.0) > time.monotonic()

    def later(self, error: ConnectorError) -> ConnectorError:
        """The denial of a fresh account in other words: it is asked again."""
        words = _("This account is new, and not every part of %(name)s knows it yet.", name=self._name)
        return error.worded(words, kind=TryLater)

    @contextmanager
    def known(self, *account_ids: str | None) -> Iterator[None]:
        """Within it, that one of these is not found is TryLater while it is fresh."""
        try:
            yield
        except NotFound as error:
            if not any(account_id in self for account_id in account_ids if account_id):
                raise
            raise self.later(error) from error
