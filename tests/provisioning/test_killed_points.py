"""Web server and worker are killed with the power-cut signal at the calls of every verb; another process finishes.

The sample kills at the last write of a few verbs; `make soak` kills at every call of every verb.
"""

import os
import signal
import subprocess
import sys

import pytest

from portal.connectors.google_workspace import quota
from portal.database import now
from portal.operations import jobs
from portal.operations.models import Operation, State
from portal.operations.requests import DeactivateRequest
from portal.quotas import Quota
from tests.cast import account_of
from tests.google_workspace import conftest as google
from tests.google_workspace.site import GoogleSite
from tests.provisioning.test_fault_points import SOAK, at_the_end_of, calls_of
from tests.provisioning.test_killed import Server, eventually, killed_during
from tests.provisioning.worker import LONG_AGO
from tests.provisioning.world import BEFORE, World

# A page with a form that makes no call itself.
ASKS_NOTHING = "/provisioning"
SAMPLE, GOOGLE_SAMPLE = ("restore",), ("create",)
LAST_DAY = ("leave", "undo-leave")


@pytest.fixture
def world(app, alice, cast, connection, sandbox, mailbox, impatient):
    return World(app, alice, cast, connection, sandbox, mailbox)


workspace = google.workspace


@pytest.fixture
def google_world(app, acme, alice, cast, workspace, mailbox, impatient, monkeypatch):
    """As in test_fault_points.py, where the server that is killed knows of Google too."""
    urls = {name: getattr(workspace, f"{name}_url") for name in ("accounts", "token", "api", "licensing")}
    for name, url in urls.items():
        monkeypatch.setenv(f"PORTAL_GOOGLE_{name.upper()}_URL", url)
    monkeypatch.setenv("PORTAL_GOOGLE_CLIENT_ID", workspace.client_id)
    monkeypatch.setenv("PORTAL_GOOGLE_CLIENT_SECRET", workspace.client_secret)
    monkeypatch.setattr(quota, "CALLS", 1_000_000)
    monkeypatch.setattr(quota, "_pacers", {})
    site = GoogleSite(workspace)
    return World(app, alice, cast, google.connect(workspace, alice.user), site, mailbox)


def points(calls):
    writes = [call for call, method in enumerate(calls) if method != "GET"]
    return range(len(calls)) if SOAK else writes[-1:]


def after_a_kill(world, verb, call):
    # What a killed process had taken of a quota comes back only after a minute.
    Quota.delete().execute()
    employee = world.somebody()
    world.prepare(employee, verb)
    server = Server()
    server.sign_in(world.alice.user.email)
    values = world._values(employee, verb)
    killed_during(
        server, world.sandbox, "", at_the_end_of(world).api,
        lambda: server.send(ASKS_NOTHING, world.address(employee, verb), **values), skip=call,
        slowly=at_the_end_of(world).slowly,
    )  # fmt: skip
    world.sandbox.clear_faults()
    Operation.update(lease_until=LONG_AGO).where(Operation.state == State.RUNNING).execute()
    operation = world.settle(employee)
    found = world.problems(employee)
    # Killed while it only looked whether the person has an account: nothing was begun, and world.problems says so.
    if operation is not None and operation.state != State.DONE:
        found.append(f"ends as {operation.state}: {operation.message}")
    return [f"{verb}, killed at call {call + 1}: {problem}" for problem in found]


@pytest.mark.parametrize("verb", LAST_DAY)
def test_l15_a_crash_in_a_last_day_or_its_undoing_ends_as_it_would_have_without(
    world, tables, caplog, record_property, verb
):
    nothing_is_half_done(world, tables, caplog, record_property, verb)


@pytest.mark.parametrize("verb", [verb for verb in BEFORE if verb not in ("unlink", *LAST_DAY)] if SOAK else SAMPLE)
def test_a_web_server_that_is_killed_leaves_nothing_half_done(world, tables, caplog, record_property, verb):
    nothing_is_half_done(world, tables, caplog, record_property, verb)


@pytest.mark.parametrize("verb", [verb for verb in BEFORE if verb != "unlink"] if SOAK else GOOGLE_SAMPLE)
def test_nothing_is_half_done_at_google_either(google_world, tables, caplog, record_property, verb):
    nothing_is_half_done(google_world, tables, caplog, record_property, verb)


def nothing_is_half_done(world, tables, caplog, record_property, verb):
    chosen = points(calls_of(world, verb))
    found = [problem for call in chosen for problem in after_a_kill(world, verb, call)]
    found += world.leaks(tables, caplog.text)
    assert not found, "\n".join(found)
    record_property("kill points", len(chosen))


@pytest.fixture
def worker():
    """`portal worker` as a process group of its own."""
    command = [sys.executable, "-m", "portal", "worker"]
    process = subprocess.Popen(command, start_new_session=True)
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_worker_that_is_killed_leaves_nothing_half_done(world, worker, record_property):
    employee = world.somebody()
    world.prepare(employee, "deactivate")
    world.sandbox.fault(method="POST", path="/revokeSignInSessions$", kind="slow", seconds=1.0)
    operation = Operation.ask_for(
        DeactivateRequest(before="Active"),
        organisation=employee.organisation_id, employee=employee, connection=world.connection,
        account=account_of(employee), by=world.alice.user, by_name="Alice", not_before=now(),
    )  # fmt: skip
    jobs.carry_out(operation.id)
    eventually(lambda: any(fault["hits"] for fault in world.sandbox.faults()))
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    assert Operation.get_by_id(operation.id).state == State.RUNNING
    assert world.settle(employee).state == State.DONE
    assert not world.problems(employee)
    record_property("kill points", 1)
