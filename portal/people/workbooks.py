"""Reading the first sheet of an XLSX workbook as lines of CSV, without letting it grow beyond all bounds."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import IO, Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from portal.problems import Problem

BEGINS_WITH = b"PK"
# Of all its parts together when they are unpacked; and how many parts.
LARGEST, MOST_PARTS = 256 * 1024 * 1024, 1_000
# Beyond these no sheet of people goes.
MOST_COLUMNS, MOST_ROWS = 60, 1_000_000


class Unreadable(Problem):
    """The workbook cannot be read."""

    status = 422
    next_step = "Save the sheet as “CSV UTF-8”, and upload that."


def is_workbook(stream: IO[bytes], name: str) -> bool:
    """Whether the file of this name is a workbook; else it is text. Raises Unreadable for one that unpacks to too much,
    and for a file that is not named as what it is."""
    found = stream.read(2) == BEGINS_WITH
    stream.seek(0)
    if not name.casefold().endswith((".xlsx",) if found else (".csv", ".txt")):
        raise Unreadable("The name of the file does not end as what is in it: .csv, .txt or .xlsx.")
    if not found:
        return False
    try:
        with ZipFile(stream) as parts:
            sizes = [part.file_size for part in parts.infolist()]
    except (BadZipFile, OSError) as error:
        raise Unreadable() from error
    stream.seek(0)
    if sum(sizes) > LARGEST or len(sizes) > MOST_PARTS:
        raise Unreadable("The workbook is too large.")
    return True


def as_csv(stream: IO[bytes]) -> Iterator[str]:
    """Each row of the first sheet as a line of CSV, until the rows end. Raises Unreadable."""
    try:
        # With defusedxml installed, openpyxl refuses documents that define entities.
        book = load_workbook(stream, read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(max_col=MOST_COLUMNS, max_row=MOST_ROWS, values_only=True)
        width = 0
        for cells in rows:
            words = [_text(cell) for cell in cells]
            # The first row names the columns; empty ones beyond its last name belong to nothing.
            width = width or max((place for place, word in enumerate(words, 1) if word), default=1)
            line = io.StringIO()
            csv.writer(line).writerow([*words[:width], *(word for word in words[width:] if word)])
            yield line.getvalue()
    except (BadZipFile, InvalidFileException, ParseError, LookupError, ValueError, TypeError, OSError) as error:
        raise Unreadable() from error


def _text(cell: Any) -> str:
    """As it was typed: 1001 for what a spreadsheet keeps as 1001.0, and days as in 2026-03-31."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell) if whole else cell).strip()
