"""Whatever goes wrong on the way: one account, never a lost one, never a false "done"."""

import time

import pytest

from portal.account_page import card_page
from portal.accounts.models import Account
from portal.hand_over import delivery
from portal.hand_over.models import LoginMail, MailState
from portal.operations import engine
from portal.operations.models import Operation, State, Step
from tests.provisioning.conftest import at, tab


def create(person, employee):
    person.get(tab(employee))
    person.press("Action")
    return person.press("Create")


def carry_on(operation=None):
    """What the worker does when the time has come."""
    operation = operation or Operation.select().order_by(Operation.id.desc()).get()
    Operation.update(not_before=operation.created_at, lease_until=None).where(Operation.id == operation.id).execute()
    return engine.carry_out(operation)


def licence_named(page, word):
    return next(option.get("value") for option in page.field("Licence").iter("option") if word in option.text)


def accounts_of(sandbox, connection, start):
    return [user for user in sandbox.users() if user.username.startswith(start) and not user.deleted]


def test_an_answer_that_is_lost_makes_no_second_account(alice, wei, connection, sandbox, mailbox):
    sandbox.fault(method="POST", path="/v1.0/users$", kind="lost answer")
    create(alice, wei)
    operation = carry_on() if Operation.get().is_open else Operation.get()
    assert operation.state == State.DONE
    assert len(accounts_of(sandbox, connection, "wei.zhang")) == 1
    assert Account.get().remote_id == accounts_of(sandbox, connection, "wei.zhang")[0].id


def test_a_create_that_never_arrived_is_made_once(alice, wei, connection, sandbox, mailbox):
    sandbox.fault(method="POST", path="/v1.0/users$", kind="reset")
    create(alice, wei)
    operation = carry_on() if Operation.get().is_open else Operation.get()
    assert operation.state == State.DONE
    assert len(accounts_of(sandbox, connection, "wei.zhang")) == 1


def test_an_account_of_somebody_else_is_never_taken_for_ours(alice, wei, connection, sandbox, mailbox):
    alice.get(tab(wei))
    alice.press("Action")
    sandbox.patch_user("omar.ordinary@acme.example", userPrincipalName="wei.zhang@acme.example")
    alice.press("Create")
    assert Operation.get().state == State.FAILED
    assert Account.select().count() == 0


@pytest.mark.parametrize("status", [429, 500, 503, 504])
def test_a_service_that_is_busy_is_waited_for_and_said(alice, wei, connection, sandbox, mailbox, status):
    sandbox.fault(method="POST", path="/v1.0/users$", status=status, times=None, retry_after=60)
    alice.get(tab(wei))
    alice.press("Action")
    page = alice.press("Create")
    assert "No access" in page.text
    assert "Creating the account: waiting for Microsoft 365" in page.text
    sandbox.clear_faults()
    assert carry_on().state == State.DONE
    assert len(accounts_of(sandbox, connection, "wei.zhang")) == 1


def test_nothing_is_called_done_while_the_read_back_fails(alice, wei, connection, sandbox, mailbox):
    alice.get(tab(wei))
    alice.press("Action")
    sandbox.fault(method="GET", path="/v1.0/users/", status=503, times=None)
    page = alice.press("Create")
    assert "No access" in page.text
    assert "has been created" not in page.text
    assert not mailbox.messages
    sandbox.clear_faults()
    assert carry_on().state == State.DONE
    assert "Active" in alice.get(tab(wei)).text


def test_consent_that_is_revoked_after_the_create_is_waited_for(alice, wei, connection, sandbox, mailbox):
    alice.get(tab(wei))
    alice.press("Action")
    sandbox.fault(method="GET", path="/v1.0/users/", status=403, times=None, code="Authorization_RequestDenied")
    page = alice.press("Create")
    assert Operation.get().state == State.WAITING
    assert "permission" in page.text
    sandbox.clear_faults()
    assert carry_on().state == State.DONE


def test_a_secret_that_has_expired_is_said_before_anything_is_done(alice, wei, connection, sandbox):
    from portal.connectors import SERVICES

    SERVICES["microsoft-365"].forget(connection.tenant_id)
    sandbox.expire_secret()
    page = alice.get(tab(wei))
    page = alice.press("Action")
    assert "secret has expired" in page.text
    assert "AADSTS7000222" in page.text


