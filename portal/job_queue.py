"""The queue itself: huey, with messages that cannot be forged, on a file that may be damaged.

The queue only wakes. The database holds what is to be done, so a queue that is lost costs a minute.
"""

import atexit
import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from huey.api import Huey
from huey.registry import Message
from huey.storage import PostgresStorage, SqliteStorage

from portal.config import settings
from portal.database import now
from portal.languages import gettext as _
from portal.logs import log
from portal.problems import Problem


class NotQueued(Problem):
    message = _("The portal cannot take this on at the moment: its disk is full, or its database does not answer.")
    status = 503
    title = _("Try again in a minute")
    next_step = _("Nothing was lost. Try again in a minute; if it happens again, tell your IT team.")


class NotOurs(ValueError):
    """A message that no process with this PORTAL_SECRET_KEY has written."""


class SignedJson:
    """Messages as JSON behind a signature: reading one runs nothing, only holders of PORTAL_SECRET_KEY write one."""

    FIELDS = ("id", "name", "retries", "retry_delay", "priority", "args")

    def serialize(self, message: Message) -> bytes:
        """Raises TypeError for arguments that JSON cannot hold."""
        values = {name: getattr(message, name) for name in self.FIELDS}
        body = json.dumps({**values, "eta": message.eta and message.eta.isoformat()}).encode()
        return self._signature(body) + b"." + body

    def deserialize(self, data: bytes) -> Message:
        """Raises NotOurs."""
        signature, _, body = bytes(data).partition(b".")
        if not hmac.compare_digest(signature, self._signature(body)):
            raise NotOurs("The signature is wrong.")
        values = json.loads(body)
        eta = values.pop("eta")
        values["args"] = tuple(values["args"])
        return Message(**values, kwargs={}, eta=eta and datetime.fromisoformat(eta))

    def _signature(self, body: bytes) -> bytes:
        key = b"job queue\x00" + settings().secret_key.get_secret_value().encode()
        return hmac.new(hashlib.sha256(key).digest(), body, hashlib.sha256).hexdigest().encode()


class JobQueue(Huey):
    """huey without results, revoking and pickles. A task made with only_here=True is in the queue and nowhere else."""

    def __init__(self, storage_class: type, **options: Any):
        super().__init__(
            "portal",
            results=False,
            serializer=SignedJson(),
            storage_class=storage_class,
            create_tables=False,
            **options,
        )

    def enqueue(self, task: Any) -> None:
        """Raises NotQueued for a task that would be lost; for any other the next sweep sees to what was to be done."""
        data = self.serialize_task(task)
        try:
            self.storage.enqueue(data, task.priority)
        except self.storage.errors as error:
            log.error("the queue cannot be written to", task=task.name, reason=str(error))
            if getattr(task, "only_here", False):
                raise NotQueued() from error

    def due_between(self, first: datetime, last: datetime) -> list[Any]:
        """Each periodic task once that falls due from the first moment to the last, in order. Moments: UTC, naive.

        Tasks of several rooms have the same name, so a name does not tell them apart.
        """
        waiting, found = self._registry.periodic_tasks, []
        while waiting and first <= last:
            due = [task.validate_datetime(first) for task in waiting]
            found += [task for task, now in zip(waiting, due, strict=True) if now]
            waiting = [task for task, now in zip(waiting, due, strict=True) if not now]
            first += timedelta(minutes=1)
        return found

    _readable = True

    def dequeue(self) -> Any:
        while (data := self._taken()) is not None:
            try:
                return self.deserialize_task(data)
            except NotOurs:
                log.warning("a message in the queue was not signed with PORTAL_SECRET_KEY, and is dropped")
        return None

    def _taken(self) -> Any:
        """The next message; none while the queue's database is away, which the log says only once."""
        try:
            data = self.storage.dequeue()
        except self.storage.errors as error:
            if self._readable:
                log.warning("the queue cannot be read", reason=" ".join(str(error).split()))
            self._readable = False
            return None
        self._readable = True
        return data

    def is_revoked(self, task: Any, timestamp: Any = None, peek: bool = True) -> bool:
        """Never: the portal revokes nothing, so nothing else in the queue's tables is read."""
        return False


class QueueFile(SqliteStorage):
    """The queue in a file beside the database. A damaged file is put aside, and a fresh one begun."""

    errors = (sqlite3.Error, OSError)
    _conn: Any = None
    _inode = 0

    @property
    def conn(self) -> Any:
        # Another process of the portal, or the operator, may have put the file aside since.
        if self._conn is not None and self._inode != _inode(self.filename):
            self._conn.close()
            self._conn = None
        return super().conn

    def _create_connection(self) -> Any:
        opened = super()._create_connection()
        try:
            for statement in self.ddl:
                opened.execute(statement)
        except sqlite3.Error:
            opened.close()
            raise
        self._inode = _inode(self.filename)
        return opened

    @contextlib.contextmanager
    def db(self, commit: bool = False, close: bool = False) -> Iterator[Any]:
        try:
            with super().db(commit, close) as cursor:
                yield cursor
        except sqlite3.DatabaseError as error:
            if _is_damaged(error):
                self._put_aside()
            raise

    def sql(self, *arguments: Any, **options: Any) -> Any:
        try:
            return super().sql(*arguments, **options)
        except sqlite3.DatabaseError as error:
            if not _is_damaged(error):
                raise
            return super().sql(*arguments, **options)

    def _put_aside(self) -> None:
        with self.lock, _alone(f"{self.filename}.lock"):
            if self._conn is not None:
                self._conn.close()
                self._conn = None
            if _is_sound(self.filename):
                return
            kept = f"{self.filename}.damaged-{now():%Y%m%dT%H%M%S%f}"
            for end in ("", "-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    os.replace(self.filename + end, kept + end)
        log.error(
            "the queue's file was damaged, and a fresh one is begun; nothing that was to be done is lost", kept=kept
        )


class QueueTables(PostgresStorage):
    """The queue in tables of the same PostgreSQL, made when they are needed first."""

    made = False

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        import psycopg

        return (psycopg.Error, OSError)

    def _create_connection(self) -> Any:
        opened = self._connect()
        if not self.made:
            for statement in self.ddl:
                opened.execute(statement)
            self.made = True
            atexit.register(self._close_last)
        return opened

    def _close_last(self) -> None:
        """Tell PostgreSQL that this process leaves, rather than leave it a connection that nobody closed."""
        # A daemon thread that waits for an answer holds the lock, and must not hold up the end of the process.
        if self.lock.acquire(timeout=1):
            self.lock.release()
            self.close()


def _inode(path: str) -> int:
    try:
        return os.stat(path).st_ino
    except FileNotFoundError:
        return 0


def _is_damaged(error: sqlite3.DatabaseError) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _is_sound(path: str) -> bool:
    """Whether another process has begun a fresh file already."""
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=5)) as opened:
            return opened.execute("PRAGMA quick_check").fetchone()[0] == "ok"
    except sqlite3.DatabaseError as error:
        return not _is_damaged(error)


@contextlib.contextmanager
def _alone(path: str) -> Iterator[None]:
    """One process at a time."""
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def open_queue(url: str) -> JobQueue:
    """The queue that belongs to the database at `url`. Nothing is opened before it is used."""
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///") + "-queue"
        Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return JobQueue(QueueFile, filename=path, fsync=False)
    return JobQueue(QueueTables, dsn=url)
