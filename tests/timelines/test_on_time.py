"""Steps are carried out on time, where the employee is; what is late is told, and what is too late asks."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.accounts.models import Account, Status
from portal.connections.models import Connection
from portal.database import now
from portal.operations.models import Operation, State, Step
from portal.organisations import setup
from portal.people.models import Employee
from portal.provisioning import updates
from portal.sync import tenant as sync
from portal.timeline_templates import saving
from portal.timeline_templates.steps import Kind
from portal.timelines import carrying, following, planning
from portal.timelines.models import Course, Itinerary, PlannedStep, StepState
from portal.timelines.planning import TIMELINE
from tests.cast import account_of
from tests.provisioning.conftest import connect, created
from tests.timelines.conftest import LAST_DAY, leave, step, turn

SYDNEY, LONDON = ZoneInfo("Australia/Sydney"), ZoneInfo("Europe/London")
WEI = "wei.zhang@acme.example"


def at_six(zone=LONDON, day=LAST_DAY, **more):
    return datetime(day.year, day.month, day.day, 18, tzinfo=zone) + timedelta(**more)


@pytest.fixture
def wei_leaves(in_march, app, leavers, wei_active):
    """Wei, who has an account, leaves on 26 March."""
    leave(wei_active)
    return wei_active


def test_l01_a_leaver_in_sydney_can_sign_in_until_the_hour_there(in_march, app, leavers, wei_active, sandbox):
    wei_active.time_zone = "Australia/Sydney"
    leave(wei_active)
    in_march.move_to(at_six(SYDNEY, minutes=-1))
    turn(app)
    assert not sandbox.user(WEI).sign_in_blocked
    in_march.move_to(at_six(SYDNEY, minutes=2))
    turn(app)
    assert sandbox.user(WEI).sign_in_blocked
    assert Operation.select().order_by(Operation.id.desc()).get().by_name == TIMELINE


def test_an_account_that_is_made_after_the_last_day_was_entered_is_blocked_on_that_day(
    in_march, app, leavers, alice, wei, connection, sandbox, mailbox
):
    leave(wei)
    before = {row.key: row for row in PlannedStep.select()}
    assert "block" not in before
    in_march.move_to(now() + timedelta(hours=1))
    created(app, alice, wei, connection, WEI)
    turn(app)
    assert step(wei, "block").due_at == at_six()
    assert "A newer version of these steps waits" not in alice.get(f"/people/employees/{wei.id}/timeline").text
    to_come = [row.key for row in PlannedStep.select().where(PlannedStep.state == StepState.PLANNED)]
    assert sorted(set(to_come)) == sorted(to_come)
    in_march.move_to(at_six(minutes=2))
    turn(app)
    assert sandbox.user(WEI).sign_in_blocked


def test_l01_the_licences_go_thirty_days_later_and_not_before_the_mailbox_is_seen_to(app, in_march, wei_leaves):
    in_march.move_to(at_six(minutes=1))
    turn(app)
    assert account_of(wei_leaves).status == Status.DEACTIVATED
    in_march.move_to(at_six(days=31))
    turn(app)
    licences = step(wei_leaves, "take_licences")
    assert licences.state == StepState.PLANNED
    assert "“Convert to shared mailbox” comes first" in licences.reason


def test_l02_a_date_that_moves_takes_its_steps_with_it_and_nothing_is_done_at_the_old_time(
    app, in_march, wei_leaves, sandbox
):
    moved = step(wei_leaves, "take_licences")
    moved.moved_by_hand, moved.day = True, date(2027, 6, 1)
    moved.save()
    wei_leaves.end_date = LAST_DAY + timedelta(days=7)
    wei_leaves.save()
    in_march.move_to(at_six(minutes=1))
    # No sweep has looked at the record yet: the step itself does.
    with app.app_context():
        carrying.carry_out(step(wei_leaves, "block"))
    assert not sandbox.user(WEI).sign_in_blocked
    assert step(wei_leaves, "block").due_at == at_six(day=LAST_DAY + timedelta(days=7))
    assert step(wei_leaves, "take_licences").day == date(2027, 6, 1)


def test_l04_a_date_that_is_removed_cancels_what_is_to_come(app, in_march, wei_leaves):
    in_march.move_to(at_six(minutes=1))
    turn(app)
    leave(wei_leaves, None)
    assert Itinerary.get().state == Course.CANCELLED
    states = {each.key: each.state for each in PlannedStep.select()}
    assert states["block"] == StepState.DONE
    assert states["take_licences"] == StepState.CANCELLED
    assert turn(app) == 0


def test_l18_other_rules_of_a_time_zone_move_the_moments(in_march, wei_leaves, acme):
    PlannedStep.update(due_at=at_six(hours=1)).where(PlannedStep.key == "block").execute()
    assert following.recompute() == 1
    assert step(wei_leaves, "block").due_at == at_six()


def test_l23_a_server_that_was_down_for_two_days_does_it_late(app, in_march, wei_leaves, sandbox):
    in_march.move_to(at_six(days=2))
    turn(app)
    block = step(wei_leaves, "block")
    assert sandbox.user(WEI).sign_in_blocked
    assert block.state == StepState.DONE
    assert carrying.is_late(block)


def test_l23_a_server_that_was_down_for_five_days_asks(app, in_march, wei_leaves, sandbox):
    in_march.move_to(at_six(days=5))
    turn(app)
    assert step(wei_leaves, "block").state == StepState.ASKS
    assert not sandbox.user(WEI).sign_in_blocked


def test_a_step_that_failed_stops_those_that_depend_on_it_and_no_other(app, in_march, wei_leaves, sandbox):
    sandbox.give_role(WEI, "Global Administrator")
    in_march.move_to(at_six(minutes=1))
    turn(app)
    block = step(wei_leaves, "block")
    assert block.state == StepState.FAILED
    assert block.reason
    PlannedStep.update(state=StepState.DONE).where(PlannedStep.key == "convert_mailbox").execute()
    in_march.move_to(at_six(days=30, minutes=1))
    turn(app)
    assert "“Block the sign-in” failed" in step(wei_leaves, "take_licences").reason


def test_a_second_step_waits_while_another_change_is_under_way(app, in_march, wei_leaves, connection, acme):
    Operation.create(
        organisation=acme, employee=wei_leaves, connection=connection, verb="licence", state=State.WAITING,
        not_before=at_six(days=9),
    )  # fmt: skip
    in_march.move_to(at_six(minutes=1))
    turn(app)
    assert "Another change is under way" in step(wei_leaves, "block").reason


def test_a_leaver_is_blocked_on_time_though_a_field_that_was_sent_does_not_show(
    app, in_march, wei_leaves, connection, acme, sandbox
):
    sending = Operation.create(
        organisation=acme, employee=wei_leaves, connection=connection, account=account_of(wei_leaves), verb="update",
        state=State.WAITING, attempts=20, not_before=at_six(minutes=9), requested={"fields": {"job_title": "Buyer"}},
    )  # fmt: skip
    Step.create(operation=sending, name="fields", state="done", after={"job_title": "Buyer"})
    in_march.move_to(at_six(minutes=1))
    turn(app)
    assert sandbox.user(WEI).sign_in_blocked
    assert Operation.get_by_id(sending.id).state == State.CANCELLED
    assert [account.id for account in updates.changed()] == [account_of(wei_leaves).id]


def test_a_worker_that_died_between_two_writes_does_it_once(app, in_march, wei_leaves, sandbox):
    in_march.move_to(at_six(minutes=1))
    PlannedStep.update(state=StepState.WAITING, begun_at=at_six()).where(PlannedStep.key == "block").execute()
    turn(app)
    assert not sandbox.user(WEI).sign_in_blocked
    in_march.move_to(at_six(minutes=12))
    turn(app)
    turn(app)
    assert sandbox.user(WEI).sign_in_blocked
    assert step(wei_leaves, "block").state == StepState.DONE


@pytest.mark.parametrize("here", [True, False])
def test_steps_that_wait_for_a_person_keep_no_other_from_its_turn(
    app, in_march, wei_leaves, cast, acme, sandbox, connection, monkeypatch, here
):
    monkeypatch.setattr(carrying, "AT_ONCE", 2)
    made = Itinerary.get()
    kept = {"organisation": acme, "anchor": "end", "days": 0, "day": LAST_DAY, "hour": "12:00", "itinerary": made}
    for number in range(3):
        kept |= {"employee": cast.employee(acme, "Ida", f"Idle{number}"), "due_at": at_six(hours=-6)}
        PlannedStep.create(
            **kept, key="convert_mailbox" if here else "ask_successor", connection=connection if here else None
        )
    tells = PlannedStep.create(**kept | {"employee": wei_leaves, "due_at": at_six()}, key="hand_over", connection=None)
    for minute in range(2, 6):
        in_march.move_to(at_six(minutes=minute))
        turn(app)
    if here:
        assert sandbox.user(WEI).sign_in_blocked
    assert PlannedStep.get_by_id(tells.id).state == StepState.DONE


def test_those_of_whom_nothing_is_planned_keep_no_other_from_a_timeline(
    app, in_march, connection, cast, acme, monkeypatch
):
    monkeypatch.setattr(following, "AT_ONCE", 2)
    saving.switch_on(acme, Kind.LEAVE, by="test")
    absent = {"leave_from": LAST_DAY, "leave_to": LAST_DAY + timedelta(days=30)}
    for number in range(4):
        cast.employee(acme, "Ida", f"Idle{number}", **absent)
    max_ = cast.employee(acme, "Max", "Moved", **absent)
    Account.create(
        organisation=acme, employee=max_, connection=connection, remote_id="max", username="max@acme.example",
        enabled=True, read_at=now(),
    )  # fmt: skip
    # By lot: in so many turns none of five is missed.
    for _ in range(60):
        turn(app)
    assert step(max_, "block_for_leave").state == StepState.PLANNED


def test_an_organisation_that_lost_the_plan_keeps_no_other_from_its_turn(
    app, in_march, cast, acme, mallory, leavers, monkeypatch
):
    monkeypatch.setattr(following, "AT_ONCE", 2)
    initech = mallory.user.organisation
    saving.switch_on(initech, Kind.LEAVER, by="test")
    people = [cast.employee(acme, "Ida", f"Idle{number}") for number in range(2)]
    people.append(cast.employee(initech, "Max", "Moved"))
    for one in people:
        leave(one)
    in_march.move_to(now() + timedelta(hours=1))
    setup.set_plan(acme, "Standard")
    day = LAST_DAY + timedelta(days=7)
    Employee.update(end_date=day, changed_at=now()).execute()
    turn(app)
    assert step(people[-1], "ask_successor").day == day - timedelta(days=14)


def test_nobody_has_a_timeline_before_the_organisation_switches_it_on(app, in_march, wei_active):
    leave(wei_active)
    turn(app)
    assert not Itinerary.select().exists()


def test_the_sweep_finds_a_date_that_came_in_another_way(app, in_march, leavers, wei_active):
    wei_active.end_date, wei_active.changed_at = LAST_DAY, now()
    wei_active.save()
    turn(app)
    assert step(wei_active, "block").due_at == at_six()


def test_a_timeline_that_was_cancelled_is_not_made_again(app, in_march, wei_leaves):
    planning.cancel(Itinerary.get(), by=TIMELINE, reason="Not wanted.")
    turn(app)
    assert Itinerary.select().count() == 1


def test_a_leaver_is_blocked_on_the_day_though_the_tenant_was_disconnected_and_connected_again(
    in_march, app, leavers, alice, wei, connection, sandbox, mailbox
):
    created(app, alice, wei, connection, WEI)
    leave(wei)
    alice.get("/settings/add-ons")
    assert "3 steps of timelines wait, such as blocking a leaver on the last day." in alice.press("Disconnect").text
    alice.press("Disconnect")
    turn(app)
    # What waits for the tenant is no newer version of the steps: to apply it would cancel them.
    assert "Block the sign-in" in alice.get(f"/people/employees/{wei.id}/timeline").text
    assert "A newer version of these steps waits" not in alice.page.text
    in_march.move_to(now() + timedelta(hours=1))
    connect(sandbox, alice.user)
    turn(app)
    assert PlannedStep.select().where(PlannedStep.key == "block").count() == 1
    in_march.move_to(at_six(minutes=2))
    turn(app)
    assert sandbox.user(WEI).sign_in_blocked


def test_so_is_one_whose_last_day_was_entered_while_no_tenant_was_connected(
    in_march, app, leavers, alice, wei, connection, sandbox, mailbox
):
    created(app, alice, wei, connection, WEI)
    disconnect(alice)
    leave(wei)
    in_march.move_to(now() + timedelta(hours=1))
    connect(sandbox, alice.user)
    turn(app)
    in_march.move_to(at_six(minutes=2))
    turn(app)
    assert sandbox.user(WEI).sign_in_blocked


def test_so_is_one_whose_block_was_under_way_when_the_tenant_was_disconnected(
    in_march, app, leavers, alice, wei, connection, sandbox, mailbox, impatient
):
    created(app, alice, wei, connection, WEI)
    leave(wei)
    in_march.move_to(at_six(minutes=2))
    sandbox.fault(method="PATCH", path="/v1.0/users", status=503, times=None)
    turn(app)
    assert step(wei, "block").state == StepState.WAITING
    alice.come_in()
    disconnect(alice)
    turn(app)
    sandbox.clear_faults()
    in_march.move_to(at_six(minutes=5))
    connect(sandbox, alice.user)
    turn(app)
    assert sandbox.user(WEI).sign_in_blocked
    assert step(wei, "block").state == StepState.DONE


def test_so_is_one_whose_account_was_deleted_when_the_last_day_was_entered_and_came_back(
    in_march, app, leavers, alice, wei, connection, sandbox, mailbox
):
    created(app, alice, wei, connection, WEI)
    remote_id = account_of(wei).remote_id
    sync.sync_changes(connection)
    sandbox.delete_user(remote_id)
    in_march.move_to(now() + timedelta(hours=1))
    sync.sync_changes(Connection.get())
    assert account_of(wei) is None
    leave(wei)
    sandbox.restore_user(remote_id)
    in_march.move_to(now() + timedelta(hours=1))
    sync.sync_changes(Connection.get())
    turn(app)
    in_march.move_to(at_six(minutes=2))
    turn(app)
    assert sandbox.user(WEI).sign_in_blocked


def disconnect(alice):
    alice.get("/settings/add-ons")
    alice.press("Disconnect")
    alice.press("Disconnect")
