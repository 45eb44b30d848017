"""Which processes use the database: so that none is replaced beneath them, and none works on another version's tables.

Each process that serves holds a shared lock for as long as it lives: on a file beside SQLite, in PostgreSQL itself,
where other machines see it. A restore takes the lock for itself alone. The operating system or PostgreSQL lets go of it
when the process or its connection dies.
https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
"""

import contextlib
import fcntl
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from flask import Flask, request

from portal import database
from portal.config import settings
from portal.languages import gettext as _
from portal.logs import log
from portal.problems import Problem

KEY = 0x706F7274616C  # "portal"
LOOKS_EVERY = 2.0
OF_MACHINES = ("healthz", "readyz", "metrics", "static")


class InUse(Problem):
    """Another process uses the database, so it cannot be replaced."""


class BeingReplaced(Problem):
    """`portal restore` is putting a copy in the place of the database."""

    next_step = "Wait until it has ended, then start again."


class OtherVersion(Problem):
    """The tables of the database and this program are of different versions."""


class Upgrading(Problem):
    status = 503
    title = _("The portal is being upgraded")
    message = _("The portal is being upgraded, and answers again in a few minutes.")
    next_step = _("Nothing was lost. Try again in a few minutes.")


def check_version(*, upgrading: bool = False) -> None:
    """Raises OtherVersion when the tables are newer than this program, or older unless it is here to bring them up.

    Needs an open connection.
    """
    missing, unknown = database.out_of_step()
    if unknown:
        raise OtherVersion(
            f"The database is of a newer version of the portal ({unknown[-1]}).",
            "Install that version here, or restore the backup that was made before the upgrade.",
        )
    if missing and not upgrading:
        raise OtherVersion(f"The tables are of an earlier version (without {missing[0]}).", "Run `portal init`.")


@contextlib.contextmanager
def held(what: str) -> Iterator[Callable[[], None]]:
    """Keep the database from being replaced until the end of the block. Raises BeingReplaced.

    what: named to those who want to replace it, on PostgreSQL. Yields what makes sure that it is still held.
    """
    if database.is_sqlite():
        with _locked_file(fcntl.LOCK_SH, BeingReplaced):
            yield lambda: None
        return
    lock = _SharedLock(what)
    try:
        lock.keep()
        yield lock.keep
    finally:
        lock.let_go()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """No other process uses the database until the end of the block. Raises InUse."""
    next_step = "Stop every web server and worker of the portal, on every machine, then try again."
    if database.is_sqlite():
        with _locked_file(fcntl.LOCK_EX, lambda: InUse("The portal is running on this database.", next_step)):
            yield
        return
    connection = _connect("portal restore")
    try:
        if not connection.execute("SELECT pg_try_advisory_lock(%s)", (KEY,)).fetchone()[0]:
            raise InUse(f"The portal is running on this database: {_who(connection)}.", next_step)
        yield
    finally:
        connection.close()


def _who(connection: Any) -> str:
    rows = connection.execute(
        "SELECT DISTINCT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' "
        "AND granted AND datname = current_database() AND application_name LIKE 'portal %' ORDER BY 1"
    ).fetchall()
    return ", ".join(name for (name,) in rows) or "its name is not known"


@contextlib.contextmanager
def _locked_file(how: int, refusal: Callable[[], Problem]) -> Iterator[IO[str]]:
    path = Path(f"{settings().database.removeprefix('sqlite:///')}-in-use")
    with path.open("a") as file:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            raise refusal() from None
        yield file


def _connect(what: str) -> Any:
    import psycopg

    name = f"portal {what.removeprefix('portal ')} on {socket.gethostname()}"[:63]
    return psycopg.connect(settings().database, autocommit=True, application_name=name, connect_timeout=10)


class _SharedLock:
    """The shared lock in PostgreSQL, on a connection of its own, taken again when the server was restarted."""

    def __init__(self, what: str):
        self.what = what
        self.connection: Any = None

    def keep(self) -> None:
        """Raises BeingReplaced, or psycopg.Error when the server does not answer."""
        import psycopg

        if self.connection is not None:
            try:
                self.connection.execute("SELECT 1")
                return
            except psycopg.Error:
                self.let_go()
        fresh = _connect(self.what)
        if not fresh.execute("SELECT pg_try_advisory_lock_shared(%s)", (KEY,)).fetchone()[0]:
            fresh.close()
            raise BeingReplaced()
        self.connection = fresh

    def let_go(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


# Of this process, when it is one that serves.
watch: "Watch | None" = None


class Watch:
    """Keeps the lock of a process that serves, and notices when the tables become those of another version."""

    def __init__(self, what: str, *, on_misfit: Callable[[], None] = lambda: None):
        self.problem: OtherVersion | None = None
        self._what, self._on_misfit = what, on_misfit
        self._stop, self._held = threading.Event(), contextlib.ExitStack()
        self._keep: Callable[[], None] = lambda: None

    def start(self) -> "Watch":
        """Raises BeingReplaced and OtherVersion."""
        with database.connection():
            check_version()
        self._keep = self._held.enter_context(held(self._what))
        threading.Thread(target=self._look, name="presence", daemon=True).start()
        return self

    def stop(self) -> None:
        self._stop.set()
        self._held.close()

    def _look(self) -> None:
        well = True
        while not self._stop.wait(LOOKS_EVERY):
            try:
                self._look_once()
                well = True
            except Exception as error:
                # The database is away; said once, and looked at again.
                if well and not self._stop.is_set():
                    log.warning("the database cannot be checked", reason=" ".join(str(error).split()))
                well = False

    def _look_once(self) -> None:
        self._keep()
        try:
            with database.connection():
                check_version()
            self.problem = None
        except OtherVersion as other:
            if self.problem is None:
                log.error(
                    "the tables are of another version of the portal, so this process does nothing", reason=str(other)
                )
            self.problem = other
            self._on_misfit()


def init_app(app: Flask, settings: Any) -> None:
    @app.before_request
    def refuse_while_upgrading() -> None:
        if watch is not None and watch.problem is not None and request.endpoint not in OF_MACHINES:
            raise Upgrading()


def start_watch(what: str, *, on_misfit: Callable[[], None] = lambda: None) -> Watch:
    """The Watch of this process, started. Raises BeingReplaced and OtherVersion."""
    global watch
    watch = Watch(what, on_misfit=on_misfit).start()
    return watch


def stop_this_process() -> None:
    """As if told to stop: what is under way is finished first."""
    os.kill(os.getpid(), signal.SIGTERM)
