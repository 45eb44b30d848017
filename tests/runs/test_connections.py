"""A Run beside whatever else a process does with its connections to PostgreSQL."""

import threading
import time

import pytest

from portal.accounts.models import Account
from portal.database import MOST_CONNECTIONS, database, is_sqlite, lend
from portal.database import connection as open_connection
from portal.lending import LEFT_FOR_OTHERS, lending, lends
from portal.operations.models import Operation, State
from portal.runs import carrying
from portal.runs.models import RunState
from tests.provisioning.test_killed import eventually
from tests.runs.conftest import carried_out, plan_for, start


@pytest.fixture
def taken(tables):
    """All but a few of the connections that a process may have are in use elsewhere, until `taken.set()`."""
    if is_sqlite():
        pytest.skip("SQLite has no limit")
    free, held = threading.Event(), threading.Barrier(MOST_CONNECTIONS - 2)

    def hold():
        with open_connection():
            held.wait()
            free.wait(20)

    threads = [threading.Thread(target=hold) for _ in range(MOST_CONNECTIONS - 3)]
    for thread in threads:
        thread.start()
    held.wait()
    yield free
    free.set()
    for thread in threads:
        thread.join()


def test_a_run_waits_for_a_connection_and_ends(app, alice, acme, connection, staff, taken):
    run, _ = plan_for(app, alice, staff)
    start(alice)
    threading.Timer(0.5, taken.set).start()
    assert carried_out(app, run).state == RunState.DONE
    assert Account.select().count() == 10


@pytest.fixture
def lenders(tables):
    """As many threads as may hold a connection of those that lend theirs, until `lenders.set()`."""
    if is_sqlite():
        pytest.skip("SQLite has no limit")
    free, held = threading.Event(), threading.Barrier(MOST_CONNECTIONS - LEFT_FOR_OTHERS + 1)

    def hold():
        with lending(), open_connection():
            held.wait()
            free.wait(20)

    threads = [threading.Thread(target=hold) for _ in range(MOST_CONNECTIONS - LEFT_FOR_OTHERS)]
    for thread in threads:
        thread.start()
    database.close()
    held.wait()
    yield free
    free.set()
    for thread in threads:
        thread.join()


def test_a_run_leaves_connections_to_others(lenders):
    with open_connection():
        assert Account.select().count() == 0


def test_who_lends_waits_until_another_has_lent_theirs(lenders):
    asked = []

    def ask():
        with lending(), open_connection():
            asked.append(Account.select().count())

    waiting = threading.Thread(target=ask)
    waiting.start()
    waiting.join(0.2)
    assert not asked
    lenders.set()
    waiting.join()
    assert asked == [0]


def test_a_connection_is_lent_between_two_questions_and_never_within_a_transaction(app, tables):
    with lending(), open_connection():
        Account.select().count()
        with database.atomic():
            lend()
            assert not database.is_closed()
        lend()
        assert database.is_closed()
        assert Account.select().count() == 0
    with open_connection():
        lend()
        assert not database.is_closed()


def test_who_waits_for_another_try_has_lent_their_connection(app, alice, connection, staff, sandbox, monkeypatch):
    run, _ = plan_for(app, alice, staff)
    start(alice)
    sandbox.fault(method="POST", path="/v1.0/users$", status=503, times=4)
    lent = []
    monkeypatch.setattr(time, "sleep", lambda seconds: lends() and lent.append(database.is_closed()))
    assert carried_out(app, run).state == RunState.DONE
    assert lent
    assert all(lent)


def test_more_people_are_under_way_than_there_are_connections_for_them(app, alice, acme, connection, cast, sandbox):
    staff = [
        cast.employee(acme, f"Rita{n}", "Report", employee_number=f"{n}", personal_email=f"r{n}@home.example")
        for n in range(carrying.FIRST_PORTION)
    ]
    run, _ = plan_for(app, alice, staff)
    start(alice)
    sandbox.set_latency(1_000)
    worker = threading.Thread(target=carried_out, args=(app, run))
    worker.start()
    at_once = MOST_CONNECTIONS - LEFT_FOR_OTHERS + 1
    assert eventually(lambda: Operation.select().where(Operation.state == State.RUNNING).count() >= at_once)
    worker.join()
    assert Operation.select().where(Operation.state == State.DONE).count() == len(staff)
