"""Statements that are put together once: to build one with peewee takes longer than the database needs to answer it.

    @kept
    def starting(organisation: Any, *, day: Any) -> Any:
        return Employee.select().where(Employee.start_date == day)

    starting.rows(day=today)

The function says with the models what is asked, as any query does. It is called once for each set of arguments given by
position, which shape the statement. What is given by name is a value: its place is kept and it is bound at each call.
"""

import json
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any, Generic, NamedTuple, ParamSpec

from peewee import (
    SQL,
    AutoField,
    BaseModelCursorWrapper,
    CharField,
    Context,
    DateField,
    FieldAlias,
    ForeignKeyField,
    IntegerField,
    ModelCursorWrapper,
    ModelObjectCursorWrapper,
    ModelTupleCursorWrapper,
    Node,
    NodeList,
    Select,
    TextField,
    fn,
)

from portal.database import database, is_sqlite

Arguments = ParamSpec("Arguments")
# How many of a statement's latest rows are kept as what was made of them.
MOST = 2_000
# What the database gives is what the attribute holds.
_AS_THEY_ARE = (AutoField, IntegerField, CharField, TextField, ForeignKeyField)


class _Place(NamedTuple):
    """Where a value is bound. which: of several of that name. convert: as its column wants it."""

    name: str
    which: int | None
    convert: Callable[[Any], Any] | None


class Given(Node):
    """Stands for a value in the query from which the statement is made."""

    def __init__(self, name: str, index: int | None = None):
        self.name, self.index = name, index

    def __sql__(self, ctx: Context) -> Context:
        ctx._values.append(_Place(self.name, self.index, ctx.state.converter))  # type: ignore[attr-defined]
        return ctx.literal(ctx.state.param or "?")


class Several(list[Any]):
    """Values that are bound together as one, for `one_of`: however many there are, the statement is the same."""


def one_of(column: Any, values: Any) -> Any:
    """The condition that the column is one of several. values: stands for a `Several`."""
    if is_sqlite():
        return column.in_(NodeList((SQL("(SELECT value FROM json_each("), _AsItIs(values, json.dumps), SQL("))"))))
    return column == fn.ANY(_AsItIs(values))


def as_text(column: Any) -> Any:
    """A column of JSON as it is written, which the caller reads."""
    return column.cast("TEXT")


def each_value(query: Any, column: Any) -> Any:
    """What is in the column, in a table expression with one column, `name`; None is its last row.

    Each value is looked up in the index after the one before it, where DISTINCT would read all of them.
    """
    first = query.select(fn.MIN(column)).where(column > "")
    named = first.cte(f"every_{column.name}", recursive=True, columns=("name",))
    following = query.select(fn.MIN(column)).where(column > named.c.name)
    return named.union_all(Select([named], [following]).where(named.c.name.is_null(False)))


class _AsItIs(Node):
    """A value, or what stands for one, that is not made fit for the column that it is compared with."""

    def __init__(self, value: Any, convert: Callable[[Any], Any] | None = None):
        self._value, self._convert = value, convert

    def __sql__(self, ctx: Context) -> Context:
        if isinstance(self._value, Given):
            with ctx(converter=self._convert):
                return ctx.sql(self._value)
        value = self._convert(self._value) if self._convert else self._value
        return ctx.value(value, converter=False)


class _Statement(NamedTuple):
    sql: str
    places: list[Any]
    read: "_Reading"


class Kept(Generic[Arguments]):
    """A query whose statement is kept, with how its rows are read."""

    def __init__(self, build: Callable[Arguments, Any]):
        self._build, self._made = build, {}  # type: ignore[var-annotated]
        self.__doc__ = build.__doc__

    def rows(self, *shape: Any, **values: Any) -> list[Any]:
        """All rows: objects of the model, or tuples where the query says so."""
        statement, cursor = self._asked(shape, values)
        return statement.read.rows(cursor)

    def made(self, make: Callable[..., Any], *shape: Any, **values: Any) -> list[Any]:
        """What `make` makes of the columns of each row: once for all rows that are alike.

        It goes by the columns alone, and what it makes does not change: a named tuple, say. A column of JSON is asked
        for with `as_text`.
        """
        statement, cursor = self._asked(shape, values)
        return statement.read.made(cursor, make)

    def first(self, *shape: Any, **values: Any) -> Any:
        """The first row, or None. The query itself says that it wants no more."""
        found = self.rows(*shape, **values)
        return found[0] if found else None

    def _asked(self, shape: tuple[Any, ...], values: dict[str, Any]) -> tuple[_Statement, Any]:
        """The statement, and the cursor of its rows."""
        several = tuple(len(value) for value in values.values() if type(value) is list)
        key = (database.param, shape, several)
        statement = self._made.get(key)
        if statement is None:
            statement = self._made[key] = self._statement(shape, values)
        bound = [_bound(place, values) if type(place) is _Place else place for place in statement.places]
        return statement, database.execute_sql(statement.sql, bound)

    def exists(self, *shape: Any, **values: Any) -> bool:
        """Whether there is any row. The query itself says that it wants no more than one, and nothing of it."""
        return bool(self.rows(*shape, **values))

    def _statement(self, shape: tuple[Any, ...], values: dict[str, Any]) -> _Statement:
        given = {
            name: [Given(name, index) for index in range(len(value))] if type(value) is list else Given(name)
            for name, value in values.items()
        }
        query: Any = self._build(*shape, **given)  # type: ignore[arg-type]
        # Not every kind of query knows its database.
        sql, places = database.get_sql_context().sql(query).query()
        return _Statement(sql, list(places), _Reading(query))


