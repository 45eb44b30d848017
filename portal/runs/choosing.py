"""Who a Run is for: people ticked on the Employee List, all whom its filters let through, those of a Run, or a list."""

import io
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from typing import IO, Any

from peewee import SQL, Select, chunked
from werkzeug.datastructures import MultiDict

from portal import audit, params
from portal.columns.headings import NUMBER, recognise
from portal.database import transaction
from portal.employee_list.filtering import Filter, matching
from portal.import_plans.cells import WITH_POINT, in_ascii
from portal.languages import gettext as _
from portal.languages import joined
from portal.people import rules
from portal.people.models import Employee
from portal.problems import Problem
from portal.runs.models import LineState, Run, RunLine, RunList
from portal.tables import Line, TooMuch, Unreadable, kind_of, raw_lines

MOST_LISTED, LARGEST = 100_000, 8 * 1024 * 1024
# Of a list that is read while a person waits: bytes, lines, seconds of the processor. A longer one is for the worker.
SHORT_BYTES, SHORT_LINES, SHORT_SECONDS = 256 * 1024, 5_000, 0.25
# And only one of them at a time, so that many never hold all threads of a web process.
one_at_a_time = threading.BoundedSemaphore(1)
MOST_TICKED = 1_000
IN_ONE_QUERY = 500
# Whom of an earlier Run: how the address says it -> their state there, and the words.
OF = {"done": (LineState.DONE, _("everybody done")), "cancelled": (LineState.CANCELLED, _("everybody not begun"))}
# The headings, and titles above them, are among so many lines.
MOST_ABOVE = 11


class ListUnreadable(Problem):
    """This list cannot be read."""

    status = 422
    next_step = _(
        "Use a CSV or XLSX file with the employee numbers in its first column, or below a heading such as “Employee "
        "number”."
    )


class NobodyListed(ListUnreadable):
    message = _("No employee of your organisation has a number on this list.")


class ListTooLong(ListUnreadable):
    """This list is too long."""

    next_step = _("Split it up.")


@dataclass(frozen=True)
class Chosen:
    """employees: selects of them. source: how they were chosen, for people. unknown: numbers that no employee has."""

    employees: tuple[Select, ...]
    source: str
    unknown: tuple[str, ...] = ()

    def count(self) -> int:
        return sum(some.count() for some in self.employees)


def by_form(visible: Any, values: MultiDict, *, today: date) -> Chosen:
    """Those ticked (`employee`), with `everybody` all whom the filters of the list let through, or those of a run.

    `run`: its number; `of`: a key of OF, which says whom of it.
    """
    if (run_id := params.cursor(values.get("run"))) is not None:
        state, words = OF.get(values.get("of", ""), OF["done"])
        lines: Any = RunLine.select(RunLine.employee).where(RunLine.run == run_id, RunLine.state == state)
        return Chosen(
            (visible.where(Employee.id.in_(lines)),), _("Bulk action %(run_id)s: %(words)s", run_id=run_id, words=words)
        )
    if "everybody" in values:
        chosen = Filter.read(values)
        found = matching(visible, chosen, today=today)
        filters = joined(*chosen.words(), by=", ")
        source: str = _("Everybody on the Employee List")
        return Chosen((found,), _("%(source)s (%(filters)s)", source=source, filters=filters) if filters else source)
    ids = [int(text) for text in values.getlist("employee") if text.isascii() and text.isdigit() and len(text) < 10]
    return Chosen((visible.where(Employee.id.in_(ids[:MOST_TICKED])),), _("Ticked on the Employee List"))


def by_file(
    visible: Any, stream: IO[bytes], name: str, *, most: int = MOST_LISTED, seconds: float | None = None
) -> Chosen:
    """Those whose employee numbers are in the file: in the column that is called so, else in the first; or all in one
    line. most: lines. seconds: of the processor.

    Raises ListUnreadable, and ListTooLong for one that takes more work than that.
    """
    numbers = list(dict.fromkeys(_numbers(stream, name, most, seconds)))
    if all(map(WITH_POINT.fullmatch, numbers)):
        # Of a program that calculates with them.
        numbers = [WITH_POINT.sub(r"\1", number) for number in numbers]
    found: dict[str, tuple[str, int]] = {}
    for some in chunked(numbers, IN_ONE_QUERY):
        rows = visible.select(Employee.employee_number, Employee.sort_name, Employee.id)
        found.update({number: rest for number, *rest in rows.where(Employee.employee_number.in_(some)).tuples()})
    ids = [employee_id for _, employee_id in sorted(found.values())]
    portions = tuple(visible.where(Employee.id.in_(list(some))) for some in chunked(ids, IN_ONE_QUERY))
    return Chosen(portions, f"List {name}", tuple(number for number in numbers if number not in found))


