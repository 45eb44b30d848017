"""Files as people and programs really make them: what is read, what is refused, and what the page says about it."""

import codecs
import io
from zipfile import ZipFile

import pytest
from openpyxl.styles import Font

from portal.config import settings
from portal.import_plans import likeness
from portal.imports import jobs as import_jobs
from portal.imports.uploads import Import
from portal.people.models import Employee
from tests.people.files import with_cells, with_texts, workbook
from tests.people.test_import_employees import IMPORT, counts

HEADER = ["employee_number", "first_name", "last_name", "mobile", "department", "personal_email"]
LINE = ",".join(HEADER)


@pytest.fixture
def load(app, alice):
    """Uploads a file, and imports it when there is no objection; returns the page of its preview."""

    def load(content: str | bytes | list, name: str = ""):
        content = workbook(*content) if isinstance(content, list) else content
        file = io.BytesIO(content.encode() if isinstance(content, str) else content)
        file.name = name or ("people.xlsx" if content[:2] == b"PK" else "people.csv")
        alice.get(IMPORT)
        preview = alice.press("Upload", {"File (CSV or XLSX)": file})
        while kept := Import.select().where(Import.state.in_(("reading", "importing"))).first():
            with app.app_context():
                import_jobs.carry_on(kept)
            preview = alice.get(preview.url)
        if preview.has_button("Import"):
            alice.press("Import")
            for kept in Import.select().where(Import.state == "importing"):
                with app.app_context():
                    import_jobs.carry_on(kept)
        return preview

    return load


def people(*fields: str) -> list:
    chosen = [getattr(Employee, field) for field in fields or ("employee_number",)]
    rows = list(Employee.select(*chosen).order_by(Employee.employee_number).tuples())
    return rows if len(fields) > 1 else [value for (value,) in rows]


def refused(page, *words: str) -> None:
    assert not people(), people()
    for word in words:
        assert word in page.text, page.text


def test_columns_without_name_and_value_are_no_columns(load):
    load("employee_number,first_name,,,\nE1,Tove,,,\nE2,Hjalmar\n")
    assert people("employee_number", "first_name") == [("E1", "Tove"), ("E2", "Hjalmar")]


@pytest.mark.parametrize(
    "content", ["employee_number,,first_name,\nE1,,Tove,x\n", "employee_number,first_name,\nE1,Tove,x\n"]
)
def test_a_column_with_values_and_no_name_is_named_by_its_place(load, content):
    refused(load(content), "Column D" if content.startswith("employee_number,,") else "Column C")


def test_a_value_far_down_in_a_column_without_a_name_is_named_by_its_place(load):
    lines = "".join(f"E{n},Tove,\n" for n in range(300))
    refused(load(f"employee_number,first_name,\n{lines}E900,Gina,oops\n"), "302", "“oops” in column C")


def test_lines_that_end_early_are_as_if_their_last_cells_were_empty(load):
    load(f"{LINE}\nE1,Tove\nE2,Hjalmar,Werle,,,\n")
    assert people("employee_number", "last_name", "mobile") == [("E1", "", ""), ("E2", "Werle", "")]


def test_lines_with_too_many_cells_stay_refused_unless_those_are_empty(load):
    refused(load("employee_number,first_name\nE1,Tove,Ekdal\nE2,Gina,,\n"), "There are 3 values", "“Ekdal” in column C")
    load("employee_number,first_name\nE2,Gina,,\n")
    assert people() == ["E2"]


SHOWN = [
    (417, "00000", "00417"), (418, '"N-"00000', "N-00418"), (419, "\\N0000", "N0419"), (123456, "000-000", "123-456"),
    (90210, "[<=99999]00000;00000-0000", "90210"), (420, "[$-414]0000", "0420"), (421, "00000;-00000;", "00421"),
    (422, "General", "422"), (423.0, "0", "423"), (1417, "#,##0", "1417"), (424, "0.00", "424"), (425, "@", "425"),
    (426, '_-* #,##0.00 "kr"_-', "426"), (427, "0.00E+00", "427"), (0.5, "0%", "50%"), (428, "[Red]00000", "00428"),
    (429, "# ?/?", "429"), (4155512345, "(000) 000-0000", "(415) 551-2345"), (123456789, "0##", "123456789"),
]  # fmt: skip


