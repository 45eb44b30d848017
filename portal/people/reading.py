"""Reading the CSV file of an import: from text to rows of checked values, and the reasons against the others."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain

from portal.csv_lines import unguarded
from portal.people import rules

MANAGER = "manager_employee_number"
COLUMNS = (
    "employee_number", "first_name", "last_name", "preferred_name", "job_title", "department", MANAGER,
    "personal_email", "company_email", "mobile", "country", "start_date", "end_date",
)  # fmt: skip
SEPARATORS = ",;\t"


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


def read_rows(stream: Iterable[str]) -> tuple[tuple[str, ...], Iterator[Row | Refusal]]:
    """The columns of the file, and its rows one by one.

    Raises UnreadableFile here when the columns are wrong, and from the iterator when the text is no CSV in UTF-8.
    """
    with_header = _decoded(stream)
    header = next(with_header, "")
    reader = csv.reader(chain([header], with_header), delimiter=max(SEPARATORS, key=header.count), strict=True)
    try:
        columns = tuple(_column_name(name) for name in next(reader, []))
    except csv.Error as error:
        raise _not_csv(error, 1) from None
    _check_columns(columns)
    return columns, _rows(reader, columns)


def _decoded(stream: Iterable[str]) -> Iterator[str]:
    try:
        for number, line in enumerate(stream):
            yield line.removeprefix("\ufeff") if number == 0 else line
    except UnicodeDecodeError:
        raise UnreadableFile("The file is not text in UTF-8: save it as “CSV UTF-8” and try again.") from None


def _column_name(heading: str) -> str:
    return "_".join(heading.casefold().replace("-", " ").replace("_", " ").split())


def _check_columns(columns: tuple[str, ...]) -> None:
    if not any(columns):
        raise UnreadableFile(
            "The first line is empty: it must name the columns, and each line below it is an employee."
        )
    unknown = [f"“{name[:60]}”" for name in columns if name not in COLUMNS]
    if unknown:
        words = "columns are" if len(unknown) > 1 else "column is"
        raise UnreadableFile(f"Unknown {words} {', '.join(unknown)}. The known ones are {', '.join(COLUMNS)}.")
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise UnreadableFile(f"There twice: {', '.join(twice)}. Keep one column of each name.")
    if "employee_number" not in columns:
        raise UnreadableFile("The column employee_number is missing: it says which employee each line is about.")


def _rows(reader: Iterator[list[str]], columns: tuple[str, ...]) -> Iterator[Row | Refusal]:
    place = columns.index("employee_number")
    line = reader.line_num + 1  # type: ignore[attr-defined]
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                number = rules.tidy(cells[place]) if place < len(cells) else ""
                yield _row(line, number, columns, cells)
            line = reader.line_num + 1  # type: ignore[attr-defined]
    except csv.Error as error:
        raise _not_csv(error, line) from None


def _not_csv(error: csv.Error, line: int) -> UnreadableFile:
    return UnreadableFile(f"From here on this is not valid CSV ({error}): look for a stray quote.", line)


def _row(line: int, number: str, columns: tuple[str, ...], cells: list[str]) -> Row | Refusal:
    if len(cells) != len(columns):
        counts = f"{len(cells)} values where the first line names {len(columns)} columns"
        return Refusal(line, number[:40], f"There are {counts}: look for a separator too few or too many.")
    values, reasons = [], []
    for name, cell in zip(columns, cells, strict=True):
        try:
            values.append(_value(name, rules.tidy(unguarded(cell))))
        except ValueError as error:
            reasons.append(f"{name}: {error}")
    return Refusal(line, number[:40], " ".join(reasons)) if reasons else Row(line, number, tuple(values))


def _value(name: str, text: str) -> str | date | None:
    if name in rules.DATES:
        return rules.read_date(text)
    field = "employee_number" if name == MANAGER and text else name
    problem = rules.text_problem(field, text) if field != MANAGER else ""
    if problem:
        raise ValueError(problem)
    return rules.as_stored(name, text)
