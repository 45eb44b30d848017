"""Files of people, made in the test: workbooks as spreadsheets write them, and as other programs do."""

import io
from collections.abc import Callable
from typing import Any
from zipfile import ZipFile

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet


def workbook(*rows: list[Any], touch: Callable[[Worksheet], None] = lambda sheet: None) -> bytes:
    """A workbook with these rows. touch: what else is done to its sheet."""
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    touch(book.active)
    book.save(file)
    return file.getvalue()


def with_part(content: bytes, name: str, part: str | bytes | Callable[[str], str]) -> bytes:
    """The workbook with another part of this name; or with what is made of its text."""
    made = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as parts, ZipFile(made, "w", 8) as again:
        for other in parts.namelist():
            if other != name:
                again.writestr(other, parts.read(other))
        again.writestr(name, part(parts.read(name).decode()) if callable(part) else part)
    return made.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def with_cells(xml: str) -> bytes:
    """A workbook with this XML as the rows of its sheet."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return with_part(workbook(), SHEET, f'<worksheet xmlns="{main}"><sheetData>{xml}</sheetData></worksheet>')


def with_texts(texts: str, xml: str) -> bytes:
    """A workbook with these shared texts, to which the rows refer."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    relation = f'<Relationship Type="{kind}" Target="sharedStrings.xml" Id="rId9"/></Relationships>'
    content = with_part(with_cells(xml), "xl/sharedStrings.xml", f"<sst>{texts}</sst>")
    return with_part(content, "xl/_rels/workbook.xml.rels", lambda text: text.replace("</Relationships>", relation))
