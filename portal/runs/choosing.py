"""Who a Run is for: people ticked on the Employee List, everybody its filter lets through, or a list of numbers."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import IO, Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from peewee import Select, chunked
from werkzeug.datastructures import MultiDict

from portal.people import queries
from portal.people.models import Employee
from portal.problems import Problem

MOST_LISTED = 100_000
MOST_TICKED = 1_000
XLSX_BEGINS_WITH = b"PK"


class ListUnreadable(Problem):
    """This list cannot be read."""

    status = 422
    next_step = "Use a CSV or XLSX file whose first column has the employee numbers."


@dataclass(frozen=True)
class Chosen:
    """employees: a select of them. source: how they were chosen, for people. unknown: numbers that nobody has."""

    employees: Select
    source: str
    unknown: tuple[str, ...] = ()


def by_form(visible: Any, values: MultiDict, *, today: date) -> Chosen:
    """Those ticked (`employee`), or with `everybody` all whom the filter of the list lets through."""
    if "everybody" in values:
        chosen = queries.Filter.read(values)
        found = queries.matching(visible, chosen, today=today)
        words = ", ".join(chosen.values().values())
        return Chosen(found, f"Everybody on the Employee List ({words})" if words else "Everybody on the Employee List")
    ids = [int(text) for text in values.getlist("employee") if text.isascii() and text.isdigit() and len(text) < 10]
    return Chosen(visible.where(Employee.id.in_(ids[:MOST_TICKED])), "Ticked on the Employee List")


def by_file(visible: Any, stream: IO[bytes], name: str) -> Chosen:
    """Those whose employee numbers are in the first column of the file. Raises ListUnreadable."""
    numbers = list(dict.fromkeys(_numbers(stream)))
    if len(numbers) > MOST_LISTED:
        raise ListUnreadable(f"The list has more than {MOST_LISTED:,} lines.", "Split it up.")
    ids: dict[str, int] = {}
    for some in chunked(numbers, 500):
        rows = visible.select(Employee.employee_number, Employee.id).where(Employee.employee_number.in_(list(some)))
        ids.update(rows.tuples())
    unknown = tuple(number for number in numbers if number not in ids)
    if unknown and unknown[0].casefold().replace("_", " ") == "employee number":
        unknown = unknown[1:]
    return Chosen(_with_ids(visible, list(ids.values())), f"List {name}", unknown)


def _with_ids(visible: Any, ids: list[int]) -> Any:
    """However many they are, no more values go into one statement than any database takes."""
    if not ids:
        return visible.where(Employee.id.in_([]))
    return visible.where(Employee.id.in_(ids)) if len(ids) <= 30_000 else _in_portions(visible, ids)


def _in_portions(visible: Any, ids: list[int]) -> Any:
    found = None
    for some in chunked(ids, 30_000):
        part = Employee.id.in_(list(some))
        found = part if found is None else found | part
    return visible.where(found)


def _numbers(stream: IO[bytes]) -> Iterator[str]:
    beginning = stream.read(2)
    stream.seek(0)
    rows = _sheet(stream) if beginning == XLSX_BEGINS_WITH else _lines(stream)
    for cells in rows:
        number = str(cells[0]).strip() if cells and cells[0] is not None else ""
        if number:
            yield number[:64]


def _sheet(stream: IO[bytes]) -> Iterator[tuple[Any, ...]]:
    try:
        book = load_workbook(stream, read_only=True, data_only=True)
        yield from book.worksheets[0].iter_rows(max_col=1, max_row=MOST_LISTED + 2, values_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, IndexError) as error:
        raise ListUnreadable() from error


def _lines(stream: IO[bytes]) -> Iterator[list[str]]:
    try:
        text = stream.read().decode("utf-8-sig")
        separator = ";" if ";" in text.partition("\n")[0] else ","
        yield from csv.reader(io.StringIO(text), delimiter=separator)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ListUnreadable() from error
