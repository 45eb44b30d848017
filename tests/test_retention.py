"""What is removed after its time, and what stays."""

from datetime import timedelta

import pytest

from portal import retention
from portal.auth.models import HalfSignIn, PasswordReset, Session
from portal.config import settings
from portal.database import now
from portal.provisioning.models import Operation, State, Step
from tests.provisioning.conftest import connect


@pytest.fixture
def rows(alice):
    """Writes a session, half a sign-in and a link of so many days ago."""

    def write(days):
        at, name = now() - timedelta(days=days), f"{days} days"
        Session.create(user=alice.user, token_hash=name, created_at=at, last_seen_at=at)
        HalfSignIn.create(user=alice.user, token_hash=name, created_at=at)
        PasswordReset.create(user=alice.user, token_hash=name, created_at=at)

    return write


def names(model):
    return {row.token_hash for row in model.select() if row.token_hash.endswith("days")}


def test_sign_ins_and_links_that_are_long_over_are_removed(rows):
    for days in (1, 20, 35, 100):
        rows(days)
    retention.remove_old.call_local()
    assert names(Session) == {"1 days", "20 days", "35 days"}
    assert names(HalfSignIn) == names(PasswordReset) == {"1 days", "20 days"}


def test_a_session_in_use_outlives_the_shortest_setting(rows, monkeypatch):
    monkeypatch.setattr(settings(), "keep_sign_ins_days", 0)
    rows(6)
    retention.remove_old.call_local()
    assert names(Session) == {"6 days"}


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
