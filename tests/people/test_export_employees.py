"""The Employee List as CSV: whom the filter lets through, and fit to be imported again."""

import csv
import io
import re

import pytest

from portal.auth.models import User
from portal.csv_lines import csv_line, unguarded
from portal.people.models import Employee
from tests.people.test_import_employees import counts, upload

EXPORT = "/people/employees/export.csv"


@pytest.fixture
def staff(cast, acme):
    boss = cast.employee(acme, "=HYPERLINK(1)", "Boss", employee_number="1", mobile="+44 20 1234")
    cast.employee(
        acme, "Zoë", "D’Angelo", employee_number="2", manager=boss, department="Arts", start_date="2026-03-31",
        second_manager=boss,
    )  # fmt: skip


def rows(person, query=""):
    page = person.get(EXPORT + query)
    assert page.headers["Content-Disposition"] == "attachment; filename=employees.csv"
    return page.rows


def test_everything_is_in_it_and_nothing_is_a_formula(alice, staff):
    boss, zoe = rows(alice)
    assert (boss["first_name"], boss["mobile"]) == ("'=HYPERLINK(1)", "'+44 20 1234")
    assert (zoe["manager_employee_number"], zoe["start_date"], zoe["last_name"]) == ("1", "2026-03-31", "D’Angelo")
    assert (zoe["second_manager_employee_number"], boss["second_manager_employee_number"]) == ("1", "")


@pytest.mark.parametrize(
    "text", ["x;=1+1", "x\n+1", "-1", "＝1+1", "x;＠SUM(1)", "\t@SUM(A1)", "a|b; -c", "'=kept", "; '=1", "fine; really"]
)
def test_a_cell_is_no_formula_however_the_spreadsheet_splits_lines_and_comes_back_as_it_was(text):
    guarded = csv_line([text])
    assert not re.search(r"(^|[;|\t\r\n])\s*[=+@＝＠-]", guarded.strip('"\r\n'))
    assert unguarded(next(csv.reader(io.StringIO(guarded)))[0]) == text


def test_a_formula_behind_a_semicolon_is_exported_as_text_and_imported_as_it_was(alice, cast, acme):
    cast.employee(acme, "Eve", department="Care;=1+1")
    assert rows(alice)[0]["department"] == "Care;'=1+1"
    assert counts(upload(alice, alice.client.get(EXPORT).get_data()))["Unchanged"] == "1"


def test_what_was_exported_says_nothing_new_when_it_is_imported(alice, staff):
    page = upload(alice, alice.client.get(EXPORT).get_data())
    assert counts(page) == {"To be added": "0", "To be changed": "0", "Unchanged": "2", "Refused": "0"}


@pytest.mark.parametrize(
    ("language", "number"), [("de", "Personalnummer"), ("fr", "Matricule"), ("es", "Número de empleado")]
)
def test_what_was_exported_in_another_language_is_imported_again_without_a_question(
    alice, cast, acme, staff, language, number
):
    leave = {"leave_from": "2026-05-01", "leave_to": "2026-06-01"}
    cast.employee(acme, "Ida", employee_number="3", location="Leeds", employment_type="Casual", **leave)
    User.update(language=language).where(User.id == alice.user.id).execute()
    exported = alice.client.get(EXPORT).get_data()
    assert exported.decode("utf-8-sig").startswith(number)
    User.update(language="en").where(User.id == alice.user.id).execute()
    page = upload(alice, exported)
    assert page.soup.select("legend") == []
    assert counts(page) == {"To be added": "0", "To be changed": "0", "Unchanged": "3", "Refused": "0"}


def test_the_lines_of_an_import_are_downloaded_in_the_language_of_its_user(alice, acme):
    page = upload(alice, b"employee_number,first_name,country\nE1,Wei,Atlantis\n")
    User.update(language="de").where(User.id == alice.user.id).execute()
    alice.post(f"{page.url}/answers/forget")
    found = alice.client.get(f"{page.url}/lines.csv").get_data().decode("utf-8-sig").splitlines()
    assert found[0] == "Was,Zeile,Mitarbeiter,Details"
    assert found[1].startswith("Abgelehnt,2,E1,")
    assert "ist kein Länderkürzel" in found[1]


def test_the_link_follows_the_filter(alice, staff):
    page = alice.get("/people/employees?department=Arts")
    link = next(tag for tag in page.soup.select("a") if tag.get_text(strip=True) == "Export CSV")
    assert [row["employee_number"] for row in rows(alice, link["href"].removeprefix(EXPORT))] == ["2"]


def test_a_long_list_is_exported_whole(alice, cast, acme, monkeypatch):
    monkeypatch.setattr("portal.employee_list.exporting.IN_ONE_PART", 3)
    for _ in range(8):
        cast.employee(acme)
    assert len(rows(alice)) == Employee.select().count() == 8


def test_nobody_else_exports_them(bob, mallory, staff):
    assert bob.client.get(EXPORT).status_code == 403
    assert rows(mallory) == []