def test_a_worker_that_died_is_taken_over_after_its_lease(alice, wei, connection, sandbox, mailbox, monkeypatch):
    class Killed(BaseException):
        """Like a kill -9: nothing after it runs."""

    alice.get(tab(wei))
    alice.press("Action")
    values = {"username": "wei.zhang", "domain": connection.domains[0], "send_immediately": "y"}
    with monkeypatch.context() as patch:
        patch.setattr(engine.OPERATIONS, "_done", lambda *_: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            alice.post(f"{at(wei)}/create", values, fragment=True)
    assert Operation.get().state == State.RUNNING
    assert not engine.claim(Operation.get())
    operation = carry_on()
    assert operation.state == State.DONE
    assert len(accounts_of(sandbox, connection, "wei.zhang")) == 1


def test_a_disconnect_in_the_middle_ends_the_operation(alice, wei, connection, sandbox, mailbox):
    sandbox.fault(method="POST", path="/v1.0/users$", status=503, times=None, retry_after=60)
    create(alice, wei)
    sandbox.clear_faults()
    alice.get("/settings/add-ons")
    alice.press("Disconnect")
    alice.press("Disconnect", within="form[action$='/disconnect']")
    assert carry_on().state == State.CANCELLED
    assert not accounts_of(sandbox, connection, "wei.zhang")


def test_a_licence_that_is_refused_is_a_warning_and_the_account_stands(alice, wei, connection, sandbox, mailbox):
    alice.get(tab(wei))
    alice.press("Action")
    plan = licence_named(alice.page, "Standard")
    sandbox.set_seats("O365_BUSINESS_PREMIUM", 3)
    page = alice.press("Create", {"Licence": plan})
    assert "The account has been created" in page.text
    assert "No seat is left on Microsoft 365 Business" in page.text
    assert Operation.get().state == State.DONE


def test_a_licence_is_assigned_on_create(alice, wei, connection, sandbox, mailbox):
    alice.get(tab(wei))
    alice.press("Action")
    plan = licence_named(alice.page, "Standard")
    alice.press("Create", {"Licence": plan})
    assert sandbox.user("wei.zhang@acme.example").plans == [plan]


def test_the_journal_says_what_each_step_did(alice, wei_by_form):
    names = [step.name for step in Step.select().order_by(Step.id)]
    assert names == ["create", "read back", "company email", "hand over"]
    assert all(call["request_id"] for step in Step.select() for call in step.calls)


def test_a_mail_that_failed_goes_out_later_with_a_password_that_works(app, alice, wei, connection, sandbox, mailbox):
    mailbox.refuse("451 too busy")
    create(alice, wei)
    waiting = LoginMail.get()
    assert waiting.state == MailState.SCHEDULED
    LoginMail.update(lease_until=None, not_before=None).execute()
    with app.app_context():
        assert delivery.deliver(waiting).state == MailState.SENT
    password = mailbox.text(mailbox.messages[0]).split("Temporary password:")[1].split()[0]
    assert sandbox.sign_in("wei.zhang@acme.example", password) == "must change password"


def test_a_mail_about_an_account_that_was_deactivated_is_not_sent(app, alice, wei, connection, sandbox, mailbox):
    mailbox.refuse("451 too busy")
    create(alice, wei)
    alice.get(tab(wei))
    alice.press("Action")
    alice.press("Confirm")
    LoginMail.update(lease_until=None, not_before=None).execute()
    with app.app_context():
        assert delivery.deliver(LoginMail.get()).state == MailState.CANCELLED
    assert not mailbox.messages


def test_a_tenant_that_hangs_is_not_waited_for_and_the_card_says_how_it_ends(
    alice, wei, connection, sandbox, mailbox, monkeypatch
):
    alice.get(tab(wei))
    alice.press("Action")
    monkeypatch.setattr(card_page, "PATIENCE", 0.2)
    sandbox.fault(method="POST", path="/v1.0/users$", kind="slow", seconds=1.0)
    page = alice.press("Create")
    assert "Working" in page.text
    deadline = time.monotonic() + 20
    while "has been created" not in page.text and time.monotonic() < deadline:
        page = alice.get(f"{at(wei)}/status", fragment=True)
    assert "has been created" in page.text
    assert len(accounts_of(sandbox, connection, "wei.zhang")) == 1


def test_a_tenant_that_hangs_does_not_keep_the_page_from_showing_what_is_known(
    alice, wei, connection, sandbox, mailbox, monkeypatch
):
    create(alice, wei)
    monkeypatch.setattr(card_page, "PATIENCE", 0.2)
    sandbox.fault(method="GET", path="/v1.0/users/", kind="slow", seconds=1.0, times=None)
    page = alice.get(tab(wei))
    assert "took too long to answer. Nothing was changed." in page.text
    assert "Active" in page.text


def test_a_tenant_that_does_not_take_the_question_whole_is_asked_in_parts(alice, wei, connection, sandbox, mailbox):
    """https://learn.microsoft.com/graph/aad-advanced-queries: not every directory takes every filter."""
    sandbox.patch_user("omar.ordinary@acme.example", proxyAddresses=["smtp:wei.zhang@acme.example"])
    sandbox.fault(method="GET", path="/v1.0/users$", status=400, code="Request_UnsupportedQuery")
    alice.get(tab(wei))
    page = alice.press("Action")
    assert page.value("Username") == "wei.zhang2"
    assert "has been created" in alice.press("Create", {"Create another account": True}).text


def test_a_tenant_that_takes_no_such_question_at_all_still_gets_its_account(alice, wei, connection, sandbox, mailbox):
    sandbox.fault(method="GET", path="/v1.0/users$", status=501, code="NotImplemented", times=None)
    assert "has been created" in create(alice, wei).text