def test_a_number_is_read_as_its_cell_shows_it(load):
    def as_formats(sheet):
        for row, (_, code, _) in enumerate(SHOWN, 2):
            sheet[f"A{row}"].number_format = code

    rows = ([value, "Gina"] for value, _, _ in SHOWN)
    load(workbook(["employee_number", "first_name"], *rows, touch=as_formats))
    assert people() == sorted(shown for _, _, shown in SHOWN)


def test_the_zeros_that_a_format_shows_find_the_person_who_is_known(load):
    load("employee_number,first_name\n00417,Gina\n")

    def with_zeros(sheet):
        sheet["A2"].number_format = "00000"

    load(workbook(["employee_number", "department"], [417, "Care"], touch=with_zeros))
    assert people("employee_number", "department") == [("00417", "Care")]


def test_days_are_read_as_days_whatever_their_format_shows(load):
    def as_days(sheet):
        for column, code in zip(
            "CDEF", ("dd/mm/yyyy", "[$-414]d. mmm yyyy;@", "mmm-yy", "yyyy-mm-dd hh:mm"), strict=True
        ):
            sheet[f"{column}2"].number_format = code

    header = ["employee_number", "first_name", "start_date", "end_date"]
    load(workbook(header, ["E1", "Tove", 46082, 46083.75], touch=as_days))
    assert [tuple(map(str, row)) for row in people("start_date", "end_date")] == [("2026-03-01", "2026-03-02")]


@pytest.mark.parametrize("column", [0, 3, 4])
def test_a_day_where_none_belongs_was_made_by_the_spreadsheet(load, column):
    row = ["E1", "Tove", "", "", "", ""]
    row[column] = 46082

    def as_day(sheet):
        sheet.cell(2, column + 1).number_format = "d.m.yy"

    refused(load(workbook(HEADER, row, touch=as_day)), "The spreadsheet has turned it into the date 2026-03-01")


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#NAME?"])
def test_an_error_of_the_workbook_refuses_its_line_and_names_the_cell(load, error):
    refused(load([HEADER, ["E1", "Tove", "", "", error]]), "2 E1 department: The cell E2 shows the error " + error)


@pytest.mark.parametrize("error", ["#N/A", "#BEZUG!", "#NV", "#SPILL!", "Err:502", "########", "#¡REF!"])
def test_an_error_that_came_into_a_csv_file_is_refused_too(load, error):
    refused(load(f"{LINE}\nE1,Tove,,,{error},\n"), "is how a spreadsheet shows an error")


CALCULATES_LATER = "<calcPr calcId='124519' fullCalcOnLoad='1'/>"


@pytest.mark.parametrize("cell", ["<f>1+1</f>", "<f>1+1</f><v/>", "<f>1+1</f><v></v>", "<f>1+1</f><v>0</v>", "<f/>"])
def test_a_formula_that_was_never_calculated_is_refused(load, cell):
    load(f"{LINE}\nE1,Tove,,,,tove@post.example\n")
    text = [f'<c r="{place}" t="inlineStr"><is><t>{words}</t></is></c>' for place, words in
            (("A1", "employee_number"), ("B1", "personal_email"), ("A2", "E1"))]  # fmt: skip
    page = load(with_cells(f'<row r="1">{text[0]}{text[1]}</row><row r="2">{text[2]}<c r="B2">{cell}</c></row>'))
    assert (
        "The cell B2 has a formula that was never calculated: open the file in a spreadsheet and save it once"
        in page.text
    )
    assert people("employee_number", "personal_email") == [("E1", "tove@post.example")]


