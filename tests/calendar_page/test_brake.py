"""Many steps of one import that are due within an hour wait for a second Admin."""

from datetime import timedelta

import pytest
import time_machine

from portal.auth.models import AccessLevel, User
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.timeline_templates.models import KindInUse
from portal.timelines import brake, following, planning
from portal.timelines.brake import Hold
from portal.timelines.models import PlannedStep, StepState
from tests.imports.conftest import upload  # noqa: F401
from tests.provisioning.conftest import connection  # noqa: F401

CALENDAR = "/provisioning/calendar"


def three(letter, start):
    """A file with three people who start on that day."""
    lines = [f"{letter}{number},{letter}{number},Person,{start}" for number in range(3)]
    return "\n".join(["employee_number,first_name,last_name,start_date", *lines])


@pytest.fixture
def imported(cast, acme, connection, upload, alice):  # noqa: F811
    """Alice has imported three starters of one day, and may start two alone. Ann was an Admin before."""
    ann = cast.person(acme, "Ann", AccessLevel.ADMIN)
    Organisation.update(approval_above=2).execute()
    KindInUse.create(organisation=acme, kind="joiner")
    start = acme.today + timedelta(days=30)
    upload(
        "employee_number,first_name,last_name,start_date\n" + "".join(f"N{n},P{n},Person,{start}\n" for n in range(3))
    )
    alice.press("Import")
    following.follow_changes()
    return ann


def states(key="create_blocked"):
    return {step.state for step in PlannedStep.select().where(PlannedStep.key == key)}


def test_the_importer_cannot_approve_and_a_second_admin_can(alice, imported):
    assert states() == {StepState.HELD}
    page = alice.get(CALENDAR)
    assert "steps of one import wait for a second Admin" in page.text
    assert not page.has_button("Approve")
    assert "It waits for Ann" in page.text
    assert alice.post(f"{CALENDAR}/holds/{Hold.get().id}/approve").status == 403
    assert states() == {StepState.HELD}
    imported.get(CALENDAR)
    assert "The steps are approved." in imported.press("Approve").text
    assert states() == {StepState.PLANNED}
    assert brake.hold_large(Employee.select()) == 0
    assert states() == {StepState.PLANNED}


def test_declined_steps_are_skipped_with_the_reason(imported):
    imported.get(CALENDAR)
    assert "The steps are declined." in imported.press("Decline").text
    assert states() == {StepState.SKIPPED}
    assert PlannedStep.get(PlannedStep.key == "create_blocked").reason == "An Admin declined the steps of this import."


def test_as_many_as_one_admin_may_start_do_not_wait(imported, alice, cast, acme, upload):  # noqa: F811
    Organisation.update(approval_above=3).execute()
    start = acme.today + timedelta(days=60)
    upload(
        "employee_number,first_name,last_name,start_date\n" + "".join(f"M{n},Q{n},Person,{start}\n" for n in range(3))
    )
    alice.press("Import")
    following.follow_changes()
    later = PlannedStep.select().where(
        PlannedStep.key == "create_blocked", PlannedStep.day > acme.today + timedelta(40)
    )
    assert {step.state for step in later} == {StepState.PLANNED}


def test_nobody_carries_a_held_step_out_alone(imported, alice):
    held = PlannedStep.get(PlannedStep.key == "create_blocked")
    page = alice.get(f"/people/employees/{held.employee_id}/timeline")
    assert "Waits for approval" in page.text
    assert not page.has_button("Do it now Create the account, blocked")
    page = alice.post(f"/people/employees/{held.employee_id}/timeline/{held.id}/now")
    assert (page.status, "They wait for a second Admin" in page.text) == (409, True)
    moved = {"day": "2027-01-05", "hour": "09:00", "at_once": "yes"}
    alice.post(f"/people/employees/{held.employee_id}/timeline/{held.id}/move", moved)
    employee = held.employee
    employee.start_date += timedelta(days=3)
    planning.follow(employee)
    assert states() == {StepState.HELD}


def test_who_imported_can_decline(imported, alice):
    assert "It waits for Ann" in alice.get(CALENDAR).text
    alice.press("Decline")
    assert states() == {StepState.SKIPPED}


def test_the_only_admin_is_told_when_the_steps_go_ahead(imported, alice, cast, acme, upload):  # noqa: F811
    User.update(enabled=False).where(User.id == imported.user.id).execute()
    upload(three("B", acme.today + timedelta(days=60)))
    alice.press("Import")
    following.follow_changes()
    alone = Hold.get(Hold.takes_effect_at.is_null(False))
    assert "No other Admin can approve them, so they go ahead on their own from" in alice.get(CALENDAR).text
    brake.settle_due()
    assert alone.id in {hold.id for hold in brake.waiting(acme)}
    with time_machine.travel(alone.takes_effect_at):
        brake.settle_due()
    assert Hold.get_by_id(alone.id).decision == "took effect"
    assert states() == {StepState.HELD, StepState.PLANNED}


def test_another_company_cannot_decide(imported, cast, initech):
    mallory = cast.person(initech, "Mallory", AccessLevel.ADMIN)
    assert "wait for a second Admin" not in mallory.get(CALENDAR).text
    assert mallory.post(f"{CALENDAR}/holds/{Hold.get().id}/approve").status == 404


def test_steps_that_join_while_an_admin_decides_do_not_wait_for_ever(imported, cast, acme):
    opened = Hold.get()
    moment = Employee.get(Employee.employee_number == "N0").changed_at
    for number in range(2):
        cast.employee(acme, "Late", f"Part{number}", start_date=acme.today + timedelta(days=30), changed_at=moment)
    following.follow_changes()
    brake.approve(opened, by=imported.user)
    assert states() == {StepState.PLANNED}
