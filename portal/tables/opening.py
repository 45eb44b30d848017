"""A file of either kind, opened."""

from collections.abc import Iterator
from typing import IO

from portal.tables.budget import MOST_LINES, Budget
from portal.tables.delimited import Knows, text_lines
from portal.tables.kinds import Kind
from portal.tables.layout import Table, table
from portal.tables.lines import Line
from portal.tables.workbooks import sheet_lines


def raw_lines(
    file: IO[bytes],
    kind: Kind | str,
    notes: list[str],
    *,
    knows: Knows,
    most_lines: int = MOST_LINES,
    seconds: float | None = None,
) -> Iterator[Line]:
    """The lines of the file as they stand. notes: what was assumed is added to it. seconds: of the processor, at most.

    Raises Unreadable, and TooMuch for what takes more work than it may.
    """
    budget = Budget(most_lines) if seconds is None else Budget(most_lines, seconds)
    return sheet_lines(file, budget, notes) if kind == Kind.XLSX else text_lines(file, budget, notes, knows)


def opened(file: IO[bytes], kind: Kind | str, *, knows: Knows, most_lines: int = MOST_LINES) -> Table:
    """The list in the file. knows: how many of some cells are known headings.

    Raises Unreadable, and from its lines too.
    """
    notes: list[str] = []
    return table(raw_lines(file, kind, notes, knows=knows, most_lines=most_lines), notes, knows)
