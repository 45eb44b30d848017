"""A worker is killed with the power-cut signal in the middle of a Run; another one finishes it."""

import os
import signal

import pytest

from portal.operations.models import Operation, State, Step, StepState
from portal.quotas import Quota
from portal.runs.models import LineState, Run, RunLine, RunState
from tests.cli import commands
from tests.provisioning.conftest import connection, impatient  # noqa: F401
from tests.provisioning.test_killed import eventually
from tests.provisioning.worker import LONG_AGO
from tests.provisioning.world import World
from tests.runs.conftest import carried_out, plan_for, start

BATCH = r"/v1.0/\$batch$"


@pytest.fixture
def worker(tables):
    process = commands.start("worker")
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def world(app, alice, cast, acme, connection, sandbox, mailbox, impatient):  # noqa: F811
    return World(app, alice, cast, connection, sandbox, mailbox)


def test_a_run_whose_worker_is_killed_makes_every_account_once(app, alice, world, worker):
    people = [world.somebody() for _ in range(6)]
    plan_for(app, alice, people)
    before = len(world.sandbox.users())
    # What is asked for is done, and the answer comes too late for the worker.
    world.sandbox.fault(path=BATCH, kind="slow", seconds=5, times=None)
    start(alice)
    eventually(lambda: any(rule["hits"] for rule in world.sandbox.faults()))
    eventually(lambda: len(world.sandbox.users()) > before)
    os.killpg(worker.pid, signal.SIGKILL)
    assert Step.select().where(Step.state == StepState.INTENDED).exists()
    world.sandbox.clear_faults()
    # What a killed process had taken of a quota comes back only after a minute.
    Quota.delete().execute()
    Operation.update(lease_until=LONG_AGO).where(Operation.state == State.RUNNING).execute()
    Run.update(lease_until=LONG_AGO).execute()
    for employee in people:
        world.settle(employee)
    assert carried_out(app).state == RunState.DONE
    assert {line.state for line in RunLine.select()} == {LineState.DONE}
    assert not [problem for employee in people for problem in world.problems(employee)]
    assert len(world.sandbox.users()) == before + len(people)
