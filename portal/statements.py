"""Statements that are put together once: that takes peewee longer than the database has with most of them.

The first statement of a shape is peewee's own; for the others of this shape only the values are bound. What
has more in it than one model's columns and plain values has no shape here, and is left to peewee.
"""

from collections.abc import Callable
from typing import Any

from peewee import OP, SCOPE_NORMAL, Context, Expression, Field, FieldAlias, ForeignKeyField, Model, Node

# What a statement is made of -> the statement; None where peewee binds other values than we would.
_written: dict[Any, str | None] = {}
_NULLS = (OP.IS, OP.IS_NOT)


class NoShape(Exception):
    """Something of the statement is neither a column nor a plain value."""


def written_once(
    query: Any, ctx: Any, write: Callable[[Context], Context], shape: Callable[[list[Any]], tuple[Any, ...]]
) -> Context:
    """The query in SQL. write: as peewee does. shape: what it is made of; adds the values to what it is given.

    Raises nothing of its own: shape may raise NoShape.
    """
    bound: list[Any] = []
    try:
        if ctx._sql or ctx.stack or ctx.subquery or ctx.parentheses or ctx.scope != SCOPE_NORMAL or query._cte_list:
            # It is, or has, a part of another statement.
            raise NoShape
        key = (type(query), query.model, ctx.state.param, ctx.state.quote, shape(bound))
    except NoShape:
        return write(ctx)
    if key not in _written:
        sql, values = write(ctx.as_new()).query()
        _written[key] = sql if list(map(_plain, values)) == list(map(_plain, bound)) else None
    kept = _written[key]
    if kept is None:
        return write(ctx)
    ctx._values.extend(bound)
    sql_of: Context = ctx.literal(kept)
    return sql_of


def is_column(node: Any, model: Any) -> bool:
    """Whether it is a column of the model itself, and of no alias."""
    return isinstance(node, Field) and not isinstance(node, FieldAlias) and node.model is model


def condition(model: Any, node: Any, bound: list[Any]) -> tuple[Any, ...]:
    """What a condition is made of besides its values, which are added to `bound`. Raises NoShape."""
    if type(node) is not Expression:
        raise NoShape
    made: Any = node
    one, other = made.lhs, made.rhs
    if isinstance(one, Expression):
        return made.op, made.flat, condition(model, one, bound), condition(model, other, bound)
    if not is_column(one, model) or not one._coerce:
        raise NoShape
    if other is None and made.op in _NULLS:
        return made.op, made.flat, one.name, None
    several = isinstance(other, list | tuple | set | frozenset)
    given = other if several else (other,)
    if not given:
        raise NoShape
    bound += [value_of(one, value) for value in given]
    return made.op, made.flat, one.name, len(given) if several else 0


def value_of(field: Any, value: Any) -> Any:
    """The value as the column keeps it; of another row, its number. Raises NoShape for what is no plain value."""
    if isinstance(value, Node) and not (isinstance(value, Model) and isinstance(field, ForeignKeyField)):
        raise NoShape
    kept = field.db_value(value)
    if isinstance(kept, Node):
        raise NoShape
    return kept


def _plain(value: Any) -> Any:
    """A value as it can be compared: psycopg packs JSON up."""
    return getattr(value, "obj", value)
