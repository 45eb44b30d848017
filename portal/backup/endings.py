"""Who and what may come in after a restore: no more than just before it.

Read from the database that the copy replaces. Where there is none to ask, tokens wait for an Admin. The tables may be
those of an earlier version, so no models.
"""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal import database
from portal.api_tokens.models import HELD_BY

NOW = "CURRENT_TIMESTAMP"
PAUSED = {"paused_at": NOW}
# Runs a statement that only reads.
Ask = Callable[[str], Iterable[tuple[Any, ...]]]


@dataclass(frozen=True)
class Kind:
    """A table. which: the columns by which a row is the same one in both databases. kept: those that go over from the
    database that is replaced. gone: what is set in a row that it does not have, by name, as SQL; None: it is deleted.
    """

    table: str
    which: tuple[str, ...]
    kept: tuple[str, ...] = ()
    gone: dict[str, str] | None = None


TOKENS = Kind(
    "api_token", ("id", "organisation_id", "key"),
    ("secret_hash", "old_secret_hash", "old_until", "expires_at", "rotated_by", "revoked_at", "revoked_by_name"),
    {"revoked_at": NOW, "revoked_by_name": f"'{HELD_BY}'"},
)  # fmt: skip
KINDS = (
    # One that was deleted since stays as the copy has it.
    Kind(
        "organisation", ("id", "key"),
        ("admins_need_second_factor", "outside_sign_in_required", "sign_in_with", "approval_above"), {},
    ),
    Kind(
        "pending_change", ("id", "organisation_id", "control", "asked_at"),
        ("state", "decided_by_name", "decided_at"),
    ),
    Kind(
        "group_level", ("organisation_id", "service", "tenant_id", "group"),
        ("position", "access_level", "part", "part_value"),
    ),
    Kind("user_source", ("user_id", "kind", "key", "subject"), ("group", "name", "ended_at", "held")),
    Kind(
        "portal_user", ("id", "organisation_id", "created_at"),
        ("enabled", "access_level", "part", "part_value", "break_glass", "password_hash", "encrypted_totp"),
        {"enabled": "FALSE"},
    ),
    Kind("recovery_code", ("user_id", "code_hash"), ("used_at",)),
    Kind("linked_sign_in", ("user_id", "service", "tenant_id", "person_id")),
    TOKENS,
    Kind("scim_client", ("id", "token_id"), ("paused_at", "paused_by_name"), PAUSED),
    Kind(
        "webhook_receiver", ("id", "organisation_id", "made_at"),
        ("encrypted_secret", "encrypted_old_secret", "old_until", "paused_at", "paused_why"), PAUSED,
    ),
    Kind("siem_target", ("id", "organisation_id", "made_at"), ("paused_at", "paused_why"), PAUSED),
    Kind("feed", ("id", "organisation_id", "made_at"), ("paused_at", "paused_by_name"), PAUSED),
    Kind(
        "mailbox", ("id", "user_id", "tenant_id", "person_id"), ("state", "encrypted_cache"),
        {"state": "'off'", "encrypted_cache": "''"},
    ),
)  # fmt: skip
DOORS = "paused_door", ("organisation_id", "door", "paused_at", "by_name")
LIVE = "SELECT organisation_id, service, connected_at, tenant_name FROM connection WHERE disconnected_at IS NULL"


@dataclass
class Standing:
    """What there was before a restore. rows: table -> which -> {column: value}. doors: the ways in that were paused.

    connections: those that were live, as LIVE has them.
    """

    rows: dict[str, dict[tuple[Any, ...], dict[str, Any]]]
    doors: list[tuple[Any, ...]]
    connections: set[tuple[Any, ...]]


def in_file(path: Path) -> Standing | None:
    """What there is in the database in this file; None where there is none, or none that can be read."""
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as present:
            return _standing(present.execute, lambda table: _columns_in(present, table))
    except sqlite3.DatabaseError:
        return None


def in_database() -> Standing | None:
    """The same of the database that is open."""
    return _standing(_ask, _columns_of)


