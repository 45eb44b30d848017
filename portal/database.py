"""The database from one URL (SQLite or PostgreSQL), and what every table has in common."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from peewee import (
    SQL,
    AutoField,
    Database,
    DatabaseProxy,
    DateTimeField,
    Model,
    OperationalError,
    Select,
    SqliteDatabase,
    fn,
)
from playhouse.db_url import connect
from playhouse.migrations import Runner
from playhouse.pool import PooledSqliteDatabase

from portal import lending, rows
from portal.config import settings
from portal.fair_lock import FairLock
from portal.selecting import KeptSelect
from portal.writing import KeptDelete, KeptInsert, KeptUpdate

Done = TypeVar("Done")

database: Any = DatabaseProxy()

# A journal that is written before the act must survive a power cut, hence synchronous=FULL.
SQLITE_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",
    "foreign_keys": 1,
    "busy_timeout": 10_000,
    "cache_size": -16_000,
    # What is deleted is overwritten: secrets that are wiped, and people who are erased.
    "secure_delete": 1,
}
# So many milliseconds the emptying of SQLite's journal waits, while nobody can write.
WAITS_FOR_READERS = 200


# Of one process to PostgreSQL; who comes when all are taken waits so many seconds for one, and so many for a lock.
MOST_CONNECTIONS, WAITS_FOR_ONE, WAITS_FOR_LOCK = 40, 30, 10
# What PostgreSQL says when a lock was not had, when two waited for each other, or while it stops and starts.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
BUSY = frozenset(
    ("55P03", "40P01", "40001", "57014", "53300", "57P01", "57P02", "57P03", "08000", "08001", "08003", "08006")
)


# What SQLite and PostgreSQL say when nothing can be written: no space, a file or server that only reads, a bad disk.
# https://www.sqlite.org/rescode.html
SQLITE_TAKES_NOTHING, TAKES_NOTHING = frozenset((8, 10, 13)), frozenset(("53100", "25006"))
# With less left on the disk than that, SQLite's next write may be the one that finds no place.
LEAST_SPACE = 1_000_000


class _TakesBackOnce:
    """On a full disk SQLite has taken the transaction back already. To ask again would hide the first error."""

    def rollback(self) -> None:
        mine: Any = self
        if mine.connection().in_transaction:
            super().rollback()


class _Sqlite(_TakesBackOnce, SqliteDatabase):
    pass


class _PooledSqlite(_TakesBackOnce, PooledSqliteDatabase):
    pass


class CannotWrite(Exception):
    """Nothing can be saved at the moment."""


# The address of the database whose connections stay open.
_kept = ""


def initialise(url: str, *, keep: bool = False) -> None:
    """Point `database` at the URL: sqlite:///path or postgresql://user:password@host/name. Opens no connection yet.

    keep: for a process that serves: what closes a connection keeps it open for the next request. SQLite's last
    connection to close writes all of the journal into the file and removes it, which takes longer than most requests.
    Asked for again, it leaves the connections that are open, which other threads use.
    """
    global _kept
    if url == _kept:
        return
    _kept = url if keep else ""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _keep_private(path)
        if keep:
            # The pool decides whose turn it is to use one, not a thread.
            kept = _PooledSqlite(
                str(path), pragmas=SQLITE_PRAGMAS, check_same_thread=False, max_connections=None, stale_timeout=300
            )
            database.initialize(kept)
        else:
            database.initialize(_Sqlite(str(path), pragmas=SQLITE_PRAGMAS, timeout=10))
        return
    _let_no_text_fail()
    scheme, _, rest = url.partition("://")
    database.initialize(
        connect(
            f"{lending.SCHEME}://{rest}" if scheme.startswith("postgres") else url,
            max_connections=MOST_CONNECTIONS,
            timeout=WAITS_FOR_ONE,
            stale_timeout=300,
            options=f"-c lock_timeout={WAITS_FOR_LOCK}s",
        )
    )


def _let_no_text_fail() -> None:
    """PostgreSQL has no NUL in texts, and psycopg fails at one. The sign for a lost letter goes in its place.

    Nothing that is looked for is found by it, and a rule that refuses invisible characters still sees the NUL itself.
    """
    import psycopg
    from psycopg.types.json import Jsonb, JsonbDumper
    from psycopg.types.string import StrDumperUnknown

    class Whole(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            return super().dump(without_nul(obj))

    class WholeJson(JsonbDumper):
        def dump(self, obj: Any) -> Any:
            found: Any = super().dump(obj)
            return json.dumps(without_nul(json.loads(found))).encode() if found and rb"\u0000" in found else found

    psycopg.adapters.register_dumper(str, Whole)
    psycopg.adapters.register_dumper(Jsonb, WholeJson)


def without_nul(value: Any) -> Any:
    """A text, or JSON, with the sign for a lost letter in the place of each NUL: as PostgreSQL keeps it."""
    if isinstance(value, dict):
        return {without_nul(name): without_nul(part) for name, part in value.items()}
    if isinstance(value, list):
        return [without_nul(part) for part in value]
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def _keep_private(path: Path) -> None:
    """Only the portal's own user may read the database, the queue and the instance folder, however they were made."""
    own = [file for file in path.parent.glob(f"{path.name}*") if file.is_file()]
    # Another folder may be shared with other programs, such as /tmp.
    folder = [path.parent] if path.parent == settings().instance_dir.absolute() else []
    for each, mode in [*((file, 0o600) for file in own), *((each, 0o700) for each in folder)]:
        # What belongs to another user is for them to close.
        with suppress(PermissionError, FileNotFoundError):
            if each.stat().st_mode & 0o077:
                each.chmod(mode)


