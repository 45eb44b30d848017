"""Another username on a day: a step of a mover's timeline, asked for on the card."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from portal.timelines.models import Itinerary, PlannedStep, StepState
from tests.cast import account_of
from tests.joining.test_rename import NEW, OLD, rename
from tests.moves.conftest import DAY, page_of, timeline_of, turn
from tests.provisioning.conftest import tab


@pytest.fixture
def planned(in_march, movers, wei_active, alice):
    """Wei gets another username on the next Friday at 18:00, which is the usual moment."""
    alice.come_in()
    page = rename(alice, wei_active, **{"On a day": True})
    assert page.status == 200
    return wei_active


def friday(minute=0):
    return datetime(2027, 3, 5, 18, minute, tzinfo=ZoneInfo("Europe/London"))


def test_the_username_changes_on_friday_evening_and_not_before(alice, app, planned, in_march, sandbox):
    page = alice.get(timeline_of(planned))
    assert "Wei Zhang gets another username. 1 of 1 steps to come." in page.text
    assert f"Fri 5 Mar 2027, 18:00 (London) · in 4 days From {OLD} to {NEW}." in page.text
    turn(app)
    assert account_of(planned).username == OLD
    in_march.move_to(friday())
    turn(app)
    assert account_of(planned).username == NEW
    assert PlannedStep.get().state == StepState.DONE


def test_a_name_that_somebody_got_meanwhile_is_not_taken(alice, app, planned, in_march, sandbox):
    sandbox.patch_user("omar.ordinary@acme.example", userPrincipalName=NEW)
    in_march.move_to(friday())
    turn(app)
    assert account_of(planned).username == OLD
    assert f"{NEW} is the account of Omar Ordinary." in PlannedStep.get().reason


def test_a_username_that_was_changed_meanwhile_is_asked_about(alice, app, planned, in_march, sandbox):
    rename(alice, planned, "wei.other")
    in_march.move_to(friday())
    turn(app)
    step = PlannedStep.get()
    assert (step.state, account_of(planned).username) == (StepState.ASKS, "wei.other@acme.example")
    alice.come_in()
    alice.get(timeline_of(planned))
    alice.press("Do it now Change the username")
    assert account_of(planned).username == NEW


def test_another_day_takes_the_place_of_the_planned_one_and_a_move_joins_it(alice, planned):
    alice.get(tab(planned))
    assert f"It becomes {NEW} on Fri 5 Mar 2027, 18:00 (London)" in alice.press("Change the username").text
    rename(alice, planned, **{"On a day": True, "Day": "2027-03-12", "Time": "19:00"})
    step = PlannedStep.get()
    assert (step.day.isoformat(), step.hour) == ("2027-03-12", "19:00")
    alice.get(page_of(planned))
    alice.press("Continue", {"Day of the move": DAY.isoformat(), "Department": "Finance"})
    alice.press("Confirm")
    assert Itinerary.select().count() == 1
    assert {row.key for row in PlannedStep.select()} == {"rename", "change_fields", "swap_groups"}
    assert PlannedStep.get(PlannedStep.key == "rename").day.isoformat() == "2027-03-12"


def test_a_moment_that_has_passed_is_refused_and_what_was_typed_stays(alice, in_march, movers, wei_active):
    alice.come_in()
    page = rename(alice, wei_active, **{"On a day": True, "Day": "2027-02-26"})
    assert page.status == 422
    assert "This time has already passed" in page.text
    assert page.value("New username") == "wei.smith"


def test_where_movers_are_off_only_now_is_offered(alice, wei_active):
    alice.come_in()
    alice.get(tab(wei_active))
    assert "On a day" not in alice.press("Change the username").text
