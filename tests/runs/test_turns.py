"""Runs take turns: between organisations, beside what people wait for, and after a worker that died."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from portal.accounts.models import Account
from portal.database import now
from portal.operations import bulk, engine
from portal.operations.models import Operation
from portal.runs import carrying, jobs, planning
from portal.runs.carrying import Others
from portal.runs.models import LineState, Run, RunLine, RunState
from portal.worker import queue
from tests.provisioning.conftest import connect
from tests.provisioning.test_killed import eventually
from tests.runs.conftest import carried_out, latest, plan_for, start


@pytest.fixture
def emptied_queue():
    queue.flush()
    yield queue
    queue.flush()


def running(organisation, connection, **values) -> Run:
    return Run.create(
        organisation=organisation, connection=connection, verb="create", state=RunState.RUNNING, options={}, **values
    )


def order() -> list[int]:
    return [run.id for run in jobs.due()]


@pytest.fixture
def theirs(mallory, initech, sandbox):
    return connect(sandbox, mallory.user, "Globex")


def test_the_organisation_that_waited_longest_has_the_next_turn(acme, initech, connection, theirs):
    first, second = running(acme, connection), running(acme, connection)
    other = running(initech, theirs)
    assert order() == [first.id, second.id, other.id]
    assert first.claim()
    first.let_go()
    assert order() == [other.id, second.id, first.id]
    assert other.claim()
    other.let_go()
    assert order() == [second.id, first.id, other.id]


def test_one_tenant_is_carried_out_for_by_one_run_at_a_time(acme, initech, connection, theirs):
    first, second = running(acme, connection), running(acme, connection)
    other = running(initech, theirs)
    assert first.claim()
    assert not Run.get_by_id(first.id).claim()
    assert order() == [other.id]
    first.let_go()
    assert second.id in order()


def test_a_run_whose_worker_died_is_due_once_its_lease_is_over(acme, connection):
    planned, carried = running(acme, connection), running(acme, connection)
    Run.update(state=RunState.PLANNING).where(Run.id == planned.id).execute()
    planned = Run.get_by_id(planned.id)
    assert planned.claim()
    assert carried.claim()
    assert order() == []
    Run.update(lease_until=now()).execute()
    assert order() == [planned.id, carried.id]
    assert planned.hold_in_time()
    Run.update(lease_until=now()).execute()
    assert Run.get_by_id(planned.id).claim()
    planned.let_go()
    assert planned.id not in order()


def test_the_threads_of_a_worker_are_for_what_people_wait_for(acme, connection, initech, theirs, monkeypatch):
    runs, began, ends = [running(acme, connection), running(initech, theirs)], [], threading.Event()

    def turn(run, others, handed_over):
        assert run.claim()
        began.append((run.id, others()))
        assert ends.wait(20)
        run.let_go(pause=60)

    monkeypatch.setattr(carrying, "carry_on", turn)
    monkeypatch.setattr(jobs, "SIDE_BY_SIDE", 2)
    monkeypatch.setattr(jobs, "ON_POSTGRESQL", 2)
    monkeypatch.setattr(jobs, "room", jobs.room)
    jobs.open_room()
    # Each returns at once, and the turns of both go on side by side.
    jobs.take_turn.call_local()
    eventually(lambda: Run.get_by_id(runs[0].id).lease_until)
    jobs.take_turn.call_local(jobs.PASSES - 1)
    eventually(lambda: Run.get_by_id(runs[1].id).lease_until)
    assert jobs.room.is_full
    assert not jobs.room.take()
    ends.set()
    jobs.room.join(20)
    assert began == [(runs[0].id, Others.NONE), (runs[1].id, Others.NONE)]
    eventually(lambda: not jobs.room.is_full)


def test_a_free_place_goes_to_the_run_that_has_fewest_of_those_that_wait():
    places, first, second = bulk.Places(4), bulk.Share(), bulk.Share()
    assert [places.take(first, 0) for _ in range(5)] == [True, True, True, True, False]
    with ThreadPoolExecutor(2) as pool:
        taken = [pool.submit(places.take, second, 20)]
        eventually(lambda: len(places._waiting) == 1)
        places.leave(first)
        assert taken[0].result(20)
        taken = [pool.submit(places.take, one, 20) for one in (first, second)]
        eventually(lambda: len(places._waiting) == 2)
        places.leave(first)
        assert taken[1].result(20)
        assert (first.taken, second.taken, taken[0].done()) == (2, 2, False)
        # Nobody else waits, so the first may have more than the second.
        places.leave(second)
        assert taken[0].result(20)
    assert (first.taken, second.taken) == (3, 1)


def test_a_run_takes_a_place_that_another_one_leaves_while_its_own_person_is_under_way(app, connection, monkeypatch):
    places, other, second_began = bulk.Places(2), bulk.Share(), threading.Event()
    monkeypatch.setattr(bulk, "_places", places)
    assert places.take(other, 0)

    def begin(person):
        if person == "second":
            second_began.set()
            return
        eventually(lambda: places._waiting)
        places.leave(other)
        assert second_began.wait(20)

    with app.app_context():
        bulk.carry_out_many(connection, ["first", "second"], begin)
    assert second_began.is_set()


def test_a_worker_that_is_told_to_stop_begins_no_further_turn(acme, connection, monkeypatch, emptied_queue):
    monkeypatch.setattr(jobs, "room", jobs.Room())
    running(acme, connection)
    jobs.close_room()
    jobs.take_turn.call_local(0)
    assert not Run.select().where(Run.turn_at.is_null(False)).exists()


def test_a_worker_without_room_leaves_the_turn_to_another_one(acme, connection, emptied_queue):
    run = running(acme, connection)
    assert jobs.room.take()
    try:
        jobs.take_turn.call_local()
        passed_on = emptied_queue.dequeue()
        jobs.take_turn.call_local(0)
        assert emptied_queue.dequeue() is None
        assert run.claim()
        jobs.take_turn.call_local()
        assert emptied_queue.dequeue() is None
    finally:
        jobs.room.leave()
    assert (passed_on.name, passed_on.args) == ("take_turn", (jobs.PASSES - 1,))


@pytest.mark.parametrize(("turns", "leaves"), [(0, 0), (1, 1), (2, 2), (9, 3)])
def test_a_worker_leaves_a_turn_to_others_once_for_each_that_it_has_but_not_for_long(
    turns, leaves, acme, connection, monkeypatch, emptied_queue
):
    run = running(acme, connection)
    monkeypatch.setattr(jobs, "room", jobs.Room(10))
    assert all(jobs.room.take() for _ in range(turns))
    passes = jobs.PASSES
    for _ in range(leaves):
        jobs.take_turn.call_local(passes)
        passed_on = emptied_queue.dequeue()
        passes -= 1
        assert (passed_on.name, passed_on.args) == ("take_turn", (passes,))
        assert Run.get_by_id(run.id).turn_at is None
    jobs.take_turn.call_local(passes)
    assert Run.get_by_id(run.id).turn_at is not None


def test_a_run_that_pauses_is_called_again_although_another_has_the_next_turn(
    app, alice, connection, theirs, initech, staff, sandbox, small_portions, emptied_queue
):
    plan_for(app, alice, staff)
    start(alice)
    carried_out(app, portions=1)
    sandbox.throttle(writes=1, write_seconds=600)
    carried_out(app, portions=1)
    Run.update(not_before=None).execute()
    running(initech, theirs, turn_at=now())
    emptied_queue.flush()
    jobs.take_turn.call_local()
    called = [emptied_queue.dequeue(), emptied_queue.dequeue()]
    assert [(task.name, task.eta is not None) for task in called] == [("take_turn", False), ("take_turn", True)]


def test_a_turn_ends_after_a_portion_while_others_wait(app, alice, connection, staff, small_portions, monkeypatch):
    monkeypatch.setattr(carrying, "LONGEST_TURN", 60.0)
    monkeypatch.setattr(carrying, "TURN_OF_MANY", 0.0)
    plan_for(app, alice, staff)
    start(alice)
    begun = []
    with app.app_context():
        # The manager has a turn of her own.
        for others in (Others.MAY_COME, Others.WAIT, Others.MAY_COME):
            carrying.carry_on(latest(), lambda: others)  # noqa: B023
            begun.append(Operation.select().where(Operation.verb == "create").count())
    assert begun == [1, 3, 10]


def test_a_turn_that_nobody_waits_for_goes_on(app, alice, connection, staff, small_portions):
    plan_for(app, alice, staff)
    start(alice)
    begun = []
    with app.app_context():
        for others in (Others.MAY_COME, Others.MAY_COME, Others.NONE):
            carrying.carry_on(latest(), lambda: others)  # noqa: B023
            begun.append(Operation.select().where(Operation.verb == "create").count())
    assert begun == [1, 3, 10]


def test_a_turn_that_goes_on_carries_on_who_had_to_wait(
    app, alice, connection, staff, sandbox, small_portions, monkeypatch
):
    plan_for(app, alice, staff)
    start(alice)
    carried_out(app, portions=1)
    sandbox.fault(method="POST", path="/v1.0/users$", status=503, times=1)
    monkeypatch.setattr(engine, "PATIENCE_IN_WORKER", 0.0)
    others = []

    def nobody():
        if not others:
            eventually(lambda: Operation.select().where(Operation.state == "waiting").count())
            Operation.update(not_before=now()).where(Operation.state == "waiting").execute()
        others.append(Others.NONE)
        return Others.NONE

    with app.app_context():
        carrying.carry_on(latest(), nobody)
    assert latest().state == RunState.DONE
    assert Account.select().count() == 10


def test_a_turn_that_goes_on_counts_as_the_latest_of_its_organisation(app, alice, connection, staff, small_portions):
    plan_for(app, alice, staff)
    start(alice)
    carried_out(app, portions=1)
    moments = []

    def nobody():
        moments.append(latest().turn_at)
        return Others.NONE

    with app.app_context():
        carrying.carry_on(latest(), nobody)
    assert moments == sorted(set(moments))
    assert len(moments) > 2


def test_a_worker_that_asks_has_the_run_while_the_last_people_of_the_other_one_end(
    app, alice, connection, staff, sandbox, small_portions, monkeypatch
):
    plan_for(app, alice, staff)
    start(alice)
    carried_out(app, portions=1)
    monkeypatch.setattr(carrying, "FIRST_PORTION", 1)
    monkeypatch.setattr(bulk, "SIDE_BY_SIDE", 10)
    by_the_other = []

    def handed_over():
        # The second worker, while people of the first are under way.
        assert Run.get_by_id(latest().id).lease_until is None
        by_the_other.append(RunLine.select().where(RunLine.state == LineState.WAITING).count())
        carrying.carry_on(latest())

    with app.app_context():
        assert carrying.carry_on(latest(), lambda: Others.ASK, handed_over) is None
    assert len(by_the_other) == 1
    assert by_the_other[0] >= 7
    assert carried_out(app).state == RunState.DONE
    made = [user for user in sandbox.users() if user.username.startswith(("helen", "rita"))]
    assert (len(made), Operation.select().count(), Account.select().count()) == (10, 10, 10)


def test_a_worker_asks_for_a_turn_when_another_may_have_two_more(acme, initech, connection, theirs, monkeypatch):
    mine, other = jobs.Room(9), jobs.Room(9)
    runs = [running(acme, connection), running(initech, theirs)]
    assert runs[0].claim()
    monkeypatch.setattr(jobs, "room", mine)
    jobs.ask()
    assert Run.select().where(Run.asked_with.is_null(False)).count() == 0
    assert runs[1].claim()
    jobs.ask()
    assert {run.asked_with for run in Run.select()} == {0}
    assert all(other.take() for _ in runs)
    # It gives one of its two, and keeps the other.
    assert [other.give(0), other.give(0)] == [True, False]
    other.has_given()
    other.leave()
    assert not other.give(0)


def test_a_worker_leaves_the_turn_that_another_one_asked_for(acme, connection, monkeypatch, emptied_queue):
    run = running(acme, connection, asked_with=0)
    monkeypatch.setattr(jobs, "room", jobs.Room(9))
    assert jobs.room.take()
    jobs.take_turn.call_local(jobs.PASSES - jobs.LEAVES_AT_MOST)
    assert emptied_queue.dequeue().args == (jobs.PASSES - jobs.LEAVES_AT_MOST - 1,)
    assert Run.get_by_id(run.id).turn_at is None
    jobs.room.leave()
    jobs.take_turn.call_local(jobs.PASSES - jobs.LEAVES_AT_MOST)
    assert Run.get_by_id(run.id).asked_with is None


def test_the_next_are_begun_as_the_first_end_well(app, alice, connection, staff, monkeypatch):
    monkeypatch.setattr(carrying, "FIRST_PORTION", 3)
    plan_for(app, alice, staff)
    start(alice)
    # The manager, then all who report to her.
    carried_out(app, portions=2)
    assert Account.select().count() == 10


def test_few_are_begun_while_most_of_the_first_fail(app, alice, connection, staff, sandbox, monkeypatch):
    plan_for(app, alice, staff)
    start(alice)
    carried_out(app, portions=1)
    monkeypatch.setattr(carrying, "FIRST_PORTION", 3)
    sandbox.fault(method="POST", path="/v1.0/users$", status=400, code="Request_BadRequest", times=None)
    carried_out(app, portions=1)
    assert RunLine.select().where(RunLine.state == LineState.FAILED).count() == 3
    assert RunLine.select().where(RunLine.state == LineState.WAITING).count() == 6


def test_presses_of_people_come_before_runs_in_the_queue(emptied_queue, alice, connection):
    from portal.operations import jobs as single

    jobs.take_turn()
    single.carry_out(0)
    assert [emptied_queue.dequeue().name for _ in range(2)] == ["carry_out", "take_turn"]


def test_one_turn_leads_to_the_next_until_all_is_done(app, alice, connection, staff, emptied_queue, small_portions):
    plan_for(app, alice, staff)
    emptied_queue.flush()
    start(alice)
    # One of the same tenant, for which each turn ends at its time.
    other = running(latest().organisation, connection, not_before=now() + timedelta(hours=1))
    turns_taken = 0
    while (task := emptied_queue.dequeue()) is not None:
        if task.name == "take_turn":
            turns_taken += 1
            emptied_queue.execute(task)
    assert Run.get(Run.id != other.id).state == RunState.DONE
    assert turns_taken > 2
    assert Account.select().count() == 10


def test_nobody_is_begun_while_the_tenant_takes_no_more_changes(app, alice, connection, staff, sandbox, small_portions):
    plan_for(app, alice, staff)
    start(alice)
    carried_out(app, portions=1)
    sandbox.throttle(writes=1, write_seconds=600)
    carried_out(app, portions=1)
    begun = Operation.select().count()
    sandbox.clear_requests()
    with app.app_context():
        pause = carrying.carry_on(latest())
    assert pause > carrying.SHORT_WAIT
    assert latest().not_before > now()
    assert Operation.select().count() == begun < len(staff)
    assert sandbox.requests(method="POST", path="/v1.0/") == []


def test_a_plan_that_was_cut_off_goes_on_where_it_was(app, alice, connection, staff, emptied_queue, monkeypatch):
    monkeypatch.setattr(planning, "AT_ONCE", 4)
    alice.get("/provisioning/runs/new?" + "&".join(f"employee={employee.id}" for employee in staff))
    alice.press("Show the plan")
    run, looked_at = latest(), planning._look_at

    def cut_off(person, planner):
        if person.line.state == LineState.UNPLANNED and RunLine.select().where(RunLine.state == "planned").exists():
            raise SystemExit
        looked_at(person, planner)

    with monkeypatch.context() as patch, app.app_context():
        patch.setattr(planning, "_look_at", cut_off)
        with pytest.raises(SystemExit):
            planning.plan(run)
    assert RunLine.select().where(RunLine.state == LineState.PLANNED).count() == 4
    with app.app_context():
        planning.plan(jobs.due().get())
    assert latest().state == RunState.PLANNED
    names = [line.username for line in RunLine.select()]
    assert len(set(names)) == 10


def test_a_run_is_never_carried_out_in_another_tenant(app, alice, connection, staff, sandbox, monkeypatch):
    monkeypatch.setattr(carrying, "FIRST_PORTION", 1)
    plan_for(app, alice, staff)
    start(alice)
    carried_out(app, portions=1)
    alice.get("/settings/add-ons")
    alice.press("Disconnect")
    alice.press("Disconnect")
    connect(sandbox, alice.user, "Globex")
    assert carried_out(app).state == RunState.CANCELLED
    assert Operation.select().count() == 1
    assert {line.state for line in RunLine.select()} == {LineState.DONE, LineState.CANCELLED}
    assert "disconnected" in alice.get(f"/provisioning/runs/{latest().id}").text