def test_a_formula_with_its_result_is_its_result_and_an_empty_one_is_empty(load):
    cells = "".join(
        f'<c r="{place}1" t="inlineStr"><is><t>{words}</t></is></c>'
        for place, words in zip("ABCDEF", HEADER, strict=True)
    )
    row = "".join(f"<c t='str'><f>A</f><v>{words}</v></c>" for words in ("E1", "Tove", ""))
    load(with_cells(f'<row r="1">{cells}</row><row r="2">{row}<c r="D2"><f>D</f><v>47991234567</v></c></row>'))
    assert people("employee_number", "last_name", "mobile") == [("E1", "", "47991234567")]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_the_first_sheet_that_people_see_is_read(load, state):
    def two(sheet):
        sheet.sheet_state = state
        for row in (["employee_number", "first_name"], ["E9", "Tove"]):
            (sheet.parent["People"] if "People" in sheet.parent else sheet.parent.create_sheet("People")).append(row)
        sheet.parent.active = 1

    page = load(workbook(["employee_number", "first_name"], ["E8", "Nobody"], touch=two))
    assert people() == ["E9"]
    assert "We read the sheet “People”, not “Sheet” (hidden)." in page.text


@pytest.mark.parametrize("styled", [False, True])
def test_an_empty_first_sheet_is_skipped_and_the_page_says_so(load, styled):
    def cover(sheet):
        blank = sheet.parent.create_sheet("Cover", 0)
        if styled:
            blank["B2"].font = Font(bold=True)
        sheet.parent.active = 0

    page = load(workbook(["employee_number", "first_name"], ["E9", "Tove"], touch=cover))
    assert people() == ["E9"]
    assert "We read the sheet “Sheet”, because “Cover” is empty." in page.text


def test_hidden_rows_and_columns_are_left_out_and_that_is_said(load):
    def hide(sheet):
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["E"].hidden = True

    page = load(workbook(HEADER, ["E1", "Tove", "", "", "Secret"], ["E2", "Gone"], ["E3", "Gina"], touch=hide))
    assert people("employee_number", "department") == [("E1", ""), ("E3", "")]
    assert "We skipped 1 hidden row: show" in page.text
    assert "We skipped hidden columns (E): show" in page.text


def test_the_value_of_merged_cells_counts_for_all_of_their_rows(load):
    rows = [["E1", "Tove", "", "", "Finance"], ["E2", "Gina"], ["E3", "Hedvig"], ["E4", "Berta", "", "", "Care"]]
    load(workbook(HEADER, *rows, touch=lambda sheet: sheet.merge_cells("E2:E4")))
    assert people("department") == ["Finance", "Finance", "Finance", "Care"]


def test_cells_that_are_merged_over_columns_are_refused(load):
    content = workbook(HEADER, ["E1", "Tove Ekdal"], ["E2", "Gina"], touch=lambda sheet: sheet.merge_cells("B2:C2"))
    refused(load(content), "The cells B2 to C2 are merged: split them.")


@pytest.mark.parametrize("number", ["4.79912E+10", "4,79912E+10", "4.79912e10", "5E+10"])
@pytest.mark.parametrize("column", ["mobile", "employee_number"])
def test_a_number_in_powers_of_ten_has_lost_its_digits(load, number, column):
    values = {"employee_number": "E1", "first_name": "Tove", "mobile": "", column: number}
    refused(
        load(";".join(values) + "\n" + ";".join(values.values())), "is in powers of ten, so its last digits are lost"
    )


def test_a_phone_number_that_a_workbook_keeps_whole_is_read_whole(load):
    load([HEADER, ["E1", "Tove", "", 47991234567.0], ["E2", "Gina", "", 4.7991234568e10]])
    assert people("mobile") == ["47991234567", "47991234568"]


def test_a_number_that_a_program_took_for_an_amount_is_refused(load):
    page = load(f"{LINE}\n100417.0,Tove,,,,\nE2,Gina,,47991234567.0,,\n")
    refused(page, "A program took “100417.0” for an amount", "A program took “47991234567.0” for an amount")


def test_what_a_format_puts_around_a_text_is_part_of_what_the_cell_shows(load):
    def as_formats(sheet):
        for row, code in enumerate(('"N-"@', '0;0;0;"N-"@', "@", "00000"), 2):
            sheet[f"A{row}"].number_format = code

    load(workbook(["employee_number", "first_name"], *(["E1" + c, c] for c in "abcd"), touch=as_formats))
    assert people() == ["E1c", "E1d", "N-E1a", "N-E1b"]


