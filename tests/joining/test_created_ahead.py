"""An account that is made ahead of the first day: blocked until then, and no password goes out before."""

from datetime import timedelta

import time_machine

from portal.accounts.models import Account, Status
from portal.hand_over.models import LoginMail
from portal.joining import first_day
from portal.operations.activity import steps_of
from portal.operations.models import Operation, State
from portal.operations.requests import Verb
from tests.cast import account_of
from tests.joining.conftest import NIA
from tests.provisioning.conftest import at, tab
from tests.provisioning.worker import deliver, finish, password_in


def test_l16_an_account_made_ahead_is_blocked_and_says_from_when_the_sign_in_is(alice, nia_ahead, sandbox, mailbox):
    start = nia_ahead.start_date
    page = alice.get(tab(nia_ahead))
    assert account_of(nia_ahead).status == Status.DEACTIVATED
    assert f"Deactivated starts {start.day} {start:%b}, sign-in from 06:00" in page.text
    assert sandbox.user(NIA).sign_in_blocked
    assert mailbox.messages == []
    assert not LoginMail.select().exists()
    assert Operation.get().encrypted_password == ""


def test_l16_the_sign_in_is_allowed_on_the_morning_and_only_then_a_password_is_mailed(
    app, nia_ahead, sandbox, mailbox, first_morning
):
    with time_machine.travel(first_morning - timedelta(minutes=1)):
        assert first_day.due() == []
    with time_machine.travel(first_morning + timedelta(minutes=1)):
        with app.app_context():
            assert first_day.allow_what_is_due() == 1
        deliver(app)
        assert sandbox.sign_in(NIA, password_in(mailbox)) == "must change password"
        assert account_of(nia_ahead).status == Status.ACTIVE
        assert first_day.due() == []
    assert len(mailbox.messages) == 1


def test_l16_the_mail_waits_until_the_account_shows_that_the_sign_in_is_allowed(
    alice, app, nia_ahead, sandbox, mailbox, impatient
):
    alice.get(tab(nia_ahead))
    sandbox.fault(method="GET", path="/v1.0/users/", status=503, skip=2, times=None)
    alice.post(f"{at(nia_ahead)}/allow", fragment=True)
    operation = Operation.get(Operation.verb == Verb.ALLOW)
    assert [step.name for step in steps_of(operation) if step.state == "done"] == ["check", "unblock", "password"]
    deliver(app)
    assert mailbox.messages == []
    sandbox.clear_faults()
    assert finish(operation).state == State.DONE
    deliver(app)
    assert sandbox.sign_in(NIA, password_in(mailbox)) == "must change password"


def test_an_admin_can_allow_the_sign_in_before_the_morning(alice, nia_ahead, sandbox, mailbox):
    alice.get(tab(nia_ahead))
    page = alice.press("Action")
    assert "Allow Nia New to sign in now?" in page.text
    page = alice.press("Allow the sign-in", within=".confirm")
    assert "The sign-in is allowed, with a fresh temporary password, and an email has been sent" in page.text
    assert "starts" not in page.text
    assert sandbox.sign_in(NIA, password_in(mailbox)) == "must change password"


def test_one_that_failed_on_the_morning_is_left_to_a_person(app, nia_ahead, sandbox, first_morning):
    sandbox.give_role(NIA, "Global Administrator")
    with time_machine.travel(first_morning + timedelta(minutes=1)):
        with app.app_context():
            first_day.allow_what_is_due()
        assert Operation.get(Operation.verb == Verb.ALLOW).state == State.FAILED
        assert first_day.due() == []


def test_a_first_day_that_is_days_ago_lets_nobody_in_unseen(alice, nia_ahead, first_morning):
    with time_machine.travel(first_morning + timedelta(days=4)):
        assert first_day.due() == []
        alice.come_in()
        assert "sign-in not allowed yet" in alice.get(tab(nia_ahead)).text


def test_an_account_that_somebody_let_in_at_the_application_waits_no_more(alice, nia_ahead, sandbox):
    sandbox.patch_user(NIA, accountEnabled=True)
    Account.update(read_at=nia_ahead.changed_at - timedelta(days=1)).execute()
    page = alice.get(tab(nia_ahead))
    assert "Active" in page.text
    assert not account_of(nia_ahead).waits_for_start


def test_a_new_private_address_of_somebody_who_waits_needs_the_users_password(alice, nia_ahead):
    alice.get(f"/people/employees/{nia_ahead.id}/edit")
    with time_machine.travel(nia_ahead.changed_at + timedelta(minutes=55)):
        page = alice.press("Save", {"Personal email": "mallory@home.example"})
    assert "password" in page.text.casefold()
