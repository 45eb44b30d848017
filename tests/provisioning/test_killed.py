"""The web server is killed with the power-cut signal in the middle; another process finishes what it began."""

import contextlib
import os
import re
import signal
import threading
import time
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup

from portal.accounts.models import Account
from portal.hand_over import delivery
from portal.hand_over.models import LoginMail
from portal.operations import engine
from portal.operations.models import Operation, State
from tests.cast import PASSWORD
from tests.cli import commands
from tests.ports import free_port
from tests.provisioning.conftest import at

WITHIN, BETWEEN = 30, 0.02


def eventually(condition):
    """What the condition returns once it holds. Between, it leaves the processor to the process that is asked."""
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(BETWEEN)
    raise AssertionError("it never happened")


class Server:
    """`portal serve` as a process group of its own."""

    def __init__(self, *options: str):
        port = free_port()
        self.process: Any = self._begin("serve", "--port", str(port), *options)
        self.address = f"http://127.0.0.1:{port}"
        self.session = requests.Session()
        self.session.trust_env = False
        eventually(self._is_ready)

    def _begin(self, *arguments: str) -> Any:
        return commands.start(*arguments)

    def _is_ready(self) -> bool:
        try:
            return self.session.get(f"{self.address}/readyz").ok
        except requests.ConnectionError:
            return False

    def sign_in(self, email: str) -> None:
        self.send("/login", "/login", email=email, password=PASSWORD)

    def send(self, form_page: str, path: str, **values: str) -> requests.Response:
        page = BeautifulSoup(self.session.get(self.address + form_page).text, "html.parser")
        token = page.find("input", attrs={"name": "csrf_token"})["value"]
        return self.session.post(self.address + path, data={"csrf_token": token, **values}, allow_redirects=False)

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.session.close()


@pytest.fixture
def server(app, tables):
    server = Server()
    yield server
    if server.process.poll() is None:
        server.kill()


def killed_during(server, sandbox, method, path, send, skip=0, slowly=False):
    """Start to send, and kill the server while the tenant is busy with the matching call.

    slowly: calls are so few that the page may have answered before that the work goes on.
    """
    sandbox.fault(method=method, path=path, kind="slow", seconds=1.0, skip=skip)

    def press():
        with contextlib.suppress(requests.ConnectionError) if slowly else pytest.raises(requests.ConnectionError):
            send()

    pressing = threading.Thread(target=press)
    pressing.start()
    eventually(lambda: any(fault["hits"] for fault in sandbox.faults()))
    server.kill()
    pressing.join()


def finished_by_somebody_else(app):
    operation = Operation.select().order_by(Operation.id.desc()).get()
    assert operation.state == State.RUNNING
    assert not engine.claim(operation)
    Operation.update(lease_until=operation.created_at).where(Operation.id == operation.id).execute()
    operation = engine.carry_out(operation)
    with app.app_context():
        for login_mail in delivery.due():
            delivery.deliver(login_mail)
    return operation


def password_of(mailbox):
    return mailbox.text(mailbox.messages[-1]).split("Temporary password:")[1].split()[0]


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/v1.0/users$"), ("GET", "/v1.0/users/[0-9a-f-]{36}$")],
    ids=["while it creates", "while it reads back"],
)
def test_a_create_is_finished_with_one_account_and_a_password_that_works(
    app, server, alice, wei, connection, sandbox, mailbox, method, path
):
    server.sign_in(alice.user.email)
    address = f"{at(wei)}/create"
    values = {"username": "wei.zhang", "domain": "acme.example", "send_immediately": "y"}
    killed_during(server, sandbox, method, path, lambda: server.send(address, address, **values))
    eventually(lambda: sandbox.user("wei.zhang@acme.example"))
    assert finished_by_somebody_else(app).state == State.DONE
    assert len([user for user in sandbox.users() if user.username.startswith("wei.zhang")]) == 1
    assert Account.get().status == "Active"
    assert sandbox.sign_in("wei.zhang@acme.example", password_of(mailbox)) == "must change password"
    assert all(not mail.encrypted_password for mail in LoginMail.select())


def test_a_deactivation_is_finished(app, server, alice, wei_active, connection, sandbox):
    """A worker is killed while it revokes sessions, in test_killed_points.py."""
    server.sign_in(alice.user.email)
    address = f"{at(wei_active)}/deactivate"
    killed_during(server, sandbox, "PATCH", "/v1.0/users/[0-9a-f-]{36}$", lambda: server.send(address, address))
    assert finished_by_somebody_else(app).state == State.DONE
    assert sandbox.user("wei.zhang@acme.example").sign_in_blocked
    assert Account.get().status == "Deactivated"


def test_a_process_that_did_not_make_the_account_waits_for_it_too(server, alice, wei, connection, sandbox, mailbox):
    """https://learn.microsoft.com/graph/best-practices-concept#handling-expected-errors"""
    sandbox.set_lag(600)
    server.sign_in(alice.user.email)
    page = BeautifulSoup(server.session.get(f"{server.address}{at(wei)}/create").text, "html.parser")
    plan = page.find("option", string=re.compile("Business Premium"))["value"]
    server.send(f"{at(wei)}/create", f"{at(wei)}/create", username="wei.zhang", domain="acme.example",
                send_immediately="y", licence_id=plan)  # fmt: skip
    eventually(lambda: Operation.get().state == State.WAITING)
    Operation.update(not_before=Operation.get().created_at).execute()
    assert engine.carry_out(Operation.get(), patience=0.1).state == State.WAITING
    sandbox.advance(601)
    Operation.update(not_before=Operation.get().created_at).execute()
    assert engine.carry_out(Operation.get()).state == State.DONE
    assert sandbox.user("wei.zhang@acme.example").plans == [plan]
