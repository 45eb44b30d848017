"""Inserts and updates of a row, each shape of which is put together once: see `statements.py`."""

from typing import Any

from peewee import Context, Field, ForeignKeyField, Function, Model, ModelInsert, ModelUpdate, Node

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
