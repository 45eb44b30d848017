"""Calls of a Run share requests, and each is still answered, throttled and lost separately.

https://learn.microsoft.com/graph/json-batching
"""

import pytest

from portal.accounts.models import Account
from portal.connectors import SERVICES
from portal.operations import engine
from portal.operations.models import Operation, State, Step
from portal.runs.models import LineState, RunLine, RunState
from tests.provisioning.conftest import tab
from tests.runs.conftest import carried_out, latest, plan_for, start

BATCH = r"/v1.0/\$batch$"


def accounts(sandbox):
    return [
        user.username for user in sandbox.users() if user.username.startswith(("rita", "helen")) and not user.deleted
    ]


def carried_to_the_end(app):
    """The worker, and what its sweep does a while later."""
    carried_out(app, portions=3)
    for _ in range(4):
        Operation.update(not_before=latest().created_at).where(Operation.state == State.WAITING).execute()
        with app.app_context():
            for operation in engine.due():
                engine.carry_out(operation)
    return carried_out(app)


def test_there_are_fewer_requests_than_calls(app, alice, connection, staff, sandbox):
    plan_for(app, alice, staff)
    start(alice)
    sandbox.clear_requests()
    assert carried_out(app).state == RunState.DONE
    calls = sandbox.requests(path="/v1.0/")
    batches = [call for call in calls if call.path.endswith("/$batch")]
    assert 0 < len(batches) < len(calls) / 3


def tokens(sandbox):
    return [call.status for call in sandbox.requests("POST", "/oauth2/v2.0/token")]


def test_all_of_a_run_ask_for_one_token(app, alice, connection, staff, sandbox):
    """Only calls with the same one share requests."""
    plan_for(app, alice, staff[1:])
    start(alice)
    SERVICES[connection.service].forget(connection.tenant_id)
    sandbox.set_latency(50)
    sandbox.clear_requests()
    assert carried_out(app).state == RunState.DONE
    assert tokens(sandbox) == [200]


def test_one_that_is_refused_a_token_stops_the_others_and_all_go_on(app, alice, connection, staff, sandbox, mailbox):
    plan_for(app, alice, staff[1:])
    start(alice)
    SERVICES[connection.service].forget(connection.tenant_id)
    sandbox.set_latency(50)
    sandbox.fault(method="POST", path="/oauth2/v2.0/token", kind="status", status=503, times=1)
    assert carried_to_the_end(app).state == RunState.DONE
    assert len(accounts(sandbox)) == len(staff) - 1
    assert tokens(sandbox).count(503) == 1


@pytest.mark.parametrize("kind", ["lost answer", "reset", "cut short"])
def test_requests_whose_answers_are_lost_make_nobody_twice(app, alice, connection, staff, sandbox, mailbox, kind):
    plan_for(app, alice, staff)
    start(alice)
    sandbox.fault(method="POST", path=BATCH, kind=kind, times=2)
    assert carried_to_the_end(app).state == RunState.DONE
    assert len(accounts(sandbox)) == Account.select().count() == len(staff)
    assert RunLine.select().where(RunLine.state == LineState.DONE).count() == len(staff)


def test_a_part_that_is_throttled_is_sent_again_and_only_that(app, alice, connection, staff, sandbox):
    plan_for(app, alice, staff)
    start(alice)
    sandbox.fault(method="POST", path="/v1.0/users$", status=429, retry_after=0.2, times=4)
    assert carried_to_the_end(app).state == RunState.DONE
    posts = [call for call in sandbox.requests("POST", "/v1.0/users") if call.path == "/v1.0/users"]
    assert sorted(call.status for call in posts) == [201] * len(staff) + [429] * 4


def test_a_part_that_is_refused_fails_alone(app, alice, connection, staff, sandbox):
    plan_for(app, alice, staff)
    start(alice)
    sandbox.fault(method="POST", path="/v1.0/users$", status=400, code="Request_BadRequest", skip=3, times=1,
                  message="Invalid value specified for property 'userPrincipalName' of resource 'User'.")  # fmt: skip
    carried_out(app)
    assert RunLine.select().where(RunLine.state == LineState.FAILED).count() == 1
    assert Account.select().count() == len(staff) - 1


def test_each_receipt_has_the_request_ids_of_its_own_calls(app, alice, connection, staff, sandbox):
    plan_for(app, alice, staff[:3])
    start(alice)
    carried_out(app)
    written = [call["request_id"] for step in Step.select() for call in step.calls]
    assert len(set(written)) == len(written)
    assert set(written) <= {call.request_id for call in sandbox.requests(path="/v1.0/")}


NOT_LET_THROUGH = {
    "no such address": {"status": 404, "code": "BadRequest", "message": "No segment '$batch'."},
    "not understood": {"status": 400, "code": "BadRequest"},
    "forbidden": {"status": 403, "code": "Forbidden"},
    "no such method": {"status": 405},
    "not implemented": {"status": 501},
}


@pytest.mark.parametrize("refusal", NOT_LET_THROUGH.values(), ids=NOT_LET_THROUGH)
def test_where_no_batch_comes_through_calls_go_alone(app, alice, connection, staff, sandbox, mailbox, refusal):
    """What lies between the portal and Graph knows single calls alone: its answer is none about the accounts."""
    sandbox.fault(method="POST", path=BATCH, times=None, **refusal)
    page = alice.get(tab(staff[0]))
    assert "We found no account under this name" in page.text
    assert alice.press("Action").value("Username") == "helen.head"
    plan_for(app, alice, staff)
    start(alice)
    assert carried_out(app).state == RunState.DONE
    assert len(accounts(sandbox)) == Account.select().count() == len(staff)
    assert not Account.select().where(Account.detached_at.is_null(False)).exists()
