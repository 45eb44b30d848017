"""Importing in the browser: upload, look at what would be done, Import."""

import io
from datetime import date, timedelta

import pytest
import time_machine
from openpyxl import Workbook

from portal.audit import AuditEntry
from portal.database import now
from portal.imports import jobs as import_jobs
from portal.imports import uploads
from portal.imports.uploads import Import, ImportPart, ImportState
from portal.people.models import Employee
from portal.tables import budget
from tests.people.conftest import LIST, names
from tests.people.files import workbook

IMPORT = f"{LIST}/import"


def upload(person, text):
    person.get(LIST)
    person.press("Import from Excel or CSV")
    content = text if isinstance(text, bytes) else text.encode()
    return person.press("Upload", {"File (CSV or XLSX)": io.BytesIO(content)})


def counts(page) -> dict[str, str]:
    return {term.get_text(): term.find_next("dd").get_text(strip=True) for term in page.soup.select("dt")}


def kept_files():
    return list(Import.select())


def test_the_preview_shows_what_would_be_done_and_does_nothing(alice, cast, acme):
    cast.employee(acme, "Wei", "Zhang", employee_number="E1", job_title="Buyer")
    cast.employee(acme, "Anna", "Schmidt", employee_number="E2", job_title="Chef")
    page = upload(alice, "employee_number,first_name,job_title\nE1,Wei,Senior buyer\nE2,Anna,Chef\nE3,Zoë,\n")
    assert page.title == "Check before importing"
    assert counts(page) == {"To be added": "1", "To be changed": "1", "Unchanged": "1", "Refused": "0"}
    assert "2 E1 Wei Zhang Job title: Buyer → Senior buyer" in page.text
    assert "4 E3 Zoë" in page.text
    assert Employee.select().count() == 2
    assert Employee.get(Employee.employee_number == "E1").job_title == "Buyer"


def test_import_does_what_the_preview_said(alice):
    upload(alice, "employee_number,first_name\nE1,Wei\nE2,Anna\n")
    page = alice.press("Import")
    assert page.title == "Employee List"
    assert "Imported: 2 added." in page.text
    assert names(page) == ["Anna", "Wei"]
    assert ImportPart.select().count() == 0


def test_refused_lines_are_named_and_there_is_no_import_button(alice):
    page = upload(alice, "employee_number,first_name,country\nE1,Wei,GB\n,Anna,GB\nE3,,GB\nE4,Zoë,Narnia\n")
    assert "Nothing can be imported yet" in page.text
    assert counts(page)["Refused"] == "3"
    assert "3 employee_number: Enter an employee number." in page.text
    assert "4 E3 A first name or a last name is needed: enter at least one of them." in page.text
    assert "5 E4 country: “Narnia” is not a country code: use two letters, such as GB." in page.text
    assert not page.has_button("Import")
    assert page.has_button("Upload another file")


def test_a_file_that_says_nothing_new_offers_another(alice, cast, acme):
    cast.employee(acme, "Wei", "Zhang", employee_number="E1")
    page = upload(alice, "employee_number,first_name\nE1,Wei\n")
    assert "There is nothing to import" in page.text
    assert not page.has_button("Import")


def test_a_long_list_is_cut_and_counted(alice):
    page = upload(alice, "employee_number,first_name\n" + "".join(f"E{n},Wei\n" for n in range(130)))
    assert len(page.soup.select("tbody tr")) == 100
    assert "and 30 more" in page.text


