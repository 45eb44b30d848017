import pytest

from portal.languages import read
from portal.leaving import actions, jobs
from portal.leaving.models import Snapshot
from portal.operations.models import Operation, State
from portal.people.models import Employee
from portal.provisioning import actions as provisioning
from portal.reporting_lines import successions
from portal.sandbox.state.catalogue import BUSINESS_PREMIUM, BUSINESS_STANDARD, POWER_BI_FREE
from tests.leaving.conftest import OMAR
from tests.provisioning.worker import deliver, password_in

pytestmark = pytest.mark.usefixtures("inside")


@pytest.fixture
def left(alice, place, sandbox):
    """Omar's place after his last day: replying, sent on, and without his own licence."""
    sandbox.change_mailbox(OMAR, settings={"automaticRepliesSetting": {"status": "disabled"}})
    actions.leave(place, actions.request_for(place, inside="Gone.", forward=True), by=alice.user)
    actions.take_licences(place.as_it_is(), by=alice.user)
    assert sandbox.user(OMAR).plans == []
    return place.as_it_is()


def test_l13_one_press_gives_everything_back_and_a_second_does_nothing_twice(app, alice, left, sandbox, mailbox):
    assert actions.undo(left, by=alice.user).state == State.DONE
    omar = sandbox.user(OMAR)
    assert not omar.sign_in_blocked
    assert set(omar.plans) == {BUSINESS_STANDARD, POWER_BI_FREE}
    assert (omar.reply["status"], omar.rules) == ("disabled", [])
    deliver(app)
    assert sandbox.sign_in(OMAR, password_in(mailbox)) == "must change password"
    with pytest.raises(actions.NothingToDo):
        actions.undo(left.as_it_is(), by=alice.user)


def test_l14_without_a_seat_the_rest_comes_back_and_the_licence_follows_when_there_is_one(alice, left, sandbox):
    sandbox.set_seats(BUSINESS_STANDARD, 0)
    operation = actions.undo(left, wait=True, by=alice.user)
    assert operation.results["left"][0].startswith("1 licence waits for a seat: ")
    assert not sandbox.user(OMAR).sign_in_blocked
    jobs.give_waiting_licences.call_local()
    assert BUSINESS_STANDARD not in sandbox.user(OMAR).plans
    sandbox.set_seats(BUSINESS_STANDARD, 100)
    jobs.give_waiting_licences.call_local()
    assert BUSINESS_STANDARD in sandbox.user(OMAR).plans
    assert Snapshot.get().ended_at is not None


def test_a_licence_comes_back_with_the_parts_it_had(alice, place, sandbox):
    states = sandbox.user(OMAR).properties["licenseAssignmentStates"]
    plan = "57ff2da0-773e-42df-b2af-ffb7a2317929"
    for state in states:
        state["disabledPlans"] = [plan] if state["skuId"] == BUSINESS_STANDARD else []
    sandbox.patch_user(OMAR, licenseAssignmentStates=states)
    actions.leave(place, actions.request_for(place), by=alice.user)
    actions.take_licences(place.as_it_is(), by=alice.user)
    actions.undo(place.as_it_is(), by=alice.user)
    held = {item["skuId"]: item["disabledPlans"] for item in sandbox.user(OMAR).properties["assignedLicenses"]}
    assert held[BUSINESS_STANDARD] == [plan]


def test_what_was_changed_since_is_told_and_not_overwritten(alice, left, sandbox):
    theirs = {"status": "alwaysEnabled", "internalReplyMessage": "Ask Bob.", "externalReplyMessage": "Ask Bob."}
    sandbox.change_mailbox(OMAR, settings={"automaticRepliesSetting": theirs})
    operation = actions.undo(left, by=alice.user)
    assert "The automatic reply has been changed since, and stays." in operation.results["left"]
    assert sandbox.user(OMAR).reply["internalReplyMessage"] == "Ask Bob."


def test_reports_come_back_unless_they_were_moved_on(alice, cast, acme, place, mona):
    omar = place.employee
    reports = [cast.employee(acme, name, "Clerk", manager=omar) for name in ("Ann", "Ben")]
    Employee.update(end_date=acme.today, successor=mona).where(Employee.id == omar.id).execute()
    place.employee = Employee.get_by_id(omar.id)
    actions.leave(place, actions.request_for(place), by=alice.user)
    assert {Employee.get_by_id(one.id).manager_id for one in reports} == {mona.id}
    Employee.update(manager=None).where(Employee.id == reports[1].id).execute()
    operation = actions.undo(place.as_it_is(), end_date=True, by=alice.user)
    assert [str(read(words)) for words in operation.results["left"]] == [
        "Ben Clerk has another manager now, and stays there."
    ]
    assert [one.name for one in successions.reports_of(omar)] == ["Ann Clerk"]
    assert Employee.get_by_id(omar.id).end_date is None


def test_two_presses_at_once_start_one_operation(alice, left):
    first = actions.undo(left, by=alice.user)
    again = Operation.select().where(Operation.verb == "undo leave").count()
    assert (first.state, again) == (State.DONE, 1)


def test_a_licence_that_is_back_already_does_not_begin_it_again_every_ten_minutes(alice, place, sandbox):
    provisioning.change_licences(place, add=[BUSINESS_PREMIUM], remove=[], by=alice.user)
    place = place.as_it_is()
    actions.leave(place, actions.request_for(place), by=alice.user)
    actions.take_licences(place.as_it_is(), by=alice.user)
    sandbox.set_seats(BUSINESS_STANDARD, 0)
    actions.undo(place.as_it_is(), wait=True, by=alice.user)
    assert BUSINESS_PREMIUM in sandbox.user(OMAR).plans
    before = Operation.select().count()
    for _ in range(3):
        jobs.give_waiting_licences.call_local()
    assert Operation.select().count() == before


def test_a_licence_that_the_account_got_after_the_last_day_comes_back_with_those_it_had(alice, place, sandbox):
    actions.leave(place, actions.request_for(place), by=alice.user)
    provisioning.change_licences(place.as_it_is(), add=[BUSINESS_PREMIUM], remove=[BUSINESS_STANDARD], by=alice.user)
    actions.take_licences(place.as_it_is(), by=alice.user)
    assert sandbox.user(OMAR).plans == []
    actions.undo(place.as_it_is(), by=alice.user)
    assert BUSINESS_PREMIUM in sandbox.user(OMAR).plans
