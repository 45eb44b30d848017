"""Making copies, and keeping as many as are wanted."""

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from portal import database
from portal.backup import CannotBackUp, postgresql, sqlite_path
from portal.config import settings
from portal.database import now

# What the portal names, and so may remove again.
NAMED_BY_US = re.compile(r"portal-\d{8}T\d{6}Z\.(sqlite3|dump)")
PAGES_AT_ONCE = 2_000


def place_for(target: Path | None) -> Path:
    """The file to write. In a folder, or without a target in the instance folder's `backups`, the moment names it."""
    folder = target or settings().instance_dir / "backups"
    if target is not None and not target.is_dir():
        return target
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"portal-{now():%Y%m%dT%H%M%SZ}.{'sqlite3' if database.is_sqlite() else 'dump'}"


def back_up(target: Path) -> None:
    """Write a copy to `target`, which must not be there yet. Raises CannotBackUp.

    https://www.sqlite.org/backup.html and https://www.postgresql.org/docs/current/app-pgdump.html
    """
    if target.exists():
        raise CannotBackUp(f"{target} is there already.", "Choose another name.")
    partial = target.with_name(target.name + ".partial")
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
        _copy_out(partial)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def _copy_out(partial: Path) -> None:
    if not database.is_sqlite():
        postgresql.dump(partial)
        return
    with closing(sqlite3.connect(sqlite_path())) as source, closing(sqlite3.connect(partial)) as copy:
        source.backup(copy, pages=PAGES_AT_ONCE)
        copy.execute("PRAGMA journal_mode = DELETE")


def remove_all_but(count: int, folder: Path) -> list[Path]:
    """Remove the oldest copies of those that the portal named in this folder; returns which."""
    ours = sorted(path for path in folder.iterdir() if NAMED_BY_US.fullmatch(path.name))
    gone = ours[:-count]
    for path in gone:
        path.unlink()
    return gone