def test_what_the_page_cuts_off_can_be_downloaded(alice, mallory, cast, acme):
    cast.employee(acme, "Wei", "Zhang", employee_number="E0")
    page = upload(alice, "employee_number,first_name\n" + "".join(f"E{n},=Wei\n" for n in range(130)))
    answer = alice.get(alice.page.soup.find("a", string="Download all lines as CSV")["href"])
    lines = answer.lines
    assert lines[0] == ["what", "line", "employee", "detail"]
    assert [line[0] for line in lines[1:]] == ["changed", *["added"] * 129]
    assert lines[1] == ["changed", "2", "E0 =Wei Zhang", "First name: Wei → =Wei"]
    assert mallory.get(f"{page.url}/lines.csv").status == 404
    page = upload(alice, "employee_number,first_name,end_date\n" + "".join(f"E{n},Wei,never\n" for n in range(130)))
    answer = alice.get(f"{page.url}/lines.csv")
    assert len(answer.lines) == 131
    assert Employee.select().count() == 1
    # A short one is on the page as a whole.
    assert "Download all lines" not in upload(alice, "employee_number,first_name\nE7,Wei\n").text


def test_what_became_wrong_after_the_preview_is_shown_and_not_imported(alice, cast, acme):
    cast.employee(acme, "Wei", "Zhang", employee_number="E1", start_date="2026-01-01")
    upload(alice, "employee_number,end_date\nE1,2026-06-30\n")
    Employee.update(start_date="2026-07-01").execute()
    page = alice.press("Import")
    assert "The end date is before the start date" in page.text
    assert Employee.get().end_date is None


def test_without_a_file_the_form_says_so(alice):
    alice.get(IMPORT)
    page = alice.press("Upload")
    assert page.status == 422
    assert "Choose a file." in page.text


def test_discard_removes_the_file(alice):
    upload(alice, "employee_number,first_name\nE1,Wei\n")
    assert len(kept_files()) == 1
    assert "The file was discarded. Nothing was imported." in alice.press("Discard").text
    assert kept_files() == []
    assert Employee.select().count() == 0


def test_an_uploaded_file_is_kept_for_a_day(alice):
    upload(alice, "employee_number,first_name\nE1,Wei\n")
    Import.update(created_at=now() - timedelta(hours=25)).execute()
    upload(alice, "employee_number,first_name\nE2,Anna\n")
    assert Import.select().count() == 1
    assert ImportPart.select().where(ImportPart.number >= 0).count() == 1


def test_a_preview_that_is_gone_says_what_to_do(alice):
    upload(alice, "employee_number,first_name\nE1,Wei\n")
    address = alice.page.url
    alice.press("Discard")
    page = alice.get(address)
    assert page.status == 404
    assert "choose the file again" in page.text


@pytest.mark.parametrize("word", ["x", "..%2f..%2fkey", "a" * 22, "é" * 22])
def test_words_that_name_no_file_are_not_found(alice, word):
    assert alice.get(f"{IMPORT}/{word}").status == 404


def test_nobody_else_can_see_or_use_an_uploaded_file(alice, mallory):
    upload(alice, "employee_number,first_name\nE1,Wei\n")
    address = alice.page.url
    mallory.get(LIST)
    assert mallory.get(address).status == 404
    assert mallory.post(address).status == 404
    assert mallory.post(f"{address}/discard").status == 404
    assert len(kept_files()) == 1


@pytest.mark.parametrize("person", ["bob", "carol"])
def test_only_admins_can_import(request, person):
    person = request.getfixturevalue(person)
    assert person.get(IMPORT).status == 403
    assert person.post(IMPORT, {"file": (io.BytesIO(b"employee_number\n"), "a.csv")}).status == 403
    assert kept_files() == []


@pytest.fixture
def long_file(monkeypatch):
    """A file of more lines than a person waits for."""
    monkeypatch.setattr(uploads, "SHORT", 10)
    monkeypatch.setattr(import_jobs, "SAID_EVERY", 5)
    return "employee_number,first_name\n" + "".join(f"E{n},Wei\n" for n in range(30))


def work(app):
    """What the worker does."""
    with app.app_context():
        import_jobs.carry_on(Import.get())


