"""Who a Run is for: people ticked on the Employee List, everybody its filter lets through, or a list of numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import IO, Any

from peewee import Select, chunked
from werkzeug.datastructures import MultiDict

from portal.people import queries, rules
from portal.people.models import Employee
from portal.problems import Problem
from portal.tables import Unreadable, kind_of, raw_lines

MOST_LISTED = 100_000
MOST_TICKED = 1_000
IN_ONE_QUERY = 500
HEADINGS = {"employee number", "number"}


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
    numbers = list(dict.fromkeys(islice(_numbers(stream, name), MOST_LISTED + 2)))
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


def _numbers(stream: IO[bytes], name: str) -> Iterator[str]:
    try:
        for line in raw_lines(stream, kind_of(stream, name), [], knows=lambda cells: 0, most_lines=MOST_LISTED):
            if number := rules.tidy(line.cells[0]):
                yield number[:64]
    except Unreadable as error:
        raise ListUnreadable(error.message, error.next_step) from error
