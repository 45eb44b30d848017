"""The Timeline tab, and the question that the Profile asks before steps move."""

from datetime import timedelta

import pytest

from portal.timeline_templates import saving
from portal.timeline_templates.steps import Kind
from portal.timelines import planning
from portal.timelines.models import Course, Itinerary, PlannedStep, StepState
from tests.cast import account_of
from tests.timelines.conftest import BEFORE, LAST_DAY, leave, step, turn
from tests.timelines.test_on_time import WEI, at_six


@pytest.fixture(autouse=True)
def march_for_all(in_march):
    """Everybody signs in then."""


@pytest.fixture
def wei_leaves(in_march, app, leavers, wei_active, alice):
    leave(wei_active)
    alice.come_in()
    return wei_active


def page_of(employee):
    return f"/people/employees/{employee.id}/timeline"


def test_the_tab_says_what_happens_and_when(alice, wei_leaves):
    text = alice.get(page_of(wei_leaves)).text
    assert "Wei Zhang leaves on 26 Mar 2027." in text
    assert "Nothing is taken before Fri 26 Mar 2027, 18:00 (London)." in text
    assert "With it: Hand over reports and groups, Revoke open sessions, Random password" in text


def test_once_the_last_day_has_passed_the_tab_says_so(alice, wei_leaves, in_march, app):
    in_march.move_to(at_six(minutes=2))
    turn(app)
    in_march.move_to(at_six(days=1))
    alice.come_in()
    text = alice.get(page_of(wei_leaves)).text
    assert "Wei Zhang left on 26 Mar 2027." in text
    assert "leaves on" not in text
    assert "Blocked the leaver Wei Zhang by the timeline" in alice.get("/home").text


def test_an_employee_without_one_is_told_how_to_begin(alice, wei_active):
    assert "No timeline yet" in alice.get(page_of(wei_active)).text


@pytest.mark.parametrize(
    ("start", "end", "said", "to_settings"),
    [
        (-900, -20, "Wei Zhang left on", False), (-900, None, "The days on the Profile have passed", False),
        (5, None, "its timeline is not switched on", True), (None, None, "A timeline begins with a first day", True),
    ],
)  # fmt: skip
def test_an_employee_without_a_timeline_is_told_why(alice, cast, acme, start, end, said, to_settings):
    start, end = (acme.today + timedelta(days=days) if days else None for days in (start, end))
    page = alice.get(page_of(cast.employee(acme, start_date=start, end_date=end)))
    assert said in page.text
    assert page.has_button("Open Settings > Timelines") is to_settings
    assert page.has_button("Plan a move") is not (end is not None)


def test_l02_the_profile_counts_the_steps_that_move_before_it_saves(alice, wei_leaves):
    PlannedStep.update(moved_by_hand=True).where(PlannedStep.key == "take_licences").execute()
    alice.get(f"/people/employees/{wei_leaves.id}/edit")
    later = LAST_DAY + timedelta(days=7)
    page = alice.press("Save", {"End date": later.isoformat()})
    assert "3 steps move with the date" in page.text
    assert "1 step stays because it was moved by hand" in page.text
    assert step(wei_leaves, "block").day == LAST_DAY
    alice.press("Confirm")
    assert step(wei_leaves, "block").day == later
    assert step(wei_leaves, "take_licences").day == LAST_DAY + timedelta(days=30)


def test_l03_a_last_day_that_has_passed_needs_a_tick(alice, app, wei_leaves, sandbox):
    alice.get(f"/people/employees/{wei_leaves.id}/edit")
    page = alice.press("Save", {"End date": "2027-02-26"})
    assert page.status == 422
    assert "This time has already passed. It would happen at once." in page.text
    assert alice.press("Confirm").status == 422
    turn(app)
    assert not sandbox.user(WEI).sign_in_blocked
    alice.press("Confirm", {"Do it at once": True})
    turn(app)
    assert sandbox.user(WEI).sign_in_blocked


def test_l04_a_date_that_is_removed_offers_undo_for_what_was_done(alice, app, in_march, wei_leaves):
    in_march.move_to(at_six(minutes=1))
    turn(app)
    alice.come_in()
    alice.get(f"/people/employees/{wei_leaves.id}/edit")
    page = alice.press("Save", {"End date": ""})
    assert "steps are cancelled" in page.text
    alice.press("Confirm")
    assert alice.get(page_of(wei_leaves)).has_button("Undo")


