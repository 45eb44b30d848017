"""Putting a copy in the place of the database. What had ended since the copy was made does not come back."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from portal import database, presence
from portal.backup import CannotBackUp, endings, erased, postgresql, sqlite_path

BEGINS_WITH = b"SQLite format 3\x00"
IS_THERE = "There is a portal's database already at {}."
FORCE = "Stop the portal, then say --force to put the copy in its place."
# The holder of one of these may have been signed out, or refused, after the copy was made.
ENDED = ("session", "half_sign_in", "outside_sign_in", "connect_attempt", "password_reset", "invitation")
REVOKED = "The portal was restored from a backup, so the link stopped working. Resend sends a new one."


def restore(source: Path, *, force: bool) -> list[str]:
    """Put the copy in the place of the database. force: also where there is one already.

    All sign-ins and mailed links in the copy end. Returns sentences about what else somebody has to look at.
    Raises CannotBackUp, and InUse while the portal runs anywhere.
    """
    if not source.is_file():
        raise CannotBackUp(f"There is no file {source}.")
    with presence.alone():
        return (_into_file if database.is_sqlite() else _into_postgresql)(source, force)


def _into_file(source: Path, force: bool) -> list[str]:
    check(source)
    path = sqlite_path()
    if path.exists() and not force:
        raise CannotBackUp(IS_THERE.format(path), FORCE)
    gone, before = erased.in_file(path), endings.in_file(path)
    fresh = path.with_name(path.name + ".restored")
    try:
        os.close(os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
        shutil.copyfile(source, fresh)
        database.initialise(f"sqlite:///{fresh}")
        with database.connection():
            end_what_was_open()
            said = endings.hold(before)
            erased.erase_again(gone)
            database.database.execute_sql("PRAGMA journal_mode = DELETE")
        # The queue belongs to what was there before.
        for name in ("-wal", "-shm", "-queue", "-queue-wal", "-queue-shm"):
            path.with_name(path.name + name).unlink(missing_ok=True)
        os.replace(fresh, path)
        return said
    finally:
        for left in path.parent.glob(f"{fresh.name}*"):
            left.unlink()


def _into_postgresql(source: Path, force: bool) -> list[str]:
    from portal.config import settings

    postgresql.check(source)
    if postgresql.is_filled() and not force:
        raise CannotBackUp(IS_THERE.format(database.database.database), FORCE)
    with database.connection():
        gone, before = erased.in_database(), endings.in_database()
    postgresql.load(source, settings().database)
    with database.connection():
        end_what_was_open()
        said = endings.hold(before)
        erased.erase_again(gone)
    return said


def check(source: Path) -> None:
    """Raises CannotBackUp for what is no sound copy of a portal's SQLite database."""
    with source.open("rb") as file:
        if file.read(len(BEGINS_WITH)) != BEGINS_WITH:
            raise CannotBackUp(f"{source} is not a copy that `portal backup` made of an SQLite database.")
    try:
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as copy:
            sound = copy.execute("PRAGMA quick_check").fetchone()[0] == "ok"
            tables = copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'organisation'").fetchone()
    except sqlite3.DatabaseError:
        sound, tables = False, None
    if not sound or not tables:
        raise CannotBackUp(f"{source} is damaged, or not a portal's database. Nothing was changed.")


def end_what_was_open() -> None:
    """End every sign-in, invitation and mailed link. The tables may be those of an earlier version, so no models."""
    tables = set(database.database.get_tables())
    with database.transaction():
        for table in ENDED:
            if table in tables:
                database.database.execute_sql(f'DELETE FROM "{table}"')  # noqa: S608
        columns = (
            {column.name for column in database.database.get_columns("login_mail")} if "login_mail" in tables else ()
        )
        if "link_hash" in columns:
            kept, mark = "encrypted" if "encrypted_link" in columns else "sealed", "?" if database.is_sqlite() else "%s"
            changes = f"state = 'cancelled', problem = {mark}, {kept}_password = ''"
            query = f"UPDATE login_mail SET {changes} WHERE state = 'to open'"  # noqa: S608
            database.database.execute_sql(query, (REVOKED,))
            database.database.execute_sql(f"UPDATE login_mail SET link_hash = '', {kept}_link = ''")  # noqa: S608
