"""Provisioning > Calendar: the steps of all timelines by day, with those that need a person first."""

from datetime import UTC, datetime, timedelta

import pytest
from playhouse.test_utils import count_queries

from portal.auth.models import AccessLevel
from portal.calendar_page import queries
from portal.database import is_sqlite, now
from portal.paging import PER_PAGE
from portal.timelines.models import Itinerary, PlannedStep, StepState

CALENDAR = "/provisioning/calendar"


@pytest.fixture
def noon(time_machine):
    """It is noon at Acme on Monday 30 November 2026."""
    time_machine.move_to(datetime(2026, 11, 30, 12, tzinfo=UTC), tick=False)
    return now()


@pytest.fixture
def plan(cast, acme):
    def plan(due_at, key="block", *, name="Wei", kind="leaver", organisation=None, **values):
        employee = cast.employee(organisation or acme, name, "Zhang")
        made = Itinerary.create(organisation=employee.organisation, employee=employee, kind=kind)
        return PlannedStep.create(
            organisation=employee.organisation, itinerary=made, employee=employee, key=key, anchor="end", days=0,
            day=due_at.date(), hour="18:00", due_at=due_at, **values,
        )  # fmt: skip

    return plan


def listed(page, within="#steps"):
    return [row.get_text(" ", strip=True) for row in page.soup.select(f"{within} tbody tr")]


def test_a_day_lists_its_steps_with_counts_and_what_needs_a_person_first(noon, alice, plan):
    plan(noon + timedelta(hours=6), name="Later")
    plan(noon + timedelta(hours=5), "allow_sign_in", name="Joining", kind="joiner")
    plan(noon + timedelta(hours=7), name="Refused", state=StepState.FAILED, reason="The account is protected.")
    plan(noon - timedelta(hours=4), name="Overdue")
    plan(noon - timedelta(hours=1), name="Ready", state=StepState.DONE)
    plan(noon + timedelta(days=3), name="Thursday")
    plan(noon, name="Gone", state=StepState.CANCELLED)
    page = alice.get(CALENDAR)
    assert "Today, Monday 30 November 5 steps: 4 for leavers, 1 for joiners 2 need you" in page.text
    assert "Thursday 3 December 1 step: 1 for leavers" in page.text
    assert [row.split()[2] for row in listed(page)] == ["Overdue", "Refused", "Joining", "Later", "Ready"]
    assert "Late" in listed(page)[0]
    assert "Failed The account is protected." in listed(page)[1]
    assert [row.split()[6] for row in listed(page, "#needs-you")] == ["Overdue", "Refused"]
    assert "Thursday" in listed(alice.press("Thursday 3 December"))[0]


def test_joiners_movers_leavers_and_days_are_filtered(noon, alice, plan):
    plan(noon + timedelta(hours=1), name="Leaving")
    plan(noon + timedelta(hours=1), "allow_sign_in", name="Joining", kind="joiner")
    plan(noon + timedelta(days=20), name="Far")
    alice.get(CALENDAR)
    page = alice.press("Apply", {"Show": "joiner"})
    assert "Joining" in page.text
    assert "Leaving" not in page.text
    page = alice.press("Apply", {"Show": "", "From": "2026-12-15"})
    assert [row.split()[2] for row in listed(page)] == ["Far"]
    assert "No steps on these days" in alice.press("Apply", {"From": "2027-12-15"}).text


def test_a_persons_own_task_waits_for_them_once_its_time_has_come(noon, alice, plan):
    plan(noon - timedelta(minutes=5), "convert_mailbox", name="Due")
    plan(noon + timedelta(minutes=5), "convert_mailbox", name="Soon")
    rows = listed(alice.get(CALENDAR))
    assert "Convert to shared mailbox Waits for you" in rows[0]
    assert "Convert to shared mailbox Planned" in rows[1]


def test_days_are_those_of_the_organisation(noon, alice, acme, plan):
    acme.time_zone = "Pacific/Auckland"
    acme.save()
    plan(noon)
    assert "Tuesday 1 December" in alice.get(CALENDAR).text


def test_nobody_sees_another_company_and_no_manager_sees_any(noon, alice, bob, cast, initech, plan):
    theirs = plan(noon + timedelta(hours=1), name="Secret", organisation=initech)
    assert "Secret" not in alice.get(f"{CALENDAR}?after={theirs.id}").text
    assert bob.get(CALENDAR).status == 403
    assert "Secret" in cast.person(initech, "Mallory", AccessLevel.ADMIN).get(CALENDAR).text


def test_l25_five_thousand_steps_on_one_morning_are_counted_and_paged_with_few_queries(noon, alice, acme, cast, plan):
    first = plan(noon + timedelta(hours=1), name="First")
    row = {name: value for name, value in first.__data__.items() if name != "id"}
    many = [row | {"due_at": noon + timedelta(hours=1, minutes=number % 4)} for number in range(4_999)]
    for start in range(0, len(many), 500):
        PlannedStep.insert_many(many[start : start + 500]).execute()
    with count_queries() as counter:
        page = alice.get(CALENDAR)
    assert counter.count < 15
    assert "5,000 steps: 5,000 for leavers" in page.text
    seen = [*listed(page), *listed(alice.press("Next"))]
    assert len(seen) == 2 * PER_PAGE


@pytest.mark.parametrize("asked", [queries.needing, queries.refused])
def test_l25_what_needs_a_person_is_looked_up_by_state_and_moment(tables, acme, asked):
    if not is_sqlite():
        pytest.skip("PostgreSQL reads a table of one page whole, whatever its indexes")
    sql, values = asked(acme).sql()
    plan = str(tables.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall())
    assert "organisation_id_state_due_at" in plan
    assert "SCAN t1" not in plan