def by_short_file(visible: Any, stream: IO[bytes], name: str) -> Chosen:
    """As by_file, with so little work that a person can wait for it."""
    return by_file(visible, stream, name, most=SHORT_LINES, seconds=SHORT_SECONDS)


def check_kind(stream: IO[bytes], name: str) -> None:
    """Raises ListUnreadable for a file that no list can be read from."""
    try:
        kind_of(stream, name)
    except Unreadable as error:
        raise ListUnreadable(error.message, error.next_step) from error


def _numbers(stream: IO[bytes], name: str, most: int, seconds: float | None) -> Iterator[str]:
    try:
        kind = kind_of(stream, name)
        lines = raw_lines(
            stream, kind, [], knows=lambda cells: recognise(cells).known, most_lines=most, seconds=seconds
        )
        first = list(islice(lines, MOST_ABOVE))
        place, begin = _number_column(first)
        if len(first) == 1 and not begin:
            first = [Line(1, (cell,)) for cell in first[0].cells]
        for line in chain(first[begin:], lines):
            if place < len(line.cells) and (number := in_ascii(rules.tidy(line.cells[place]))):
                yield number[:64]
    except TooMuch as error:
        raise ListTooLong(error.message, error.next_step) from error
    except Unreadable as error:
        raise ListUnreadable(error.message, error.next_step) from error


def _number_column(lines: list[Line]) -> tuple[int, int]:
    """Where the numbers are, and on which line they begin: below the heading, where there is one."""
    for at, line in enumerate(lines):
        columns = recognise(line.cells).columns
        for means in (
            [one for one in columns if one.means == NUMBER],
            [one for one in columns if NUMBER in one.could_be],
        ):
            if len(means) == 1:
                return means[0].place, at + 1
    return 0, 0


EMPTY: dict[Any, str | int] = {
    RunLine.state: LineState.UNPLANNED, RunLine.level: 0, RunLine.before: "", RunLine.after: "", RunLine.username: "",
    RunLine.remote_id: "", RunLine.licence: "", RunLine.seats: "", RunLine.frees: 0, RunLine.reason: "",
}  # fmt: skip


EMPTY_VALUES = [SQL(repr(value) if isinstance(value, int) else f"'{value}'") for value in EMPTY.values()]


# Its name, and what is in it.
LongList = tuple[str, bytes]


def add_lines(run: Run, employees: Select) -> None:
    """A line of the Run for each of the employees who has none, by name."""
    here = RunLine.select(RunLine.employee).where(RunLine.run == run)
    people = employees.where(Employee.id.not_in(here)).select(SQL(str(run.id)), Employee.id, *EMPTY_VALUES)
    fields = [RunLine.run, RunLine.employee, *EMPTY]
    RunLine.insert_from(people.order_by(Employee.sort_name, Employee.id), fields).execute()


def keep_list(run: Run, long_list: LongList) -> None:
    """Keep the list for the worker. Raises ListUnreadable for a file that no list can be read from."""
    name, content = long_list
    check_kind(io.BytesIO(content), name)
    RunList.create(run=run, name=name[-200:], data=zlib.compress(content, 3))


def read_list(run: Run) -> bool:
    """Write down a line for each person on the list that was kept, if one was. False when the Run was lost meanwhile.

    Raises ListUnreadable.
    """
    kept = RunList.get_or_none(RunList.run == run)
    if kept is None:
        return True
    chosen = by_file(run.staff, io.BytesIO(zlib.decompress(kept.data)), kept.name)
    if not chosen.employees:
        raise NobodyListed()
    for some in chosen.employees:
        with transaction():
            if not run.hold():
                return False
            add_lines(run, some)
    with transaction():
        if not run.hold():
            return False
        count = RunLine.select().where(RunLine.run == run).count()
        Run.update(unknown=list(chosen.unknown)[:1000]).where(Run.id == run.id).execute()
        kept.delete_instance()
        audit.record(run.by or run.by_name, "read list of bulk action", run, people=count)
    return True


def forget_list(run: Run) -> None:
    """The list is not read any more."""
    RunList.delete().where(RunList.run == run).execute()
