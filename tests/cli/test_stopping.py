"""`portal serve` and `portal worker` are told to stop in the middle of something, as each new release does."""

import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from portal.accounts.models import Account
from portal.operating import server as serving
from portal.operations import jobs
from portal.operations.models import Operation, State
from tests.cli.installation import Installation
from tests.ports import free_port
from tests.provisioning.conftest import at, connection, tab, wei, wei_active  # noqa: F401
from tests.provisioning.test_killed import Server, eventually


@pytest.fixture
def busy(sandbox):
    """Waits until the tenant is busy with the call that blocks a sign-in."""
    sandbox.fault(method="PATCH", path="/v1.0/users/[0-9a-f-]{36}$", kind="slow", seconds=1.5)
    return lambda: eventually(lambda: any(fault["hits"] for fault in sandbox.faults()))


class AsInstalled(Server):
    """Begun by Python itself, which carries out its end too."""

    def _begin(self, *arguments):
        return subprocess.Popen([sys.executable, "-m", "portal", *arguments], start_new_session=True)


def test_the_server_answers_what_is_in_hand_before_it_stops(app, tables, alice, wei_active, sandbox, busy):  # noqa: F811
    server = AsInstalled()
    server.sign_in(alice.user.email)
    answers = []
    address = f"{at(wei_active)}/deactivate"
    pressing = threading.Thread(target=lambda: answers.append(server.send(address, address)))
    pressing.start()
    busy()
    server.process.send_signal(signal.SIGTERM)
    pressing.join()
    assert server.process.wait(20) == 0
    assert answers[0].status_code == 303
    assert Operation.select().order_by(Operation.id.desc()).get().state == State.DONE
    assert sandbox.user("wei.zhang@acme.example").sign_in_blocked
    server.session.close()


def test_the_worker_ends_what_is_in_hand_before_it_stops(app, tables, alice, wei_active, sandbox, busy):  # noqa: F811
    account = Account.get()
    operation = Operation.create(
        organisation=account.organisation, employee=wei_active, connection=account.connection, account=account,
        verb="deactivate", by=alice.user, by_name="Alice",
    )  # fmt: skip
    jobs.queue.flush()
    jobs.carry_out(operation.id)
    worker = subprocess.Popen([sys.executable, "-m", "portal", "worker"], start_new_session=True)
    try:
        busy()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
    finally:
        worker.kill()
        worker.wait()
    assert Operation.get_by_id(operation.id).state == State.DONE
    assert sandbox.user("wei.zhang@acme.example").sign_in_blocked


def opened(pipe):
    """The end to write into, once somebody reads."""
    try:
        return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return None


def test_a_server_that_still_loads_stops_at_once(tmp_path):
    installation, pipe = Installation(tmp_path), tmp_path / "secret"
    installation.init()
    os.mkfifo(pipe)
    port = str(free_port())
    server = installation.start("serve", "--port", port, PORTAL_M365_CLIENT_SECRET_FILE=str(pipe))
    try:
        # It is read while the application is made.
        writing = eventually(lambda: opened(pipe))
        assert installation.stop() == [0]
        os.close(writing)
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)


@pytest.mark.skipif(os.environ.get("TEST_DATABASE") == "postgresql", reason="SQLite alone has the file")
def test_a_server_whose_web_process_still_begins_stops_at_once(tmp_path):
    installation, server = Installation(tmp_path), None
    installation.init()
    in_use = installation.instance / "portal.sqlite3-in-use"
    in_use.unlink(missing_ok=True)
    # Who writes into it waits until somebody reads: the first process does, and in vain each web process.
    os.mkfifo(in_use)
    reading = os.open(in_use, os.O_RDONLY | os.O_NONBLOCK)
    try:
        server = installation.start("serve", "--port", str(free_port()))
        passed = select.poll()
        passed.register(reading, select.POLLHUP)
        assert passed.poll(30_000)
        os.close(reading)
        eventually(lambda: Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text())
        assert installation.stop() == [0]
    finally:
        if server and server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)


def test_a_child_that_is_started_again_while_the_server_stops_is_stopped_too(monkeypatch):
    block, started = serving._beside("worker"), []
    stopping = threading.Thread(target=block.__exit__, args=(None, None, None))

    def start(*_arguments):
        if started:
            stopping.start()
            # It ends here, unless it waits for the child that comes now.
            stopping.join(0.2)
        started.append(subprocess.Popen(["sleep", "60"]))
        return started[-1]

    monkeypatch.setattr(serving, "start_child", start)
    monkeypatch.setattr(serving, "STARTS_AGAIN_AFTER", 0)
    block.__enter__()
    started[0].kill()
    eventually(lambda: len(started) == 2)
    stopping.join()
    assert [child.poll() for child in started] == [-signal.SIGKILL, -signal.SIGTERM]
