from datetime import date

import pytest

from portal.audit import AuditEntry
from portal.people.models import Employee
from tests.people.conftest import LIST


@pytest.fixture
def wei(cast, acme):
    return cast.employee(
        acme, "Wei", "Zhang", employee_number="E7", job_title="Buyer", start_date=date(2020, 1, 31), country="CN",
        manager=cast.employee(acme, "Anna", "Schmidt", employee_number="M1"),
    )  # fmt: skip


def open_form(person, employee):
    person.get(f"{LIST}/{employee.id}")
    return person.press("Edit")


def last_entry():
    return AuditEntry.select().order_by(AuditEntry.id.desc()).get()


def test_the_form_shows_the_record(alice, wei):
    page = open_form(alice, wei)
    shown = {label: page.value(label) for label in ("Employee number", "First name", "Job title", "Manager", "Country")}
    assert shown == {
        "Employee number": "E7", "First name": "Wei", "Job title": "Buyer", "Manager": "M1", "Country": "CN",
    }  # fmt: skip
    assert page.value("Start date") == "2020-01-31"
    assert "Now Anna Schmidt. Employee number or whole name." in page.text


def test_saving_changes_the_record_and_the_trail_tells_before_and_after(alice, wei):
    open_form(alice, wei)
    page = alice.press("Save", {"Job title": "Senior buyer", "Manager": "", "Start date": "2020-02-01"})
    assert "The changes have been saved." in page.text
    changed = Employee.get_by_id(wei.id)
    assert (changed.job_title, changed.manager, changed.start_date) == ("Senior buyer", None, date(2020, 2, 1))
    assert changed.changed_at > wei.changed_at
    assert last_entry().action == "edit employee"
    assert last_entry().detail["changes"] == {
        "job_title": ["Buyer", "Senior buyer"],
        "manager": ["M1", None],
        "start_date": ["2020-01-31", "2020-02-01"],
    }


def test_the_employee_is_found_by_the_new_name_and_no_longer_by_the_old(alice, wei):
    open_form(alice, wei)
    alice.press("Save", {"Last name": "Żółć"})
    assert "Wei Żółć" in alice.get(f"{LIST}?q=zolc").text
    assert "No matches" in alice.get(f"{LIST}?q=zhang").text


def test_saving_the_form_as_it_is_changes_nothing(alice, wei):
    open_form(alice, wei)
    before = last_entry().id
    page = alice.press("Save")
    assert "Nothing was changed." in page.text
    assert Employee.get_by_id(wei.id).changed_at == wei.changed_at
    assert last_entry().id == before


def test_it_works_without_javascript(alice, wei):
    alice.htmx = False
    open_form(alice, wei)
    page = alice.press("Save", {"Job title": "Chef"})
    assert page.url == f"{LIST}/{wei.id}"
    assert "Chef" in page.text


def test_wrong_values_are_kept_and_nothing_is_saved(alice, wei):
    open_form(alice, wei)
    page = alice.press("Save", {"Job title": "Chef", "Personal email": "at home"})
    assert page.status == 422
    assert "Personal email: “at home” is not an email address" in page.text
    assert page.value("Job title") == "Chef"
    assert page.value("Personal email") == "at home"
    assert Employee.get_by_id(wei.id).job_title == "Buyer"


def test_nobody_can_be_their_own_manager(alice, wei):
    open_form(alice, wei)
    page = alice.press("Save", {"Manager": "E7"})
    assert page.status == 422
    assert "An employee cannot be their own manager: choose somebody else." in page.text


def test_reporting_lines_cannot_run_in_a_circle(alice, cast, acme, wei):
    low = cast.employee(acme, "Lowest", "Report", employee_number="L1", manager=wei)
    open_form(alice, wei.manager)
    page = alice.press("Save", {"Manager": "L1"})
    assert "Lowest Report reports to Anna Schmidt, directly or through others: choose somebody else." in page.text
    assert page.value("Manager") == "L1"
    assert Employee.get_by_id(low.manager_id).manager.manager is None


def test_a_number_that_somebody_else_has_is_refused(alice, wei):
    open_form(alice, wei)
    page = alice.press("Save", {"Employee number": "M1"})
    assert "Anna Schmidt already has the number M1: enter a different one." in page.text


def test_of_two_people_who_edit_at_once_the_second_is_asked(alice, wei):
    open_form(alice, wei)
    Employee.update(department="Moved", job_title="Head buyer", changed_at=date(2099, 1, 1)).execute()
    page = alice.press("Save", {"Job title": "Senior buyer", "Mobile": "+44 1"})
    assert page.status == 409
    assert "Somebody else changed this employee in the meantime" in page.text
    assert "Job title Head buyer Senior buyer" in page.text
    assert "Department Moved Sales" in page.text
    assert page.value("Mobile") == "+44 1"
    assert Employee.get_by_id(wei.id).job_title == "Head buyer"


def test_after_being_asked_the_second_can_save_all_the_same(alice, wei):
    open_form(alice, wei)
    Employee.update(job_title="Head buyer", changed_at=date(2099, 1, 1)).execute()
    alice.press("Save", {"Job title": "Senior buyer"})
    assert "The changes have been saved." in alice.press("Save").text
    assert Employee.get_by_id(wei.id).job_title == "Senior buyer"


@pytest.mark.parametrize("opened", ["", "yesterday", "2020-01-01T00:00:00"])
def test_a_form_that_does_not_tell_when_it_was_opened_is_asked_too(alice, wei, opened):
    open_form(alice, wei)
    values = {"employee_number": "E7", "first_name": "Wei", "changed_at": opened}
    assert alice.post(f"{LIST}/{wei.id}/edit", values).status == 409
    assert Employee.get_by_id(wei.id).job_title == "Buyer"


@pytest.mark.parametrize(("person", "status"), [("mallory", 404), ("bob", 403), ("carol", 403)])
def test_who_may_not_edit_is_refused(request, person, status, wei):
    person = request.getfixturevalue(person)
    address = f"{LIST}/{wei.id}/edit"
    assert person.get(address).status == status
    assert person.post(address, {"employee_number": "E7", "first_name": "Hacked"}).status == status
    assert Employee.get_by_id(wei.id).first_name == "Wei"
