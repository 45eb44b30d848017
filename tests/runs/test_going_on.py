"""Who is under way in a Run and has to wait goes on in it, with the others; and nobody is begun who would have to."""

import time

import pytest

from portal.accounts.models import Account
from portal.connectors.microsoft365 import quota
from portal.database import now
from portal.operations import engine
from portal.operations import jobs as single
from portal.operations.models import Operation, State
from portal.quotas import Quota
from portal.runs import carrying
from portal.runs.models import LineState, Run, RunLine, RunState
from portal.worker import queue
from tests.provisioning.conftest import impatient  # noqa: F401
from tests.provisioning.worker import LONG_AGO
from tests.runs.conftest import carried_out, latest, plan_for, start

GRAPH = "/v1.0/"
OF_RUNS = quota.WRITES - quota.KEPT_WRITES


def left_over(writes, connection, monkeypatch):
    """So many writes of the tenant's quota are left to Runs: another process has just taken the others."""
    monkeypatch.setattr(quota, "_pacers", {})
    Quota.delete().execute()
    taken = {str(int(time.time())): OF_RUNS - writes}
    Quota.create(name=f"microsoft-365 {connection.tenant_id}", taken=taken)


def state_of(run):
    return Run.get_by_id(run.id).state


@pytest.fixture
def waiting(app, alice, connection, staff, sandbox, monkeypatch, impatient):  # noqa: F811
    """A Run whose people are all under way, and wait: the tenant has not answered. Their time has come by now."""
    monkeypatch.setattr(engine, "PATIENCE_IN_WORKER", 0.1)
    run, _ = plan_for(app, alice, staff)
    start(alice)
    carried_out(app, portions=1)
    sandbox.fault(path=GRAPH, status=503, times=None)
    queue.flush()
    carried_out(app, portions=1)
    sandbox.clear_faults()
    assert Operation.select().where(Operation.state == State.WAITING).count() == len(staff) - 1
    # Nobody calls for them one by one.
    assert [task.name for task in iter(queue.dequeue, None) if task.name == "carry_out"] == []
    Operation.update(not_before=LONG_AGO).where(Operation.state == State.WAITING).execute()
    yield run
    queue.flush()


def swept():
    """The operations that the sweep has carried out one by one."""
    queue.flush()
    single.sweep.call_local()
    return sorted(task.args[0] for task in iter(queue.dequeue, None))


def under_way():
    return sorted(line.operation_id for line in RunLine.select().where(RunLine.state == LineState.UNDER_WAY))


def test_those_who_had_to_wait_go_on_together(app, waiting, staff, sandbox):
    assert swept() == []
    sandbox.clear_requests()
    assert carried_out(app, waiting, portions=2).state == RunState.DONE
    assert Account.select().count() == len(staff)
    calls = sandbox.requests(path="/v1.0/")
    batches = [call for call in calls if call.path.endswith("/$batch")]
    assert 0 < len(batches) < len(calls) / 3


@pytest.mark.parametrize("state", [RunState.PAUSED, RunState.CANCELLED])
def test_of_a_run_that_was_stopped_they_go_on_one_by_one(app, waiting, staff, state):
    assert Run.get_by_id(waiting.id).become(state)
    assert swept() == under_way()
    for operation_id in under_way():
        single.carry_out.call_local(operation_id)
    assert Account.select().count() == len(staff)
    carried_out(app, waiting, portions=1)
    assert {line.state for line in RunLine.select()} == {LineState.DONE}


def test_whom_a_dead_worker_left_behind_the_next_turn_takes_over(app, waiting, staff):
    Operation.update(state=State.RUNNING, lease_until=LONG_AGO).where(Operation.state == State.WAITING).execute()
    assert swept() == []
    assert carried_out(app, waiting, portions=2).state == RunState.DONE
    assert Account.select().count() == len(staff)


def test_nobody_goes_on_before_their_time(app, waiting):
    later = now().replace(year=2099)
    Operation.update(not_before=later).where(Operation.state == State.WAITING).execute()
    with app.app_context():
        assert carrying.carry_on(latest()) == carrying.AGAIN_LATER
    assert Operation.select().where(Operation.state == State.WAITING).count() == len(under_way())


def test_nobody_is_begun_whom_the_quota_does_not_reach_to_the_end(app, alice, connection, staff, monkeypatch):
    run, _ = plan_for(app, alice, staff)
    start(alice)
    carried_out(app, portions=1)
    # Three writes for each at the most: for two there is enough.
    left_over(7, connection, monkeypatch)
    with app.app_context():
        pause = carrying.carry_on(latest())
    assert 100 < pause < 151
    begun = list(Operation.select())
    assert {operation.state for operation in begun} == {State.DONE}
    assert len(begun) == 1 + 2
    assert state_of(run) == RunState.RUNNING


def test_a_turn_waits_a_moment_for_the_quota_and_goes_on_with_several(app, alice, connection, staff, monkeypatch):
    plan_for(app, alice, staff)
    start(alice)
    carried_out(app, portions=1)
    left_over(0, connection, monkeypatch)
    soon = {str(int(time.time() - quota.WRITE_SECONDS)): OF_RUNS}
    Quota.update(taken=soon).execute()
    with app.app_context():
        carrying.carry_on(latest())
    assert Account.select().count() == len(staff)
