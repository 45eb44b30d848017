"""Resend for many: fresh passwords, after a plan that says what each had before."""

from datetime import timedelta

import pytest

from portal.accounts.models import Account
from portal.auth.models import Session
from portal.database import now
from portal.hand_over.models import LoginMail, MailState
from portal.mail import lane
from portal.operations.models import Operation, State
from portal.operations.requests import Verb
from portal.people.models import Employee
from portal.runs.models import LineState, Run, RunLine, RunState
from tests.cast import PASSWORD
from tests.provisioning.conftest import tab
from tests.provisioning.worker import deliver, password_in
from tests.runs.conftest import carried_out, plan_for, start


@pytest.fixture
def made(app, alice, connection, staff, mailbox):
    """Accounts of the first four, by a run."""
    run, _page = plan_for(app, alice, staff[:4])
    start(alice)
    carried_out(app, run)
    deliver(app)
    assert len(mailbox.messages) == 4
    return staff[:4]


def test_everybody_gets_a_fresh_password_and_the_old_one_stops_working(app, alice, made, sandbox, mailbox):
    old = {message["To"]: password_in(mailbox, number) for number, message in enumerate(mailbox.messages)}
    run, page = plan_for(app, alice, made, verb="resend")
    assert "login email sent" in page.text
    assert "New temporary password by email to helen@home.example" in page.text
    assert len(mailbox.messages) == 4
    start(alice)
    carried_out(app, run)
    deliver(app)
    lane.join()
    assert len(mailbox.messages) == 8
    for number, message in enumerate(mailbox.messages[4:], 4):
        account = Account.get(Account.employee == Employee.get(Employee.personal_email == message["To"]))
        assert sandbox.sign_in(account.username, password_in(mailbox, number)) == "must change password"
        assert sandbox.sign_in(account.username, old[message["To"]]) == "wrong password"


def test_who_cannot_get_one_is_left_out_with_the_reason(app, alice, made, staff, sandbox):
    deactivated, mute, nobody = made[0], made[1], staff[5]
    alice.get(tab(deactivated))
    alice.press("Action")
    alice.press("Confirm")
    Employee.update(personal_email="").where(Employee.id == mute.id).execute()
    _run, _page = plan_for(app, alice, [*made, nobody], verb="resend")
    reasons = {line.employee_id: line.reason for line in RunLine.select().where(RunLine.state == LineState.LEFT_OUT)}
    assert "Deactivated." in reasons[deactivated.id]
    assert "Has no personal email" in reasons[mute.id]
    assert reasons[nobody.id] == "Has no account."
    assert len(reasons) == 3


def test_it_waits_for_a_time_and_replaces_what_was_to_be_sent(app, alice, made, mailbox):
    run, _page = plan_for(
        app, alice, made, verb="resend",
        At="at", Date="2099-01-05", Time="08:30",
    )  # fmt: skip
    start(alice)
    carried_out(app, run)
    assert len(mailbox.messages) == 4
    assert LoginMail.select().where(LoginMail.state == MailState.SCHEDULED).count() == 4
    assert Operation.select().where(Operation.verb == Verb.RESEND, Operation.state == State.DONE).count() == 4


def test_a_moment_that_has_passed_is_refused_and_kept(alice, made):
    alice.get(f"/provisioning/runs/new?verb=resend&employee={made[0].id}")
    page = alice.press("Show the plan", {"At": "at", "Date": "2020-01-05", "Time": "08:30"})
    assert page.status == 422
    assert page.value("Date") == "2020-01-05"


def test_a_large_one_waits_for_a_second_admin(app, alice, made, acme, mailbox):
    type(acme).update(approval_above=2).execute()
    _run, page = plan_for(app, alice, made, verb="resend")
    page = start(alice)
    assert "second Admin must approve" in page.text
    assert len(mailbox.messages) == 4


def test_somebody_without_an_address_meanwhile_fails_with_words_and_keeps_the_password(app, alice, made, mailbox):
    run, _page = plan_for(app, alice, made, verb="resend")
    Employee.update(personal_email="").where(Employee.id == made[0].id).execute()
    start(alice)
    carried_out(app, run)
    line = RunLine.get(RunLine.run == run, RunLine.state == LineState.FAILED)
    assert "has no personal email, so nothing was sent" in line.reason


@pytest.mark.parametrize("verb", ["create", "resend"])
def test_a_run_to_addresses_changed_lately_asks_for_ones_own_password(app, alice, made, staff, verb):
    someone = made[0] if verb == "resend" else staff[6]
    alice.get(f"/people/employees/{someone.id}/edit")
    alice.press("Save", {"Personal email": "thief@evil.example"})
    run, _page = plan_for(app, alice, [someone], verb=verb)
    Session.update(checked_at=now() - timedelta(minutes=11)).execute()
    assert "Confirm your password" in start(alice).text
    assert Run.get_by_id(run.id).state == RunState.PLANNED
    alice.press("Continue", {"Password": PASSWORD})
    assert Run.get_by_id(run.id).state == RunState.RUNNING
