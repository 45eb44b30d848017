"""Who a Run is for: people ticked on the Employee List, everybody its filter lets through, or a list of numbers."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from peewee import Select, chunked
from werkzeug.datastructures import MultiDict

from portal.people import queries
from portal.people.models import Employee
from portal.problems import Problem

MOST_LISTED = 100_000
MOST_TICKED = 1_000
IN_ONE_QUERY = 500
HEADINGS = {"employee number", "number"}
# A workbook is compressed: this is how large it may be when it is not.
LARGEST_WORKBOOK = 256 * 1024 * 1024
XLSX_BEGINS_WITH = b"PK"


class ListUnreadable(Problem):
    """This list cannot be read."""

    status = 422
    next_step = "Use a CSV or XLSX file whose first column has the employee numbers."


@dataclass(frozen=True)
class Chosen:
    """employees: selects of them. source: how they were chosen, for people. unknown: numbers that nobody has."""

    employees: tuple[Select, ...]
    source: str
    unknown: tuple[str, ...] = ()

    def count(self) -> int:
        return sum(some.count() for some in self.employees)


def by_form(visible: Any, values: MultiDict, *, today: date) -> Chosen:
    """Those ticked (`employee`), or with `everybody` all whom the filter of the list lets through."""
    if "everybody" in values:
        chosen = queries.Filter.read(values)
        found = queries.matching(visible, chosen, today=today)
        words = ", ".join(chosen.values().values())
        return Chosen(
            (found,), f"Everybody on the Employee List ({words})" if words else "Everybody on the Employee List"
        )
    ids = [int(text) for text in values.getlist("employee") if text.isascii() and text.isdigit() and len(text) < 10]
    return Chosen((visible.where(Employee.id.in_(ids[:MOST_TICKED])),), "Ticked on the Employee List")


def by_file(visible: Any, stream: IO[bytes], name: str) -> Chosen:
    """Those whose employee numbers are in the first column of the file. Raises ListUnreadable."""
    numbers = list(dict.fromkeys(islice(_numbers(stream), MOST_LISTED + 2)))
    if numbers and numbers[0].casefold().replace("_", " ") in HEADINGS:
        del numbers[0]
    if len(numbers) > MOST_LISTED:
        raise ListUnreadable(f"The list has more than {MOST_LISTED:,} lines.", "Split it up.")
    found: dict[str, tuple[str, int]] = {}
    for some in chunked(numbers, IN_ONE_QUERY):
        rows = visible.select(Employee.employee_number, Employee.sort_name, Employee.id)
        found.update({number: rest for number, *rest in rows.where(Employee.employee_number.in_(some)).tuples()})
    ids = [employee_id for _, employee_id in sorted(found.values())]
    portions = tuple(visible.where(Employee.id.in_(list(some))) for some in chunked(ids, IN_ONE_QUERY))
    return Chosen(portions, f"List {name}", tuple(number for number in numbers if number not in found))


def _numbers(stream: IO[bytes]) -> Iterator[str]:
    beginning = stream.read(2)
    stream.seek(0)
    rows = _sheet(stream) if beginning == XLSX_BEGINS_WITH else _lines(stream)
    for cells in rows:
        number = _text(cells[0]) if cells else ""
        if number:
            yield number[:64]


def _text(cell: Any) -> str:
    """A number that a spreadsheet keeps as 1001.0 was typed as 1001."""
    whole = isinstance(cell, float) and cell.is_integer()
    return "" if cell is None else str(int(cell) if whole else cell).strip()


def _sheet(stream: IO[bytes]) -> Iterator[tuple[Any, ...]]:
    try:
        with ZipFile(stream) as parts:
            if sum(part.file_size for part in parts.infolist()) > LARGEST_WORKBOOK:
                raise ListUnreadable("The workbook is too large.", "Save the column of numbers as a file of its own.")
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
