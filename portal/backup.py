"""A copy of the whole database in one file, made while the portal runs, and putting it back."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from portal import database
from portal.config import settings
from portal.problems import Problem

SQLITE_BEGINS_WITH = b"SQLite format 3\x00"
PAGES_AT_ONCE = 2_000


class CannotBackUp(Problem):
    """The copy cannot be made, or cannot be put back."""


def back_up(target: Path) -> None:
    """Write a copy to `target`, which must not be there yet. Raises CannotBackUp.

    https://www.sqlite.org/backup.html and https://www.postgresql.org/docs/current/app-pgdump.html
    """
    if target.exists():
        raise CannotBackUp(f"{target} is there already.", "Choose another name.")
    partial = target.with_name(target.name + ".partial")
    try:
        _copy_out(partial)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def _copy_out(partial: Path) -> None:
    partial.touch(mode=0o600)
    if not database.is_sqlite():
        _run("pg_dump", "--format=custom", f"--file={partial}", f"--dbname={settings().database}")
        return
    with closing(sqlite3.connect(_sqlite_path())) as source, closing(sqlite3.connect(partial)) as copy:
        source.backup(copy, pages=PAGES_AT_ONCE)
        copy.execute("PRAGMA journal_mode = DELETE")


def restore(source: Path, *, force: bool) -> None:
    """Put the copy in the place of the database. force: also where there is one already. Raises CannotBackUp.

    The portal must not be running. Operations that were under way are looked up at the tenant before they go on.
    """
    if not source.is_file():
        raise CannotBackUp(f"There is no file {source}.")
    if not database.is_sqlite():
        _run("pg_restore", "--exit-on-error", *(["--clean", "--if-exists"] if force else []),
             f"--dbname={settings().database}", str(source))  # fmt: skip
        return
    _check(source)
    path = _sqlite_path()
    if path.exists() and not force:
        raise CannotBackUp(
            f"{path} is there already.", "Stop the portal, then say --force to put the copy in its place."
        )
    fresh = path.with_name(path.name + ".restored")
    shutil.copyfile(source, fresh)
    fresh.chmod(0o600)
    for name in ("-wal", "-shm"):
        path.with_name(path.name + name).unlink(missing_ok=True)
    os.replace(fresh, path)


def _check(source: Path) -> None:
    """Raises CannotBackUp for what is no sound copy of a portal's database."""
    with source.open("rb") as file:
        if file.read(len(SQLITE_BEGINS_WITH)) != SQLITE_BEGINS_WITH:
            raise CannotBackUp(f"{source} is not a copy that `portal backup` made of an SQLite database.")
    try:
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as copy:
            sound = copy.execute("PRAGMA quick_check").fetchone()[0] == "ok"
            tables = copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'organisation'").fetchone()
    except sqlite3.DatabaseError:
        sound, tables = False, None
    if not sound or not tables:
        raise CannotBackUp(f"{source} is damaged, or not a portal's database. Nothing was changed.")


def _sqlite_path() -> Path:
    return Path(settings().database.removeprefix("sqlite:///"))


def _run(program: str, *arguments: str) -> None:
    if shutil.which(program) is None:
        raise CannotBackUp(f"{program} is not on this machine.", "Install PostgreSQL's client programs.")
    ended = subprocess.run([program, *arguments], capture_output=True, text=True)
    if ended.returncode:
        raise CannotBackUp(f"{program}: {ended.stderr.strip().splitlines()[-1] if ended.stderr.strip() else 'failed'}")
