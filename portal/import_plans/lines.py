"""From the lines of a file to checked values: questions about the file as a whole, then about each line alone."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from portal.columns import dates as written
from portal.columns import names, words
from portal.columns.answers import Answers
from portal.columns.headings import FULL_NAME, IGNORED, LAST_FIRST, NUMBER, STATUS, Column, plain
from portal.columns.known import MANAGER, SECOND, Refusal
from portal.columns.layouts import FIELDS, GIVES
from portal.columns.words import Standing
from portal.csv_lines import unguarded
from portal.import_plans import spellings
from portal.import_plans.cells import refuse_groups, understand
from portal.languages import gettext as _
from portal.languages import joined
from portal.languages import number as figures
from portal.people import rules
from portal.tables import WHOLE, Day, Line, Table
from portal.tables.lines import NO_FAULTS, Since1904

# Given for a value that the record keeps as it is.
KEPT: Any = object()
MOST_WORDS = 30
# Of fields whose name in a choice says more.
SHORT = {FULL_NAME: _("Full name"), LAST_FIRST: _("Full name"), STATUS: _("Status")}
LONGEST_MANAGER = 300
OFTEN_ALIKE = frozenset(
    {"first_name", "job_title", "department", *spellings.READ, "location", "start_date", "end_date"}
)
# Texts about which nothing is asked of the file as a whole.
PLAIN = frozenset(rules.TEXTS) - {"country", *spellings.OWN, *spellings.READ}
MOST_REMEMBERED = 20_000
# As a mail program copies an address: with a name before it, or as a link.
AROUND_ADDRESS = re.compile(
    r"(?:mailto:|[^<>]*<(?:mailto:)?)([^<>\s@]+@[^<>\s@]+?)>?[;,]?|([^<>\s@;,]+@[^<>\s@;,]+)[;,]", re.IGNORECASE
)
# Texts of several words, which spreadsheets break into lines for the width of a column.
WRAPPED = frozenset({"job_title"})
LINE_END = re.compile(r"[ \t]*[\r\n\u2028\u2029]+\s*")
# Of a cell: whatever is longer is no value of any field, and nothing looks at it closely.
LONGEST_VALUE = 1_000


class Row(NamedTuple):
    """A line whose values are valid on their own, in the order of the file's fields."""

    line: int
    employee_number: str
    values: tuple[Any, ...]
    standing: Standing | None = None


@dataclass
class Lines:
    """The lines of a file in their columns, and what they show of the file as a whole.

    fields: what the columns give, in the order of a row's values. raw: line number, cells of the columns, faults.
    nothing: a word that was read as empty. with_point: a number that a program wrote as 1234.0. odd_name: one with more
    than a name in it, and its line.
    """

    columns: tuple[Column, ...]
    raw: list[tuple[int, tuple[str, ...], Mapping[int, str]]]
    dates: written.Evidence = field(default_factory=lambda: written.Evidence({}))
    clears: bool = False
    unknown_words: list[str] = field(default_factory=list)
    nothing: str = ""
    with_point: str = ""
    odd_name: tuple[str, int] | None = None
    counts: Counter[str] = field(default_factory=Counter)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        return tuple(
            name for column in self.columns for name in GIVES.get(column.means, (column.means,)) if name != STATUS
        )

    def texts(self, means: str) -> Iterator[str]:
        """The text in the column of this field."""
        place = next((at for at, column in enumerate(self.columns) if column.means == means), None)
        return iter(()) if place is None else (cells[place] for _, cells, _ in self.raw)


def gather(table: Table, columns: Sequence[Column], answers: Answers) -> Lines:
    """Read the whole table, and look at what can only be said of a file as a whole."""
    used = tuple(column for column in columns if column.means != IGNORED)
    places = [column.place for column in used]
    found = Lines(used, [_raw(line, places) for line in table.lines])
    understand(found)
    days = [column for column in used if column.means in rules.DATES]
    texts = (text for column in days for text in found.texts(column.means) if text)
    found.dates = written.evidence(texts, [column.heading for column in days])
    found.clears = any(
        cell.casefold() == words.CLEAR for _, cells, _ in found.raw for cell in cells if cell[:1] == words.CLEAR[0]
    )
    if not found.clears:
        refuse_groups(found)
    said = Counter(found.texts(STATUS)) - Counter([""])
    found.unknown_words = [word for word in said if _standing(word, used, answers) is None]
    return found


def _raw(line: Line, places: Sequence[int]) -> tuple[int, tuple[str, ...], Mapping[int, str]]:
    cells = tuple([line.cells[place] if place < len(line.cells) else "" for place in places])
    together = "".join(cells)
    if not line.faults and len(together) <= LONGEST_VALUE and together.isascii() and "'" not in together:
        # Nearly every line: what finds the list in a file has stripped its cells.
        return line.number, cells, NO_FAULTS
    cells = tuple(map(_tidy, cells))
    faults: dict[int, str] = {}
    if line.faults:
        faults = {at: line.faults[place] for at, place in enumerate(places) if place in line.faults}
    if max(map(len, cells), default=0) > LONGEST_VALUE:
        faults = {at: _too_long(cell) for at, cell in enumerate(cells) if len(cell) > LONGEST_VALUE} | faults
        cells = tuple(cell if len(cell) <= LONGEST_VALUE else cell[:LONGEST_VALUE] for cell in cells)
    if WHOLE in line.faults:
        faults[WHOLE] = line.faults[WHOLE]
    return line.number, cells, faults


