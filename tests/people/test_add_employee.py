from datetime import date

import pytest

from portal.audit import AuditEntry
from portal.people.models import Employee
from tests.people.conftest import LIST

ADD = f"{LIST}/add"


def open_form(person):
    person.get(LIST)
    return person.press("Add employee")


def test_an_employee_is_added_with_all_fields(alice, cast, acme):
    manager = cast.employee(acme, "Anna", "Schmidt", employee_number="M1")
    open_form(alice)
    page = alice.press(
        "Add employee",
        {
            "Employee number": " E7 ", "First name": "Zoë", "Last name": "O’Brien-Łuc", "Preferred name": "Zo",
            "Job title": "Buyer", "Department": "Buying", "Manager": "M1", "Personal email": "zoe@home.example",
            "Company email": "Zoe@Acme.example", "Mobile": "+44 20", "Country": "IE", "Start date": "2026-01-05",
            "End date": "2027-01-04",
        },
    )  # fmt: skip
    assert page.title.endswith("Zo O’Brien-Łuc")
    assert "Zo O’Brien-Łuc has been added." in page.text
    employee = Employee.get(Employee.employee_number == "E7")
    assert employee.organisation == acme
    assert employee.manager == manager
    assert (employee.start_date, employee.end_date) == (date(2026, 1, 5), date(2027, 1, 4))
    assert (employee.country, employee.company_email) == ("IE", "zoe@acme.example")
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).get()
    assert (entry.action, entry.subject_id, entry.by_name) == ("add employee", employee.id, "Alice")


def test_it_works_without_javascript(alice):
    alice.htmx = False
    open_form(alice)
    page = alice.press("Add employee", {"Employee number": "E7", "Last name": "Madonna"})
    assert "Madonna has been added." in page.text
    assert page.url == f"{LIST}/{Employee.get().id}"


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("Employee number", "", "Enter an employee number."),
        ("Employee number", "9" * 41, "This has 41 characters: shorten it to 40."),
        ("First name", "x" * 101, "This has 101 characters: shorten it to 100."),
        ("Job title", "Bu\x00yer", "It has a line break or another invisible character: type it again."),
        ("Last name", "Zh\u202eang", "It has a line break or another invisible character: type it again."),
        ("Personal email", "wei", "“wei” is not an email address: enter one like name@example.com."),
        ("Personal email", "a b@example.com", "is not an email address"),
        ("Company email", "wei@acme", "is not an email address"),
        ("Company email", "a@b.example, c@d.example", "is not an email address"),
        ("Country", "XX", "“XX” is not a country code: use two letters, such as GB."),
        ("Start date", "31/12/2026", "“31/12/2026” is not a date: enter year, month and day"),
        ("End date", "2026-02-30", "“2026-02-30” is not a date"),
        ("Start date", "0026-01-01", "This is in the year 26: check the year."),
        ("Manager", "Nobody Here", "Nobody has the employee number or the name “Nobody Here”: check it."),
    ],
)  # fmt: skip
def test_each_field_says_what_is_wrong_and_keeps_what_was_typed(alice, field, typed, message):
    open_form(alice)
    values = {"Employee number": "E7", "First name": "Wei", "Job title": "Buyer", field: typed}
    page = alice.press("Add employee", values)
    assert page.status == 422
    assert message in page.text
    assert page.field(field).get("aria-invalid") == "true"
    assert page.value("First name") == values["First name"]
    if field != "Country":
        # What no page can show, every browser shows like this.
        assert page.field(field).get("value") == typed.replace("\x00", "\ufffd")
    assert Employee.select().count() == 0


def test_a_name_is_needed_but_one_word_is_enough(alice):
    open_form(alice)
    page = alice.press("Add employee", {"Employee number": "E7", "Preferred name": "Zo"})
    assert "A first name or a last name is needed: enter at least one of them." in page.text
    assert alice.press("Add employee", {"First name": "Zoë"}).status == 200


def test_the_end_cannot_lie_before_the_start(alice):
    open_form(alice)
    values = {"Employee number": "E7", "First name": "Wei", "Start date": "2026-03-31", "End date": "2026-03-30"}
    page = alice.press("Add employee", values)
    assert "The end date is before the start date, 31 Mar 2026: correct one of them." in page.text
    assert page.value("End date") == "2026-03-30"


def test_all_that_is_wrong_is_said_at_once(alice, cast, acme):
    cast.employee(acme, "Anna", "Schmidt", employee_number="E7")
    open_form(alice)
    values = {
        "Employee number": "E7", "Personal email": "at home", "Manager": "Nobody Here",
        "Start date": "2026-03-31", "End date": "2026-03-30",
        "First day of leave": "2026-03-01", "Back at work on": "2026-04-05",
    }  # fmt: skip
    page = alice.press("Add employee", values)
    for said in (
        "Anna Schmidt already has the number E7",
        "A first name or a last name is needed",
        "“at home” is not an email address",
        "Nobody has the employee number or the name “Nobody Here”",
        "The end date is before the start date",
        "The leave begins before the start date",
        "The return is after the end date",
    ):
        assert said in page.text


def test_of_a_date_that_cannot_be_read_nothing_more_is_said(alice):
    open_form(alice)
    values = {
        "Employee number": "E7",
        "First name": "Wei",
        "First day of leave": "soon",
        "Back at work on": "2026-04-05",
    }
    page = alice.press("Add employee", values)
    assert "“soon” is not a date" in page.text
    assert "enter its first day too" not in page.text


