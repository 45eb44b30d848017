"""Selects of which as much as possible is put together once: of one model all of it, of others their columns."""

from typing import Any

from peewee import SQL, Context, Field, FieldAlias, ModelSelect, Ordering

from portal.statements import NoShape, condition, is_column, written_once

# The columns of one model have this many or more; fewer are as quickly written as looked up.
WORTH_KEEPING = 4
# The numbers of columns that are attributes of models, which stay for ever -> the tables that they are of.
_tables: dict[tuple[int, ...], tuple[Any, ...]] = {}
# Those, how names are quoted, and what the tables are called in the statement -> the columns in SQL.
_written: dict[tuple[Any, ...], str] = {}
# What of a select has no shape that is kept.
_MORE = ("_group_by", "_having", "_windows", "_for_update", "_lateral", "_simple_distinct", "_distinct", "_alias")
ONE = SQL("1")


class KeptSelect(ModelSelect):
    """A select of a model: its statement is the same as peewee's own."""

    def __sql__(self, ctx: Context) -> Context:  # type: ignore[override]
        return written_once(self, ctx, super().__sql__, self._shape)

    def exists(self, database: Any = None) -> bool:
        """Whether there is any row."""
        mine: Any = self
        if mine._limit is not None or any(getattr(mine, part) for part in _MORE):
            return bool(super().exists(database) if database else super().exists())
        return mine.select(ONE).order_by().limit(1).tuples().scalar() is not None

    def _shape(self, bound: list[Any]) -> tuple[Any, ...]:
        """What it is made of besides its values, which are added to `bound`. Raises NoShape for more than one model."""
        mine: Any = self
        model, columns = mine.model, mine._returning
        others = mine._joins or any(source is not model for source in mine._from_list)
        if others or any(getattr(mine, part) for part in _MORE):
            raise NoShape
        if not all(column is ONE or is_column(column, model) for column in columns):
            raise NoShape
        where = None if mine._where is None else condition(model, mine._where, bound)
        order = tuple(_order(model, node) for node in mine._order_by or ())
        window = [most for most in (mine._limit, mine._offset) if most is not None]
        if not all(type(most) is int for most in window) or (mine._limit is None and window):
            raise NoShape
        bound += window
        return tuple(map(id, columns)), where, order, mine._limit is None, mine._offset is None

    def __sql_selection__(self, ctx: Context, is_subquery: bool = False) -> Context:
        columns = self._returning  # type: ignore[attr-defined]
        tables = None if is_subquery else _tables_of(columns)
        if tables is None:
            written: Context = super().__sql_selection__(ctx, is_subquery)
            return written
        # To ask for an alias gives one, in the order in which peewee would.
        aliases = tuple(ctx.alias_manager[table] for table in tables)
        quote = ctx.state.quote or '""'
        key = (tuple(map(id, columns)), quote, *aliases)
        if key not in _written:
            called = dict(zip(map(id, tables), aliases, strict=True))
            _written[key] = ", ".join(
                f"{quote[0]}{called[id(column.model._meta.table)]}{quote[-1]}.{quote[0]}{column.column_name}{quote[-1]}"
                for column in columns
            )
        return ctx.literal(_written[key])


def _order(model: Any, node: Any) -> tuple[Any, ...]:
    """By what rows are sorted. Raises NoShape."""
    column, direction, nulls = node, "", None
    if type(node) is Ordering:
        made: Any = node
        column, direction, nulls = made.node, made.direction, made.nulls
        if made.collation:
            raise NoShape
    if not is_column(column, model):
        raise NoShape
    return column.name, direction, nulls


def _tables_of(columns: Any) -> tuple[Any, ...] | None:
    """The tables, in the order of the columns; None when these are not all attributes of models."""
    key = tuple(map(id, columns))
    if key not in _tables:
        if len(columns) < WORTH_KEEPING or not all(_is_kept(column) for column in columns):
            return None
        _tables[key] = tuple(dict.fromkeys(column.model._meta.table for column in columns))
    return _tables[key]


def _is_kept(column: Any) -> bool:
    """Whether it is an attribute of a model. What is made for one statement has a number that another gets later."""
    return isinstance(column, Field) and not isinstance(column, FieldAlias) and type(column).__sql__ is Field.__sql__