def test_a_long_file_is_read_and_imported_in_the_background(app, alice, long_file):
    page = upload(alice, long_file)
    assert page.title == "Reading the file"
    assert page.soup.select_one("#import")["hx-get"] == page.url
    assert "0 of 30" in page.text
    work(app)
    page = alice.get(page.url)
    assert counts(page)["To be added"] == "30"
    page = alice.press("Import")
    assert page.title == "Importing"
    assert Employee.select().count() == 0
    work(app)
    page = alice.get(page.url)
    assert "30 added." in page.text
    assert Employee.select().count() == 30
    assert ImportPart.select().count() == 0
    assert AuditEntry.select().where(AuditEntry.action == "import employees").count() == 1


def test_a_second_press_imports_nothing_twice(app, alice, long_file):
    address = upload(alice, long_file).url
    work(app)
    alice.get(address)
    for _ in range(2):
        alice.post(address)
    work(app)
    alice.post(address)
    work(app)
    assert AuditEntry.select().where(AuditEntry.action == "import employees").count() == 1


def test_what_a_worker_that_died_had_begun_is_taken_up(app, alice, long_file):
    upload(alice, long_file)
    died = Import.get()
    assert died.claim()
    work(app)
    assert Import.get().state == ImportState.READING
    with time_machine.travel(now() + 2 * Import.LEASE, tick=True):
        work(app)
    assert Import.get().state == ImportState.READ
    assert not died.hold()


def test_a_worker_that_dies_as_it_imports_has_imported_nothing_or_all_of_it(app, alice, long_file, monkeypatch):
    upload(alice, long_file)
    work(app)
    alice.get(f"{IMPORT}/{Import.get().token}")
    alice.press("Import")

    def dies(_plan):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(import_jobs, "counts_of", dies)
        with pytest.raises(SystemExit):
            work(app)
    assert Employee.select().count() == 0
    Import.update(lease_until=None).execute()
    work(app)
    work(app)
    assert Employee.select().count() == 30
    assert Import.get().state == ImportState.DONE
    assert AuditEntry.select().where(AuditEntry.action == "import employees").count() == 1


def test_one_that_is_discarded_while_it_is_read_is_not_read_on(app, alice, long_file):
    address = upload(alice, long_file).url
    kept = Import.get()
    alice.get(address)
    alice.press("Discard")
    with app.app_context():
        import_jobs.carry_on(kept)
    assert Import.select().count() == 0


def test_the_first_sheet_of_a_workbook_is_imported(app, alice):
    book = Workbook()
    for row in (
        ["Employee number", "First name", "Start date", "Mobile", None],
        [1001, "Zoë", date(2026, 3, 31), 441234, None],
        [None, None, None, None, None],
        ["E2", "李", None, "", None],
    ):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    page = upload(alice, file.getvalue())
    work(app)
    page = alice.get(page.url)
    assert counts(page)["To be added"] == "2", page.text
    alice.press("Import")
    work(app)
    zoe = Employee.get(Employee.employee_number == "1001")
    assert (zoe.first_name, zoe.start_date, zoe.mobile) == ("Zoë", date(2026, 3, 31), "441234")


def test_a_workbook_that_would_unpack_to_too_much_is_refused(alice, monkeypatch):
    monkeypatch.setattr(budget, "LARGEST", 1_000)
    file = io.BytesIO()
    Workbook().save(file)
    page = upload(alice, file.getvalue())
    assert page.status == 422
    assert "The workbook is too large." in page.text
    assert kept_files() == []


def test_what_only_begins_like_a_workbook_is_refused(alice):
    page = upload(alice, b"PK\x03\x04 and nothing more")
    assert "The workbook cannot be read: it is damaged, or only part of it arrived." in page.text


@pytest.mark.parametrize(
    ("name", "content"), [("people.pdf", b"employee_number\nE1\n"), ("people.csv", workbook(["E1"]))]
)
def test_a_file_that_is_not_named_as_what_it_is_is_not_taken(alice, name, content):
    alice.get(IMPORT)
    file = io.BytesIO(content)
    file.name = name
    page = alice.press("Upload", {"File (CSV or XLSX)": file})
    assert page.status == 422
    assert "does not fit what is in it" in page.text
    assert kept_files() == []
