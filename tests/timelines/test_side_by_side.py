"""Timelines while others are at work: the record changes meanwhile, many wait, workers die, a plan is lost."""

import threading
from datetime import timedelta

import pytest

from portal.accounts.models import Account
from portal.database import connection as connected
from portal.database import is_sqlite, now
from portal.leaving import actions as leaving
from portal.operations.models import Operation, State
from portal.people import actions as people
from portal.people.models import Employee
from portal.provisioning import actions as provisioning
from portal.timeline_templates import saving
from portal.timeline_templates.steps import Kind
from portal.timelines import carrying, following, planning
from portal.timelines.models import Itinerary, PlannedStep, StepState
from portal.timelines.planning import TIMELINE
from tests.timelines.conftest import LAST_DAY, leave, step, turn
from tests.timelines.test_on_time import WEI, at_six
from tests.timelines.test_on_time import wei_leaves as wei_leaves

EARLIER = LAST_DAY - timedelta(days=7)
AWAY = {"leave_from": LAST_DAY, "leave_to": LAST_DAY + timedelta(days=30)}


def test_a_last_day_that_moves_while_the_sweep_has_read_the_record_already_is_followed(
    app, in_march, wei_leaves, sandbox
):
    read_before = Employee.get_by_id(wei_leaves.id)
    in_march.move_to(now() + timedelta(minutes=1))
    edited, _ = people.edit_employee(wei_leaves, {"end_date": EARLIER}, by="test")
    planning.follow(edited)
    in_march.move_to(now() + timedelta(minutes=1))
    planning.follow(read_before)
    in_march.move_to(at_six(day=EARLIER, minutes=1))
    turn(app)
    assert sandbox.user(WEI).sign_in_blocked


@pytest.fixture
def many_without_accounts(acme, cast):
    """Five people who are away for a month and have no account, so that nothing is planned for them."""
    for number in range(5):
        cast.employee(acme, "Without", f"Account{number}", **AWAY)


def test_people_for_whom_nothing_is_to_be_planned_keep_no_other_from_a_timeline(
    app, in_march, acme, many_without_accounts, wei_active, monkeypatch
):
    monkeypatch.setattr(following, "AT_ONCE", 2)
    saving.switch_on(acme, Kind.LEAVE, by="test")
    Employee.update(**AWAY, changed_at=now()).where(Employee.id == wei_active.id).execute()
    for _ in range(4):
        turn(app)
    assert step(wei_active, "block_for_leave").state == StepState.PLANNED


@pytest.fixture
def lost(cast):
    """A company that had timelines and lost its plan; all its records were changed since."""
    company = cast.organisation("Lost", plan="Standard")
    for number in range(5):
        one = cast.employee(company, "Person", f"Number{number}")
        Itinerary.create(organisation=company, employee=one, kind=Kind.LEAVER, followed_at=now() - timedelta(days=1))


def test_an_organisation_that_lost_its_plan_keeps_no_other_from_being_followed(
    app, in_march, lost, wei_leaves, monkeypatch
):
    monkeypatch.setattr(following, "AT_ONCE", 2)
    in_march.move_to(now() + timedelta(minutes=1))
    Employee.update(end_date=EARLIER, changed_at=now()).execute()
    in_march.move_to(now() + timedelta(minutes=1))
    turn(app)
    assert step(wei_leaves, "block").day == EARLIER


def test_a_step_whose_worker_died_takes_no_operation_of_another_step_for_its_own(
    app, in_march, wei_leaves, sandbox, connection, acme
):
    in_march.move_to(at_six(minutes=1))
    PlannedStep.update(state=StepState.WAITING, begun_at=now(), done_by=TIMELINE).where(
        PlannedStep.key == "block"
    ).execute()
    in_march.move_to(at_six(minutes=5))
    Operation.create(
        organisation=acme, employee=wei_leaves, connection=connection, verb="groups", state=State.DONE,
        by_name=TIMELINE, finished_at=now(),
    )  # fmt: skip
    in_march.move_to(at_six(minutes=15))
    for _ in range(3):
        turn(app)
    assert sandbox.user(WEI).sign_in_blocked


def test_a_step_that_comes_while_another_change_ends_is_done_all_the_same(
    app, in_march, wei_leaves, sandbox, connection, acme, monkeypatch
):
    """Another change begins once the step has looked for one, and has ended when the step is told why it could not."""
    in_march.move_to(at_six(minutes=1))
    request_for = leaving.request_for

    def begun_meanwhile(place, **values):
        Operation.create(organisation=acme, employee=wei_leaves, connection=connection, verb="update")
        return request_for(place, **values)

    latest_of = Operation.latest_of

    def ended_by_then(*where):
        Operation.update(state=State.DONE).where(Operation.verb == "update").execute()
        return latest_of(*where)

    with monkeypatch.context() as race:
        race.setattr(leaving, "request_for", begun_meanwhile)
        race.setattr(provisioning.Operation, "latest_of", ended_by_then)
        turn(app)
    turn(app)
    assert sandbox.user(WEI).sign_in_blocked


def test_a_turn_knows_how_many_it_has_begun_so_that_the_next_follows(
    app, in_march, acme, cast, connection, wei_leaves, monkeypatch
):
    monkeypatch.setattr(carrying, "AT_ONCE", 2)
    for number in range(2):
        away = cast.employee(acme, "Ida", f"Leaves{number}")
        Account.create(
            organisation=acme, employee=away, connection=connection, remote_id=f"{number}", username=f"{number}",
            enabled=True, read_at=now(),
        )  # fmt: skip
        leave(away)
    in_march.move_to(at_six(minutes=1))
    with app.app_context():
        assert [carrying.take_turn(connection.id) for _ in range(3)] == [2, 1, 0]


def test_a_step_that_is_begun_while_its_date_moves_is_not_begun_twice(app, in_march, wei_leaves, monkeypatch):
    if is_sqlite():
        pytest.skip("SQLite lets nobody else write meanwhile")
    moment_of = planning.moment_of

    def begin():
        with connected():
            PlannedStep.update(state=StepState.WAITING).where(PlannedStep.key == "block").execute()

    def slowly(*where):
        beside = threading.Thread(target=begin)
        beside.start()
        beside.join()
        return moment_of(*where)

    Employee.update(end_date=EARLIER).where(Employee.id == wei_leaves.id).execute()
    monkeypatch.setattr(planning, "moment_of", slowly)
    planning.follow(wei_leaves)
    assert step(wei_leaves, "block").state == StepState.WAITING
    assert step(wei_leaves, "take_licences").day == EARLIER + timedelta(days=30)
