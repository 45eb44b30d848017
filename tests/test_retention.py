"""What is removed after its time, and what stays."""

import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from portal.config import settings
from portal.database import database, is_sqlite, now
from portal.operating import retention
from portal.operations.models import Operation, State, Step
from tests.provisioning.conftest import connect


def receipts(cast, acme, connection, *finished):
    for days in finished:
        employee = cast.employee(acme, "Wei", "Wong")
        state = State.WAITING if days is None else State.DONE
        operation = Operation.create(
            organisation=acme, employee=employee, connection=connection, verb="update", state=state,
            finished_at=days and now() - timedelta(days=days),
        )  # fmt: skip
        Step.create(operation=operation, name="look", state="done", note="said", calls=[{"method": "GET"}])


def test_old_receipts_lose_their_exchanges_only_when_it_is_wished(cast, acme, alice, sandbox, monkeypatch):

    receipts(cast, acme, connect(sandbox, alice.user), 10, 500, None)
    retention.remove_old.call_local()
    assert all(step.calls for step in Step.select())
    monkeypatch.setattr(settings(), "keep_receipts_days", 400)
    retention.remove_old.call_local()
    assert [bool(step.calls) for step in Step.select().order_by(Step.id)] == [True, False, True]
    assert {(step.state, step.note) for step in Step.select()} == {("done", "said")}


def test_every_hour_sqlite_counts_its_rows_and_leaves_nothing_in_its_journal(cast, acme):
    if not is_sqlite():
        pytest.skip("PostgreSQL's autovacuum does both")
    cast.employee(acme, "Wei", "Wong")
    retention.remove_old.call_local()
    assert database.execute_sql("SELECT stat FROM sqlite_stat1 WHERE tbl = 'employee'").fetchall()
    assert not Path(f"{database.obj.database}-wal").stat().st_size


def test_nobody_is_kept_from_writing_while_somebody_reads_for_long(cast, acme):
    if not is_sqlite():
        pytest.skip("PostgreSQL keeps no journal of this kind")
    with closing(sqlite3.connect(database.obj.database)) as reader:
        reader.execute("BEGIN")
        before = reader.execute("SELECT COUNT(*) FROM employee").fetchone()
        cast.employee(acme, "Wei", "Wong")
        removing = threading.Thread(target=retention.remove_old.call_local)
        removing.start()
        # Less than a writer waits, so that it would fail if the emptying waited for the reader.
        removing.join(timeout=5)
        assert not removing.is_alive()
        assert reader.execute("SELECT COUNT(*) FROM employee").fetchone() == before
