"""Workbooks by chance: as a spreadsheet makes them, and then with parts that are missing, false, huge or malicious."""

import io
import struct
import warnings
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from random import Random
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from tests.fuzz.files import MANY, nasty, spoilt, table
from tests.people.files import SHEET, with_cells, with_part, with_texts, workbook

TEXTS, STYLES, BOOK = "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"
BOOK_LINKS, TYPES = "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
PARTS = (SHEET, TEXTS, STYLES, BOOK, BOOK_LINKS, TYPES, "_rels/.rels", "xl/theme/theme1.xml", "docProps/core.xml")
LAUGHS = "<!DOCTYPE x [<!ENTITY a 'haha'>" + "".join(
    f"<!ENTITY {new} '{f'&{old};' * 10}'>" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
OUTSIDE = "<!DOCTYPE x [<!ENTITY i SYSTEM 'file:///etc/passwd'>"
FORMATS = (
    "00000",
    "@",
    "General",
    "0.00E+00",
    "[$-414]d. mmm yyyy;@",
    '"N-"@',
    ";;;",
    "[Red][<=9]0;0",
    "#" * 300,
    "yyyy",
)
NO_ZIP = (
    BadZipFile,
    ValueError,
    KeyError,
    OSError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    zlib.error,
    struct.error,
)
# Elements of a sheet as no spreadsheet writes them.
STRANGE = (
    '<dimension ref="A1:XFD1048576"/>', '<row r="1048577"><c><v>1</v></c></row>', '<row r="-1"><c r="A-1"/></row>',
    '<row r="x"><c r="ZZZZ9"><v>1</v></c></row>', "<row><c t='s'><v>99999999</v></c></row>",
    "<row><c t='s'><v>-1</v></c></row>", "<row><c s='99999'><v>1</v></c></row>",
    "<row><c><v>1e400</v></c><c><v>NaN</v></c></row>", "<row><c t='d'><v>2026</v></c></row>",
    "<row><c t='b'><v>7</v></c><c t='what'><v>7</v></c></row>", "<row><c t='e'><v>#N/A</v></c></row>",
    "<row><c><f>A1</f></c></row>", "<row hidden='1'><c><v>1</v></c></row>" * 3, "<row r='1048576'/>",
    "<row/>" * 1_500, "<row><c r='A1'/><c r='A1'/></row>", "<row><c><v>99999999999</v></c><c><v>-5</v></c></row>",
    "<row><c t='inlineStr'><is><t>_x0000_</t></is></c></row>",
    "<mergeCells><mergeCell ref='A1:XFD1048576'/><mergeCell ref='?'/></mergeCells>",
    "<cols><col min='0' max='99999' hidden='1'/></cols>", "<x:row xmlns:x='urn:y'/>",
    "<row><c r='XFD5'><v>1</v></c></row>", "</sheetData><sheetData>", "&lol;", "<!-- -- -->", "<![CDATA[",
)  # fmt: skip


def sheet(rng: Random) -> bytes:
    """A workbook, whole or spoilt in one or two of many ways."""
    content = _as_made(rng)
    for _ in range(rng.choice((0, 1, 1, 2))):
        # What an earlier way has spoilt may be no ZIP file any more; and some parts are there twice on purpose.
        with warnings.catch_warnings(action="ignore"), suppress(*NO_ZIP):
            content = rng.choice(WAYS)(rng, content)
    return content


def _as_made(rng: Random) -> bytes:
    def touch(page: Any) -> None:
        for row in page.iter_rows(max_row=20):
            for cell in row:
                if rng.random() < 0.1:
                    cell.number_format = rng.choice(FORMATS)
        if rng.random() < 0.2:
            page.merge_cells(rng.choice(("A1:B1", "A2:A9", "B2:C5")))
        if rng.random() < 0.2:
            page.sheet_state = "hidden"
            page.parent.active = page.parent.index(page.parent.create_sheet(rng.choice(("People", "x" * 31, "😀"))))

    return workbook(*([_value(rng, cell) for cell in row] for row in table(rng)), touch=touch)


def _value(rng: Random, cell: str) -> Any:
    """The cell as a spreadsheet could hold it."""
    kind = rng.randrange(20)
    if kind == 0:
        return rng.choice((417, 0.5, True, None, date(2026, 3, 1), 1e15, -1, "=1+1", 1234567890123456789))
    return "".join(sign for sign in cell[:32_000] if sign in "\t\n" or sign >= " ")


def _cells(rng: Random, content: bytes) -> bytes:
    rows = "".join(rng.choice(STRANGE) for _ in range(rng.randint(1, 5)))
    head = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in ("employee_number", "first_name"))
    return with_cells(f"<row>{head}</row>{rows}")


