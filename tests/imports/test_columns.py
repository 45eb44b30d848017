"""The columns of a file: recognised, asked about in the preview, and remembered."""

import pytest

from portal.audit import AuditEntry
from portal.columns.layouts import ImportLayout
from portal.people.models import Employee
from tests.imports.conftest import assumed, by_number, stored
from tests.people.test_import_employees import counts

BAMBOO = (
    "Employee #,First Name,Last Name,Preferred Name,Job Title,Reporting to,Department,Division,Location,Hire Date,"
    "Original Hire Date,Employment Status,Status,Work Email,Home Email,Mobile Phone,Country,Termination Date\n"
    "1001,Ana,Ruiz,,Buyer,,Sales,West,Leeds,2021-03-15,2019-01-01,Full-Time,Active,ana@acme.example,ana@home.example,"
    "+44 1,United Kingdom,\n"
    '1002,Wei,Zhang,,Clerk,"Ruiz, Ana",Sales,West,Leeds,2021-03-16,,Full-Time,Active,wei@acme.example,,,DE,\n'
)


def test_an_export_of_another_system_is_imported_without_a_question(upload, alice):
    page = upload(BAMBOO)
    assert counts(page)["To be added"] == "2", page.text
    assert "“Division” was skipped, because another column is clearer about: Department." in assumed(page)
    assert "“Employee #” as Employee number" in assumed(page)
    alice.press("Import")
    ana, wei = by_number("1001"), by_number("1002")
    assert (ana.company_email, ana.personal_email, ana.country) == ("ana@acme.example", "ana@home.example", "GB")
    assert (wei.manager, str(wei.start_date)) == (ana, "2021-03-16")


def test_what_may_mean_two_things_is_asked_and_remembered(upload, alice):
    text = "Personnel number,First name,Last name,Position\n7,Ana,Ruiz,Buyer\n"
    page = upload(text)
    assert "What do the columns mean?" in page.text
    assert "Please choose for “Position”" in page.text
    assert "Could be: Job title." in page.text
    assert (page.value("Position"), page.value("First name")) == ("", "first_name")
    assert not page.has_button("Import")
    page = alice.press("Continue", {"Position": "job_title"})
    assert counts(page)["To be added"] == "1"
    alice.press("Import")
    assert by_number("7").job_title == "Buyer"
    page = upload(text.replace("Buyer", "Chef"))
    assert "What the columns mean was chosen for an earlier file with the same headings." in assumed(page)
    assert counts(page)["To be changed"] == "1"


def test_without_an_answer_nothing_goes_on_and_what_was_chosen_stays(upload, alice):
    upload("Employee ID,First name,Position,Title\n7,Ana,Buyer,Ms\n")
    page = alice.press("Continue", {"Position": "job_title"})
    assert page.status == 422
    assert "Say what each of these columns means." in page.text
    assert (page.value("Position"), page.value("Title")) == ("job_title", "")
    page = alice.press("Continue", {"Title": "job_title"})
    assert "Two columns are for the same field: Job title." in page.text
    assert counts(alice.press("Continue", {"Title": "ignored"}))["To be added"] == "1"


def test_two_columns_for_one_field_are_for_the_person_to_choose(upload, alice):
    page = upload("Employee ID,First name,Start date,Hire date\n7,Ana,2026-01-01,2025-01-01\n")
    assert (page.value("Start date"), page.value("Hire date")) == ("", "")
    alice.press("Continue", {"Start date": "ignored", "Hire date": "start_date"})
    alice.press("Import")
    assert str(by_number("7").start_date) == "2025-01-01"


def test_columns_that_nobody_knows_are_named_and_left_out_or_given_a_meaning(upload, alice):
    page = upload("Employee ID,First name,Parking space,Gruppe X\n7,Ana,P3,Sales\n")
    assert (page.value("Parking space"), "P3" in page.text) == ("ignored", True)
    assert page.text.count("We do not recognise this heading.") == 2
    page = alice.press("Continue", {"Gruppe X": "department"})
    assert "Skipped, because the portal does not keep it: “Parking space”." in assumed(page)
    alice.press("Import")
    assert by_number("7").department == "Sales"


