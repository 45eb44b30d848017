from datetime import date, timedelta

import pytest

from portal.database import now
from tests.people.conftest import LIST


def facts(page) -> dict[str, str]:
    return {
        term.get_text(strip=True): term.find_next("dd").get_text(" ", strip=True) for term in page.soup.select("dt")
    }


@pytest.fixture
def wei(cast, acme):
    return cast.employee(
        acme, "Wei", "Zhang", preferred_name="Will", employee_number="E7", job_title="Buyer", department="Buying",
        personal_email="wei@home.example", company_email="wei@acme.example", mobile="+44 20 7946 0000", country="CN",
        start_date=date(2020, 1, 31),
    )  # fmt: skip


def test_the_profile_shows_the_whole_record(alice, wei):
    page = alice.get(f"{LIST}/{wei.id}")
    assert page.title.endswith(" Will Zhang")
    assert facts(page) == {
        "Employee number": "E7", "First name": "Wei", "Last name": "Zhang", "Preferred name": "Will",
        "Job title": "Buyer", "Department": "Buying", "Manager": "–", "Personal email": "wei@home.example",
        "Company email": "wei@acme.example", "Mobile": "+44 20 7946 0000", "Country": "China",
        "Start date": "31 Jan 2020", "End date": "–", "Location": "–", "Employment type": "–",
        "Time zone": "London (GMT+00:00), from the organisation",
    }  # fmt: skip


def test_the_manager_leads_to_their_page(alice, cast, acme, wei):
    report = cast.employee(acme, "Anna", "Schmidt", manager=wei)
    page = alice.get(f"{LIST}/{report.id}")
    assert facts(page)["Manager"] == "Will Zhang"
    assert alice.press("Will Zhang").url == f"{LIST}/{wei.id}"


def test_a_manager_whose_page_one_may_not_open_is_only_named(carol, wei):
    own = carol.user.employee
    own.manager = wei
    own.save()
    page = carol.get(f"{LIST}/{own.id}")
    assert facts(page)["Manager"] == "Will Zhang"
    assert not page.soup.select(f"a[href='{LIST}/{wei.id}']")


@pytest.mark.parametrize(
    ("first_name", "last_name"),
    [("Madonna", ""), ("小明", "王"), ("María", "de la Cruz y Vega"), ("", "<b>O'Neil</b>")],
)
def test_names_of_any_kind_are_shown_as_they_are(alice, cast, acme, first_name, last_name):
    employee = cast.employee(acme, first_name, last_name)
    assert alice.get(f"{LIST}/{employee.id}").title.endswith(f"{first_name} {last_name}".strip())


def test_starters_and_leavers_are_marked(alice, cast, acme):
    start, end = now().date() + timedelta(days=10), now().date() + timedelta(days=20)
    employee = cast.employee(acme, "Wei", "Zhang", start_date=start, end_date=end)
    text = alice.get(f"{LIST}/{employee.id}").text
    assert f"Starts on {start.day} " in text
    assert f"Last day {end.day} " in text
    gone = cast.employee(acme, "Omar", "Old", end_date=now().date() - timedelta(days=3))
    assert "Left on " in alice.get(f"{LIST}/{gone.id}").text


@pytest.mark.parametrize(("person", "tabs"), [("alice", 4), ("stan", 3), ("bob", 1), ("carol", 1)])
def test_only_admins_see_the_account_tab(request, cast, person, tabs):
    person = request.getfixturevalue(person)
    employee = person.user.employee or cast.employee(person.user.organisation)
    page = person.get(f"{LIST}/{employee.id}")
    names = ["Profile", "Account provisioning", "Timeline", "History"]
    assert [tab.get_text() for tab in page.soup.select(".nav-tabs a")] == names[:tabs]
    assert page.has_button("Edit") == (tabs > 1)


@pytest.mark.parametrize("person", ["mallory", "bob", "carol"])
def test_an_employee_whom_one_may_not_see_is_not_found(request, person, wei):
    page = request.getfixturevalue(person).get(f"{LIST}/{wei.id}")
    assert page.status == 404
    assert "Zhang" not in page.text
