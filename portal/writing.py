"""Inserts, updates and deletions of rows, each shape of which is put together once: see `statements.py`."""

from collections.abc import Sequence
from typing import Any

from peewee import Context, Field, ForeignKeyField, Function, Model, ModelDelete, ModelInsert, ModelUpdate, Node

from portal.statements import NoShape, condition, written_once


class KeptInsert(ModelInsert):
    """The same statement as peewee's own."""

    def __sql__(self, ctx: Context) -> Context:  # type: ignore[override]
        mine: Any = self

        def shape(bound: list[Any]) -> tuple[Any, ...]:
            row = mine._insert
            if not isinstance(row, dict) or mine._columns or mine._on_conflict is not None:
                raise NoShape
            if not mine.model._meta.defaults.keys() <= row.keys():
                raise NoShape
            return _columns(row, bound), tuple(map(id, mine._returning or ()))

        return written_once(self, ctx, super().__sql__, shape)


class KeptUpdate(ModelUpdate):
    """The same statement as peewee's own."""

    def __sql__(self, ctx: Context) -> Context:  # type: ignore[override]
        mine: Any = self

        def shape(bound: list[Any]) -> tuple[Any, ...]:
            if mine._from or mine._order_by or mine._returning or mine._where is None or mine._limit is not None:
                raise NoShape
            return _columns(mine._update, bound), condition(mine.model, mine._where, bound)

        return written_once(self, ctx, super().__sql__, shape)


class KeptDelete(ModelDelete):
    """The same statement as peewee's own."""

    def __sql__(self, ctx: Context) -> Context:  # type: ignore[override]
        mine: Any = self

        def shape(bound: list[Any]) -> tuple[Any, ...]:
            if mine._order_by or mine._returning or mine._where is None or mine._limit is not None:
                raise NoShape
            return (condition(mine.model, mine._where, bound),)

        return written_once(self, ctx, super().__sql__, shape)


def save_each(rows: Sequence[Any], fields: Sequence[Any]) -> None:
    """Save these fields of rows of one model that are there, by one statement that is put together once."""
    if not rows:
        return
    model: Any = type(rows[0])
    first = {field: getattr(rows[0], field.name) for field in fields}
    sql, _ = model.update(first).where(model.id == rows[0].id).sql()
    in_order = sorted(fields, key=lambda field: field._sort_key)
    model._meta.database.cursor().executemany(sql, [_bound(row, in_order) for row in rows])
    for row in rows:
        row._dirty.difference_update(field.name for field in fields)


def _bound(row: Any, fields: Sequence[Any]) -> list[Any]:
    """The values of a row as an update binds them, with its number behind them. Raises NoShape."""
    bound: list[Any] = []
    for field in fields:
        _column(field, getattr(row, field.name), bound)
    return [*bound, row.id]


def _columns(row: dict[Any, Any], bound: list[Any]) -> tuple[tuple[str, str], ...]:
    """Each column, in the order in which peewee writes them, and how its value is written."""
    if not all(isinstance(field, Field) for field in row):
        raise NoShape
    return tuple(_column(field, row[field], bound) for field in sorted(row, key=lambda field: field._sort_key))


def _column(field: Any, value: Any, bound: list[Any]) -> tuple[str, str]:
    if isinstance(value, Node) and not (isinstance(value, Model) and isinstance(field, ForeignKeyField)):
        raise NoShape
    wanted: Any = field.db_value(value)
    if not isinstance(wanted, Node):
        bound.append(wanted)
        return field.name, ""
    if type(wanted) is not Function or wanted.name != "json":
        raise NoShape
    # How SQLite is given JSON.
    bound += wanted.arguments or ()
    return field.name, "json"
