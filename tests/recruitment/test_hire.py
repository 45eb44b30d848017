"""Hire: one employee for an application, on Day one, with an account one press away."""

from datetime import timedelta

import pytest

from portal.accounts.models import Status
from portal.erasure import erasing
from portal.people.models import Employee
from portal.recruitment import actions, hiring
from portal.recruitment.models import Application, Candidate, Ended
from tests.cast import Person, account_of
from tests.provisioning.conftest import connect
from tests.recruitment.conftest import applied, opened

RECORD = {"Employee number": "E900", "Country": "GB"}


@pytest.fixture
def zoe(nurse):
    return applied(nurse, phone="+44 20 7946 0000")


def hire_page(person, application):
    return person.get(f"/recruitment/applications/{application.id}/hire")


def start(acme, days=5):
    return (acme.today + timedelta(days=days)).isoformat()


def test_r56_a_candidate_is_hired_once_is_on_day_one_and_has_an_account_with_one_press(
    alice, acme, nurse, zoe, sandbox, mailbox
):
    connect(sandbox, alice.user)
    page = alice.get(f"/recruitment/candidates/{zoe.candidate_id}")
    page = alice.press("Hire for Night nurse")
    assert [page.value(label) for label in ("First name", "Personal email", "Job title", "Mobile")] == [
        "Zoë", "Zoë@home.example", "Night nurse", "+44 20 7946 0000",
    ]  # fmt: skip
    page = alice.press("Hire", {"Employee number": "E900"})
    assert "Enter the first day at work." in page.text
    assert page.value("Employee number") == "E900"
    second = Person(alice.app, alice.user)
    second.come_in()
    hire_page(second, zoe)
    alice.press("Hire", {**RECORD, "Start date": start(acme)})
    assert "Day one shows Zoë Łukasz now" in alice.page.text
    assert "All openings of Night nurse are filled." in alice.page.text
    second.press("Hire", {**RECORD, "Employee number": "E901", "Start date": start(acme)})
    assert "Day one shows Zoë Łukasz now" in second.page.text
    employee = Employee.get()
    assert (Application.get().ended, Application.get().employee) == (Ended.HIRED, employee)
    assert "Zoë Łukasz" in alice.get("/provisioning/day-one").text
    alice.get(f"/recruitment/candidates/{zoe.candidate_id}")
    alice.press("Create account for Zoë Łukasz")
    alice.press("Action")
    assert alice.page.value("Username") == "zoe.lukasz"
    alice.press("Create")
    assert account_of(employee).status == Status.ACTIVE
    page = alice.get(f"/recruitment/candidates/{zoe.candidate_id}")
    assert not page.has_button("Create account for Zoë Łukasz")
    assert alice.press("Close vacancy Night nurse").title == "Close this vacancy?"


def test_r56_a_press_that_knew_nothing_of_the_first_makes_no_second_employee(alice, zoe):
    first, made = hiring.hire(zoe, {"employee_number": "E1", "first_name": "Zoë"}, by=alice.user)
    second, again = hiring.hire(zoe, {"employee_number": "E2", "first_name": "Zoë"}, by=alice.user)
    assert (second, made, again, Employee.select().count()) == (first, True, False, 1)


def test_only_an_admin_hires_and_a_taken_number_is_said(alice, bob, acme, zoe, cast, nurse):
    cast.employee(acme, "Ben", "Cole", employee_number="E900")
    assert hire_page(bob, zoe).status == 403
    hire_page(alice, zoe)
    page = alice.press("Hire", {**RECORD, "Start date": start(acme)})
    assert "Ben Cole already has the number E900" in page.text
    assert Application.get().ended is None
    actions.end(zoe, Ended.NOT_TAKEN, by=alice.user, reason="None")
    hire_page(alice, zoe)
    page = alice.press("Hire", {**RECORD, "Employee number": "E901", "Start date": start(acme)})
    assert page.status == 409
    assert "application has ended: not taken" in page.text


def test_an_employee_who_applied_keeps_their_record_unless_it_is_another_person(alice, acme, cast, zoe, nurse):
    there = cast.employee(acme, "Zoë", "Łukasz", personal_email="zoë@HOME.example", employee_number="E7")
    page = hire_page(alice, zoe)
    assert "Zoë Łukasz (E7) has the same email address" in page.text
    page = alice.press("Hire", {**RECORD, "Start date": start(acme)})
    assert "Tick this to add a second record" in page.text
    alice.press("Use the record of Zoë Łukasz")
    assert Application.get().employee == there
    other = applied(opened(acme, alice, "Porter"))
    hire_page(alice, other)
    page = alice.press("Use the record of Zoë Łukasz")
    assert "was hired by another application" in page.text
    stranger = cast.employee(acme, "Ben", "Cole")
    assert alice.post(f"/recruitment/applications/{other.id}/hire", {"employee": stranger.id}).status == 404
    alice.get(f"/recruitment/applications/{other.id}/hire")
    alice.press("Hire", {**RECORD, "Start date": start(acme), "This is another person": True})
    assert Employee.get(Employee.employee_number == "E900").id != there.id


def test_a_candidate_with_the_name_of_an_employee_is_asked_about(alice, acme, cast, zoe):
    there = cast.employee(acme, "Zoë", "Łukasz", personal_email="zoe@elsewhere.example", employee_number="E7")
    assert "Zoë Łukasz (E7) has the same name" in hire_page(alice, zoe).text
    alice.press("Use the record of Zoë Łukasz")
    assert Application.get().employee == there


def test_a_vacancy_with_another_opening_does_not_offer_to_close(alice, acme, zoe, nurse):
    nurse.openings = 2
    nurse.save()
    hiring.hire(zoe, {"employee_number": "E1", "first_name": "Zoë"}, by=alice.user)
    page = alice.get(f"/recruitment/candidates/{zoe.candidate_id}")
    assert not page.has_button("Close vacancy Night nurse")
    assert "1 hired" in alice.get("/recruitment/vacancies").text


def test_erasing_the_employee_erases_the_candidate_they_were(alice, acme, zoe, nurse):
    employee, _ = hiring.hire(zoe, {"employee_number": "E1", "first_name": "Zoë", "last_name": "Łukasz"}, by=alice.user)
    employee.end_date = acme.today - timedelta(days=3)
    employee.save()
    erasing.erase(employee, by=alice.user)
    candidate = Candidate.get()
    assert candidate.erased_at
    assert not candidate.first_name
    assert "Łukasz" not in alice.get("/settings/audit-log").text