def kept(build: Callable[Arguments, Any]) -> Kept[Arguments]:
    return Kept(build)


def _bound(place: _Place, values: dict[str, Any]) -> Any:
    value = values[place.name]
    if place.which is not None:
        value = value[place.which]
    return value if place.convert is None else place.convert(value)


class _Reading:
    """How the rows of one statement become what its query selects: worked out by peewee at the first row."""

    def __init__(self, query: Any):
        self._query = query
        self._read: Callable[[Any], Any] | None = None
        self._makers: dict[Callable[..., Any], Callable[[Any], Any]] = {}

    def rows(self, cursor: Any) -> list[Any]:
        found: list[Any] = cursor.fetchall()
        if not found:
            return found
        return list(map(self._reader(cursor), found))

    def made(self, cursor: Any, make: Callable[..., Any]) -> list[Any]:
        found: list[Any] = cursor.fetchall()
        if found and make not in self._makers:
            read = self._reader(cursor)
            self._makers[make] = lru_cache(maxsize=MOST)(lambda row: make(*read(row)))
        return list(map(self._makers[make], found)) if found else found

    def _reader(self, cursor: Any) -> Callable[[Any], Any]:
        if self._read is None:
            self._read = _reader(self._query._get_cursor_wrapper(cursor))
        return self._read


def _reader(wrapper: Any) -> Callable[[Any], Any]:
    """How a row is read. wrapper: peewee's own, which knows what each column is."""
    wrapper.initialize()
    wrapper.initialized = True
    wrapper.cursor = None
    if isinstance(wrapper, BaseModelCursorWrapper):
        wrapper.converters = [
            convert if field is None or convert is None else _converter(field)
            for field, convert in zip(wrapper.fields, wrapper.converters, strict=True)
        ]
    if isinstance(wrapper, ModelTupleCursorWrapper) and not any(wrapper.converters):
        return tuple
    if isinstance(wrapper, ModelObjectCursorWrapper) and wrapper.is_model and all(wrapper.fields):
        return _of_one_model(wrapper)
    of_models = getattr(wrapper, "_constructor_list", ())
    if isinstance(wrapper, ModelCursorWrapper) and all(wrapper.fields) and all(is_model for *_, is_model in of_models):
        return _of_joined_models(wrapper)
    process: Callable[[Any], Any] = wrapper.process_row
    return process


def _new(model: Any, data: dict[str, Any]) -> Any:
    """An object of the model as one that was read."""
    found = model.__new__(model)
    found.__data__, found.__rel__, found._dirty = data, {}, set()
    return found


def _of_one_model(wrapper: Any) -> Callable[[Any], Any]:
    model, names = wrapper.constructor, [field.name for field in wrapper.fields]
    converted = [
        (name, convert) for name, convert in zip(names, wrapper.converters, strict=True) if convert is not None
    ]

    def read(row: Any) -> Any:
        data = dict(zip(names, row))  # noqa: B905
        for name, convert in converted:
            data[name] = convert(data[name])
        return _new(model, data)

    return read


def _of_joined_models(wrapper: Any) -> Callable[[Any], Any]:
    columns: dict[Any, list[tuple[int, str, Any]]] = {key: [] for key, *_ in wrapper._constructor_list}
    for index, (key, field, convert) in enumerate(
        zip(wrapper.column_keys, wrapper.fields, wrapper.converters, strict=True)
    ):
        columns[key].append((index, field.name, convert))
    parts = [(key, model, columns[key]) for key, model, _ in wrapper._constructor_list]

    def read(row: Any) -> Any:
        objects, there = {}, set()
        for key, model, own in parts:
            data = {name: row[index] if convert is None else convert(row[index]) for index, name, convert in own}
            objects[key] = _new(model, data)
            if any(value is not None for value in data.values()):
                there.add(key)
        for source, attribute, key, _, is_outer, is_foreign_key in wrapper.src_to_dest:
            _attach(objects, there, source, attribute, key, wrapper, is_outer=is_outer, is_foreign_key=is_foreign_key)
        return objects[wrapper.model]

    return read


def _attach(
    objects: Any,
    there: Any,
    source: Any,
    attribute: str,
    key: Any,
    wrapper: Any,
    *,
    is_outer: bool,
    is_foreign_key: bool,
) -> None:
    """Give the object what was joined to it, as peewee does; nothing where the join found nothing."""
    joined = objects[key]
    if key not in there and not wrapper._dest_reachable.get(key, frozenset()) & there:
        if not is_outer or source not in there:
            return
        joined = None
    if is_foreign_key:
        objects[source].__rel__[attribute] = joined
    else:
        setattr(objects[source], attribute, joined)


def _converter(field: Any) -> Callable[[Any], Any] | None:
    """The same value as the field's own python_value, found without trying one format after the other."""
    field = getattr(field, "field", field) if isinstance(field, FieldAlias) else field
    if type(field) in _AS_THEY_ARE:
        return None
    if type(field) is DateField:
        return _date
    own: Callable[[Any], Any] = field.python_value
    return own


def _date(value: Any) -> Any:
    return date.fromisoformat(value) if type(value) is str else value