def test_what_is_wrong_in_a_column_that_is_left_out_refuses_nothing(load):
    page = load([["employee_number", "first_name", "Salary"], ["E1", "Tove", "#N/A"], ["E2", "Gina", 10**17]])
    assert counts(page)["Refused"] == "0"


def test_more_digits_than_a_spreadsheet_keeps_are_refused(load):
    refused(load([HEADER, [1234567890123456789, "Tove"]]), "The cell A2 has more than 15 digits")


UNSEEN = "\u200b\ufeff\u200e\u200f\u00ad\u00a0\u2060\u202a\u202c\u2066\u2069\u3164\u180e\u034f\x1f"


def test_what_nobody_sees_is_taken_away_at_the_ends_and_refused_inside_what_is_exact(load):
    rows = [(f"E{n:02}", "Tove", "Ekdal", "+47 991", "Care", f"tove{n}@post.example") for n in range(len(UNSEEN))]
    lines = [",".join(f"{c}{cell}{c}" for cell in row) for row, c in zip(rows, UNSEEN, strict=True)]
    load("\n".join([LINE, *lines]))
    assert people(*HEADER) == rows
    lines = [f"E{c}2,Tove,,,,\nE3{n},Tove,,,,to{c}ve@post.example" for n, c in enumerate(UNSEEN)]
    page = load("\n".join([LINE, *lines]))
    assert counts(page)["Refused"] == str(2 * len(UNSEEN))


def test_a_joiner_in_a_name_and_signs_of_other_scripts_stay(load):
    load(f"{LINE}\nE1,می\u200cنا,\u0d28\u0d4d\u200d,,,\n")
    assert people("first_name", "last_name") == [("می\u200cنا", "\u0d28\u0d4d\u200d")]


def test_the_form_of_an_employee_has_the_same_rules(alice):
    alice.get("/people/employees/add")
    page = alice.press("Add employee", {"Employee number": "\u200eE\u200b1", "First name": "J\ufffdrgen"})
    assert "a character that cannot be seen (zero width space)" in page.text
    assert "lost a letter when the file was saved" in page.text
    assert not people()


DAMAGED = {
    "J\ufffdrgen": "lost a letter", "NovÃ¡k": "It may mean “Novák”", "NovÃ¡Ä\x8dek": "It may mean “Nováček”",
    "MÃ¼ller Å": "was damaged", "Ð˜Ð²Ð°Ð½": "It may mean “Иван”", "Oâ€™Brien": "It may mean “O’Brien”",
    "J?rgen": "lost a letter", "M&uuml;ller": "means “Müller”", "M&#252;ller": "means “Müller”",
}  # fmt: skip


def test_letters_that_were_lost_or_mixed_up_before_are_pointed_out(load):
    page = load("\n".join(["employee_number,first_name", *(f"E{n},{name}" for n, name in enumerate(DAMAGED))]))
    refused(page, *DAMAGED.values())
    assert counts(page)["Refused"] == str(len(DAMAGED))


