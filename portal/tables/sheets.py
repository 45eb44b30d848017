"""The XML of a workbook, read piece by piece: which sheet people see, its formats and its shared texts."""

import posixpath
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900
from openpyxl.utils.escape import unescape

from portal.languages import gettext as _
from portal.tables import budget as limits
from portal.tables.archive import AS_CSV, Archive
from portal.tables.lines import Unreadable

# Numbers of built-in formats for dates that openpyxl does not list: Chinese, Japanese and Korean.
EASTERN_DATES = {*range(27, 37), *range(50, 59)}
# A value, a text or a formula in a cell.
FILLED = re.compile(rb"<(?:\w{1,20}:)?[vtf](?:\s[^>]{0,100})?>[^<\s]")
Begins = Callable[[str, dict[str, str]], None]


@dataclass
class Book:
    """What is known of a workbook before its rows are read. formats: a number format for each style.

    seen: the sheets that people see. others: those of them that are not read. blank: those before it, which are empty.
    """

    sheet: str = ""
    part: str = ""
    seen: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    blank: list[str] = field(default_factory=list)
    epoch: datetime = CALENDAR_WINDOWS_1900
    recalculates: bool = False
    formats: list[str] = field(default_factory=list)
    dates: list[bool] = field(default_factory=list)
    strings: list[str] = field(default_factory=list)