def is_sqlite() -> bool:
    return isinstance(database.obj, SqliteDatabase)


# SQLite lets one write at a time and has the others ask again and again: of many threads some would get no turn.
_writing = FairLock()


@contextmanager
def transaction() -> Iterator[Any]:
    """A transaction that may write. On SQLite it takes the write lock at once, so that two of them cannot deadlock."""
    if not is_sqlite():
        with database.atomic() as begun:
            yield begun
        return
    if not _writing.acquire(timeout=WAITS_FOR_LOCK):
        raise OperationalError("database is locked")
    try:
        with database.atomic("IMMEDIATE") as begun:
            yield begun
    finally:
        _writing.release()


def take_callbacks() -> list[Callable[[], Any]]:
    """Within a transaction: what `database.after_commit` was given; from now on it is for the caller to call."""
    waiting: list[Callable[[], Any]] = database._state.commit_callbacks
    taken, waiting[:] = list(waiting), []
    return taken


def is_busy(error: BaseException) -> bool:
    """Whether the database refused because other processes hold it, or because it cannot be reached now: what was
    asked may be asked again.
    """
    seen = [error, error.__cause__, error.__context__, *error.args]
    return any(
        getattr(one, "sqlstate", None) in BUSY
        # SQLITE_BUSY and SQLITE_LOCKED, whatever they are extended by.
        or (getattr(one, "sqlite_errorcode", None) or 0) & 0xFF in (5, 6)
        or type(one).__name__ in ("PoolTimeout", "TooManyRequests", "MaxConnectionsExceeded")
        or (isinstance(one, OperationalError) and str(one) == "database is locked")
        or (type(one).__module__.startswith("psycopg") and type(one).__name__ == "OperationalError")
        for one in seen
    )


def takes_nothing(error: BaseException | None) -> bool:
    """Whether the database refused because it can write nothing at all, such as on a full disk."""
    while error is not None:
        if getattr(error, "sqlstate", None) in TAKES_NOTHING:
            return True
        if (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF in SQLITE_TAKES_NOTHING:
            return True
        error = error.__cause__ or error.__context__
    return False


def check_writing() -> None:
    """Raises CannotWrite where it can be known without writing, which would wait for those who write."""
    if not is_sqlite():
        if database.execute_sql("SHOW transaction_read_only").fetchone()[0] == "on":
            raise CannotWrite("The server only reads.")
        return
    disk = os.statvfs(Path(database.obj.database).parent)
    if disk.f_flag & os.ST_RDONLY or not os.access(database.obj.database, os.W_OK):
        raise CannotWrite("The file of the database can only be read.")
    if disk.f_bavail * disk.f_frsize < LEAST_SPACE:
        raise CannotWrite("The disk is full.")


def lock_row(model: type[Model], row_id: int, *, shared: bool = False) -> None:
    """Within a transaction: other processes that lock this row wait until it ends. SQLite has one writer anyway.

    It lets others add rows that refer to this one, so that two who have done so cannot wait for each other.
    shared: those alone wait who change the row, and not others who share it.
    """
    if not is_sqlite():
        row: Any = model.select(model.id).where(model.id == row_id)  # type: ignore[attr-defined]
        row.for_update("FOR SHARE" if shared else "FOR NO KEY UPDATE").execute()


def lock_name(name: str) -> None:
    """Within a transaction: other processes that lock the same name wait until it ends. SQLite has one writer anyway.

    https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
    """
    if not is_sqlite():
        database.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))


@contextmanager
def connection() -> Iterator[Database]:
    """An open connection for a request, a job or a command; closed afterwards."""
    database.connect(reuse_if_open=True)
    try:
        yield database
    finally:
        if not database.is_closed():
            database.close()


def lend() -> None:
    """Before a thread waits: give its connection to others until it asks the database again, if it is `lending`."""
    if lending.lends() and not database.in_transaction() and not database.is_closed():
        database.close()


def opened(work: Callable[[], Done]) -> Done:
    """The work done with the connection that this thread has, or with one of its own."""
    if not database.is_closed():
        return work()
    with connection():
        return work()


