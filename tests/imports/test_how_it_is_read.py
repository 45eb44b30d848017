"""A file that does not say its letters is asked about, with lines as read; a list need not be on the first sheet."""

import io

import pytest
from openpyxl import Workbook

from portal.columns.answers import Answers
from portal.imports import jobs as import_jobs
from portal.imports.importing import ImportRefused, import_file
from portal.imports.options import WrongOption, answers_of
from portal.imports.uploads import Import
from portal.people.models import Employee
from tests.imports.conftest import assumed
from tests.people.test_import_employees import counts

HEADER = "employee_number;first_name;last_name\n"
OTHERS = {
    "Polish": ("Łukasz", "Wiśniewski", "cp1250"),
    "Czech": ("Jiří", "Dvořák", "cp1250"),
    "Polish of another standard": ("Łukasz", "Wiśniewski", "iso8859_2"),
    "DOS": ("Jörg", "Müller", "cp850"),
    "Russian": ("Юлия", "Иванова", "cp1251"),
    "Japanese": ("太郎", "山田", "cp932"),
}


def chosen(page) -> str:
    option = page.soup.select_one("#encoding option[selected]")
    return f"{option['value']} {option.get_text()}"


@pytest.mark.parametrize("kind", OTHERS)
def test_the_likeliest_encoding_is_asked_about_with_lines_as_read(upload, alice, kind):
    first, last, encoding = OTHERS[kind]
    page = upload(f"{HEADER}E1;{first};{last}\n".encode(encoding))
    assert "Which encoding does the file use?" in page.text
    assert chosen(page).startswith(f"{encoding} ")
    assert f"E1;{first};{last}" in page.text
    assert not page.has_button("Import")
    page = alice.press("Continue")
    assert counts(page)["To be added"] == "1"
    alice.press("Import")
    assert (Employee.get().first_name, Employee.get().last_name) == (first, last)


def test_another_encoding_than_the_likeliest_is_chosen(upload, alice):
    upload(f"{HEADER}E1;Gülşen;Ağaoğlu\n".encode("cp1254"))
    page = alice.press("Continue", {"Encoding": "cp1254"})
    assert "We read this file as Windows-1254 (Turkish), separated by semicolons." in assumed(page)
    alice.press("Import")
    assert (Employee.get().first_name, Employee.get().last_name) == ("Gülşen", "Ağaoğlu")


def test_the_country_of_the_organisation_says_which_comes_first(upload, acme):
    acme.country = "TR"
    acme.save()
    page = upload(f"{HEADER}E1;Gülşen;Ağaoğlu\n".encode("cp1254"))
    assert chosen(page).startswith("cp1254 ")
    assert "Gülşen" in chosen(page)


def test_a_guess_that_looks_right_is_not_asked_about_and_can_be_changed(upload, alice):
    page = upload(f"{HEADER}E1;Zoë;Østergård\n".encode("cp1252"))
    assert page.has_button("Import")
    assert "Read the file differently" in page.text
    page = alice.press("Read again", {"Encoding": "cp1250"})
    assert page.has_button("Import")
    assert "Windows-1250" in assumed(page)


@pytest.mark.parametrize("encoding", ["utf-16", "rot13", "", "../cp1250"])
def test_an_encoding_that_is_not_offered_counts_for_nothing(upload, alice, encoding):
    page = upload(f"{HEADER}E1;Łukasz;Wiśniewski\n".encode("cp1250"))
    alice.post(f"{page.url}/answers", {"encoding": encoding})
    assert "Which encoding does the file use?" in alice.get(page.url).text
    assert Answers.of(Import.get().answers).encoding == ""


def test_the_command_line_says_it_too(acme, tmp_path):
    path = tmp_path / "staff.csv"
    path.write_bytes(f"{HEADER}E1;Łukasz;Wiśniewski\n".encode("cp1250"))
    with pytest.raises(ImportRefused, match="cannot tell the encoding of this file: probably Windows-1250"):
        import_file(path, acme)
    with pytest.raises(WrongOption, match="There is no encoding “klingon”"):
        answers_of(encoding="klingon")
    import_file(path, acme, answers=answers_of(encoding="cp1250"))
    assert Employee.get().last_name == "Wiśniewski"


def test_another_sheet_is_chosen_when_a_cover_is_in_front(app, upload, alice, acme):
    book, file = Workbook(), io.BytesIO()
    book.active.title = "Cover"
    book.active.append(["Confidential"])
    book.active.append(["Acme Ltd"])
    sheet = book.create_sheet("Staff")
    for row in (("employee_number", "first_name"), ("E1", "Wei")):
        sheet.append(row)
    book.save(file)
    alice.get("/people/employees/import")
    file.name = "staff.xlsx"
    file.seek(0)
    address = alice.press("Upload", {"File (CSV or XLSX)": file}).url

    def look():
        with app.app_context():
            import_jobs.carry_on(Import.get())
        return alice.get(address)

    page = look()
    assert "Sheet with the employees" in page.text
    alice.press("Read again", {"Sheet with the employees": "Staff"})
    page = look()
    assert "We read the sheet “Staff”, not “Cover”." in assumed(page)
    assert counts(page)["To be added"] == "1"
