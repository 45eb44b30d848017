"""The lines of a CSV file: its encoding, what separates its values, and no line longer than any list of people has."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from io import TextIOWrapper
from itertools import chain, islice
from typing import IO

from portal.languages import gettext as _
from portal.languages import joined
from portal.languages import number as figures
from portal.tables import budget as limits
from portal.tables.budget import Budget
from portal.tables.decoding import AS_UTF8, Encoding, encoding_of
from portal.tables.encodings import HowRead
from portal.tables.lines import Line, Unreadable

SEPARATORS = {
    ",": _("commas"),
    ";": _("semicolons"),
    "\t": _("tabs"),
    "|": _("vertical bars"),
    "~": _("tildes"),
    "^": _("carets"),
}
SAID = re.compile(r'\s*"?sep=([^\w\s"\0]|\t)"?\s*', re.IGNORECASE)
LOOKED_AT = 50
WORD = re.compile(r"[^\W\d_]+")
# How many headings of a line are known.
Knows = Callable[[tuple[str, ...]], int]


def text_lines(
    file: IO[bytes], budget: Budget, notes: list[str], knows: Knows, how: HowRead | None = None
) -> Iterator[Line]:
    """The lines of the file. notes: how it was read is added to it. how: the user's answers. Raises Unreadable.

    Without `how` the portal cannot ask, so it refuses an encoding that it cannot tell.
    """
    encoding = encoding_of(file, how or HowRead())
    if how is None and encoding.problem:
        raise encoding.problem
    text = TextIOWrapper(file, encoding=encoding.name, newline="")
    try:
        lines = _bounded(text, budget)
        first = list(islice(lines, LOOKED_AT))
        skipped, separator = 0, ""
        if first and (said := SAID.fullmatch(first[0].removeprefix("\ufeff"))):
            skipped, separator = 1, said[1]
            del first[0]
        separator = separator or _separator(first, knows)
        notes.append(_how_it_was_read(first, encoding, separator))
        yield from _parsed(chain(first, lines), separator, skipped, budget)
    finally:
        # The caller that opened the file closes it, and has done so already where it did not read to the end.
        with suppress(ValueError):
            text.detach()


def _bounded(text: TextIOWrapper, budget: Budget) -> Iterator[str]:
    number, first = 0, True
    try:
        while line := text.readline(limits.LONGEST_LINE + 1):
            number += 1
            if len(line) > limits.LONGEST_LINE:
                raise Unreadable(_("This line is too long for a list of people."), limits.TOO_MUCH, number)
            if number % 1_000 == 0:
                budget.check_time(number)
                if number > 2 * budget.most_lines + 10_000:
                    raise Unreadable(
                        _("The file has more than %(most_lines)s lines.", most_lines=figures(budget.most_lines)),
                        _("Split it up."),
                        number,
                    )
            yield line.removeprefix("\ufeff") if first else line
            first = False
    except UnicodeDecodeError as error:
        raise Unreadable(_("The text of the file breaks off or is damaged."), AS_UTF8, number + 1) from error


def _separator(lines: list[str], knows: Knows) -> str:
    """What separates the values: the sign that makes most headings known, or else the lines equally long."""

    def worth(separator: str) -> tuple[int, int]:
        rows: list[tuple[str, ...]] = []
        with suppress(csv.Error):
            rows.extend(
                tuple(cells) for cells in csv.reader(lines, delimiter=separator, skipinitialspace=True) if any(cells)
            )
        known = max((knows(row[: limits.MOST_COLUMNS]) for row in rows[:11]), default=0)
        counts = Counter(len(cells) for cells in rows)
        usual = max(counts, key=lambda count: (counts[count], count), default=1)
        return known, usual

    return max(SEPARATORS, key=worth)


def _how_it_was_read(lines: list[str], encoding: Encoding, separator: str) -> str:
    how = _(
        "We read this file as %(words)s, separated by %(separator)s.",
        words=encoding.words,
        separator=SEPARATORS.get(separator, f"“{separator}”"),
    )
    if encoding.sure:
        return how
    words = (word for word in WORD.findall("".join(lines)[:100_000]) if not word.isascii())
    sample = ", ".join(dict.fromkeys(word[:30] for word in islice(words, 4)))
    look = (
        _("Check that its letters are right: %(sample)s. If not, save it as “CSV UTF-8”.", sample=sample)
        if sample
        else _("Check that its letters are right. If not, save it as “CSV UTF-8”.")
    )
    return joined(how, look)


def _parsed(lines: Iterable[str], separator: str, skipped: int, budget: Budget) -> Iterator[Line]:
    # Programs that write a space behind each separator put quotes behind that.
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True)
    number = skipped + 1
    try:
        for cells in reader:
            if len(cells) > limits.MOST_COLUMNS:
                cells = _without_empty_end(cells)
            if len(cells) > limits.MOST_COLUMNS:
                raise Unreadable(
                    _("This line has more than %(most)s values.", most=limits.MOST_COLUMNS),
                    limits.TOO_MUCH,
                    number,
                )
            line = Line(number, _unwrapped(cells))
            if any(cells):
                budget.take_line(len(cells), number)
                yield line
            number = skipped + reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(
            _("From here on this is not valid CSV (%(error)s): look for a stray quote.", error=error), "", number
        ) from None


def _unwrapped(cells: list[str]) -> tuple[str, ...]:
    """The cells without what programs put around a number to keep it whole: ="00417", '00417 or =+49170."""
    together = "\n".join(cells)
    return tuple(map(_unwrapped_cell, cells)) if "'" in together or "=" in together else tuple(cells)


def _unwrapped_cell(cell: str) -> str:
    if cell.startswith("'") and cell[1:].isdigit():
        return cell[1:]
    if cell.startswith("=+") and cell[2:].isdigit():
        return cell[1:]
    wrapped = cell.startswith('="') and cell.endswith('"') and len(cell) > 3
    return cell[2:-1].replace('""', '"') if wrapped else cell


def _without_empty_end(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells
