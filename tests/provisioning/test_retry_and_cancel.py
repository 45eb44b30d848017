import sys
import threading

import pytest

from portal import database
from portal.accounts.models import Account
from portal.database import now
from portal.operations.models import Operation, State, Step, StepState
from portal.operations.requests import DeactivateRequest, Verb
from tests.provisioning.conftest import at, tab
from tests.provisioning.test_killed import eventually
from tests.provisioning.worker import carry_on, latest

pytestmark = pytest.mark.usefixtures("impatient")
USERNAME = "wei.zhang@acme.example"
GONE = {"method": "PATCH", "path": "/v1.0/users/", "status": 400, "code": "Request_BadRequest", "message": "No."}
BUSY = {"status": 429, "retry_after": 60, "times": None}


def ask(person, employee, verb, **values):
    person.get(tab(employee))
    return person.post(f"{at(employee)}/{verb}", values, fragment=True)


def receipt(person, operation=None):
    return person.get(f"/provisioning/operations/{(operation or latest()).id}")


def create(alice, wei):
    return ask(alice, wei, "create", username="wei.zhang", domain="acme.example", send_immediately="y")


def test_a_deactivation_that_failed_is_tried_again_from_its_receipt(alice, wei_active, sandbox):
    sandbox.fault(**GONE)
    ask(alice, wei_active, "deactivate")
    assert latest().state == State.FAILED
    receipt(alice)
    page = alice.press("Try again now")
    assert latest().state == State.DONE
    assert sandbox.user(USERNAME).sign_in_blocked
    assert "Request_BadRequest" in page.html


def test_what_was_asked_and_refused_stays_in_the_journal(alice, wei_active, sandbox):
    sandbox.fault(**GONE)
    ask(alice, wei_active, "deactivate")
    receipt(alice)
    alice.press("Try again now")
    block = Step.get(Step.operation == latest(), Step.name == "block")
    assert [call["status"] for call in block.calls] == [400, 204]
    assert block.state == StepState.DONE


def is_about_to_write(thread):
    """Whether the thread has looked whether the operation may be tried again, and has come to writing that down."""
    frame, calls = sys._current_frames().get(thread.ident), []
    while frame is not None:
        calls.append(frame.f_code.co_name)
        frame = frame.f_back
    return "retry" in calls and not {"transaction", "_put_back"}.isdisjoint(calls)


def test_a_retry_is_refused_when_something_else_begins_in_the_same_moment(alice, wei_active, sandbox):
    sandbox.fault(**GONE)
    ask(alice, wei_active, "deactivate")
    failed = latest()
    receipt(alice)
    pressing = threading.Thread(target=lambda: alice.press("Try again now"))
    with database.transaction():
        Operation.create(
            organisation=failed.organisation, employee=failed.employee, connection=failed.connection, verb=Verb.UPDATE,
            account=failed.account, not_before=now(),
        )  # fmt: skip
        pressing.start()
        eventually(lambda: is_about_to_write(pressing))
    pressing.join()
    assert alice.page.status == 409
    assert "Another change is under way" in alice.page.text


def test_what_something_newer_has_overtaken_is_not_tried_again(alice, wei_active, sandbox):
    sandbox.fault(**GONE)
    ask(alice, wei_active, "deactivate")
    failed = latest()
    ask(alice, wei_active, "update")
    page = receipt(alice, failed)
    assert not page.has_button("Try again now")
    assert alice.post(f"/provisioning/operations/{failed.id}/retry").status == 409
    assert not sandbox.user(USERNAME).sign_in_blocked


def test_nothing_is_tried_again_on_an_account_that_is_linked_no_more(alice, wei_active, sandbox):
    sandbox.fault(**GONE)
    ask(alice, wei_active, "deactivate")
    failed = latest()
    Account.update(detached_at=now(), detached_by="unlink").execute()
    assert not receipt(alice, failed).has_button("Try again now")


def test_a_create_that_failed_is_started_anew(alice, wei, connection, sandbox):
    sandbox.fault(method="POST", path="/v1.0/users$", status=400, code="Request_BadRequest", times=None)
    create(alice, wei)
    assert latest().state == State.FAILED
    assert not receipt(alice).has_button("Try again now")
    assert "Start again" in alice.post(f"/provisioning/operations/{latest().id}/retry").text


def test_what_waits_and_has_certainly_changed_nothing_can_be_cancelled(alice, wei, connection, sandbox):
    sandbox.fault(method="POST", path="/v1.0/users$", **BUSY)
    create(alice, wei)
    assert latest().state == State.WAITING
    receipt(alice)
    page = alice.press("Cancel")
    assert latest().state == State.CANCELLED
    assert not latest().encrypted_password
    assert "the portal tries again" not in page.text
    sandbox.clear_faults()
    assert carry_on().state == State.CANCELLED


def test_what_may_have_happened_cannot_be_cancelled(alice, wei, connection, sandbox):
    sandbox.fault(method="POST", path="/v1.0/users$", kind="lost answer")
    sandbox.fault(method="GET", path="/v1.0/users/", status=503, times=None)
    create(alice, wei)
    assert not receipt(alice).has_button("Cancel")
    page = alice.post(f"/provisioning/operations/{latest().id}/cancel")
    assert page.status == 409
    assert "the portal finishes it instead" in page.text
    assert latest().state == State.WAITING


def test_a_verb_pressed_while_another_is_under_way_is_said_not_to_have_begun(alice, wei_active, sandbox):
    sandbox.fault(method="GET", path="/v1.0/users/", status=429, retry_after=60, times=None)
    ask(alice, wei_active, "update")
    page = alice.post(f"{at(wei_active)}/unlink", fragment=True)
    assert "this one did not start" in page.text
    assert Operation.select().where(Operation.verb == Verb.UNLINK).count() == 0


def test_a_block_is_begun_all_the_same_while_a_record_waits_to_be_sent(alice, wei_active, sandbox):
    sandbox.fault(method="GET", path="/v1.0/users/", status=429, retry_after=60, times=None)
    ask(alice, wei_active, "update")
    alice.post(f"{at(wei_active)}/deactivate", fragment=True)
    assert {one.verb: one.state for one in Operation.select().where(Operation.verb != Verb.CREATE)} == {
        Verb.UPDATE: State.CANCELLED, Verb.DEACTIVATE: State.WAITING,
    }  # fmt: skip


def test_a_wake_up_for_what_somebody_else_carries_out_comes_after_their_lease(app, alice, wei_active, connection):
    from portal.operations import engine, jobs
    from portal.worker import queue

    operation = engine.start(
        DeactivateRequest(), organisation=connection.organisation, employee=wei_active, connection=connection,
        account=Account.get(),
    )  # fmt: skip
    queue.flush()
    jobs.finish(operation)
    [task] = queue.pending()
    assert task.eta.timestamp() >= operation.lease_until.timestamp() - 1
    queue.flush()
