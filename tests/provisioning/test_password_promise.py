"""A mailed password always works; what has been handed over, or never will be, is not kept."""

from datetime import timedelta

import pytest

from portal.database import now
from portal.hand_over import delivery
from portal.hand_over import once as hand_over
from portal.hand_over.models import LoginMail, MailState
from portal.operations.models import Operation, State
from tests.provisioning.conftest import at, tab
from tests.provisioning.worker import LONG_AGO, carry_on, deliver, finish, follow, latest, password_in

pytestmark = pytest.mark.usefixtures("impatient")
USERNAME = "wei.zhang@acme.example"
LATER = {"date": "2099-01-05", "time": "08:30"}
NOW = {"send_immediately": "y"}
SETS_THE_PASSWORD = {"method": "PATCH", "path": "/v1.0/users/[0-9a-f-]{36}$"}


@pytest.fixture
def wei_later(alice, wei, connection, sandbox, mailbox):
    """Wei, whose login information is to be mailed in many years."""
    alice.get(tab(wei))
    alice.post(f"{at(wei)}/create", {"username": "wei.zhang", "domain": "acme.example", **LATER}, fragment=True)
    assert LoginMail.get().state == MailState.SCHEDULED
    return wei


def resend(alice, employee, **values):
    alice.get(tab(employee))
    return alice.post(f"{at(employee)}/resend", {**NOW, **values}, fragment=True)


def let_time_pass():
    LoginMail.update(send_at=LONG_AGO).execute()


def works(sandbox, mailbox):
    return sandbox.sign_in(USERNAME, password_in(mailbox)) == "must change password"


def test_a_mail_is_held_while_its_password_may_be_replaced(app, alice, wei_later, sandbox, mailbox):
    sandbox.fault(**SETS_THE_PASSWORD, kind="lost answer", times=None)
    resend(alice, wei_later)
    assert latest().state == State.WAITING
    let_time_pass()
    deliver(app)
    assert not mailbox.messages
    sandbox.clear_faults()
    finish()
    follow(app)
    assert len(mailbox.messages) == 1
    assert works(sandbox, mailbox)


def test_a_resend_that_was_refused_leaves_the_mail_before_it(app, alice, wei_later, connection, sandbox, mailbox):
    sandbox.fault(**SETS_THE_PASSWORD, status=403, code="Authorization_RequestDenied", times=None)
    page = resend(alice, wei_later)
    assert latest().state == State.FAILED
    assert "press Grant" in page.text
    let_time_pass()
    deliver(app)
    assert works(sandbox, mailbox)


def test_a_resend_that_is_given_up_takes_a_doubtful_mail_with_it(app, alice, wei_later, sandbox, mailbox):
    sandbox.fault(**SETS_THE_PASSWORD, kind="lost answer", times=None)
    resend(alice, wei_later)
    Operation.update(attempts=40).execute()
    assert carry_on().state == State.FAILED
    let_time_pass()
    deliver(app)
    assert not mailbox.messages
    assert LoginMail.get().state == MailState.CANCELLED
    assert not LoginMail.get().encrypted_password
    assert "Not sent" in alice.get(tab(wei_later)).text


def test_a_crash_between_setting_and_mailing_heals(app, alice, wei_by_form, sandbox, mailbox, monkeypatch):
    class PowerCut(BaseException):
        """Nothing after it runs."""

    def cut(*_):
        raise PowerCut()

    with monkeypatch.context() as patch:
        patch.setattr("portal.provisioning.followups.delivery.deliver", cut)
        patch.setattr("portal.background.within", lambda seconds, act: act())
        with pytest.raises(PowerCut):
            resend(alice, wei_by_form)
    assert latest().state == State.DONE
    deliver(app)
    assert len(mailbox.messages) == 2
    assert works(sandbox, mailbox)


def test_a_password_that_nobody_looks_at_is_wiped(app, alice, wei, connection, sandbox, mailbox):
    wei.personal_email = ""
    wei.save()
    alice.get(tab(wei))
    alice.post(f"{at(wei)}/create", {"username": "wei.zhang", "domain": "acme.example"}, fragment=True)
    assert LoginMail.get().state == MailState.TO_SHOW
    delivery.wipe_secrets()
    assert LoginMail.get().encrypted_password
    LoginMail.update(send_at=now() - hand_over.LASTS - timedelta(minutes=1)).execute()
    delivery.wipe_secrets()
    assert (LoginMail.get().state, LoginMail.get().encrypted_password) == (MailState.CANCELLED, "")


def test_the_end_wipes_the_password_and_the_sweep_has_nothing_left_to_do(alice, wei_by_form, sandbox):
    assert not Operation.get().encrypted_password
    assert not LoginMail.get().encrypted_password


def test_the_sweep_wipes_what_an_operator_has_ended_in_the_database(alice, cast, acme, wei_later, sandbox, mailbox):
    omar = cast.employee(acme, "Omar", "Osei")
    sandbox.fault(method="POST", path="/v1.0/users$", status=429, retry_after=60, times=None)
    alice.get(tab(omar))
    alice.post(f"{at(omar)}/create", {"username": "omar.osei", "domain": "acme.example", **NOW}, fragment=True)
    delivery.wipe_secrets()
    assert latest().encrypted_password
    assert LoginMail.get().encrypted_password
    Operation.update(state=State.CANCELLED).where(Operation.id == latest().id).execute()
    LoginMail.update(state=MailState.CANCELLED).execute()
    delivery.wipe_secrets()
    assert not latest().encrypted_password
    assert not LoginMail.get().encrypted_password


def test_no_password_is_shown_while_it_may_be_replaced(alice, wei, connection, sandbox, mailbox):
    wei.personal_email = ""
    wei.save()
    alice.get(tab(wei))
    alice.post(f"{at(wei)}/create", {"username": "wei.zhang", "domain": "acme.example"}, fragment=True)
    sandbox.fault(**SETS_THE_PASSWORD, kind="lost answer", times=None)
    resend(alice, wei)
    assert hand_over.show_once(LoginMail.get(), by=alice.user) is None
    assert LoginMail.get().state == MailState.TO_SHOW
