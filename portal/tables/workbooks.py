"""The rows of the first visible sheet that is not empty, as people see them: what cells show, nothing hidden."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import IO, Any

from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import CALENDAR_MAC_1904, from_excel

from portal.languages import gettext as _
from portal.languages import joined, listed, ngettext, number
from portal.tables import budget as limits
from portal.tables import formats
from portal.tables.archive import Archive
from portal.tables.budget import Budget
from portal.tables.encodings import HowRead
from portal.tables.lines import Day, Line, Since1904, Unreadable, column_name
from portal.tables.sheets import Book, Parser, clean, read_book

# A spreadsheet keeps fifteen digits of a number, and makes the others zeros.
MOST_EXACT = 10**15
MERGED = re.compile(rb'<(?:\w{1,20}:)?mergeCell\s+[^>]{0,200}?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
Merged = tuple[int, int, int, int]


def sheet_lines(stream: IO[bytes], budget: Budget, notes: list[str], how: HowRead | None = None) -> Iterator[Line]:
    """The rows with something in them. notes: what was assumed is added to it. how: which sheet the user chose.

    Raises Unreadable.
    """
    with Archive(stream, budget) as archive:
        book = read_book(archive, how.sheet if how else "")
        if how:
            how.sheet, how.sheets = book.sheet, book.seen
        if book.others or book.hidden:
            notes.append(_which_sheet(book))
        merged = _merged(archive, book)
        yield from _spread(_Rows(book, budget, notes).read(archive), merged, budget)


def _which_sheet(book: Book) -> str:
    others = [f"“{name}”" for name in book.others] + [_("“%(name)s” (hidden)", name=name) for name in book.hidden]
    if book.blank and len(book.others) == len(book.blank) and not book.hidden:
        names = listed(f"“{name}”" for name in book.blank[:5])
        return ngettext(
            "We read the sheet “%(sheet)s”, because %(names)s is empty.",
            "We read the sheet “%(sheet)s”, because %(names)s are empty.",
            len(book.blank),
            sheet=book.sheet,
            names=names,
        )
    if len(others) > 5:
        return _(
            "We read the sheet “%(sheet)s”, not %(others)s and %(number)s more.",
            sheet=book.sheet,
            others=joined(*others[:5], by=", "),
            number=len(others) - 5,
        )
    return _("We read the sheet “%(sheet)s”, not %(others)s.", sheet=book.sheet, others=joined(*others, by=", "))


class _Rows:
    """Makes lines of the sheet's XML as it comes."""

    def __init__(self, book: Book, budget: Budget, notes: list[str]):
        self.book, self.budget, self.notes = book, budget, notes
        self.made: list[Line] = []
        self.number = self.empty = self.all_empty = self.hidden_rows = self.length = 0
        self.hidden_columns: set[int] = set()
        self.filled_hidden: set[int] = set()
        self.is_hidden = self.over = False
        self.cells: list[str] = []
        self.faults: dict[int, str] = {}
        self.place = -1
        self.kind, self.style = "n", 0
        self.formula = self.has_value = False
        self.taking, self.phonetic = False, False
        self.words: list[str] = []

    def read(self, archive: Archive) -> Iterator[Line]:
        parser = Parser(self.begins, self.ends, self.text, most=4 * limits.MOST_CELLS)
        for piece in archive.pieces(self.book.part):
            parser.feed(piece)
            yield from self.made
            self.made.clear()
            if self.over:
                break
        else:
            parser.feed(b"", last=True)
            yield from self.made
        self.say_what_is_hidden()

    def say_what_is_hidden(self) -> None:
        if self.hidden_rows:
            self.notes.append(
                ngettext(
                    "We skipped %(num)s hidden row: show them in the spreadsheet if they belong to the list.",
                    "We skipped %(num)s hidden rows: show them in the spreadsheet if they belong to the list.",
                    self.hidden_rows,
                )
            )
        if self.filled_hidden:
            names = ", ".join(column_name(place) for place in sorted(self.filled_hidden)[:10])
            self.notes.append(
                _("We skipped hidden columns (%(names)s): show them if they belong to the list.", names=names)
            )

    def begins(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self.begin_cell(attributes)
        elif tag == "v" or tag == "t":
            self.taking = not self.phonetic
            self.has_value = True
        elif tag == "f":
            self.formula = True
        elif tag == "row":
            self.number = int(attributes.get("r") or self.number + 1)
            if not 0 < self.number <= limits.LAST_ROW:
                raise ValueError("no row of a sheet")
            self.is_hidden = attributes.get("hidden") in ("1", "true")
            self.cells, self.faults, self.place = [], {}, -1
        elif tag == "rPh":
            self.phonetic = True
        elif tag == "col" and attributes.get("hidden") in ("1", "true"):
            first, last = int(attributes["min"]), int(attributes["max"])
            self.hidden_columns.update(range(max(first, 1) - 1, min(last, limits.MOST_COLUMNS)))

    def begin_cell(self, attributes: dict[str, str]) -> None:
        named = PLACE.match(attributes.get("r", ""))
        self.place = column_index_from_string(named[1]) - 1 if named else self.place + 1
        self.kind, self.style = attributes.get("t", "n"), int(attributes.get("s", 0))
        self.formula = self.has_value = False
        self.words.clear()
        self.length = 0
        self.budget.cells += 1
        if self.budget.cells > limits.MOST_CELLS:
            raise Unreadable(
                _("The sheet has more than %(most)s cells.", most=number(limits.MOST_CELLS)),
                limits.TOO_MUCH,
                self.number,
            )

    def text(self, words: str) -> None:
        if self.taking:
            self.words.append(words)
            self.length += len(words)
            if self.length > limits.LONGEST_CELL:
                self.budget.take_text(self.length, self.number)

    def ends(self, tag: str) -> None:
        self.taking = False
        if tag == "c":
            self.end_cell()
        elif tag == "row":
            self.end_row()
        elif tag == "rPh":
            self.phonetic = False
        elif tag == "sheetData":
            self.over = True

    def end_cell(self) -> None:
        if not self.words and not self.formula:
            return
        if self.place >= limits.MOST_COLUMNS:
            raise Unreadable(
                _("The sheet has more than %(most)s columns.", most=limits.MOST_COLUMNS),
                limits.TOO_MUCH,
                self.number,
            )
        text = self.value("".join(self.words))
        self.budget.take_text(len(text), self.number)
        if self.place in self.hidden_columns:
            self.filled_hidden.add(self.place)
            self.faults.pop(self.place, None)
            return
        self.cells += [""] * (self.place + 1 - len(self.cells))
        self.cells[self.place] = text

    def value(self, raw: str) -> str:
        """What the cell shows; and a fault when it cannot be taken as that."""
        if self.formula and self.was_never_calculated(raw):
            self.refuse(_("has a formula that was never calculated: open the file in a spreadsheet and save it once"))
            return ""
        if self.kind in ("s", "str", "inlineStr"):
            text = (self.book.strings[int(raw)] if raw else "") if self.kind == "s" else clean(raw)
            code = self.code
            return text if code in ("General", "@") or not text else formats.text_shown(text, code)
        if self.kind == "b":
            return "TRUE" if raw.strip() == "1" else "FALSE"
        if self.kind == "e":
            self.refuse(_("shows the error %(raw)s: correct it in the spreadsheet", raw=raw[:20]))
            return raw
        if self.kind == "d":
            return self.written_day(raw.strip())
        return self.number_shown(raw.strip())

    def was_never_calculated(self, raw: str) -> bool:
        """Programs that write formulas without calculating leave nothing, or zeros and a wish to calculate later."""
        if self.kind == "str":
            return not self.has_value
        return not raw or (self.book.recalculates and raw == "0")

    def number_shown(self, raw: str) -> str:
        if not raw:
            return ""
        number: float = int(raw) if raw.lstrip("-").isdigit() and len(raw) < 300 else float(raw)
        if 0 <= self.style < len(self.book.dates) and self.book.dates[self.style]:
            return self.day(number)
        if abs(number) >= MOST_EXACT:
            self.refuse(
                _("has more than 15 digits, of which spreadsheets lose the last: format it as text and type it again")
            )
            return formats.plain(number)
        if self.code != "General":
            return formats.shown(number, self.code)
        counts = self.book.epoch == CALENDAR_MAC_1904 and isinstance(number, int) and number > 0
        return Since1904(number) if counts else formats.plain(number)

    @property
    def code(self) -> str:
        """The number format of the cell."""
        return self.book.formats[self.style] if 0 <= self.style < len(self.book.formats) else "General"

    def day(self, number: float) -> str:
        try:
            found: Any = from_excel(number, self.book.epoch)
        except (ValueError, OverflowError):
            found = None
        if isinstance(found, datetime):
            found = found.date()
        if isinstance(found, date):
            return Day(found.isoformat())
        if found is None:
            self.refuse(_("has a date that does not exist: correct it in the spreadsheet"))
        return str(found or formats.plain(number))

    def written_day(self, raw: str) -> str:
        """A day as strict workbooks write it, as in ISO 8601. A time alone stays what it is."""
        try:
            return Day(datetime.fromisoformat(raw).date().isoformat())
        except ValueError:
            return raw

    def refuse(self, reason: str) -> None:
        self.faults[self.place] = _(
            "The cell %(column_name)s%(number)s %(reason)s.",
            column_name=column_name(self.place),
            number=self.number,
            reason=reason,
        )

    def end_row(self) -> None:
        if self.over:
            return
        line = Line(self.number, tuple(self.cells), self.faults)
        if line.is_blank:
            self.empty, self.all_empty = self.empty + 1, self.all_empty + 1
            self.over = self.empty > limits.MOST_EMPTY
            if self.all_empty > limits.MOST_EMPTY_IN_ALL:
                raise Unreadable(_("The sheet has too many empty rows."), limits.TOO_MUCH, self.number)
            if self.over:
                self.notes.append(
                    _(
                        "We stopped at row %(number)s, after %(most)s empty rows.",
                        number=number(self.number),
                        most=number(limits.MOST_EMPTY),
                    )
                )
            return
        self.empty = 0
        if self.is_hidden:
            self.hidden_rows += 1
            return
        self.budget.take_line(0, self.number)
        self.made.append(line)


def _merged(archive: Archive, book: Book) -> list[Merged]:
    """What is merged: (first row, last row, first column, last column), by first row. It comes after all rows."""
    found: list[Merged] = []
    tail, spent = b"", archive.budget.bytes
    for piece in archive.pieces(book.part):
        data = tail + piece
        tail = data[data.rfind(b"<") :][:4096]
        if b"mergeCell" in data:
            for left, top, right, bottom in MERGED.findall(data, 0, len(data) - len(tail)):
                first, last = (column_index_from_string(name.decode()) - 1 for name in (left, right))
                found.append((int(top), int(bottom), first, min(last, limits.MOST_COLUMNS)))
        if len(found) > limits.MOST_MERGED:
            raise Unreadable(
                _("The sheet has too many merged cells."), _("Split them, or save the sheet as “CSV UTF-8”.")
            )
    # The same part is read once more, for its rows.
    archive.budget.bytes = spent
    return sorted(found)


def _spread(lines: Iterator[Line], merged: list[Merged], budget: Budget) -> Iterator[Line]:
    """The lines, with the value of cells that are merged over several rows in each of them.

    Which of several columns a value belongs to cannot be told: that is a fault.
    """
    waiting = list(reversed(merged))
    # By column: until which row, and the value or the fault.
    tall: dict[int, tuple[int, str]] = {}
    wide: dict[int, tuple[int, str]] = {}
    for line in lines:
        if waiting or tall or wide:
            line = _with_merged(line, waiting, tall, wide)
            budget.take_text(sum(map(len, line.cells)), line.number)
        yield line


def _with_merged(
    line: Line, waiting: list[Merged], tall: dict[int, tuple[int, str]], wide: dict[int, tuple[int, str]]
) -> Line:
    cells = list(line.cells)
    for kept in (tall, wide):
        for place in [place for place, (bottom, _value) in kept.items() if bottom < line.number]:
            del kept[place]
    while waiting and waiting[-1][0] <= line.number:
        top, bottom, left, right = waiting.pop()
        if right > left:
            reason = _(
                "The cells %(first)s to %(last)s are merged: split them.",
                first=f"{column_name(left)}{top}",
                last=f"{column_name(right)}{bottom}",
            )
            wide.update(dict.fromkeys(range(left, right + 1), (bottom, reason)))
        elif top == line.number and left < len(cells):
            tall[left] = (bottom, cells[left])
    for place, (_bottom, value) in tall.items():
        cells += [""] * (place + 1 - len(cells))
        cells[place] = cells[place] or value
    # Reaching into a row that the merged cells end above, they say nothing.
    faults = {place: reason for place, (bottom, reason) in wide.items() if bottom >= line.number}
    return Line(line.number, tuple(cells), {**line.faults, **faults})