def test_a_number_that_somebody_has_is_refused_by_name(alice, cast, acme):
    cast.employee(acme, "Anna", "Schmidt", employee_number="E7")
    open_form(alice)
    page = alice.press("Add employee", {"Employee number": "E7", "First name": "Wei"})
    assert page.status == 422
    assert "Anna Schmidt already has the number E7: enter a different one." in page.text
    assert page.value("First name") == "Wei"


def test_before_there_are_two_records_of_one_person_the_form_asks(alice, cast, acme, initech):
    cast.employee(
        acme, "Isla", "Campbell", employee_number="E1", personal_email="isla@home.example", end_date=date(2026, 3, 31)
    )
    cast.employee(initech, "Isla", "Campbell", employee_number="E2")
    open_form(alice)
    page = alice.press("Add employee", {"Employee number": "E7", "First name": "Campbell", "Last name": "Isla"})
    assert page.status == 422
    assert "Isla Campbell (E1) has the same name Sales · Last day: 31 Mar 2026" in page.text
    assert "E2" not in page.text
    values = {"First name": "Zoë", "Last name": "Novak", "Personal email": "ISLA@home.example"}
    page = alice.press("Add employee", values)
    assert "Isla Campbell (E1) has the same email address" in page.text
    assert page.value("Employee number") == "E7"
    assert Employee.select().count() == 2
    alice.press("Add employee", {"This is another person": True})
    assert "Zoë Novak has been added." in alice.page.text


def test_another_organisation_may_use_the_same_number(alice, cast, initech):
    cast.employee(initech, "Anna", "Schmidt", employee_number="E7")
    open_form(alice)
    assert alice.press("Add employee", {"Employee number": "E7", "First name": "Wei"}).status == 200


def test_a_page_with_refused_values_is_whole_without_javascript(alice):
    alice.htmx = False
    open_form(alice)
    page = alice.press("Add employee", {"First name": "Wei"})
    assert page.status == 422
    assert page.title == "Add employee"
    assert page.value("First name") == "Wei"


def test_typing_a_manager_offers_those_who_fit(alice, cast, acme, initech):
    anna = cast.employee(acme, "Anna", "Schmidt", employee_number="M1", job_title="Head of Buying")
    cast.employee(acme, "Wei", "Zhang")
    cast.employee(initech, "Anna", "Stranger")
    page = alice.get(f"{LIST}/managers?manager=anna", fragment=True)
    assert [choice["value"] for choice in page.soup.select("input[type=radio]")] == [str(anna.id)]
    assert "Anna Schmidt M1 · Head of Buying" in page.text
    assert "Nobody matches “xyz”." in alice.get(f"{LIST}/managers?manager=xyz", fragment=True).text
    assert alice.get(f"{LIST}/managers?manager=", fragment=True).text == ""


@pytest.mark.parametrize("typed", ["M1", "Anna Schmidt", "anna schmidt", "Schmidt Anna", "Ännchen Schmidt"])
def test_a_manager_is_found_by_number_or_whole_name(alice, cast, acme, typed):
    anna = cast.employee(acme, "Anna", "Schmidt", preferred_name="Ännchen", employee_number="M1")
    cast.employee(acme, "Anna", "Schmidtke")
    open_form(alice)
    alice.press("Add employee", {"Employee number": "E7", "First name": "Wei", "Manager": typed})
    assert Employee.get(Employee.employee_number == "E7").manager == anna


def test_of_two_people_with_the_manager_s_name_one_is_chosen(alice, cast, acme):
    cast.employee(acme, "Wei", "Zhang", employee_number="M1")
    second = cast.employee(acme, "Wei", "Zhang", employee_number="M2")
    open_form(alice)
    page = alice.press("Add employee", {"Employee number": "E7", "First name": "Anna", "Manager": "Wei Zhang"})
    assert "Choose which of these people is the manager, or enter an employee number." in page.text
    assert len(page.soup.select("input[type=radio][name=manager_id]")) == 2
    values = {"manager_id": str(second.id), "manager": "Wei Zhang", "employee_number": "E7", "first_name": "Anna"}
    assert alice.post(ADD, values).status == 200
    assert Employee.get(Employee.employee_number == "E7").manager == second


def test_a_choice_that_no_longer_fits_what_is_typed_is_ignored(alice, cast, acme):
    wei = cast.employee(acme, "Wei", "Zhang", employee_number="M1")
    anna = cast.employee(acme, "Anna", "Schmidt", employee_number="M2")
    open_form(alice)
    alice.post(ADD, {"manager_id": str(wei.id), "manager": "M2", "employee_number": "E7", "first_name": "Zoë"})
    assert Employee.get(Employee.employee_number == "E7").manager == anna


@pytest.mark.parametrize("picked", ["stranger", "9" * 30, "x"])
def test_nobody_of_another_organisation_can_be_made_manager(alice, cast, initech, picked):
    stranger = cast.employee(initech, "Wei", "Zhang", employee_number="M1")
    open_form(alice)
    picked = str(stranger.id) if picked == "stranger" else picked
    values = {"manager_id": picked, "manager": "M1", "employee_number": "E7", "first_name": "Zoë"}
    assert alice.post(ADD, values).status == 422
    assert Employee.select().count() == 1


@pytest.mark.parametrize("person", ["bob", "carol"])
def test_only_admins_can_add(request, person):
    person = request.getfixturevalue(person)
    assert person.get(ADD).status == 403
    assert person.post(ADD, {"employee_number": "E7", "first_name": "Wei"}).status == 403
    assert person.get(f"{LIST}/managers?manager=x").status == 403
    assert Employee.get_or_none(Employee.employee_number == "E7") is None
