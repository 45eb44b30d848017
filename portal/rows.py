"""Writes of one row whose statements are kept: only the values are put together at each of them.

A statement is peewee's own, made at the first write of these columns. What has an expression among its values is left
to peewee.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from peewee import (
    AutoField,
    BooleanField,
    CharField,
    ForeignKeyField,
    Function,
    IntegerField,
    Model,
    Node,
    TextField,
)


class _Statement(NamedTuple):
    """fields: in the order in which their values are bound. sql: None where peewee binds something else."""

    sql: str | None
    fields: tuple[Any, ...]


_kept: dict[Any, _Statement] = {}
# Kinds of columns, and the kind of value that each keeps as it is: most of them are.
_AS_IT_IS: dict[type[Any], type[Any]] = {
    AutoField: int, BooleanField: bool, CharField: str, ForeignKeyField: int, IntegerField: int, TextField: str,
}  # fmt: skip


def saved(database: Any, row: Any, names: Sequence[str] | None, *, insert: bool) -> int:
    """Insert the row, or update these of its columns; how many rows were written. 0 leaves it to peewee."""
    known = row.__data__
    if row.id is None and not names:
        return _inserted(database, row, {name: value for name, value in known.items() if name != "id"})
    if row.id is None or insert or not names:
        return 0
    return _updated(database, row, {name: known[name] for name in names if name in known})


def _inserted(database: Any, row: Any, values: dict[str, Any]) -> int:
    model, returns = type(row), database.returning_clause
    # Where a related row has been saved since it was given, peewee looks for its number.
    late = any(values.get(name) is None and related is not None for name, related in row.__rel__.items())
    if late or not {field.name for field in model._meta.defaults} <= values.keys():
        return 0

    def query() -> Any:
        made = model.insert(values)
        made._returning = made._pk_returning() if returns else None
        return made

    cursor = written(database, "insert", model, values, (), query)
    if cursor is None:
        return 0
    row._pk = cursor.fetchone()[0] if returns else cursor.lastrowid
    row._dirty.clear()
    return 1


def _updated(database: Any, row: Any, values: dict[str, Any]) -> int:
    model = type(row)
    if not values or any(values[name] is None and row.__rel__.get(name) is not None for name in values):
        return 0
    cursor = written(
        database, "update", model, values, (row.id,), lambda: model.update(values).where(model.id == row.id)
    )
    if cursor is None:
        return 0
    row._dirty -= values.keys()
    return int(cursor.rowcount)


def written(
    database: Any, what: Any, model: Any, values: Mapping[str, Any], more: Sequence[Any], query: Callable[[], Any]
) -> Any:
    """The cursor of a write; None for one that has to be left to peewee.

    what: the write, besides the model and its columns. values: by the names of the fields. more: what else is bound,
    behind the values. query: the same write, as peewee puts it together.
    """
    # JSON is written in another way than the lack of it.
    key = (database.param, what, model, *values, *(name for name, value in values.items() if value is None))
    statement = _kept.get(key)
    if statement is None:
        statement = _kept[key] = _made(database, model, values, more, query)
    if statement.sql is None:
        return None
    bound = _bound(statement.fields, values)
    return None if bound is None else database.execute_sql(statement.sql, [*bound, *more])


def _bound(fields: Sequence[Any], values: Mapping[str, Any]) -> list[Any] | None:
    """The values as the columns keep them; None when one is an expression."""
    bound = []
    for field in fields:
        value = values[field.name]
        if type(value) is _AS_IT_IS.get(type(field)):
            bound.append(value)
            continue
        if isinstance(value, Node) and not isinstance(value, Model):
            return None
        value = field.db_value(value)
        if isinstance(value, Node):
            if type(value) is not Function or value.name != "json":
                return None
            # How SQLite is given JSON.
            value = value.arguments[0]  # type: ignore[index]
        bound.append(value)
    return bound


def _made(
    database: Any, model: Any, values: Mapping[str, Any], more: Sequence[Any], query: Callable[[], Any]
) -> _Statement:
    fields = tuple(sorted((model._meta.fields[name] for name in values), key=lambda field: field._sort_key))
    bound = _bound(fields, values)
    sql, theirs = database.get_sql_context().sql(query()).query()
    same = bound is not None and [_plain(value) for value in theirs] == [_plain(value) for value in (*bound, *more)]
    return _Statement(sql if same else None, fields)


def _plain(value: Any) -> Any:
    """A value as it can be compared: psycopg packs JSON up."""
    return getattr(value, "obj", value)
