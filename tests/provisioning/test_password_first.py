"""A password goes to the private address. Who changes it, and has it sent there, is asked for their own password."""

import io
from datetime import timedelta

import pytest

from portal import config
from portal.auth.models import Session
from portal.database import now
from portal.hand_over.models import LoginMail
from portal.mail import lane
from portal.operations.models import Operation, State
from portal.operations.requests import Verb
from portal.people import addresses
from portal.people.addresses import ReplacedAddress
from portal.people.models import Employee
from tests.cast import PASSWORD
from tests.provisioning.conftest import tab

THIEF = "thief@evil.example"
RESEND = "#account-card-microsoft-365 form[action$='/resend']"
WANTED = "Confirm your password"


@pytest.fixture
def unlocked(alice, wei_by_form):
    """Alice's browser on an unlocked desk: the password was given too long ago. With wei's private address changed."""
    alice.get(f"/people/employees/{wei_by_form.id}/edit")
    alice.press("Save", {"Personal email": THIEF})
    long_ago()
    return alice


def long_ago():
    Session.update(checked_at=now() - timedelta(minutes=11)).execute()


def resend(person, employee):
    person.get(tab(employee))
    person.press("Resend")
    return person.press("Resend", within=RESEND)


@pytest.mark.parametrize("htmx", [True, False])
def test_a_password_is_not_sent_to_an_address_changed_lately_without_ones_own(unlocked, wei_by_form, mailbox, htmx):
    unlocked.htmx, before = htmx, len(mailbox.messages)
    assert WANTED in resend(unlocked, wei_by_form).text
    assert "That is not your password." in unlocked.press("Continue", {"Password": "something else"}).text
    assert len(mailbox.messages) == before
    assert "A fresh temporary password has been set" in unlocked.press("Continue", {"Password": PASSWORD}).text
    assert mailbox.messages[-1]["To"] == THIEF


def test_what_was_entered_goes_on_after_the_password(unlocked, wei_by_form):
    unlocked.get(tab(wei_by_form))
    unlocked.press("Resend")
    fields = {"Send immediately": False, "Date": "2099-01-05", "Time": "08:30"}
    unlocked.press("Resend", fields, within=RESEND)
    unlocked.press("Continue", {"Password": PASSWORD})
    assert LoginMail.select().order_by(LoginMail.id.desc()).get().send_at.year == 2099


def test_creating_asks_for_it_too_and_keeps_the_form(alice, wei, connection, sandbox):
    alice.get(f"/people/employees/{wei.id}/edit")
    alice.press("Save", {"Personal email": THIEF})
    long_ago()
    alice.get(tab(wei))
    alice.press("Action")
    assert WANTED in alice.press("Create", {"Username": "another.name"}).text
    alice.press("Continue", {"Password": PASSWORD})
    assert sandbox.user(f"another.name@{connection.domains[0]}")


def test_an_address_of_long_ago_and_one_written_in_other_letters_ask_for_nothing(alice, wei_by_form):
    alice.get(f"/people/employees/{wei_by_form.id}/edit")
    alice.press("Save", {"Personal email": wei_by_form.personal_email.upper()})
    assert not ReplacedAddress.select().exists()
    ReplacedAddress.create(organisation=wei_by_form.organisation, employee=wei_by_form, at=now() - timedelta(days=8))
    long_ago()
    assert "A fresh temporary password has been set" in resend(alice, wei_by_form).text


def test_an_account_that_was_linked_lately_asks_for_it(alice, wei_by_form):
    Operation.update(verb=Verb.LINK).where(Operation.state == State.DONE).execute()
    long_ago()
    assert WANTED in resend(alice, wei_by_form).text


def test_the_address_of_somebody_for_whom_a_password_waits_is_not_changed_without_it(alice, wei, connection, mailbox):
    alice.get(tab(wei))
    alice.press("Action")
    alice.press("Create", {"Send immediately": False, "Date": "2099-01-05", "Time": "08:30"})
    long_ago()
    alice.get(f"/people/employees/{wei.id}/edit")
    assert WANTED in alice.press("Save", {"Personal email": THIEF, "Job title": "Chief"}).text
    assert Employee.get_by_id(wei.id).personal_email != THIEF
    alice.press("Continue", {"Password": PASSWORD})
    wei = Employee.get_by_id(wei.id)
    assert (wei.personal_email, wei.job_title) == (THIEF, "Chief")


def test_an_import_counts_as_a_change_by_hand(alice, wei_by_form):
    alice.get("/people/employees/import")
    file = io.BytesIO(f"employee_number,personal_email\n{wei_by_form.employee_number},{THIEF}\n".encode())
    file.name = "new.csv"
    alice.press("Upload", {"File (CSV or XLSX)": file})
    alice.press("Import")
    assert Employee.get_by_id(wei_by_form.id).personal_email == THIEF
    long_ago()
    assert WANTED in resend(alice, wei_by_form).text


def test_an_import_asks_for_it_while_a_password_waits(alice, wei, connection, mailbox):
    alice.get(tab(wei))
    alice.press("Action")
    alice.press("Create", {"Send immediately": False, "Date": "2099-01-05", "Time": "08:30"})
    long_ago()
    alice.get("/people/employees/import")
    file = io.BytesIO(f"employee_number,personal_email\n{wei.employee_number},{THIEF}\n".encode())
    file.name = "new.csv"
    alice.press("Upload", {"File (CSV or XLSX)": file})
    assert WANTED in alice.press("Import").text
    alice.press("Continue", {"Password": PASSWORD})
    assert Employee.get_by_id(wei.id).personal_email == THIEF


def told(app):
    """What the worker does each minute."""
    with app.app_context():
        addresses.sweep()
    lane.join()


def test_the_old_address_hears_of_it_once_and_nothing_of_the_new_one(app, unlocked, wei_by_form, mailbox):
    mailbox.clear()
    told(app)
    told(app)
    [message] = mailbox.messages
    text = mailbox.text(message)
    assert message["To"] == wei_by_form.personal_email
    assert "replaced this address" in text
    assert "Acme" in text
    assert THIEF not in text
    assert wei_by_form.last_name not in text
    assert ReplacedAddress.get().old_address == ""


def test_an_old_address_that_cannot_be_reached_now_is_tried_again(app, unlocked, mailbox):
    mailbox.clear()
    mailbox.refuse("451 too busy")
    told(app)
    assert not mailbox.messages
    told(app)
    assert len(mailbox.messages) == 1


def test_an_old_address_hears_of_it_though_the_mail_server_refused_the_portal_for_a_while(
    app, unlocked, mailbox, monkeypatch
):
    mailbox.clear()
    with monkeypatch.context() as patch:
        patch.setenv("PORTAL_MAIL_URL", f"smtp://portal:wrong@127.0.0.1:{mailbox.port}")
        config.forget()
        told(app)
    config.forget()
    assert not mailbox.messages
    told(app)
    assert len(mailbox.messages) == 1


def test_nothing_of_it_stays_after_a_week(app, unlocked, mailbox):
    told(app)
    ReplacedAddress.update(at=now() - timedelta(days=8)).execute()
    told(app)
    assert not ReplacedAddress.select().exists()