def _texts(rng: Random, content: bytes) -> bytes:
    texts = rng.choice(
        ("<si/>" * (MANY // 3), f"<si><t>{'x' * 200_000}</t></si>", "<si><r><t>x</t></r></si>" * 50, "<si>", "")
    )
    return with_texts(texts, '<row><c t="s"><v>0</v></c></row>' * rng.choice((1, 5_000)))


def _in_place(rng: Random, content: bytes) -> bytes:
    """Something strange in the middle of a part."""

    def put(text: str) -> str:
        at = text.find(
            rng.choice(
                ("<row", "</sheetData>", "<sheetData", "<sheets", "<cellXfs", "<Relationship ", "<Override", "</")
            )
        )
        return text[: max(at, 0)] + rng.choice(STRANGE) + text[max(at, 0) :]

    return with_part(content, rng.choice(_names(content)), put)


def _entities(rng: Random, content: bytes) -> bytes:
    kind, name = rng.choice(((LAUGHS, "i"), (OUTSIDE, "i"), ("<!DOCTYPE x [", "lt"))), rng.choice(_names(content))
    return with_part(
        content, name, lambda text: f"{kind[0]}]>" + text.split("?>", 1)[-1].replace("><", f">&{kind[1]};<", 3)
    )


def _spoilt_part(rng: Random, content: bytes) -> bytes:
    name = rng.choice(_names(content))
    with ZipFile(io.BytesIO(content)) as parts:
        return with_part(content, name, spoilt(rng, parts.read(name)))


def _without(rng: Random, content: bytes) -> bytes:
    return with_part(
        content,
        rng.choice(PARTS),
        rng.choice((b"", b"<a/>", b"\0" * 100, b"<?xml version='1.0' encoding='utf-9'?><a/>")),
    )


def _recoded(rng: Random, content: bytes) -> bytes:
    name, encoding = rng.choice(_names(content)), rng.choice(("utf-16", "utf-32", "latin-1", "utf-8-sig", "cp037"))
    with ZipFile(io.BytesIO(content)) as parts:
        return with_part(content, name, parts.read(name).decode("utf-8", "replace").encode(encoding, "replace"))


def _attributes(rng: Random, content: bytes) -> bytes:
    """Values of attributes, swapped for others."""

    def swap(text: str) -> str:
        pieces = text.split('"')
        for _ in range(3):
            at = rng.randrange(len(pieces))
            pieces[at | 1 if at | 1 < len(pieces) else at] = rng.choice(
                ("", "-1", "99999999", "../../x.xml", "A1:XFD1048576", "é", "rId1")
            )
        return '"'.join(pieces)

    return with_part(content, rng.choice(_names(content)), swap)


def _bomb(rng: Random, content: bytes) -> bytes:
    """A part that is small until it is unpacked."""
    begin, end = rng.choice(
        ((b"<worksheet><sheetData>", b"</sheetData></worksheet>"), (b"<worksheet x='", b"'/>"), (b"", b""))
    )
    name, made = rng.choice((SHEET, STYLES, TEXTS, TYPES)), io.BytesIO()
    with ZipFile(io.BytesIO(content)) as parts, ZipFile(made, "w", ZIP_DEFLATED) as again:
        for other in parts.namelist():
            if other != name:
                again.writestr(other, parts.read(other))
        with again.open(name, "w") as part:
            part.write(begin)
            for _ in range(rng.choice((5, MANY // 10_000))):
                part.write(b" " * 1_000_000)
            part.write(end)
    return made.getvalue()


def _rows_without_end(rng: Random, content: bytes) -> bytes:
    row = rng.choice(("<row/>", "<row><c/></row>", "<row><c><v>1</v></c></row>", "<row>" + "<c/>" * 400 + "</row>"))
    return with_cells(row * (MANY // len(row)))


def _many_parts(rng: Random, content: bytes) -> bytes:
    file = io.BytesIO(content)
    with ZipFile(file, "a", rng.choice((ZIP_STORED, ZIP_DEFLATED))) as parts:
        for number in range(rng.choice((3, 1_200))):
            parts.writestr(
                rng.choice((f"xl/{number}.xml", SHEET.upper(), f"../{number}", "/etc/passwd", "a\\b", f"é{number}")),
                b"x",
            )
    return file.getvalue()


def _directory(rng: Random, content: bytes) -> bytes:
    """Numbers in the list of the parts that are not so: sizes, sums, methods, flags, places."""
    at = content.rfind(b"PK\x01\x02") if rng.random() < 0.5 else content.find(b"PK\x01\x02")
    number = rng.choice((0, 1, 0xFF, 0xFFFF, 0xFFFFFFFF, rng.getrandbits(32)))
    place = at + rng.choice((6, 8, 10, 16, 20, 24, 28, 30, 32, 38, 42))
    return content[:place] + struct.pack("<I", number)[: rng.choice((1, 2, 4))].ljust(2, b"\0") + content[place + 2 :]


def _around(rng: Random, content: bytes) -> bytes:
    return rng.choice((b"", b"MZ" * 500, b"\xef\xbb\xbf")) + content + rng.choice((b"", b"\0" * 70_000, content))


def _words_in_cells(rng: Random, content: bytes) -> bytes:
    return workbook(["employee_number", "first_name"], *([f"E{n}", _value(rng, nasty(rng))] for n in range(9)))


def _bytes(rng: Random, content: bytes) -> bytes:
    return spoilt(rng, content)


WAYS: tuple[Callable[[Random, bytes], bytes], ...] = (
    _cells, _cells, _texts, _in_place, _in_place, _entities, _spoilt_part, _without, _recoded, _attributes, _bomb,
    _rows_without_end, _many_parts, _directory, _directory, _around, _words_in_cells, _bytes,
)  # fmt: skip


def _names(content: bytes) -> list[str]:
    with ZipFile(io.BytesIO(content)) as parts:
        return parts.namelist()
