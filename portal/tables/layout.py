"""What belongs to the list of people in a file, and what is only around it: titles, empty columns, footers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from portal.languages import gettext as _
from portal.languages import ngettext
from portal.tables.characters import each_stripped, storable, stripped
from portal.tables.delimited import Knows
from portal.tables.encodings import HowRead
from portal.tables.lines import WHOLE, Line, Unreadable, column_name

MOST_TITLES = 10
LOOKED_AT = 200
# What a footer that counts begins with, and what else is in it beside numbers.
COUNTS = frozenset((
    "total", "totals", "totale", "summe", "sum", "summa", "gesamt", "gesamtsumme", "gesamtzahl", "gesamtergebnis",
    "teilergebnis", "insgesamt", "anzahl",
    "count", "counts", "page", "pages", "seite", "side", "sida", "sivu", "página", "pagina", "strana", "strona",
    "antal", "antall", "nombre", "número", "razem", "celkem", "yhteensä", "headcount", "grand", "sub", "subtotal",
    "overall", "affected", "returned", "selected", "records", "rows", "employees", "people",
))  # fmt: skip
BESIDE = COUNTS | {
    "number", "of", "von", "av", "af", "de", "di", "du", "des", "out", "z", "ze", "on", "the", "in", "persons", "lines",
    "entries", "personen", "personer", "personas", "personnes", "medarbejdere", "salariés", "mitarbeiter", "ansatte",
    "anställda", "employés", "empleados",
}  # fmt: skip
WORD = re.compile(r"[^\W\d_]+")
# What no heading is: an address, a number, a date.
VALUE = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|\d+|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
DIGIT = re.compile(r"\d")
# What a footer that says what the file is begins with.
SAYS = (
    "end of", "ende der", "slutt på", "generated", "created on", "created by", "printed", "exported", "report ",
    "as of ", "run on", "run by", "erstellt", "gedruckt", "stand ", "stand:", "exportiert", "utskrift", "generert",
    "confidential", "vertraulich", "copyright", "©", "source:", "filters:", "applied filters",
)  # fmt: skip


ANOTHER_LIST = _("Another list begins here, as this line has other headings: put it into a file of its own.")


@dataclass
class Table:
    """A list that was found in a file.

    header: its headings, as in the file. header_line: on which line. lines: what is below it, once through;
    each has a cell for each heading. notes: sentences about what was assumed; complete when the lines are through.
    how: what may be chosen of how it was read.
    """

    header: tuple[str, ...]
    header_line: int
    lines: Iterator[Line]
    notes: list[str]
    how: HowRead = field(default_factory=HowRead)


def table(lines: Iterator[Line], notes: list[str], knows: Knows) -> Table:
    """The list in the lines of a file. knows: how many of some cells are known headings. Raises Unreadable."""
    lines = map(_storable, lines)
    first = list(islice(lines, MOST_TITLES + 1))
    if not first:
        raise Unreadable(_("The file is empty: it must have headings, and a line for each employee."), "", 1)
    place = _header_place(first, knows)
    if place:
        notes.append(_titles(first[:place]))
    header = first[place]
    if not knows(tuple(heading(cell) for cell in header.cells)):
        _refuse_values(header)
    below = list(islice(chain(first[place + 1 :], lines), LOOKED_AT))
    columns = _columns(header, below)
    rest = _Below(header, columns, notes, knows)
    names = tuple(heading(header.cells[at]) if at < len(header.cells) else "" for at in columns)
    names = tuple(
        name or _("Column %(column_name)s", column_name=column_name(at))
        for name, at in zip(names, columns, strict=True)
    )
    return Table(names, header.number, rest.read(chain(below, lines)), notes)


def _refuse_values(header: Line) -> None:
    """Raises Unreadable where not one heading is known, and the line has what no heading is: who is on it got lost."""
    cells = [cell for cell in map(stripped, header.cells) if cell]
    value = next((cell for cell in cells if VALUE.fullmatch(cell)), "")
    if value and len(cells) > 1:
        raise Unreadable(
            _("The file has no headings: its first line already has a value, “%(value)s”.", value=value[:60]),
            _("Put a line above it that says what each column is, such as employee number, first name, last name."),
            header.number,
        )


def _storable(line: Line) -> Line:
    together = "".join(line.cells)
    if together.isascii() and "\0" not in together:
        # Nearly every line.
        return line
    return line._replace(cells=tuple(map(storable, line.cells)))


def heading(cell: str) -> str:
    """The heading on one line, without invisible characters."""
    return " ".join(stripped(cell).split())


def _header_place(lines: list[Line], knows: Knows) -> int:
    """Which line has the headings: the one with most known words, else the fullest, else the first."""

    def worth(at: int) -> tuple[int, int, int]:
        cells = tuple(heading(cell) for cell in lines[at].cells)
        return knows(cells), sum(map(bool, cells)) if at <= MOST_TITLES else 0, -at

    return max(range(len(lines)), key=worth)


def _titles(lines: list[Line]) -> str:
    words = next((heading(cell) for line in lines for cell in line.cells if heading(cell)), "")
    if len(lines) == 1:
        return _(
            "Line %(number)s is above the headings and was skipped (“%(words)s”).",
            number=lines[0].number,
            words=words[:60],
        )
    first, last = lines[0].number, lines[-1].number
    return _(
        "Lines %(first)s to %(last)s are above the headings and were skipped (“%(words)s” …).",
        first=first,
        last=last,
        words=words[:60],
    )


def _columns(header: Line, below: list[Line]) -> list[int]:
    """The places of the columns: those with a heading, and between or behind them those with a value."""
    named = {at for at, cell in enumerate(header.cells) if heading(cell)}
    # A value to the right of all headings belongs to a line with an extra separator.
    filled = {at for line in below for at, cell in enumerate(line.cells) if stripped(cell) and at < len(header.cells)}
    return sorted(named | filled)


class _Below:
    """The lines below the headings, without those that are none of the list; the notes about them come afterwards."""

    def __init__(self, header: Line, columns: list[int], notes: list[str], knows: Knows):
        self.header, self.columns, self.notes, self.knows = header, columns, notes, knows
        self.like_header = tuple(heading(cell).casefold() for cell in header.cells if heading(cell))
        self.width = len(header.cells)
        self.simple = columns == list(range(self.width))
        self.repeated, self.footers = [0, 0], [0, 0]
        self.footer = ""

    def read(self, lines: Iterator[Line]) -> Iterator[Line]:
        below = False
        for line in lines:
            directly_below, below = not below, True
            cells = each_stripped(line.cells)
            filled = [cell for cell in cells if cell]
            if not filled and not line.faults:
                continue
            has_headings = not line.faults and self.has_headings(filled)
            if has_headings and not directly_below:
                yield self.fitted(line._replace(faults={WHOLE: ANOTHER_LIST}), cells)
            elif has_headings or (not line.faults and len(filled) == len(self.like_header) and self.is_header(filled)):
                self.repeated = [self.repeated[0] + 1, self.repeated[1] or line.number]
            elif not line.faults and self.is_footer(filled):
                self.footers = [self.footers[0] + 1, self.footers[1] or line.number]
                self.footer = self.footer or " ".join(filled)
            else:
                yield self.fitted(line, cells)
        self.say_what_was_left_out()

    def is_header(self, filled: list[str]) -> bool:
        if heading(filled[0]).casefold() != self.like_header[0]:
            # Nearly every line.
            return False
        return tuple(heading(cell).casefold() for cell in filled) == self.like_header

    def has_headings(self, filled: list[str]) -> bool:
        """Whether it has headings, and others: SAP writes what people call its columns below their technical names."""
        if len(filled) < 2 or DIGIT.search("".join(filled)) or self.is_header(filled):
            # Nearly every line has a digit.
            return False
        # Some of them may be an organisation's own.
        return 3 * self.knows(tuple(map(heading, filled))) >= 2 * len(filled)

    def is_footer(self, filled: list[str]) -> bool:
        """A line that only counts, or that only says what the list is. A person has more than that."""
        if len(self.columns) < 2:
            return False
        words = WORD.findall(filled[0][:100].casefold())
        if not words and not any(map(str.isalnum, "".join(filled))):
            # A line that is drawn: --- | ---.
            return True
        if words and words[0] in COUNTS:
            return BESIDE.issuperset(words) and all(BESIDE.issuperset(WORD.findall(c.casefold())) for c in filled[1:])
        return len(filled) == 1 and filled[0].casefold().lstrip("*-–=#( ").startswith(SAYS)

    def fitted(self, line: Line, cells: tuple[str, ...]) -> Line:
        """The line with a cell for each column: those that it leaves out at its end are empty."""
        if self.simple and len(cells) == self.width:
            return line if line.cells == cells else Line(line.number, _kept(line.cells, cells), line.faults)
        whole = self.too_many(line, cells)
        short = _kept(line.cells, cells) + ("",) * (self.width - len(cells))
        faults = {new: line.faults[old] for new, old in enumerate(self.columns) if old in line.faults}
        whole = whole or line.faults.get(WHOLE, "")
        return Line(
            line.number, tuple(short[at] for at in self.columns), {**faults, **({WHOLE: whole} if whole else {})}
        )

    def too_many(self, line: Line, cells: tuple[str, ...]) -> str:
        known = set(self.columns)
        extra = [at for at, cell in enumerate(cells) if at not in known and (cell or at in line.faults)]
        if not extra:
            return ""
        value = _(
            "the value “%(text)s” in column %(column)s",
            text=cells[extra[0]][:40],
            column=column_name(extra[0]),
        )
        if extra[-1] < self.width:
            return _("There is %(value)s, which has no heading: give the column a heading, or empty it.", value=value)
        counts = _(
            "%(values)s values where the headings name %(columns)s columns",
            values=extra[-1] + 1,
            columns=len(self.columns),
        )
        return _("There are %(counts)s, such as %(value)s: look for an extra separator.", counts=counts, value=value)

    def say_what_was_left_out(self) -> None:
        if self.repeated[0]:
            first = self.repeated[1]
            self.notes.append(
                _("The headings appear again in the file, first on line %(first)s. We skipped them.", first=first)
            )
        if self.footers[0]:
            count, first = self.footers
            if count == 1:
                words = _(
                    "Line %(first)s (“%(footer)s”) was skipped: a total or a note, not an employee.",
                    first=first,
                    footer=self.footer[:60],
                )
            else:
                words = ngettext(
                    "Line %(first)s (“%(footer)s”) and %(num)s more lines like it were skipped: totals or notes, not "
                    "employees.",
                    "Line %(first)s (“%(footer)s”) and %(num)s more lines like it were skipped: totals or notes, not "
                    "employees.",
                    count - 1,
                    first=first,
                    footer=self.footer[:60],
                )
            self.notes.append(words)


def _kept(cells: tuple[str, ...], texts: tuple[str, ...]) -> tuple[str, ...]:
    """The texts, but days of a workbook as what they are."""
    return tuple(cell if cell == text else text for cell, text in zip(cells, texts, strict=True))
