"""A row in every table: for tests that ask with numbers that belong to others."""

from datetime import timedelta
from typing import Any

from peewee import (
    AutoField,
    BlobField,
    BooleanField,
    DateField,
    DateTimeField,
    FloatField,
    ForeignKeyField,
    IntegerField,
)

from portal.database import BaseModel, database, now

# What a row of its kind cannot be read without.
WORDS = {
    "service": "microsoft-365",
    "service_key": "microsoft-365",
    "language": "en",
    "zone": "UTC",
    "time_zone": "UTC",
}


def fill(number: int, word: str, **known: Any) -> int:
    """One row of this number in each table that has none, about the rows in `known`. Returns how many tables have one.

    word: what each text says. known: name of a table -> number of the row that others refer to.
    """
    tables = set(database.get_tables())
    waiting = [model for model in _models(BaseModel) if model._meta.table_name in tables]
    made = {**known}
    while waiting:
        ready = [model for model in waiting if all(_refers_to(field) in made for field in _needed(model))]
        assert ready, f"these refer to each other: {waiting}"
        for model in ready:
            if model._meta.table_name not in made:
                _row(model, number, word, made)
        made |= {model._meta.table_name: made.get(model._meta.table_name, number) for model in ready}
        waiting = [model for model in waiting if model not in ready]
    return len(made)


def _models(model: type) -> list[Any]:
    return [each for found in model.__subclasses__() for each in (found, *_models(found))]


def _needed(model: Any) -> list[ForeignKeyField]:
    """Those by which it refers to other tables. One that may be empty counts too, unless it is to its own."""
    return [
        field for field in model._meta.sorted_fields if isinstance(field, ForeignKeyField) and field.rel_model != model
    ]


def _refers_to(field: ForeignKeyField) -> str:
    return str(field.rel_model._meta.table_name)


def _row(model: Any, number: int, word: str, made: dict[str, int]) -> None:
    has_number = isinstance(model._meta.primary_key, AutoField)
    if has_number and model.select().where(model._meta.primary_key == number).exists():
        return
    values = {field.name: made[_refers_to(field)] for field in _needed(model)}
    values |= {model._meta.primary_key.name: number} if has_number else {}
    for field in model._meta.sorted_fields:
        if field.name not in values and field.default is None and not field.null:
            values[field.name] = _value(field, number, word)
    model.insert(values).on_conflict_ignore().execute()


def _value(field: Any, number: int, word: str) -> Any:
    kinds: list[tuple[Any, Any]] = [
        (DateTimeField, now() + timedelta(hours=1)), (DateField, now().date()), (BooleanField, True),
        (IntegerField, number), (FloatField, 1.0), (BlobField, b"x"),
    ]  # fmt: skip
    for kind, value in kinds:
        if isinstance(field, kind):
            return value
    return {} if "JSON" in type(field).__name__ else WORDS.get(field.name, f"{word}{number}"[: _length(field)])


def _length(field: Any) -> int:
    return int(getattr(field, "max_length", 255) or 255)
