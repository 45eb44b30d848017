"""Small files that cause much work: each is refused, or read as far as a list of people goes.

What comes in is bounded in bytes elsewhere; here it is the work. A limit that does not hold is a test that takes
minutes.
"""

import io
import zipfile
from contextlib import suppress

import pytest

from portal.columns.known import known
from portal.config import settings
from portal.tables import Unreadable, budget, kind_of, opened
from tests.people.files import SHEET, with_cells, with_part, with_texts, workbook

HEAD = '<row><c t="inlineStr"><is><t>employee_number</t></is></c></row>'
TEXT = '<row><c t="s"><v>0</v></c></row>'
STYLES = "xl/styles.xml"


def read(content: bytes, name: str = "people.xlsx", most_lines: int = budget.MOST_LINES):
    stream = io.BytesIO(content)
    table = opened(stream, kind_of(stream, name), knows=known, most_lines=most_lines)
    return list(table.lines), table.notes


def refused(content: bytes, name: str = "people.xlsx") -> str:
    with pytest.raises(Unreadable) as caught:
        read(content, name)
    assert caught.value.next_step
    return caught.value.message


def formats(count: int) -> str:
    return "".join(f'<numFmt numFmtId="{200 + number}" formatCode="0"/>' for number in range(count))


def sheet(rows: str, after: str = "") -> bytes:
    return with_part(workbook(), SHEET, f"<worksheet><sheetData>{rows}</sheetData>{after}</worksheet>")


def test_a_cell_in_the_last_row_of_a_sheet_is_one_row():
    [line], _ = read(with_cells(HEAD + '<row r="1048576"><c><v>7</v></c></row>'))
    assert (line.number, line.cells) == (1_048_576, ("7",))


def test_a_sheet_is_over_after_many_empty_rows_and_that_is_said():
    lines, notes = read(with_cells(HEAD + "<row><c><v>1</v></c></row>" + '<row><c s="1"/></row>' * 200_000 + TEXT))
    assert len(lines) == 1
    assert notes == ["We stopped at row 1,003, after 1,000 empty rows."]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda: with_cells(HEAD + ("<row/>" * 999 + "<row><c><v>1</v></c></row>") * 101), "too many empty rows"),
        (lambda: with_cells("<row>" + "<c><v>1</v></c>" * 501 + "</row>"), "more than 500 columns"),
        (lambda: with_cells(f"<row><c t='inlineStr'><is><t>{'x' * 200_000}</t></is></c></row>"), "more text than"),
        (lambda: with_cells(f'<row r="{"1" * 40_000_000}"><c/></row>'), "not as they should be"),
        (lambda: with_cells(f'<row r="{"9" * 20}"><c><v>1</v></c></row>'), "not as they should be"),
        (lambda: with_cells("<a>" * 100), "not as they should be"),
        (lambda: with_cells("".join(f"<a{n}/>" for n in range(2_000))), "not as they should be"),
        (lambda: with_texts("<si/>" * 1_000_001, TEXT), "too many different texts"),
        (lambda: with_texts(f"<si><t>{'x' * 200_000}</t></si>", TEXT), "too long for a cell"),
        (lambda: with_texts(f"<si>{'<r><t>xxxxxxxxxx</t></r>' * 20_000}</si>", TEXT), "too long for a cell"),
        (lambda: with_texts(f"<si><t>{'x' * 100_000}</t></si>", TEXT * 1_001), "more text than a list"),
        (lambda: with_part(workbook(), STYLES, f"<s><cellXfs>{'<xf/>' * 500_001}</cellXfs></s>"), "not as they should"),
        (lambda: with_part(workbook(), STYLES, f"<s>{formats(10_001)}</s>"), "not as they should be"),
        (lambda: sheet(TEXT, '<mergeCell ref="A1:B2"/>' * 10_001), "too many merged cells"),
    ],
    ids=["empty rows", "columns", "long cell", "long attribute", "row", "depth", "names", "texts", "long text", "runs",
         "one text in many cells", "styles", "formats", "merged"],
)  # fmt: skip
def test_what_no_list_of_people_has_is_refused(content, words):
    assert words in refused(content())