def test_a_step_is_moved_skipped_and_done_by_hand(alice, wei_leaves):
    block = step(wei_leaves, "block")
    alice.get(page_of(wei_leaves))
    alice.press("Move", {"Day": "2027-03-27", "Time, where Wei Zhang is": "09:00"}, within=f"#step-{block.id}")
    assert step(wei_leaves, "block").moved_by_hand
    licences = step(wei_leaves, "take_licences")
    alice.press(f"Skip {'Take the licences away'}", within=f"#step-{licences.id}")
    assert step(wei_leaves, "take_licences").state == StepState.SKIPPED


def test_a_step_that_is_moved_into_the_past_needs_a_tick(alice, wei_leaves):
    block = step(wei_leaves, "block")
    alice.get(page_of(wei_leaves))
    page = alice.press("Move", {"Day": "2027-02-01"}, within=f"#step-{block.id}")
    assert page.status == 422
    assert "It would happen at once" in page.text
    assert not step(wei_leaves, "block").moved_by_hand


def test_a_step_can_be_done_now(alice, wei_leaves, sandbox):
    block = step(wei_leaves, "block")
    alice.get(page_of(wei_leaves))
    alice.press("Do it now Block the sign-in", within=f"#step-{block.id}")
    assert sandbox.user(WEI).sign_in_blocked
    assert not account_of(wei_leaves).enabled


def test_what_has_passed_is_done_with_one_press_for_all_of_one_person(alice, app, cast, acme, connection, sandbox):
    saving.switch_on(acme, Kind.JOINER, by="test")
    kim = cast.employee(acme, "Kim", "Boss", company_email="kim@acme.example")
    nia = cast.employee(acme, "Nia", "New", start_date=BEFORE.date(), manager=kim, personal_email="nia@home.example")
    planning.follow(nia)
    alice.come_in()
    page = alice.get(page_of(nia))
    assert (
        "steps wait for your decision Their time has passed: Create the account, blocked, Tell the manager" in page.text
    )
    alice.press("Do all of them now First day")
    for _ in range(5):
        turn(app)
    assert not sandbox.user("nia.new@acme.example").sign_in_blocked
    assert step(nia, "allow_sign_in").state == StepState.DONE


def test_what_has_passed_is_skipped_with_one_press(alice, cast, acme, connection):
    saving.switch_on(acme, Kind.JOINER, by="test")
    nia = cast.employee(acme, "Nia", "New", start_date=BEFORE.date())
    planning.follow(nia)
    alice.come_in()
    alice.get(page_of(nia))
    alice.press("Skip all of them First day")
    assert step(nia, "create_blocked").state == StepState.SKIPPED


def test_the_whole_timeline_can_be_cancelled(alice, wei_leaves):
    alice.get(page_of(wei_leaves))
    alice.press("Confirm cancel Last day")
    assert Itinerary.get().state == Course.CANCELLED


def test_another_company_sees_and_moves_nothing(mallory, wei_leaves):
    mallory.come_in()
    block = step(wei_leaves, "block")
    assert mallory.get(page_of(wei_leaves)).status == 404
    assert mallory.post(f"{page_of(wei_leaves)}/{block.id}/skip").status == 404
    assert step(wei_leaves, "block").state == StepState.PLANNED


def test_a_timeline_that_was_cancelled_with_its_date_says_nothing_of_leaving(alice, wei_leaves):
    alice.get(f"/people/employees/{wei_leaves.id}/edit")
    alice.press("Save", {"End date": ""})
    alice.press("Confirm")
    text = alice.get(page_of(wei_leaves)).text
    assert "Last day 26 Mar 2027. This timeline was cancelled." in text
    assert "leaves on" not in text


def test_a_leave_without_a_day_of_return_says_that_nothing_is_planned_yet(alice, acme, wei_active):
    saving.switch_on(acme, Kind.LEAVE, by=alice.user)
    wei_active.leave_from = LAST_DAY
    wei_active.save()
    assert "The leave of absence has no timeline yet" in alice.get(page_of(wei_active)).text
    assert "No timeline yet" not in alice.page.text
    assert alice.press("enter the day").value("Back at work on") == ""
    alice.press("Save", {"Back at work on": (LAST_DAY + timedelta(days=60)).isoformat()})
    assert "is on leave from 26 Mar 2027, and back on" in alice.get(page_of(wei_active)).text
