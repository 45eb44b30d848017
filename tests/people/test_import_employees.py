"""Importing in the browser: upload, look at what would be done, Import."""

import io
import os
import time

import pytest

from portal.config import settings
from portal.people.models import Employee
from tests.people.conftest import LIST, names

IMPORT = f"{LIST}/import"


def upload(person, text):
    person.get(LIST)
    person.press("Import CSV")
    content = text if isinstance(text, bytes) else text.encode()
    return person.press("Upload", {"CSV file": io.BytesIO(content)})


def counts(page) -> dict[str, str]:
    return {term.get_text(): term.find_next("dd").get_text(strip=True) for term in page.soup.select("dt")}


def kept_files():
    folder = settings().instance_dir / "imports"
    return list(folder.glob("*.csv")) if folder.exists() else []


@pytest.fixture(autouse=True)
def no_files():
    yield
    for path in kept_files():
        path.unlink()


def test_the_preview_shows_what_would_be_done_and_does_nothing(alice, cast, acme):
    cast.employee(acme, "Wei", "Zhang", employee_number="E1", job_title="Buyer")
    cast.employee(acme, "Anna", "Schmidt", employee_number="E2", job_title="Chef")
    page = upload(alice, "employee_number,first_name,job_title\nE1,Wei,Senior buyer\nE2,Anna,Chef\nE3,Zoë,\n")
    assert page.title == "What the import would do"
    assert counts(page) == {"To be added": "1", "To be changed": "1", "Unchanged": "1", "Refused": "0"}
    assert "2 E1 Wei Zhang job_title: Buyer → Senior buyer" in page.text
    assert "4 E3 Zoë" in page.text
    assert Employee.select().count() == 2
    assert Employee.get(Employee.employee_number == "E1").job_title == "Buyer"


def test_import_does_what_the_preview_said(alice):
    upload(alice, "employee_number,first_name\nE1,Wei\nE2,Anna\n")
    page = alice.press("Import")
    assert page.title == "Employee List"
    assert "Imported: 2 added, 0 changed." in page.text
    assert names(page) == ["Anna", "Wei"]
    assert kept_files() == []


def test_refused_lines_are_named_and_there_is_no_import_button(alice):
    page = upload(alice, "employee_number,first_name,country\nE1,Wei,GB\n,Anna,GB\nE3,,GB\nE4,Zoë,Wales\n")
    assert "Nothing can be imported yet" in page.text
    assert counts(page)["Refused"] == "3"
    assert "3 employee_number: Enter an employee number." in page.text
    assert "4 E3 A first name or a last name is needed: enter at least one of them." in page.text
    assert "5 E4 country: “Wales” is not a country code: use two letters, such as GB." in page.text
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


def test_what_became_wrong_after_the_preview_is_shown_and_not_imported(alice, cast, acme):
    cast.employee(acme, "Wei", "Zhang", employee_number="E1", start_date="2026-01-01")
    upload(alice, "employee_number,end_date\nE1,2026-06-30\n")
    Employee.update(start_date="2026-07-01").execute()
    page = alice.press("Import")
    assert "The end date lies before the start date" in page.text
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


def test_an_uploaded_file_is_readable_by_the_portal_alone_and_for_an_hour(alice):
    upload(alice, "employee_number,first_name\nE1,Wei\n")
    [path] = kept_files()
    assert path.stat().st_mode & 0o077 == 0
    hour_ago = time.time() - 3601
    os.utime(path, (hour_ago, hour_ago))
    upload(alice, "employee_number,first_name\nE2,Anna\n")
    assert path not in kept_files()


def test_a_preview_that_is_gone_says_what_to_do(alice):
    upload(alice, "employee_number,first_name\nE1,Wei\n")
    address = alice.page.url
    alice.press("Import")
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
