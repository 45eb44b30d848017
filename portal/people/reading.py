"""Reading the table of an import: from lines of text to rows of checked values, and the reasons against the others."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from portal.csv_lines import unguarded
from portal.people import headings, rules
from portal.tables import WHOLE, Day, Line, Table

MANAGER = "manager_employee_number"
COLUMNS = (
    "employee_number", "first_name", "last_name", "preferred_name", "job_title", "department", MANAGER,
    "personal_email", "company_email", "mobile", "country", "start_date", "end_date",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a line of the file cannot be imported."""

    line: int
    employee_number: str
    reason: str

    def __str__(self) -> str:
        who = f" ({self.employee_number})" if self.employee_number else ""
        return f"Line {self.line}{who}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Row:
    """A line whose values are fine by themselves, in the order of the file's columns."""

    line: int
    employee_number: str
    values: tuple[str | date | None, ...]


class UnreadableFile(Exception):
    """The file as a whole cannot be read as an import."""

    def __init__(self, reason: str, line: int = 1):
        super().__init__(reason)
        self.refusal = Refusal(line, "", reason)


def read_rows(table: Table) -> tuple[tuple[str, ...], Iterator[Row | Refusal]]:
    """The columns of the table, and its rows one by one. Raises UnreadableFile when the columns are wrong."""
    columns = tuple(_column_name(name) for name in table.header)
    _check_columns(columns, table.header)
    return columns, _rows(table.lines, columns)


def known(cells: tuple[str, ...]) -> int:
    """How many of the cells are headings that the portal knows: by that their line is found."""
    return headings.recognise(cells).known


def _column_name(heading: str) -> str:
    return "_".join(heading.casefold().replace("-", " ").replace("_", " ").split())


def _check_columns(columns: tuple[str, ...], names: tuple[str, ...]) -> None:
    if not any(columns):
        raise UnreadableFile("The first line is empty: it must name the columns, and have a line for each employee.")
    unknown = [f"“{name[:60]}”" for name, column in zip(names, columns, strict=True) if column not in COLUMNS]
    if unknown:
        words = "columns are" if len(unknown) > 1 else "column is"
        raise UnreadableFile(f"Unknown {words} {', '.join(unknown)}. The known ones are {', '.join(COLUMNS)}.")
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise UnreadableFile(f"There twice: {', '.join(twice)}. Keep one column of each name.")
    if "employee_number" not in columns:
        raise UnreadableFile("The column employee_number is missing: it says which employee each line is about.")


def _rows(lines: Iterator[Line], columns: tuple[str, ...]) -> Iterator[Row | Refusal]:
    place = columns.index("employee_number")
    for line in lines:
        yield _row(line, rules.tidy(unguarded(line.cells[place])), columns)


def _row(line: Line, number: str, columns: tuple[str, ...]) -> Row | Refusal:
    if WHOLE in line.faults:
        return Refusal(line.number, number[:40], line.faults[WHOLE])
    values, reasons = [], []
    for place, (name, cell) in enumerate(zip(columns, line.cells, strict=True)):
        try:
            if place in line.faults:
                raise ValueError(line.faults[place])
            values.append(_value(name, cell))
        except ValueError as error:
            reasons.append(f"{name}: {error}")
    return Refusal(line.number, number[:40], " ".join(reasons)) if reasons else Row(line.number, number, tuple(values))


def _value(name: str, cell: str) -> str | date | None:
    if isinstance(cell, Day) and name not in rules.DATES:
        raise ValueError(f"The spreadsheet has made the day {cell} of it: format the cell as text and type it again.")
    text = rules.tidy(unguarded(cell))
    if name in rules.DATES:
        return rules.read_date(text)
    field = "employee_number" if name == MANAGER and text else name
    problem = rules.text_problem(field, text) if field != MANAGER else ""
    if problem:
        raise ValueError(problem)
    return rules.as_stored(name, text)
