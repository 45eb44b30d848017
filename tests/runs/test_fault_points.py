"""Every fault while calls of a Run share requests: at the whole request, and at single parts of it.

`make soak` goes through all pairs of call and fault; here each fault meets one call.
"""

import os

import pytest

from portal.connectors import SERVICES, http
from portal.operations.models import State
from portal.runs.models import LineState, Run, RunLine, RunState
from portal.security import limiter
from tests.provisioning.conftest import connection, impatient  # noqa: F401
from tests.provisioning.test_fault_points import FAULTS, GRAPH, SHORT, TOKEN, UNTIL_MENDED
from tests.provisioning.world import World
from tests.runs.conftest import carried_out, plan_for, start

SOAK = "SOAK" in os.environ
BATCH, PART = r"/v1.0/\$batch$", "/v1.0/users"
VERBS = ("create", "deactivate")
PEOPLE = 2


@pytest.fixture
def world(app, alice, cast, acme, connection, sandbox, mailbox, impatient):  # noqa: F811
    # What one Admin starts within a day counts together, and all of this is one day.
    acme.approval_above = 1_000_000
    acme.save()
    return World(app, alice, cast, connection, sandbox, mailbox)


def points(verb):
    """(path, how many calls pass first, fault): all of them, or one for each fault, divided between the verbs."""
    if SOAK:
        return [(path, skip, name) for path in (BATCH, PART) for skip in range(6) for name in FAULTS]
    mine = list(FAULTS)[VERBS.index(verb) :: len(VERBS)]
    return [((BATCH, PART)[number % 2], number % 4, name) for number, name in enumerate(mine)]


def break_it(world, path, skip, fault):
    first, *then = FAULTS[fault]
    world.sandbox.fault(path=path, skip=skip, **{"times": 1, **first})
    for more in then:
        world.sandbox.fault(path=GRAPH, skip=skip, **more)
    if fault == "secret expired":
        world.sandbox.fault(path=TOKEN, kind="expired secret", **UNTIL_MENDED)


def settled(world, people) -> Run:
    """What the worker does once the tenant works again, and what a person presses who sees that some have failed."""
    world.sandbox.clear_faults()
    SERVICES["microsoft-365"].forget(world.connection.tenant_id)
    run = Run.select().order_by(Run.id.desc()).get()
    for _ in range(3):
        for employee in people:
            world.settle(employee)
        run = carried_out(world.app, run)
        if run.state == RunState.PAUSED:
            world.alice.post(f"/provisioning/runs/{run.id}/go-on")
        elif RunLine.select().where(RunLine.run == run, RunLine.state == LineState.FAILED).exists():
            world.alice.post(f"/provisioning/runs/{run.id}/retry")
    for employee in people:
        world.settle(employee)
    return carried_out(world.app, run)


def problems_after(world, verb, path, skip, fault):
    # No user plans so many Runs in an hour.
    limiter.reset()
    people = [world.somebody() for _ in range(PEOPLE)]
    for employee in people:
        if verb != "create":
            world.act(employee, "create")
    plan_for(world.app, world.alice, people, verb)
    start(world.alice)
    break_it(world, path, skip, fault)
    carried_out(world.app, portions=3)
    run = settled(world, people)
    found = [problem for employee in people for problem in world.problems(employee)]
    if run.state != RunState.DONE:
        found.append(f"the run ends as {run.state}")
    found += [
        f"{employee.name} ends as {_end(run, employee, operation)}"
        for employee in people
        if (operation := world.latest(employee)) is None or operation.state != State.DONE
    ]
    return [f"{verb}, {path}, {skip} calls before, {fault}: {problem}" for problem in found]


def _end(run, employee, operation):
    if operation is not None:
        return f"{operation.state}: {operation.message}"
    return RunLine.get(RunLine.run == run, RunLine.employee == employee).reason or "not begun"


@pytest.mark.parametrize("verb", VERBS)
def test_a_run_and_the_tenant_agree_in_the_end(world, tables, caplog, record_property, monkeypatch, verb):
    monkeypatch.setattr(http, "TIMEOUT", SHORT)
    chosen = points(verb)
    found = [problem for point in chosen for problem in problems_after(world, verb, *point)]
    found += world.leaks(tables, caplog.text)
    assert not found, "\n".join(found)
    record_property("fault points of runs", len(chosen))