def test_names_that_are_right_are_not_taken_for_damaged(load):
    names = ["Zoë", "Åse", "Ærø", "Ångström", "R&D;Ltd", "Who?_Me", "O’Brien", "Þóra", "Château", "ÄÖÜ", "Łódź", "Ünal"]
    names += ["«Éva»", "Nuñez", "Đoković", "ʻOkina"]
    load("\n".join(["employee_number;first_name", *(f'E{n:02};"{name}"' for n, name in enumerate(names))]))
    assert people("first_name") == names


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def zipped(*names: str, mimetype: str = "") -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w") as parts:
        for name in names:
            parts.writestr(name, mimetype)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (OLE + bytes(504), "people.xlsx", "This file has a password."),
        (OLE + bytes(504) + "EncryptedPackage".encode("utf-16-le"), "people.xls", "This file has a password."),
        (OLE + bytes(504) + "Workbook".encode("utf-16-le"), "people.xls", "format used before 2007 (.xls)"),
        (OLE + bytes(504) + "Workbook".encode("utf-16-le"), "people.xlsx", "format used before 2007 (.xls)"),
        (zipped("mimetype", mimetype="application/vnd.oasis.opendocument.spreadsheet"), "people.ods", "OpenDocument"),
        (zipped("Index/Document.iwa"), "people.numbers", "Numbers"), (zipped("a.csv"), "people.zip", "file (ZIP)"),
        (zipped("[Content_Types].xml", "_rels/.rels", "xl/workbook.bin"), "people.xlsb", "binary workbook"),
        (b"%PDF-1.7\n", "people.csv", "This is a PDF"), (b"\x89PNG\r\n", "people.csv", "This is a picture"),
        (b"<html><table><tr><td>E1</table>", "people.xls", "This is a web page"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><p>", "people.csv", "This is a web page"),
        (b"<?xml?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'/>", "people.xml", "format of 2003"),
        (b"employee_number\nE1\n", "people.xls", "which is text. Give it the ending .csv."),
        (workbook(["E1"]), "people.csv", "which is an Excel workbook. Give it the ending .xlsx."),
        (b"", "people.csv", "The file is empty"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_called_by_its_name_with_what_to_do(load, content, name, words):
    refused(load(content, name), words)


TEXT = "employee_number;first_name\r\nE1;Jörg Østergård\r\nE2;Zoë\r\n"


@pytest.mark.parametrize(
    ("content", "how"),
    [
        (TEXT.encode(), "UTF-8"), (TEXT.encode("utf-8-sig"), "UTF-8"), (TEXT.encode("utf-16"), "UTF-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "UTF-16"), (TEXT.encode("utf-16-le"), "UTF-16"),
        (TEXT.encode("utf-16-be"), "UTF-16"), (TEXT.encode("utf-32"), "UTF-32"),
        (TEXT.encode("cp1252"), "Windows-1252"), (TEXT.replace("\r\n", "\r").encode("mac_roman"), "Macintosh Roman"),
        (TEXT.replace("\r\n", "\r").encode(), "UTF-8"),
    ],
)  # fmt: skip
def test_a_file_is_read_in_its_encoding_and_that_is_said(load, content, how):
    page = load(content)
    assert people("first_name") == ["Jörg Østergård", "Zoë"]
    assert f"We read this file as {how}, separated by semicolons." in page.text
    if how in ("Windows-1252", "Macintosh Roman"):
        assert "Check that its letters are right: Jörg, Østergård, Zoë." in page.text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (TEXT.encode() + b"E3;Zo\xeb\n", "Most of the file is UTF-8, and part of it is not"),
        (TEXT.encode("utf-16")[:-1], "breaks off or is damaged"),
    ],
)
def test_an_encoding_that_cannot_be_told_is_not_guessed(load, content, words):
    refused(load(content), words)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("said", [False, True])
def test_the_separator_is_found_or_said(load, separator, said):
    text = (
        f"{'sep=' + separator if said else ''}\n" * said
        + f'employee_number{separator}first_name\nE1{separator}"a, b; c|d"\n'
    )
    load(text)
    assert people("employee_number", "first_name") == [("E1", "a, b; c|d")]


def test_titles_above_the_headings_footers_and_headings_in_between_are_left_out_and_told(load):
    titles, header = "Staff list; Acme\nPrinted;1 March 2026\n\n", "employee_number;first_name;department\n"
    page = load(
        f"{titles}{header}E1;Tove;Care\nPage 1 of 2\n{header}"
        "E2;Gina;Care\n\nGesamt: 2 Personen;;\nPage 2 of 2\nGenerated on 1 March 2026 by HR\n\x1a"
    )
    assert people() == ["E1", "E2"]
    assert "Lines 1 to 2 are above the headings and were skipped (“Staff list” …)." in page.text
    assert "The headings appear again in the file, first on line 7. We skipped them." in page.text
    assert "Line 6 (“Page 1 of 2”) and 3 more lines like it were skipped" in page.text


def test_people_are_not_taken_for_footers(load):
    load(f"{LINE}\nTotal,Count,Dracula,,,\nE2,Page,,,,\nPage,Ada,,1,,\n")
    assert len(people()) == 3


def test_titles_may_stand_above_the_headings_of_a_workbook_too(load):
    rows = [["Staff list"], ["As of", "1 March"], [], ["Employee number", "First name"], [1, "Tove"], ["Total", 1]]
    load(workbook(*rows, touch=lambda sheet: sheet.merge_cells("A1:B1")))
    assert people("employee_number", "first_name") == [("1", "Tove")]


def test_a_number_that_is_wrapped_in_a_formula_keeps_its_zeros(load):
    load('employee_number,first_name\n="00417",Gina\n"=""00418""",Tove\n\'00419,Berta\n')
    assert people() == ["00417", "00418", "00419"]


def test_a_workbook_with_furigana_and_runs_has_only_the_text_that_people_see(load):
    name = "<is><r><t>山</t></r><r><t>田</t></r><rPh sb='0' eb='2'><t>やまだ</t></rPh></is>"
    head = "".join(f"<c t='inlineStr'><is><t>{words}</t></is></c>" for words in HEADER[:2])
    load(with_cells(f"<row>{head}</row><row><c t='str'><v>E_x0031_</v></c><c t='inlineStr'>{name}</c></row>"))
    assert people("employee_number", "first_name") == [("E1", "山田")]


def test_an_organisation_has_no_more_employees_than_the_limit(load, alice, monkeypatch):
    monkeypatch.setattr(settings(), "most_employees", 2)
    refused(load("employee_number,first_name\nE1,A\nE2,B\nE3,C\n"), "An organisation may have 2 employees here")
    load("employee_number,first_name\nE1,A\nE2,B\n")
    alice.get("/people/employees/add")
    page = alice.press("Add employee", {"Employee number": "E3", "First name": "C"})
    assert "An organisation may have 2 employees here" in page.text
    assert people() == ["E1", "E2"]


def test_a_file_has_no_more_lines_than_the_limit_which_is_said_before(load, alice, monkeypatch):
    monkeypatch.setattr(settings(), "most_lines", 100)
    assert "At most 32 MB and 100 lines." in alice.get(IMPORT).text
    refused(load("employee_number,first_name\n" + "".join(f"E{n},A\n" for n in range(130))), "more than 100 lines")
    load([["employee_number", "first_name"], *([f"E{n}", "A"] for n in range(130))])
    assert not people()


@pytest.mark.parametrize(
    "line",
    [f"1,x{' ' * 120_000}(y", f'1,"x\'{chr(10) * 60_000}y"', f"0{'1' * 120_000},Ana Ruiz", f"1,{'(' * 120_000}"],
    ids=["spaces", "lines", "number", "brackets"],
)
def test_a_value_that_is_longer_than_any_field_is_refused_and_not_looked_at_closely(load, line):
    others = "".join(f"{number},Ana Ruiz\n" for number in range(2, 3_000))
    refused(load(f"employee_number,full name\n{line}\n{others}"), "which is more than any field can hold: shorten it.")


def test_names_of_very_many_words_are_refused_before_they_are_compared(load, monkeypatch):
    monkeypatch.setattr(likeness, "MOST_KEYS", 300)
    words = [" ".join(f"{one}{number}" for one in "abcdefghijklmnop") for number in range(8)]
    lines = "".join(f"{number},{name},{name},2026-03-0{number + 1}\n" for number, name in enumerate(words))
    refused(load(f"employee_number,first_name,last_name,start_date\n{lines}"), "more words than people’s names have")


def test_halves_of_characters_in_a_workbook_become_whole_or_are_refused(load):
    head = "<si><t>employee_number</t></si><si><t>first_name</t></si>"
    rows = "".join(f'<row><c t="s"><v>{first}</v></c><c t="s"><v>{first + 1}</v></c></row>' for first in (0, 2))
    page = load(with_texts(f"{head}<si><t>E1</t></si><si><t>A_xDC00_na</t></si>", rows))
    refused(page, "lost a letter")
    load(with_texts(f"{head}<si><t>E1</t></si><si><t>Zo_xD83D__xDE00_</t></si>", rows))
    assert people("first_name") == ["Zo😀"]


def test_programs_that_fill_up_with_zero_bytes_keep_nobody_from_importing(load):
    load("employee_number,first_name,No\0te\nE1,Tove\0\0\0,\0x\n")
    assert people("employee_number", "first_name") == [("E1", "Tove")]
    assert "another invisible character" in load("employee_number,first_name\nE2,Hjal\0mar\n").text
