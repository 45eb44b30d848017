"""Selects whose columns are written once: to list them is most of what peewee does to put a statement together."""

from typing import Any

from peewee import Context, Field, FieldAlias, ModelSelect

# The columns of one model have this many or more; fewer are as quickly written as looked up.
WORTH_KEEPING = 4
# The numbers of columns that are attributes of models, which stay for ever -> the tables that they are of.
_tables: dict[tuple[int, ...], tuple[Any, ...]] = {}
# Those, how names are quoted, and what the tables are called in the statement -> the columns in SQL.
_written: dict[tuple[Any, ...], str] = {}


class KeptSelect(ModelSelect):
    """A select of a model: its statement is the same as peewee's own."""

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