def _too_long(cell: str) -> str:
    number = figures(len(cell))
    return _("This has %(number)s characters, which is more than any field can hold: shorten it.", number=number)


def _tidy(cell: str) -> str:
    if isinstance(cell, Day) or (cell.isascii() and "'" not in cell):
        return cell
    return rules.tidy(unguarded(cell) if "'" in cell else cell)


def _standing(word: str, columns: Sequence[Column], answers: Answers) -> Standing | None:
    heading = next((column.heading for column in columns if column.means == STATUS), "")
    return answers.standing(plain(word)) or words.standing(word, inverted=words.is_inverted(heading))


def checked(lines: Lines, answers: Answers) -> Iterator[Row | Refusal]:
    """Each line with its values checked, or why it cannot be taken. The cells are let go of on the way."""
    order = answers.order or lines.dates.order
    reader = _Reader(lines, order, answers)
    lines.raw.reverse()
    while lines.raw:
        yield reader.row(*lines.raw.pop())


class _Reader:
    def __init__(self, lines: Lines, order: written.Order | None, answers: Answers):
        self.lines, self.order, self.answers = lines, order, answers
        self.number_at = next((at for at, column in enumerate(lines.columns) if column.means == NUMBER), 0)
        self.standings: dict[str, Standing | None] = {}
        self.plain = frozenset[str]() if lines.clears else PLAIN
        # Of each column, the values that many lines share: they need not be checked each time.
        self.seen: list[dict[str, Sequence[Any]]] = [{} for _ in lines.columns]
        self.means = [column.means for column in lines.columns]

    def row(self, line: int, cells: tuple[str, ...], faults: Mapping[int, str]) -> Row | Refusal:
        number = cells[self.number_at]
        values: list[Any] = []
        reasons = [faults[WHOLE]] if WHOLE in faults else []
        standing = None
        for at, (means, seen, cell) in enumerate(zip(self.means, self.seen, cells, strict=True)):
            try:
                if faults and at in faults:
                    raise ValueError(faults[at])
                is_text = type(cell) is not Day
                if is_text and (known := seen.get(cell)):
                    values += known
                elif means == STATUS:
                    standing = self.standing(cell)
                elif is_text and cell and means in self.plain and means not in OFTEN_ALIKE:
                    values.append(_text(means, cell))
                else:
                    values += self.checked(at, means, cell)
            except ValueError as error:
                label = self.lines.columns[at].name[:60]
                reasons.append(_("%(label)s: %(text)s", label=label, text=error.args[0]))
        return Refusal(line, number[:40], joined(*reasons)) if reasons else Row(line, number, tuple(values), standing)

    def standing(self, word: str) -> Standing | None:
        if word not in self.standings:
            self.standings[word] = _standing(word, self.lines.columns, self.answers) if word else None
        if self.standings[word] is Standing.LEAVE:
            self.lines.counts["leave"] += 1
        return self.standings[word]

    def checked(self, at: int, means: str, cell: str) -> Sequence[Any]:
        """The value or values that the column gives, remembered where others have the same cell."""
        values, seen = self.values(means, cell), self.seen[at]
        if (not cell or (means in OFTEN_ALIKE and type(cell) is not Day)) and len(seen) < MOST_REMEMBERED:
            seen[cell] = values
        return values

    def values(self, means: str, text: str) -> Sequence[Any]:
        """The value or values that the column gives. Raises ValueError with what is wrong."""
        given = GIVES.get(means, (means,))
        if self.lines.clears and means != NUMBER:
            if not text:
                return [KEPT] * len(given)
            text = "" if text.casefold() == words.CLEAR else text
        if isinstance(text, Day) and means not in rules.DATES:
            raise ValueError(
                _(
                    "The spreadsheet has turned it into the date %(text)s: format the cell as text and type it again.",
                    text=text,
                )
            )
        if means in rules.DATES:
            text = text.since_1900 if isinstance(text, Since1904) else text
            return [written.read(text, self.order)]
        if means in (MANAGER, SECOND):
            return [_manager(text)]
        if means in (FULL_NAME, LAST_FIRST):
            first, last = names.taken_apart(text, last_first=means == LAST_FIRST)
            return [_text("first_name", first), _text("last_name", last)]
        if means == "country" and (code := words.country(text)) != text.upper():
            self.lines.counts["country"] += 1
            text = code
        if means in spellings.OWN:
            text = self.answers.spelled(means, text)
        elif means in spellings.READ:
            said = self.answers.spelled(means, text)
            text = spellings.READ[means](said) or said
        return [_text(means, text)]


def _text(name: str, text: str) -> str:
    if name in rules.EMAILS and (found := AROUND_ADDRESS.fullmatch(text)):
        text = found[1] or found[2]
    if name in WRAPPED:
        text = LINE_END.sub(" ", text)
    problem = rules.text_problem(name, text)
    if problem:
        raise ValueError(problem)
    return rules.as_stored(name, text)


def _manager(text: str) -> str:
    if len(text) > LONGEST_MANAGER or rules.UNWANTED.search(text):
        raise ValueError(_("This is no employee number, email address or name: correct it."))
    return text


def label(field: str) -> str:
    """What a person calls a field of the record."""
    return SHORT.get(field) or FIELDS.get(field) or field


def sample(lines: Iterable[Line], most: int = 3) -> list[list[str]]:
    """Of each of the first few lines, the cells; for a person who says what the columns mean."""
    shown = []
    for line in lines:
        shown.append([cell[:60] for cell in line.cells])
        if len(shown) == most:
            break
    return shown
