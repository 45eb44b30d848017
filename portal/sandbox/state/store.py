"""Opens the file, keeps one hand at a time in it, and lets time do its work."""

import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from portal.sandbox.state import models
from portal.sandbox.state.clock import Clock
from portal.sandbox.state.models import Kept, Tenant, User, database

PRAGMAS = {"journal_mode": "wal", "synchronous": "off", "cache_size": -32000, "temp_store": "memory"}
RECYCLE_BIN_LIFE = 30 * 86400.0


@dataclass
class Timing:
    """Seconds that things take at Microsoft.

    new_user: until a new user is known to reads. search: until a change reaches advanced queries. mailbox: from a
    mailbox licence to mail and proxyAddresses. grants: until a consent is in the tokens.
    """

    new_user: float = 0.0
    search: float = 0.0
    mailbox: float = 0.0
    grants: float = 0.0

    def set(self, **seconds: float) -> None:
        """Raises KeyError for a name that is not there."""
        known = {field.name for field in fields(self)}
        for name, value in seconds.items():
            if name not in known:
                raise KeyError(name)
            setattr(self, name, float(value))


class State:
    """All that is known. Whoever reads or changes something does so inside `work`."""

    def __init__(self, path: Path | None, seed: Callable[[], None]):
        self.lock = threading.RLock()
        self.clock = Clock()
        self.timing = Timing()
        self.seed = seed
        self.tenants: dict[str, Tenant] = {}
        # The next moment at which time itself changes something; None when nobody has looked yet.
        self.due: float | None = None
        self.settlers: list[Callable[[State], None]] = []
        self.changed: list[tuple[str, str, str]] = []
        self.listeners: list[Callable[[list[tuple[str, str, str]]], None]] = []
        self._own = None if path else tempfile.TemporaryDirectory(prefix="sandbox-")
        self._open(path or Path(self._own.name) / "sandbox.sqlite3")  # type: ignore[union-attr]

    def _open(self, path: Path) -> None:
        database.init(str(path), pragmas=PRAGMAS, check_same_thread=False)
        database.connect()
        if not models.is_ours():
            database.close()
            for leftover in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
                leftover.unlink(missing_ok=True)
            database.connect()
        models.create_tables()
        self._load()
        if not self.tenants:
            self.reset()
        self.clock.ahead = float(self.kept("ahead") or 0)

    def close(self) -> None:
        with self.lock:
            database.close()
        if self._own:
            self._own.cleanup()

    def _load(self) -> None:
        self.tenants = {tenant.id: tenant for tenant in Tenant.select().order_by(Tenant.name)}

    def reset(self) -> None:
        """Everything as it was at the very beginning."""
        with self.lock, database.atomic():
            for table in models.ROWS:
                table.delete().execute()
            self.clock.ahead = 0.0
            self.keep("ahead", "0")
            self.timing = Timing()
            self.due = None
            self.seed()
            self._load()

    @contextmanager
    def work(self) -> Iterator["State"]:
        """One request's work: alone, all or nothing, and after everything that time has brought."""
        with self.lock:
            try:
                with database.atomic():
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
        """What has become due in the meantime: mailboxes, the search index, the end of the recycle bin."""
        moment = self.clock.time()
        if self.due is not None and moment < self.due:
            return
        for settler in self.settlers:
            settler(self)
        self.due = self._next_due()

    def _next_due(self) -> float:
        mailbox = User.select(models.SQL("min(mailbox_due)")).where(User.mailbox_due.is_null(False)).scalar()
        lag = models.Lag.select(models.SQL("min(until)")).scalar()
        gone = User.select(models.SQL("min(deleted_at)")).where(User.deleted_at.is_null(False)).scalar()
        moments = (mailbox, lag, gone and gone + RECYCLE_BIN_LIFE)
        return min((value for value in moments if value is not None), default=float("inf"))

    def wake_at(self, moment: float) -> None:
        """Something will be due then."""
        self.due = None if self.due is None else min(self.due, moment)

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        with self.lock:
            self.clock.ahead += seconds
            self.keep("ahead", str(self.clock.ahead))

    def refuse_earlier_tokens(self, tenant: Tenant) -> None:
        """Every token of the tenant that was made before now meets a claims challenge."""
        # Tokens carry whole seconds, so one of this very second could not be told from its successor.
        self.advance(1)
        tenant.tokens_valid_from = float(int(self.clock.time()))
        self.keep_tenant(tenant)

    def kept(self, name: str) -> str | None:
        row = Kept.get_or_none(Kept.name == name)
        return row.value if row else None

    def keep(self, name: str, value: str) -> None:
        Kept.replace(name=name, value=value).execute()

    def tenant_named(self, name: str) -> Tenant:
        """By id, name or any domain. Raises KeyError."""
        wanted = name.lower()
        for tenant in self.tenants.values():
            if wanted in (tenant.id, tenant.name.lower()) or any(item["id"] == wanted for item in tenant.domains):
                return tenant
        raise KeyError(name)

    def keep_tenant(self, tenant: Tenant) -> None:
        tenant.save()

    def details(self) -> dict[str, Any]:
        """How the clock and the delays stand."""
        return {"now": self.clock.now(), "ahead": self.clock.ahead, "timing": vars(self.timing)}