def test_merged_cells_over_the_whole_sheet_cost_no_more_than_its_rows():
    lines, _ = read(sheet("<row><c><v>1</v></c></row>" * 5_000, '<mergeCell ref="A1:Z9000"/>' * 9_000))
    assert len(lines) < 5_000


def test_a_workbook_of_very_many_parts_is_not_looked_through():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        for number in range(40_000):
            parts.writestr(str(number), "")
    assert refused(file.getvalue()) == "The workbook has too many parts."


def test_cells_and_seconds_are_counted(monkeypatch):
    monkeypatch.setattr(budget, "MOST_CELLS", 100)
    assert "more than 100 cells" in refused(with_cells("<row><c/><c/></row>" * 51))
    assert "more than 100 cells" in refused(b"a,b,c\n" * 40, "people.csv")
    monkeypatch.setattr(budget, "SECONDS", 0.0)
    assert "takes too long" in refused(with_cells("<row><c/></row>"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'employee_number,"' + b"x" * 20_000_000, "too long"), (b"x" * 20_000_000, "too long"),
        (b"a," * 100_000 + b"\n", "more than 500 values"), (b'employee_number,"' + b"x\n" * 100_000, "not valid CSV"),
        (b"employee_number\n" * 3 + b"\n" * 1_000_000, "more than 100,000 lines"),
        (b"employee_number\n" + b"1\n" * 101_000, "more than 100,000 lines"),
        (b"\xff\xfe" + "1\n".encode("utf-16-le") * 101_000, "more than 100,000 lines"),
    ],
    ids=["one value", "one line", "columns", "lines in a value", "empty lines", "lines", "UTF-16"],
)  # fmt: skip
def test_text_that_no_list_of_people_has_is_refused(content, words):
    stream = io.BytesIO(content)
    with pytest.raises(Unreadable, match=words):
        list(opened(stream, "csv", knows=known).lines)
    assert settings().most_lines == budget.MOST_LINES


def test_what_looks_like_a_footer_takes_no_time_to_tell():
    lines, _ = read(b"employee_number,first_name\n" + b"total " + b"1 1.1 " * 10_000 + b"x,y\n", "people.csv")
    assert len(lines) == 1


# Each of them, and a person whom it is about, in a few hundred kilobytes.
LONG = {
    "headings": b"employee_number," + b"(" * 130_000 + b"\n1,2\n",
    "headings in brackets": b"employee_number," + b"([" * 65_000 + b"\n1,2\n",
    "columns of no one": b"employee_number\n1\n" + b"a," * 130_000 + b"\n",
    "letters": b"employee_number,first_name\n1,Zo\xeb\n2," + b"a" * 130_000 + b"\n",
    "words": b"employee_number,first_name\n" + (b"a" * 1_990 + b",Zo\xeb\n") * 100,
    "Nordic letters": b"employee_number,first_name\n" + (b"\xf8a" * 990 + b",Zo\xeb\n") * 100,
    "separator": b"sep=\r\nemployee_number,first_name\n1,Zoe\n",
}


@pytest.mark.parametrize("content", LONG.values(), ids=LONG)
def test_no_text_is_looked_at_over_and_over_again(content):
    with suppress(Unreadable):
        assert list(opened(io.BytesIO(content), "csv", knows=known).lines)


def test_a_workbook_is_not_looked_at_over_and_over_again():
    hidden = '<cols><col min="-999999999" max="0" hidden="1"/></cols><sheetData>'
    book = with_cells(HEAD + '<row><c s="0"><v>7</v></c></row>')
    book = with_part(book, SHEET, lambda xml: xml.replace("<sheetData>", hidden))
    styles = f'<s><numFmts><numFmt numFmtId="200" formatCode="{"[" * 900_000}"/></numFmts>'
    content = with_part(book, STYLES, f'{styles}<cellXfs><xf numFmtId="200"/></cellXfs></s>')
    [line], notes = read(content)
    assert (line.cells, notes) == (("7",), [])