def test_a_slip_of_the_pen_is_pointed_out(upload, alice):
    page = upload("Employee ID,Frist name\n7,Ana\n")
    assert "Did you mean “First name”?" in page.text
    assert page.value("Frist name") == ""


def test_a_file_without_a_number_asks_which_column_it_is(upload, alice):
    page = upload("Legal first name,Legal last name,Work email\nAna,Ruiz,ana@acme.example\n")
    assert "Choose the column that holds the employee number" in page.text
    page = alice.press("Continue")
    assert page.status == 422
    page = alice.press("Continue", {"Work email": "employee_number"})
    alice.press("Import")
    assert stored() == {"ana@acme.example": "Ana Ruiz"}


def test_whole_names_are_taken_apart_only_when_somebody_says_so(upload, alice):
    text = 'Employee ID,Worker\n1001,"Ruiz, Ana"\n1002,Wei Zhang (1002)\n1003,Ludwig van Beethoven\n'
    page = upload(text)
    assert page.value("Worker") == ""
    alice.press("Continue", {"Worker": "=full_name"})
    alice.press("Import")
    assert stored() == {"1001": "Ana Ruiz", "1002": "Wei Zhang", "1003": "Ludwig van Beethoven"}
    assert by_number("1003").last_name == "van Beethoven"


def test_what_columns_mean_can_be_changed_later(upload, alice):
    text = "Employee ID,First name,Position\n7,Ana,Buyer\n"
    upload(text)
    alice.press("Continue", {"Position": "job_title"})
    page = alice.press("Change what the columns mean")
    assert page.value("Position") == "job_title"
    page = alice.press("Continue", {"Position": "department"})
    alice.press("Import")
    assert (by_number("7").job_title, by_number("7").department) == ("", "Buyer")
    assert [layout.means for layout in ImportLayout.select()] == [["employee_number", "first_name", "department"]]
    assert AuditEntry.select().where(AuditEntry.action == "choose columns of imports").count() == 2


def test_what_is_remembered_can_be_forgotten(upload, alice, mallory):
    text = "Employee ID,First name,Position\n7,Ana,Buyer\n"
    upload(text)
    alice.press("Continue", {"Position": "job_title"})
    kept = ImportLayout.get()
    mallory.get("/people/employees/import")
    mallory.post(f"/people/employees/import/columns/{kept.id}/forget")
    assert ImportLayout.select().count() == 1
    alice.get("/people/employees/import")
    alice.press("Forget the choice of " + alice.page.soup.select_one("#remembered td:nth-of-type(2)").get_text())
    assert ImportLayout.select().count() == 0
    assert "What do the columns mean?" in upload(text).text


def test_another_organisation_is_asked_for_itself(upload, alice, mallory):
    text = "Employee ID,First name,Position\n7,Ana,Buyer\n"
    upload(text)
    alice.press("Continue", {"Position": "job_title"})
    assert "What do the columns mean?" in upload(text, mallory).text


@pytest.mark.parametrize("means", ["", "salary", "employee_number", "=admin"])
def test_what_no_page_offers_is_not_taken(upload, alice, means):
    page = upload("Employee ID,First name,Position\n7,Ana,Buyer\n")
    answer = alice.post(
        f"{page.url}/columns", {"column-0": "employee_number", "column-1": "first_name", "column-2": means}
    )
    assert answer.status == 422
    assert ImportLayout.select().count() == 0


def test_it_works_without_javascript(cast, acme, upload):
    from portal.auth.models import AccessLevel

    person = cast.person(acme, "Nora", AccessLevel.ADMIN)
    person.htmx = False
    upload("Employee ID,First name,Position\n7,Ana,Buyer\n", person)
    person.press("Continue", {"Position": "job_title"})
    assert person.press("Import").title == "Employee List"
    assert Employee.get().job_title == "Buyer"
