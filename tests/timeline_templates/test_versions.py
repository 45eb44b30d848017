"""Apply the new version: the difference is shown first, and nothing that is done or moved by hand changes."""

from datetime import timedelta

import pytest

from portal.accounts.models import Account
from portal.timeline_templates.models import KindInUse
from portal.timelines import carrying, following, planning, steps  # noqa: F401
from portal.timelines.models import Itinerary, PlannedStep, StepState

LEAVER = "/settings/timelines/leaver"
APPLY = "Apply the new version to timelines made before"


@pytest.fixture
def leaver(alice, acme, cast, connection):
    """Lea leaves in 20 days, and has a timeline of the portal's own steps."""
    KindInUse.create(organisation=acme, kind="leaver")
    employee = cast.employee(acme, "Lea", "Leaver", end_date=acme.today + timedelta(days=20))
    following.follow_changes()
    return employee


def account_for(employee, connection):
    """The employee has an account, and no timeline knows of it yet."""
    Itinerary.delete().execute()
    Account.create(
        organisation=employee.organisation, employee=employee, connection=connection, remote_id="lea",
        username="lea@acme.example", display_name="Lea", enabled=True,
    )  # fmt: skip


def row(key):
    return PlannedStep.get(PlannedStep.key == key, PlannedStep.state != StepState.CANCELLED)


def test_a_timeline_keeps_its_version_until_the_new_one_is_applied(alice, acme, leaver):
    alice.get(LEAVER)
    alice.press("Save", {"Days of Ask who takes over": "10", "Convert to shared mailbox": False})
    following.follow_changes()
    assert row("ask_successor").day == leaver.end_date - timedelta(days=14)
    page = alice.press(APPLY)
    assert "1 timeline was made from another version" in page.text
    assert "as proposed → 1" in page.text
    assert "Convert to shared mailbox:" in page.text
    assert "→ no longer planned" in page.text
    page = alice.press("Confirm")
    assert "The new version applies to 1 timeline." in page.text
    assert row("ask_successor").day == leaver.end_date - timedelta(days=10)
    assert not PlannedStep.select().where(PlannedStep.key == "convert_mailbox", PlannedStep.state == "planned").exists()
    assert Itinerary.get().version == 1
    assert "Nothing to apply" in alice.press(APPLY).text


def test_what_is_done_or_moved_by_hand_stays_and_what_was_taken_out_comes_back(alice, leaver):
    PlannedStep.update(state=StepState.DONE).where(PlannedStep.key == "ask_successor").execute()
    PlannedStep.update(moved_by_hand=True).where(PlannedStep.key == "hand_over").execute()
    alice.get(LEAVER)
    alice.press("Save", {
        "Days of Ask who takes over": "3", "Days of Hand over reports and groups": "5",
        "Convert to shared mailbox": False,
    })  # fmt: skip
    alice.press(APPLY)
    alice.press("Confirm")
    assert row("ask_successor").day == leaver.end_date - timedelta(days=14)
    assert row("hand_over").day == leaver.end_date
    alice.press("Save", {"Convert to shared mailbox": True})
    assert "Convert to shared mailbox: new →" in alice.press(APPLY).text
    alice.press("Confirm")
    assert row("convert_mailbox").state == StepState.PLANNED


def test_a_version_that_was_saved_in_between_is_shown_before_it_applies(alice, leaver):
    alice.get(LEAVER)
    alice.press("Save", {"Days of Ask who takes over": "10"})
    shown = alice.press(APPLY).soup.select_one("[name=shown]")["value"]
    alice.get(LEAVER)
    alice.press("Save", {"Days of Ask who takes over": "9"})
    page = alice.post(f"{LEAVER}/apply", {"shown": shown})
    assert "The steps have changed since this page was shown." in page.text
    assert row("ask_successor").day == leaver.end_date - timedelta(days=14)


def test_what_is_done_together_with_a_step_is_part_of_the_new_version(alice, acme, leaver, connection):
    account_for(leaver, connection)
    planning.follow(leaver)
    alice.get(LEAVER)
    page = alice.press("Save", {"Automatic reply": False})
    assert "1 timeline was made from earlier steps" in page.text
    page = alice.get(f"/people/employees/{leaver.id}/timeline")
    assert "A newer version of these steps waits" in page.text
    assert "Random password, Automatic reply" in page.text
    page = alice.press("Confirm the new version of Last day")
    assert "The new version applies to this timeline." in page.text
    assert "reply" not in row("block").parts
    assert "A newer version" not in page.text


def test_a_step_that_came_with_a_new_portal_waits_too(alice, acme, cast, connection):
    KindInUse.create(organisation=acme, kind="joiner")
    nia = cast.employee(acme, "Nia", "New", start_date=acme.today + timedelta(days=20))
    following.follow_changes()
    PlannedStep.delete().where(PlannedStep.key == "welcome_mail").execute()
    assert "1 timeline was made from earlier steps" in alice.get("/settings/timelines/joiner").text
    assert "Welcome mail: new →" in alice.press("Apply the new version").text
    alice.press("Confirm")
    assert row("welcome_mail").employee == nia
    assert "made from earlier steps" not in alice.get("/settings/timelines/joiner").text
