"""Candidates who were erased after a copy was made: putting the copy back must not bring them back.

Read from the database that the copy replaces. The tables may be those of an earlier version, so no models.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from portal import database
from portal.candidate_care.retention import AT_ONCE

# Which row it is: an organisation that was deleted may have left its numbers to others.
Erased = tuple[int, int, Any]
LIST = "SELECT id, organisation_id, created_at FROM candidate WHERE erased_at IS NOT NULL"
# A record that is a part of a living candidate's is empty, and was not erased.
LIVING = f"{LIST} AND id NOT IN (SELECT former_id FROM merged_candidate)"  # noqa: S608
MINE = "SELECT id FROM application WHERE candidate_id = ?"
THEIRS = ("candidate_address", "note", "candidate_mail", "own_link", "stored_file")


def in_file(path: Path) -> list[Erased]:
    """The people whom the database in this file has erased; nobody where there is none, or none that can be read."""
    if not path.exists():
        return []
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as present:
            there = {name for (name,) in present.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            return list(present.execute(_listing(there)))
    except sqlite3.DatabaseError:
        return []


def in_database() -> list[Erased]:
    """The same of the database that is open."""
    there = set(database.database.get_tables())
    is_portal = {"candidate", "organisation"} <= there
    return list(database.database.execute_sql(_listing(there)).fetchall()) if is_portal else []


def _listing(tables: set[str]) -> str:
    return LIVING if "merged_candidate" in tables else LIST


def erase_again(erased: Iterable[Erased]) -> None:
    """In the copy that was put back: take away their names and what they sent; the worker does the rest at once."""
    tables = set(database.database.get_tables())
    if "candidate" not in tables:
        return
    with database.transaction():
        for row_id in _still_there(erased):
            _run("UPDATE candidate SET first_name = '', last_name = '', phone = '', search_text = '', erase_on = ?"
                 " WHERE id = ?", str(AT_ONCE), row_id)  # fmt: skip
            _run("UPDATE application SET reason = '' WHERE candidate_id = ?", row_id)
            if "answers" in _columns_of("stage_move"):
                _run(f"UPDATE stage_move SET answers = NULL WHERE application_id IN ({MINE})", row_id)  # noqa: S608
            if "answers" in _columns_of("application"):
                _run("UPDATE application SET answers = '[]' WHERE candidate_id = ?", row_id)
            if "interview" in tables:
                # The invitations and the feedback go with it.
                _run(f"DELETE FROM interview WHERE application_id IN ({MINE})", row_id)  # noqa: S608
            for table in THEIRS:
                if table in tables:
                    _run(f"DELETE FROM {table} WHERE candidate_id = ?", row_id)  # noqa: S608


def _columns_of(table: str) -> set[str]:
    """What the copy keeps in the table, which need not be what this version does."""
    return {column.name for column in database.database.get_columns(table)}


def _still_there(erased: Iterable[Erased]) -> Iterator[int]:
    """The numbers of those that the copy has as people."""
    for row in erased:
        same = "id = ? AND organisation_id = ? AND created_at = ?"
        if _run(f"SELECT 1 FROM candidate WHERE {same} AND erased_at IS NULL", *row).fetchone():  # noqa: S608
            yield row[0]


def _run(query: str, *values: Any) -> Any:
    return database.database.execute_sql(query.replace("?", "?" if database.is_sqlite() else "%s"), values)