def _standing(ask: Ask, columns: Callable[[str], set[str]]) -> Standing | None:
    if not columns("portal_user"):
        return None
    rows: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}
    for kind in KINDS:
        there = columns(kind.table)
        if there.issuperset(kind.which):
            kept = [name for name in kind.kept if name in there]
            found = ask(f'SELECT {_listed((*kind.which, *kept))} FROM "{kind.table}"')  # noqa: S608
            many = len(kind.which)
            rows[kind.table] = {row[:many]: dict(zip(kept, row[many:], strict=True)) for row in map(tuple, found)}
    table, names = DOORS
    doors = ask(f"SELECT {', '.join(names)} FROM {table}") if columns(table) else ()  # noqa: S608
    return Standing(rows, list(map(tuple, doors)), set(map(tuple, ask(LIVE))))


def hold(before: Standing | None) -> list[str]:
    """In the copy that was put back: let in nobody and nothing that was not let in just before.

    Returns sentences for the operator.
    """
    with database.transaction():
        if before is None:
            return _hold_tokens()
        for kind in KINDS:
            if kind.table in before.rows and _columns_of(kind.table).issuperset(kind.which):
                _take_over(kind, before.rows[kind.table])
        _pause_doors(before.doors)
        return _disconnected(before.connections)


def _hold_tokens() -> list[str]:
    if not _columns_of(TOKENS.table):
        return []
    held = _run(f"UPDATE api_token SET {_sql(TOKENS.gone or {})} WHERE revoked_at IS NULL").rowcount  # noqa: S608
    if not held:
        return []
    words = (
        f"There was no database to ask which tokens were revoked since, so none of the {held} works: an Admin lets on, "
        "under Settings > Integrations, those that should."
    )
    return [words]


def _take_over(kind: Kind, rows: dict[tuple[Any, ...], dict[str, Any]]) -> None:
    """The rows of one table."""
    there, where = _columns_of(kind.table), " AND ".join(f'"{name}" = ?' for name in kind.which)
    found = _ask(f'SELECT {_listed(kind.which)} FROM "{kind.table}"')  # noqa: S608
    for which in list(map(tuple, found)):
        if which not in rows:
            _end(kind, where, which)
            continue
        kept = {name: value for name, value in rows[which].items() if name in there}
        if kept:
            changes = ", ".join(f'"{name}" = ?' for name in kept)
            _run(f'UPDATE "{kind.table}" SET {changes} WHERE {where}', *kept.values(), *which)  # noqa: S608


def _end(kind: Kind, where: str, which: tuple[Any, ...]) -> None:
    """Of a row that there was not any more."""
    if kind.gone is None:
        _run(f'DELETE FROM "{kind.table}" WHERE {where}', *which)  # noqa: S608
    elif kind.gone:
        _run(f'UPDATE "{kind.table}" SET {_sql(kind.gone)} WHERE {where}', *which)  # noqa: S608


def _pause_doors(doors: Iterable[tuple[Any, ...]]) -> None:
    table, names = DOORS
    if not _columns_of(table):
        return
    paused = {tuple(row) for row in _ask(f"SELECT organisation_id, door FROM {table}")}  # noqa: S608
    organisations = {row[0] for row in _ask("SELECT id FROM organisation")}
    for door in doors:
        if door[:2] not in paused and door[0] in organisations:
            _run(f"INSERT INTO {table} ({', '.join(names)}) VALUES (?, ?, ?, ?)", *door)  # noqa: S608


def _disconnected(before: set[tuple[Any, ...]]) -> list[str]:
    """Connections that are live in the copy alone: ending one is more than a column, so people do it."""
    back = sorted({f"{row[3]} ({row[1]})" for row in map(tuple, _ask(LIVE)) if row not in before})
    if not back:
        return []
    words = (
        f"Disconnected since the copy, and connected again by it: {', '.join(back)}. Disconnect before you start the "
        "worker, which would act there."
    )
    return [words]


def _sql(changes: dict[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in changes.items())


def _listed(names: Iterable[str]) -> str:
    """Some of them are words of SQL."""
    return ", ".join(f'"{name}"' for name in names)


def _columns_in(opened: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in opened.execute(f'PRAGMA table_info("{table}")')}


def _columns_of(table: str) -> set[str]:
    """What the copy keeps in the table; nothing where it has none."""
    if table not in database.database.get_tables():
        return set()
    return {column.name for column in database.database.get_columns(table)}


def _ask(query: str) -> list[tuple[Any, ...]]:
    return list(_run(query).fetchall())


def _run(query: str, *values: Any) -> Any:
    return database.database.execute_sql(query.replace("?", "?" if database.is_sqlite() else "%s"), values)