def count_of(query: Any) -> Any:
    """How many rows the query finds, as a value within another statement."""
    return query.select(fn.COUNT(SQL("1"))).order_by()


def read_together(**values: Any) -> dict[str, Any]:
    """Each of the values, such as a `count_of`, under its name: all read by one statement."""
    statement: Any = Select((), [value.alias(name) for name, value in values.items()])
    found: dict[str, Any] = next(iter(statement.dicts().execute(database)))
    return found


def count_rows() -> None:
    """Let the database look at what its tables hold, so that it goes by the index that leaves the fewest rows.

    It reads at most so many rows of each index or table. PostgreSQL's autovacuum does the same within a minute or two,
    in which pages of very many new employees would take a hundred times as long.
    https://www.sqlite.org/lang_analyze.html, https://www.postgresql.org/docs/current/sql-analyze.html
    """
    if is_sqlite():
        database.execute_sql("PRAGMA analysis_limit = 1000")
        with transaction():
            database.execute_sql("ANALYZE")
        return
    # One table after the other, each for itself.
    database.execute_sql("ANALYZE " + ", ".join(f'"{name}"' for name in database.get_tables()))


def empty_journal() -> None:
    """Bring what SQLite's journal holds into the file, so that what was overwritten there is in neither.

    It does nothing while others read: what is left goes with the next one. SQLite would wait for those who read, and
    let nobody write meanwhile: for as long as a writer waits before it fails.
    https://www.sqlite.org/pragma.html#pragma_wal_checkpoint
    """
    if is_sqlite():
        database.execute_sql(f"PRAGMA busy_timeout = {WAITS_FOR_READERS}")
        try:
            database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            database.execute_sql(f"PRAGMA busy_timeout = {SQLITE_PRAGMAS['busy_timeout']}")


def _migrations() -> Runner:
    return Runner(database, str(Path(__file__).parent / "migrations"))


def upgrade() -> list[str]:
    """Bring the schema to this version of the portal; returns the names of the migrations that ran."""
    return list(_migrations().up() or [])


def out_of_step() -> tuple[list[str], list[str]]:
    """The names of the migrations that this version still needs, and of those that a newer one has run here."""
    found = _migrations().status()
    missing = [migration.name for migration in found if migration.path and not migration.applied]
    return missing, [migration.name for migration in found if not migration.path]


_ahead: Callable[[], timedelta] = timedelta


def set_ahead(ahead: Callable[[], timedelta]) -> None:
    """How far `now` is ahead of the machine's clock: the demo moves its time on."""
    global _ahead
    _ahead = ahead


def now() -> datetime:
    """The present moment, in UTC, to the microsecond."""
    return datetime.now(UTC) + _ahead()


class UtcDateTimeField(DateTimeField):
    """A moment. Stored as UTC without a zone, read back with one, so that comparing never mixes the two kinds."""

    def db_value(self, value: Any) -> Any:
        if isinstance(value, datetime) and value.tzinfo is not None:
            value = value.astimezone(UTC).replace(tzinfo=None)
        return super().db_value(value)

    def python_value(self, value: Any) -> Any:
        if type(value) is str:
            # As it is written above. peewee would try one format after the other.
            return datetime.fromisoformat(f"{value}+00:00")
        value = super().python_value(value)
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


class BaseModel(Model):
    id = AutoField()

    class Meta:
        database = database
        legacy_table_names = False

    def save(self, force_insert: bool = False, only: Any = None) -> Any:
        """As peewee's own."""
        names = only and [field if isinstance(field, str) else field.name for field in only]
        return rows.saved(database, self, names, insert=force_insert) or super().save(force_insert, only)

    @classmethod
    def select(cls, *fields: Any) -> Any:
        """As peewee's own: of these fields or models, of all columns without any."""
        return KeptSelect(cls, fields or cls._meta.sorted_fields, is_default=not fields)

    @classmethod
    def insert(cls, __data: Any = None, **values: Any) -> Any:
        """As peewee's own."""
        return KeptInsert(cls, cls._normalize_data(__data, values))  # type: ignore[attr-defined]

    @classmethod
    def update(cls, __data: Any = None, **values: Any) -> Any:
        """As peewee's own."""
        return KeptUpdate(cls, cls._normalize_data(__data, values))  # type: ignore[attr-defined]

    @classmethod
    def delete(cls) -> Any:
        """As peewee's own."""
        return KeptDelete(cls)


def init_app(app: Any, chosen: Any) -> None:
    """Open the database for each request that needs it, close it afterwards."""
    initialise(chosen.database, keep=True)

    @app.before_request
    def open_database() -> None:
        database.connect(reuse_if_open=True)

    @app.teardown_request
    def close_database(_error: BaseException | None) -> None:
        if not database.is_closed():
            database.close()
