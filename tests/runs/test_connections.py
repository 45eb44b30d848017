"""A Run beside whatever else a process does with its connections to PostgreSQL."""

import threading

import pytest

from portal.accounts.models import Account
from portal.database import MOST_CONNECTIONS, is_sqlite
from portal.database import connection as open_connection
from portal.operations import bulk
from portal.runs.models import RunState
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


def test_a_run_leaves_connections_to_others(app, tables):
    most = bulk.side_by_side()
    assert most == bulk.SIDE_BY_SIDE if is_sqlite() else most < MOST_CONNECTIONS