class Parser:
    """Calls these with names without their prefixes, piece by piece.

    Raises Unreadable for what is no XML of a workbook: it defines something, lies too deep, or goes on for ever.
    """

    def __init__(
        self, begins: Begins, ends: Callable[[str], None] | None = None, text: Callable[[str], None] | None = None,
        most: int = limits.MOST_ELEMENTS,
    ):  # fmt: skip
        self.begins, self.ends = begins, ends
        self.left, self.depth, self.fed = most, 0, 0
        self.names: dict[str, str] = {}
        self.expat = expat.ParserCreate()
        self.expat.buffer_text = True
        self.expat.StartElementHandler = self._begin
        self.expat.EndElementHandler = self._end
        self.expat.CharacterDataHandler = text
        self.expat.StartDoctypeDeclHandler = self._refuse

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self.left -= 1
        self.depth += 1
        if self.left < 0 or self.depth > limits.DEEPEST:
            self._refuse()
        self.begins(self.names.get(name) or self._named(name), attributes)

    def _end(self, name: str) -> None:
        self.depth -= 1
        if self.ends:
            self.ends(self.names[name])

    def _named(self, name: str) -> str:
        if len(self.names) > 1_000:
            self._refuse()
        self.names[name] = name.rpartition(":")[2]
        return self.names[name]

    def _refuse(self, *_argument: object) -> None:
        raise Unreadable(_("The workbook cannot be read: its contents are not as they should be."), AS_CSV)

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        self.fed += len(piece)
        try:
            self.expat.Parse(piece, last)
        except (expat.ExpatError, ValueError, LookupError, OverflowError):
            self._refuse()
        # It looks at a tag from its beginning each time, until it has the end.
        if self.fed - self.expat.CurrentByteIndex > limits.LONGEST_TAG:
            self._refuse()

    def parse(self, pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            self.feed(piece)
        self.feed(b"", last=True)


def read_book(archive: Archive, wanted: str = "") -> Book:
    """The wanted sheet, or else the first that people see, and what its cells refer to. Raises Unreadable."""
    Parser(lambda *_: None).parse(archive.pieces("[Content_Types].xml"))
    start = _targets(archive, "_rels/.rels", "").get("officeDocument", [("", "xl/workbook.xml")])[0][1]
    book, sheets = Book(), []

    def begins(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            rel = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            sheets.append(
                (
                    attributes.get("name", "")[: limits.LONGEST_NAME],
                    rel,
                    attributes.get("state", "visible") != "visible",
                )
            )
            if len(sheets) > limits.MOST_PARTS:
                raise Unreadable(_("The workbook has too many sheets."), AS_CSV)
        elif name == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            book.epoch = CALENDAR_MAC_1904
        elif name == "calcPr":
            book.recalculates = attributes.get("fullCalcOnLoad") in ("1", "true")

    Parser(begins).parse(archive.pieces(start))
    folder, _slash, file = start.rpartition("/")
    targets = _targets(archive, f"{folder}/_rels/{file}.rels".lstrip("/"), folder)
    _choose_sheet(archive, book, sheets, dict(targets.get("worksheet", [])), wanted)
    for name in (part for _name, part in targets.get("styles", [])):
        _read_styles(archive, name, book)
    for name in (part for _name, part in targets.get("sharedStrings", [])[:1]):
        _read_strings(archive, name, book)
    return book


def _targets(archive: Archive, name: str, folder: str) -> dict[str, list[tuple[str, str]]]:
    """What the part refers to: kind to (id, part)."""
    found: dict[str, list[tuple[str, str]]] = {}

    def begins(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            kind, target = attributes.get("Type", "").rpartition("/")[2], attributes.get("Target", "")
            part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found.setdefault(kind, []).append((attributes.get("Id", ""), part))

    Parser(begins).parse(archive.pieces(name))
    return found


def _choose_sheet(
    archive: Archive, book: Book, sheets: list[tuple[str, str, bool]], parts: dict[str, str], wanted: str
) -> None:
    """The wanted sheet, or else the first visible one with something in it. Raises Unreadable."""
    seen = [(name, parts[rel]) for name, rel, hidden in sheets if rel in parts and not hidden]
    book.hidden = [name for name, rel, hidden in sheets if rel in parts and hidden]
    if not seen:
        raise Unreadable(
            _("The workbook has no sheet that people can see."), _("Show the sheet with the people, and save it.")
        )
    book.seen = [name for name, _part in seen]
    named = next((one for one in seen if one[0] == wanted), None)
    filled = (one for one in seen if len(seen) > 1 and not _is_blank(archive, one[1]))
    book.sheet, book.part = named or next(filled, seen[0])
    book.blank = [] if named else book.seen[: book.seen.index(book.sheet)]
    book.others = [name for name in book.seen if name != book.sheet]


def _is_blank(archive: Archive, part: str) -> bool:
    """Whether no cell of the sheet has a value. It is looked at until there is one."""
    tail, spent = b"", archive.budget.bytes
    try:
        for piece in archive.pieces(part):
            if FILLED.search(tail + piece):
                return False
            tail = piece[-200:]
        return True
    finally:
        # The part is read once more, for its rows.
        archive.budget.bytes = spent


def _read_styles(archive: Archive, name: str, book: Book) -> None:
    codes, inside, ids = dict(BUILTIN_FORMATS), "", []

    def begins(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        if tag == "numFmt":
            codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "General")[: limits.LONGEST_FORMAT]
            if len(codes) > limits.MOST_FORMATS:
                raise ValueError("more formats than a workbook has")
        elif tag in ("cellXfs", "cellStyleXfs", "dxfs"):
            inside = tag
        elif tag == "xf" and inside == "cellXfs":
            ids.append(int(attributes.get("numFmtId", 0)))

    def ends(tag: str) -> None:
        nonlocal inside
        inside = "" if tag == inside else inside

    try:
        Parser(begins, ends).parse(archive.pieces(name))
    except KeyError as error:
        raise Unreadable(_("The workbook cannot be read: its styles are damaged."), AS_CSV) from error
    book.formats = [codes.get(number, "General") for number in ids]
    day = {code: is_date_format(code) for code in set(book.formats)}
    book.dates = [number in EASTERN_DATES or day[code] for number, code in zip(ids, book.formats, strict=True)]


def _read_strings(archive: Archive, name: str, book: Book) -> None:
    parts: list[str] = []
    taking, phonetic, length = False, 0, 0

    def begins(tag: str, _attributes: dict[str, str]) -> None:
        nonlocal taking, phonetic
        phonetic += tag == "rPh"
        taking = tag == "t" and not phonetic

    def ends(tag: str) -> None:
        nonlocal taking, phonetic, length
        taking = False
        phonetic -= tag == "rPh"
        if tag == "si":
            book.strings.append(clean("".join(parts)))
            parts.clear()
            length = 0
            if len(book.strings) > limits.MOST_STRINGS:
                raise Unreadable(_("The workbook has too many different texts."), limits.TOO_MUCH)

    def text(words: str) -> None:
        nonlocal length
        if taking:
            length += len(words)
            if length > limits.LONGEST_CELL:
                raise Unreadable(_("The workbook has a text that is too long for a cell."), limits.TOO_MUCH)
            parts.append(words)

    Parser(begins, ends, text, most=4 * limits.MOST_STRINGS).parse(archive.pieces(name))


def clean(words: str) -> str:
    """The text of a cell, in which characters that XML cannot have are written as _x000D_, and halves of others too."""
    if "_x" not in words:
        return words
    return unescape(words).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
