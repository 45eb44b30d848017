"""What keeps the state of a service: one file, one hand at a time in it, and what time brings."""

import tempfile
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from portal.sandbox.clock import Clock

PRAGMAS = {"journal_mode": "wal", "synchronous": "off", "cache_size": -32000, "temp_store": "memory"}
Told = tuple[str, str, str]


@dataclass
class Delays:
    """Seconds that things take at a service; each service names its own."""

    def set(self, **seconds: float) -> None:
        """Raises KeyError for a name that is not there."""
        known = {field.name for field in fields(self)}
        for name, value in seconds.items():
            if name not in known:
                raise KeyError(name)
            setattr(self, name, float(value))


Timing = TypeVar("Timing", bound=Delays)


class Store(ABC, Generic[Timing]):
    """All that is known. Whoever reads or changes something does so inside `work`.

    tables: a module with `database`, `ROWS`, `Kept`, `is_ours` and `create_tables`. seed: fills the empty tables.
    """

    def __init__(self, tables: Any, timing: type[Timing], path: Path | None, seed: Callable[[], None]):
        self.lock = threading.RLock()
        self.clock = Clock()
        self.tables, self.timings, self.seed = tables, timing, seed
        self.timing = timing()
        # The next moment at which time itself changes something; None when nobody has looked yet.
        self.due: float | None = None
        self.settlers: list[Callable[[Any], None]] = []
        self.changed: list[Told] = []
        self.listeners: list[Callable[[list[Told]], None]] = []
        # Table -> its rows as the seed left them, from the first reset on.
        self._seeded: dict[str, list[tuple[Any, ...]]] = {}
        self._own = None if path else tempfile.TemporaryDirectory(prefix="sandbox-")
        self._open(path or Path(self._own.name) / "sandbox.sqlite3")  # type: ignore[union-attr]

    def _open(self, path: Path) -> None:
        database = self.tables.database
        database.init(str(path), pragmas=PRAGMAS, check_same_thread=False)
        database.connect()
        if not self.tables.is_ours():
            database.close()
            for leftover in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
                leftover.unlink(missing_ok=True)
            database.connect()
        self.tables.create_tables()
        self.load()
        if self.is_empty():
            with self.tables.database.atomic():
                self.seed()
                self.load()
        self.clock.ahead = float(self.kept("ahead") or 0)

    def close(self) -> None:
        with self.lock:
            self.tables.database.close()
        if self._own:
            self._own.cleanup()

    @abstractmethod
    def load(self) -> None:
        """Read what is held in memory besides the tables."""

    @abstractmethod
    def is_empty(self) -> bool:
        """Whether nobody has filled the tables yet."""

    @abstractmethod
    def next_due(self) -> float:
        """The moment at which time changes something again."""

    def reset(self) -> None:
        """Everything as it was at the very beginning."""
        with self.lock, self.tables.database.atomic():
            self._fill_again()
            self.clock.ahead = 0.0
            self.keep("ahead", "0")
            self.timing = self.timings()
            self.due = None
            self.load()

    def _fill_again(self) -> None:
        """Seed the tables. The seed is put together once: a test resets thousands of times."""
        database = self.tables.database
        names = [table._meta.table_name for table in self.tables.ROWS]
        for name in names:
            database.execute_sql(f'DELETE FROM "{name}"')  # noqa: S608
        if not self._seeded:
            self.seed()
            found = {name: database.execute_sql(f'SELECT * FROM "{name}"').fetchall() for name in names}  # noqa: S608
            self._seeded = {name: rows for name, rows in found.items() if rows}
            return
        for name, rows in self._seeded.items():
            places = ", ".join("?" * len(rows[0]))
            database.connection().executemany(f'INSERT INTO "{name}" VALUES ({places})', rows)  # noqa: S608

    @contextmanager
    def work(self) -> Iterator[Self]:
        """One request's work: alone, all or nothing, and after everything that time has brought."""
        with self.lock:
            try:
                with self.tables.database.atomic():
                    self.settle()
                    yield self
            except BaseException:
                self.changed.clear()
                raise
            told, self.changed = self.changed, []
        if told:
            for listener in self.listeners:
                listener(told)

    def settle(self) -> None:
        """What has become due in the meantime."""
        moment = self.clock.time()
        if self.due is not None and moment < self.due:
            return
        for settler in self.settlers:
            settler(self)
        self.due = self.next_due()

    def wake_at(self, moment: float) -> None:
        """Something will be due then."""
        self.due = None if self.due is None else min(self.due, moment)

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        with self.lock:
            self.clock.ahead += seconds
            self.keep("ahead", str(self.clock.ahead))

    def kept(self, name: str) -> str | None:
        row = self.tables.Kept.get_or_none(self.tables.Kept.name == name)
        return row.value if row else None

    def keep(self, name: str, value: str) -> None:
        self.tables.Kept.replace(name=name, value=value).execute()

    def details(self) -> dict[str, Any]:
        """How the clock and the delays stand."""
        return {"now": self.clock.now(), "ahead": self.clock.ahead, "timing": vars(self.timing)}
