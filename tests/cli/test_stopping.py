"""`portal serve` and `portal worker` are told to stop in the middle of something, as each new release does."""

import signal
import subprocess
import sys
import threading

import pytest

from portal.accounts.models import Account
from portal.operations import jobs
from portal.operations.models import Operation, State
from tests.provisioning.conftest import at, connection, tab, wei, wei_active  # noqa: F401
from tests.provisioning.test_killed import Server, eventually


@pytest.fixture
def busy(sandbox):
    """Waits until the tenant is busy with the call that blocks a sign-in."""
    sandbox.fault(method="PATCH", path="/v1.0/users/[0-9a-f-]{36}$", kind="slow", seconds=1.5)
    return lambda: eventually(lambda: any(fault["hits"] for fault in sandbox.faults()))


def test_the_server_answers_what_is_in_hand_before_it_stops(app, tables, alice, wei_active, sandbox, busy):  # noqa: F811
    server = Server()
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
    worker = subprocess.Popen([sys.executable, "-m", "portal.cli", "worker"], start_new_session=True)
    try:
        busy()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
    finally:
        worker.kill()
        worker.wait()
    assert Operation.get_by_id(operation.id).state == State.DONE
    assert sandbox.user("wei.zhang@acme.example").sign_in_blocked
