"""Login information over a Disconnect: paused, and going on when the same tenant comes back."""

from datetime import timedelta

import pytest

from portal.database import now
from portal.hand_over import delivery, pausing
from portal.hand_over.models import LoginMail, MailState
from portal.mail import lane
from portal.mail.choices import MailSettings
from portal.operations.models import Operation, Step, StepState
from portal.operations.requests import Verb
from portal.sandbox.state.catalogue import BUSINESS_PREMIUM
from tests.addons.conftest import ADD_ONS, HANK, connected
from tests.addons.test_disconnect import disconnect
from tests.cast import Person, connection_of
from tests.provisioning.conftest import connect, tab
from tests.provisioning.test_hand_over_by_link import BUTTON, link_in, password_shown
from tests.provisioning.worker import deliver, password_in

LATER = {"Send immediately": False, "Date": "2099-01-05", "Time": "08:30"}
USERNAME = "wei.zhang@acme.example"


@pytest.fixture
def wei(cast, acme, alice, sandbox, mailbox):
    connect(sandbox, alice.user)
    return cast.employee(acme, "Wei", "Zhang", personal_email="wei@home.example", start_date=now().date())


def create(alice, employee, **fields):
    alice.get(tab(employee))
    alice.press("Action")
    alice.press("Create", fields)


def its_time_passes():
    LoginMail.update(send_at=now() - timedelta(minutes=1)).execute()


def test_a_mail_whose_time_is_still_to_come_goes_on_and_its_password_works(
    app, alice, wei, elsewhere, mailbox, sandbox
):
    create(alice, wei, **LATER)
    disconnect(alice)
    assert LoginMail.get().state == MailState.PAUSED
    assert "Login information: Paused." in alice.get(tab(wei)).text
    assert "1 login email is paused" in alice.get("/provisioning/day-one").text
    assert "1 login email is paused" in alice.get(ADD_ONS).text
    assert "paused and continue: 1." in connected(alice, elsewhere).text
    assert "To be sent to wei@home.example" in alice.get(tab(wei)).text
    its_time_passes()
    deliver(app)
    assert sandbox.sign_in(USERNAME, password_in(mailbox)) == "must change password"


def test_one_whose_time_passed_meanwhile_is_asked_about_and_not_sent_late(app, alice, wei, elsewhere, mailbox):
    create(alice, wei, **LATER)
    disconnect(alice)
    its_time_passes()
    deliver(app)
    assert "They wait for your decision." in connected(alice, elsewhere).text
    deliver(app)
    assert mailbox.messages == []
    assert "Paused: it was due while nothing was connected" in alice.get("/provisioning/day-one").text
    assert "Paused. It was to go to wei@home.example" in alice.get(tab(wei)).text
    assert "Sent to wei@home.example" in alice.press("Send now").text
    assert len(mailbox.messages) == 1


@pytest.mark.parametrize(
    ("button", "state", "mails"), [("Send now", MailState.SENT, 1), ("Cancel", MailState.CANCELLED, 0)]
)
def test_all_of_them_are_sent_or_cancelled_at_once(alice, wei, elsewhere, mailbox, button, state, mails):
    create(alice, wei, **LATER)
    disconnect(alice)
    its_time_passes()
    connected(alice, elsewhere)
    alice.get(ADD_ONS)
    page = alice.press(f"{button} the paused login emails")
    lane.join()
    assert "1." in " ".join(page.alerts())
    assert (LoginMail.get().state, len(mailbox.messages)) == (state, mails)


def test_another_tenant_cancels_them_and_it_is_said(alice, wei, elsewhere, mailbox, sandbox):
    create(alice, wei, **LATER)
    disconnect(alice)
    sandbox.set_seats(BUSINESS_PREMIUM, 10, tenant="Globex")
    page = connected(alice, elsewhere, HANK)
    assert "because this is another Microsoft 365: 1." in page.text
    login_mail = LoginMail.get()
    assert (login_mail.state, login_mail.encrypted_password) == (MailState.CANCELLED, "")


def test_a_link_shows_nothing_while_disconnected_and_the_password_afterwards(
    app, alice, wei, acme, elsewhere, mailbox, sandbox
):
    MailSettings.create(organisation=acme, hand_over="link")
    create(alice, wei)
    employee = Person(app)
    disconnect(alice)
    assert employee.get(link_in(mailbox)).status == 409
    connected(alice, elsewhere)
    employee.get(link_in(mailbox))
    assert sandbox.sign_in(USERNAME, password_shown(employee.press(BUTTON))) == "must change password"


def test_a_second_disconnect_pauses_again(alice, wei, elsewhere, mailbox):
    create(alice, wei, **LATER)
    for _ in range(2):
        disconnect(alice)
        assert LoginMail.get().state == MailState.PAUSED
        connected(alice, elsewhere)
        assert LoginMail.get().state == MailState.SCHEDULED


def test_a_mail_whose_sender_failed_during_the_disconnect_is_paused_too(app, alice, wei, elsewhere, mailbox):
    create(alice, wei, **LATER)
    LoginMail.update(state=MailState.SENDING).execute()
    disconnect(alice)
    LoginMail.update(state=MailState.SCHEDULED).execute()
    its_time_passes()
    deliver(app)
    assert (LoginMail.get().state, mailbox.messages) == (MailState.PAUSED, [])


def test_a_password_that_may_have_been_replaced_is_not_kept_for_later(alice, wei, mailbox):
    create(alice, wei, **LATER)
    login_mail = LoginMail.get()
    cut_off = Operation.create(
        organisation=wei.organisation, employee=wei, connection=login_mail.operation.connection, verb=Verb.RESEND,
        account=login_mail.account,
    )  # fmt: skip
    Step.create(operation=cut_off, name="password", state=StepState.UNKNOWN)
    disconnect(alice)
    assert (LoginMail.get().state, LoginMail.get().encrypted_password) == (MailState.CANCELLED, "")


def test_a_password_is_not_kept_for_ever(alice, wei, mailbox):
    create(alice, wei, **LATER)
    disconnect(alice)
    pausing.wipe_secrets()
    delivery.wipe_secrets()
    assert LoginMail.get().encrypted_password
    LoginMail.update(paused_at=now() - timedelta(days=31)).execute()
    pausing.wipe_secrets()
    assert (LoginMail.get().state, LoginMail.get().encrypted_password) == (MailState.CANCELLED, "")


def test_another_organisation_decides_about_nothing(alice, mallory, wei, elsewhere, mailbox):
    create(alice, wei, **LATER)
    disconnect(alice)
    its_time_passes()
    connected(alice, elsewhere)
    mallory.get(ADD_ONS)
    mallory.post(f"{ADD_ONS}/microsoft-365/paused-mails", {"decision": "send"})
    assert LoginMail.get().state == MailState.PAUSED
    assert connection_of(wei.organisation) is not None
