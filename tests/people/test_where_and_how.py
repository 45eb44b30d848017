"""Where, how and under whom an employee works, and a leave of absence."""

from datetime import date

import pytest

from portal.people.models import Employee
from tests.people.conftest import LIST, names
from tests.people.test_profile import facts


@pytest.fixture
def wei(cast, acme):
    return cast.employee(acme, "Wei", "Zhang", start_date=date(2020, 1, 31), country="AU")


def edit(alice, wei, **values):
    alice.get(f"{LIST}/{wei.id}/edit")
    return alice.press("Save", {name.replace("_", " "): value for name, value in values.items()})


def test_what_is_entered_is_on_the_profile(alice, cast, acme, wei):
    anna = cast.employee(acme, "Anna", "Schmidt", employee_number="M2")
    page = edit(
        alice, wei, Location="Sydney", Employment_type="Contractor", Second_manager="Anna Schmidt",
        Time_zone="Australia/Sydney", First_day_of_leave="2030-03-01", Back_at_work_on="2030-04-01",
    )  # fmt: skip
    shown = facts(page)
    assert (shown["Location"], shown["Employment type"], shown["Second manager"]) == ("Sydney", "Contractor", anna.name)
    assert shown["Time zone"].startswith("Sydney (GMT+1")
    assert shown["Leave of absence"] == "From 1 Mar 2030, back at work on 1 Apr 2030"
    assert alice.press("Anna Schmidt").url == f"{LIST}/{anna.id}"


@pytest.mark.parametrize(
    ("begins", "back", "problem"),
    [
        ("2026-03-01", "2026-03-01", "The return must be after the first day of the leave"),
        ("2019-12-01", "", "The leave begins before the start date, 31 Jan 2020"),
        ("2027-01-01", "", "The leave begins after the end date, 31 Dec 2026"),
        ("2026-12-01", "2027-01-02", "The return is after the end date, 31 Dec 2026"),
        ("", "2026-03-01", "The leave has a day of return: enter its first day too."),
    ],
)
def test_a_leave_lies_inside_the_employment_and_ends_after_it_began(alice, wei, begins, back, problem):
    page = edit(alice, wei, End_date="2026-12-31", First_day_of_leave=begins, Back_at_work_on=back)
    assert page.status == 422
    assert problem in page.text
    assert (page.value("First day of leave"), page.value("Back at work on")) == (begins, back)


def test_a_zone_or_a_type_that_does_not_exist_is_refused(alice, wei):
    alice.get(f"{LIST}/{wei.id}/edit")
    page = alice.press("Save", {"Time zone": "Mars/Olympus", "Employment type": "Wizard"})
    assert page.status == 422
    assert "“Mars/Olympus” is not a time zone" in page.text
    assert "“Wizard” is not an employment type here" in page.text


def test_nobody_is_their_own_second_manager_and_a_wrong_name_keeps_what_was_typed(alice, wei):
    assert "cannot be their own manager" in edit(alice, wei, Second_manager=wei.employee_number).text
    page = edit(alice, wei, Second_manager="Nobody Known")
    assert (page.status, page.value("Second manager")) == (422, "Nobody Known")


def test_the_list_filters_by_location_and_by_leave(alice, cast, acme):
    away = cast.employee(acme, "Away", "", location="Leeds", leave_from=date(2020, 1, 1))
    cast.employee(acme, "Back", "", location="York", leave_from=date(2020, 1, 1), leave_to=date(2020, 2, 1))
    assert names(alice.get(f"{LIST}?location=Leeds")) == ["Away"]
    page = alice.get(f"{LIST}?who=on-leave")
    assert names(page) == ["Away"]
    assert "On leave" in page.soup.select_one("#employee-table").get_text()
    assert names(alice.get(f"{LIST}?q=york")) == ["Back"]
    assert "On leave" in alice.get(f"{LIST}/{away.id}").text


def test_the_forms_suggest_the_locations_that_there_are_and_not_those_of_others(alice, cast, acme, globex, wei):
    cast.employee(acme, "Ada", "", location="Leeds")
    cast.employee(globex, "Stan", "", location="Secret lair")
    page = alice.get(f"{LIST}/{wei.id}/edit")
    assert [option["value"] for option in page.soup.select("#locations option")] == ["Leeds"]


def test_a_second_manager_who_is_deleted_leaves_nothing_behind(cast, acme, wei):
    wei.second_manager = boss = cast.employee(acme, "Anna", "Schmidt")
    wei.save()
    boss.delete_instance()
    assert Employee.get_by_id(wei.id).second_manager_id is None
