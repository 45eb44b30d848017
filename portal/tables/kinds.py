"""What an uploaded file is, by what is in it. Everything but text and .xlsx is refused, with what to do about it."""

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import PurePath
from typing import IO

from portal.languages import gettext as _
from portal.tables.archive import Archive
from portal.tables.budget import MOST_LINES, Budget
from portal.tables.delimited import Knows, text_lines
from portal.tables.encodings import HowRead
from portal.tables.layout import Table, table
from portal.tables.lines import Line, Unreadable


class Kind(StrEnum):
    """How the rows of a file are found."""

    CSV = "csv"
    XLSX = "xlsx"


ENDINGS = {Kind.CSV: (".csv", ".txt", ".tsv", ".tab"), Kind.XLSX: (".xlsx", ".xlsm")}
AS_XLSX = _("Open it in a spreadsheet, save it as “Excel Workbook (.xlsx)” or “CSV UTF-8”, and upload that.")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What other files begin with.
BEGINNINGS = {
    b"%PDF": _("a PDF"), b"{\\rtf": _("a text document (RTF)"),
    b"\x89PNG": _("a picture"), b"\xff\xd8\xff": _("a picture"),
    b"GIF8": _("a picture"), b"\x1f\x8b": _("a packed file (gzip)"), b"7z\xbc\xaf": _("a packed file (7-Zip)"),
    b"Rar!": _("a packed file (RAR)"), b"SQLite format 3": _("a database"),
    b"BEGIN:VCARD": _("a list of contacts (vCard)"), b"BEGIN:VCALENDAR": _("a calendar"),
}  # fmt: skip
# What a page or a document in text has near its beginning.
MARKS = {
    "urn:schemas-microsoft-com:office:spreadsheet": _("a workbook in Excel’s XML format of 2003"),
    "<html": _("a web page, though its name may say otherwise"), "<!doctype html": _("a web page"),
    "<table": _("a web page, though its name may say otherwise"), "mime-version:": _("a web page (MHTML)"),
    "<?xml": _("an XML file"),
}  # fmt: skip


# Signs for machines, of which no text has many: without line ends, and what ends a page or begins an encoding.
FOR_MACHINES, MOST_FOR_MACHINES = bytes({*range(1, 9), *range(14, 26), 28, 29, 30, 31}), 10
JSON = re.compile(r"[\[{]\s*[\[{\"]")


def kind_of(stream: IO[bytes], name: str) -> Kind:
    """What the file of this name is. Raises Unreadable for everything that no rows can be read from."""
    stream.seek(0)
    head = stream.read(4096)
    stream.seek(0)
    ending = PurePath(name.replace("\\", "/")).suffix.casefold()
    if head.startswith(OLE):
        raise _ole_problem(stream, ending)
    kind = _workbook_kind(stream) if head.startswith(b"PK") else _text_kind(head)
    stream.seek(0)
    if ending not in ENDINGS[kind]:
        what = _("an Excel workbook") if kind == Kind.XLSX else _("text")
        raise Unreadable(
            _("The ending of the file’s name does not fit what is in it, which is %(what)s.", what=what),
            _("Give it the ending %(ending)s.", ending=ENDINGS[kind][0]),
        )
    return kind


def _text_kind(head: bytes) -> Kind:
    for beginning, what in BEGINNINGS.items():
        if head.startswith(beginning):
            raise Unreadable(
                _("This is %(what)s, not a table.", what=what), _("Upload a CSV file or an Excel workbook (.xlsx).")
            )
    signs = len(head) - len(head.translate(None, FOR_MACHINES))
    if b"\0" not in head and signs > max(MOST_FOR_MACHINES, len(head) // 50):
        raise Unreadable(
            _("This is a file of a program, not a table."), _("Upload a CSV file or an Excel workbook (.xlsx).")
        )
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    begins = head.decode(encoding, "ignore").lstrip().casefold()
    if JSON.match(begins):
        words = _("Have the list exported as CSV or as an Excel workbook (.xlsx), and upload that.")
        raise Unreadable(_("This is data for programs (JSON), not a table."), words)
    if begins.startswith(("<", "mime-version:")):
        what = next((what for mark, what in MARKS.items() if mark in begins), _("a web page"))
        raise Unreadable(_("This is %(what)s.", what=what), AS_XLSX)
    return Kind.CSV


def _ole_problem(stream: IO[bytes], ending: str) -> Unreadable:
    """Workbooks with a password, and those of before 2007, are in the same container."""
    content = stream.read()
    stream.seek(0)
    is_old = any(word.encode("utf-16-le") in content for word in ("Workbook", "Book"))
    if "EncryptedPackage".encode("utf-16-le") in content or (ending in ENDINGS[Kind.XLSX] and not is_old):
        return Unreadable(
            _("This file has a password."),
            _(
                "Open it in your spreadsheet, take the password away (in Excel: File > Info > Protect Workbook), "
                "save it, and upload it again."
            ),
        )
    if is_old or ending == ".xls":
        return Unreadable(_("This is a workbook in the format used before 2007 (.xls)."), AS_XLSX)
    return Unreadable(_("This is a document of an Office program, not a table."), AS_XLSX)


# A part by which other packed documents can be told.
PACKED = {
    "xl/workbook.bin": _("a binary workbook (.xlsb)"), "word/document.xml": _("a text document (Word)"),
    "ppt/presentation.xml": _("a presentation"), "Index/Document.iwa": _("a document of Numbers or Pages"),
    "Index.zip": _("a document of Numbers or Pages"),
}  # fmt: skip


def _workbook_kind(stream: IO[bytes]) -> Kind:
    with Archive(stream, Budget()) as archive:
        names = archive.names
        if "[Content_Types].xml" in names and "_rels/.rels" in names and not names & PACKED.keys():
            return Kind.XLSX
        what = next((what for name, what in PACKED.items() if name in names), "")
        if "mimetype" in names and "opendocument" in archive.read("mimetype", 200):
            what = _("an OpenDocument file (.ods)")
    if what:
        raise Unreadable(_("This is %(what)s.", what=what), AS_XLSX)
    raise Unreadable(_("This is a compressed file (ZIP), not a workbook."), _("Unpack it, and upload what is in it."))


def raw_lines(
    file: IO[bytes],
    kind: Kind | str,
    notes: list[str],
    *,
    knows: Knows,
    most_lines: int = MOST_LINES,
    seconds: float | None = None,
    how: HowRead | None = None,
) -> Iterator[Line]:
    """The lines of the file as they are. notes: what was assumed is added to it. seconds: of the processor, at most.
    how: the user's answers about how to read it.

    Raises Unreadable, and TooMuch for what takes more work than it may.
    """
    budget = Budget(most_lines) if seconds is None else Budget(most_lines, seconds)
    if kind == Kind.XLSX:
        # What reads workbooks takes long to load and much memory: not before there is one.
        from portal.tables.workbooks import sheet_lines

        return sheet_lines(file, budget, notes, how)
    return text_lines(file, budget, notes, knows, how)


def opened(
    file: IO[bytes], kind: Kind | str, *, knows: Knows, most_lines: int = MOST_LINES, how: HowRead | None = None
) -> Table:
    """The list in the file. knows: how many of some cells are known headings. how: the answers about how to read it.

    Raises Unreadable, and from its lines too.
    """
    notes: list[str] = []
    how = how or HowRead()
    lines = raw_lines(file, kind, notes, knows=knows, most_lines=most_lines, how=how)
    found = table(lines, notes, knows)
    found.how = how
    return found
