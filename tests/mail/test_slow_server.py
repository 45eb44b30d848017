"""What the portal makes of a mail server that is slow, rude or dead: on the pages, and for all other mails."""

import threading
from datetime import timedelta

import pytest

from portal.auth import jobs as auth_jobs
from portal.auth.models import Invitation
from portal.database import now
from portal.hand_over import delivery, jobs
from portal.hand_over.models import LoginMail, MailState
from portal.mail import lane, trouble
from portal.mail.choices import MailSettings
from portal.mail.trouble import MailTrouble
from portal.operations.models import Operation, State
from portal.worker import queue
from tests.cast import Person
from tests.provisioning.conftest import connect, tab
from tests.provisioning.test_hand_over_by_link import BUTTON, link_in, password_shown
from tests.provisioning.worker import deliver


@pytest.fixture
def wei(cast, acme, alice, sandbox):
    connect(sandbox, alice.user)
    return cast.employee(acme, "Wei", "Zhang", personal_email="wei@home.example")


def create(alice, employee):
    alice.get(tab(employee))
    alice.press("Action")
    return alice.press("Create")


def an_hour_passes(app):
    LoginMail.update(not_before=now() - timedelta(seconds=1)).execute()
    with app.app_context():
        delivery.wake()
    lane.join()


@pytest.fixture
def no_patience(monkeypatch):
    for module in (delivery, "portal.sign_in.user_views", "portal.organisation_settings.mail_views"):
        name = module if isinstance(module, str) else module.__name__
        monkeypatch.setattr(f"{name}.PATIENCE", 0.05)


@pytest.mark.parametrize("how", ["drop", "stall", "354 what"])
def test_a_mail_that_nobody_confirmed_is_said_to_be_that_and_never_sent_again(
    app, alice, wei, rude, impatient_mail, how
):
    rude.says("dot", how)
    create(alice, wei)
    lane.join()
    page = alice.get(tab(wei))
    assert "May have been sent to wei@home.example" in page.text
    assert "the mail server did not confirm it" in page.text
    assert page.has_button("Resend")
    assert not page.has_button("Send now")
    for _ in range(3):
        an_hour_passes(app)
    assert len(rude.raw) == 1
    assert (LoginMail.get().state, LoginMail.get().encrypted_password) == (MailState.UNKNOWN, "")


def test_the_employee_has_it_after_all(alice, wei, rude):
    rude.says("dot", "drop")
    create(alice, wei)
    assert "Sent to wei@home.example" in alice.press("The employee has it").text
    assert LoginMail.get().state == MailState.SENT


def test_resend_sets_a_fresh_password_where_nobody_confirmed_the_mail(alice, wei, rude):
    rude.says("dot", "drop", "250 kept")
    create(alice, wei)
    alice.press("Resend")
    page = alice.press("Resend", within="#account-card-microsoft-365 form[action$='/resend']")
    assert "an email has been sent" in page.text
    assert "May have been sent" not in alice.get(tab(wei)).text
    assert len(rude.raw) == 2


def test_whoever_opens_the_link_of_a_doubtful_mail_shows_that_it_arrived(app, alice, wei, rude):
    MailSettings.create(organisation=wei.organisation, hand_over="link")
    rude.says("dot", "drop")
    create(alice, wei)
    assert alice.get(tab(wei)).has_button("Revoke link")
    employee = Person(app)
    employee.get(link_in(rude))
    assert password_shown(employee.press(BUTTON))
    assert "opened on" in alice.get(tab(wei)).text


def test_the_link_of_a_doubtful_mail_is_not_kept_for_longer_than_any_other(alice, wei, rude):
    MailSettings.create(organisation=wei.organisation, hand_over="link")
    rude.says("dot", "drop")
    create(alice, wei)
    for days, kept in (6, True), (8, False):
        LoginMail.update(sent_at=now() - timedelta(days=days)).execute()
        delivery.wipe_secrets()
        assert bool(LoginMail.get().encrypted_password) is kept
    assert "Nobody opened the link" in alice.get(tab(wei)).text


def test_a_process_that_dies_while_the_server_has_the_mail_leaves_it_unknown(app, alice, wei, rude):
    create(alice, wei)
    before = now() - timedelta(seconds=1)
    LoginMail.update(state=MailState.SENDING, given_at=before, lease_until=before).execute()
    deliver(app)
    assert LoginMail.get().state == MailState.UNKNOWN
    assert "May have been sent" in alice.get(tab(wei)).text
    assert len(rude.raw) == 1


def test_a_process_that_dies_before_the_last_dot_has_sent_nothing_and_another_one_sends(app, alice, wei, rude):
    rude.says("rcpt", "451 later", "250 fine")
    create(alice, wei)
    LoginMail.update(state=MailState.SENDING, lease_until=now() - timedelta(seconds=1)).execute()
    deliver(app)
    assert LoginMail.get().state == MailState.SENT
    assert len(rude.raw) == 1


@pytest.mark.parametrize("stage", ["rcpt", "data", "dot"])
def test_what_is_refused_for_good_is_tried_once(app, alice, wei, rude, stage):
    rude.says(stage, "550 5.1.1 no such person")
    page = create(alice, wei)
    assert "550 5.1.1 no such person. Resend sets a fresh password." in page.text
    an_hour_passes(app)
    assert rude.connections == 1
    assert (LoginMail.get().state, LoginMail.get().encrypted_password) == (MailState.FAILED, "")


@pytest.mark.parametrize("stage", ["greeting", "ehlo", "mail", "rcpt", "data", "dot"])
def test_what_is_refused_for_now_is_tried_again_and_arrives(app, alice, wei, rude, stage):
    rude.says(
        stage, "451 4.7.1 greylisted", "451 again", {"greeting": "220 hi", "data": "354 go"}.get(stage, "250 fine")
    )
    assert "The portal tries again on" in create(alice, wei).text
    for _ in range(3):
        an_hour_passes(app)
    assert LoginMail.get().state == MailState.SENT


@pytest.mark.parametrize("stage", ["greeting", "ehlo", "mail"])
def test_a_server_that_refuses_the_portal_keeps_mails_waiting_and_is_not_asked_with_them(app, alice, wei, rude, stage):
    rude.says(stage, "554 5.7.1 who are you")
    page = create(alice, wei)
    assert "Your IT team must correct this." in page.text
    an_hour_passes(app)
    pressed = alice.press("Send now")
    assert (pressed.status, "The email was not sent yet" in pressed.text, "who are you" in pressed.text) == (
        409,
        True,
        True,
    )
    # It was asked once more, but with no email.
    assert (rude.connections, rude.raw) == (2, [])
    for page in ("/settings/mail", "/settings/add-ons/microsoft-365"):
        assert "who are you" in alice.get(page).text
    login_mail = LoginMail.get()
    assert (login_mail.state, login_mail.attempts) == (MailState.SCHEDULED, 0)
    assert login_mail.encrypted_password
    rude.says(stage, "220 hi" if stage == "greeting" else "250 fine")
    MailTrouble.update(look_at=now()).execute()
    with app.app_context():
        delivery.look_at_server()
    lane.join()
    assert LoginMail.get().state == MailState.SENT
    assert "takes no email" not in alice.get("/settings/mail").text


def test_send_now_finds_that_the_server_takes_mails_again(alice, wei, rude):
    rude.says("mail", "550 no")
    create(alice, wei)
    rude.says("mail", "250 fine")
    assert "Sent to wei@home.example" in alice.press("Send now").text
    assert len(rude.raw) == 1


def test_a_mail_that_waits_for_the_server_is_given_up_after_a_week(alice, wei, rude):
    rude.says("mail", "550 no")
    create(alice, wei)
    LoginMail.update(send_at=now() - timedelta(days=8)).execute()
    delivery.wipe_secrets()
    assert (LoginMail.get().state, LoginMail.get().encrypted_password) == (MailState.FAILED, "")


def test_a_page_does_not_wait_for_a_server_that_drips(app, alice, wei, rude, no_patience):
    rude.says("greeting", "drip")
    page = create(alice, wei)
    assert "The account has been created." in page.text
    assert "is on its way. The mail server has not confirmed it yet." in page.text
    assert page.soup.select_one("#account-card-microsoft-365")["hx-trigger"] == "every 3s"
    rude.let_go.set()
    lane.join()
    assert "The portal tries again on" in alice.get(tab(wei)).text


def test_many_mails_to_a_server_that_drips_hold_no_more_than_the_threads_for_mails(app, alice, wei, rude, no_patience):
    rude.says("greeting", "drip")
    before = threading.active_count()
    create(alice, wei)
    mine = LoginMail.get()
    for number in range(20):
        operation = Operation.create(
            organisation=wei.organisation, employee=wei, connection=mine.operation.connection, verb="resend",
            account=mine.account, state=State.DONE,
        )  # fmt: skip
        LoginMail.create(
            organisation=wei.organisation, account=mine.account, operation=operation, recipient=f"{number}@h.example"
        )
    with app.app_context():
        for _ in range(20):
            jobs.send_what_is_due.call_local()
            auth_jobs.send_password_reset.call_local(alice.user.id)
    assert lane.LOGIN.under_way <= lane.LOGIN.size
    assert lane.OTHER.under_way <= lane.OTHER.size
    assert threading.active_count() - before <= 2 * (lane.LOGIN.size + lane.OTHER.size) + 2
    rude.let_go.set()


def test_an_invitation_does_not_wait_for_a_server_that_drips_and_says_what_came_of_it(app, alice, rude, no_patience):
    rude.says("rcpt", "drip")
    alice.get("/settings/users/invite")
    page = alice.press("Send invitation", {"Email": "new@acme.example"})
    assert "The mail server is slow at the moment." in page.text
    assert "has not accepted the email yet" in page.text
    rude.let_go.set()
    lane.join()
    assert "broke off the connection" in alice.get("/settings/users").text
    rude.let_go.clear()
    rude.says("rcpt", "250 fine")
    alice.press("Send again to new@acme.example")
    lane.join()
    assert Invitation.get().mail_problem == ""


def test_a_password_reset_that_may_have_been_sent_is_not_sent_again(app, alice, rude):
    queue.flush()
    for answer, times in (("drop", 0), ("550 no", 0), ("451 later", 1)):
        rude.says("dot", answer)
        with app.app_context():
            auth_jobs.send_password_reset.call_local(alice.user.id)
        lane.join()
        assert queue.pending_count() == times
    queue.flush()


def test_a_test_says_when_the_server_is_slow(alice, wei, rude, no_patience):
    rude.says("dot", "drip")
    alice.get("/settings/mail/text/en")
    assert "The mail server is slow at the moment." in alice.press("Send a test to me").text
    rude.let_go.set()


def test_trouble_ends_with_a_test_that_arrives(alice, wei, rude):
    trouble.note("The mail server does not accept the portal’s sign-in: 535 no.")
    alice.get("/settings/mail/text/en")
    alice.press("Send a test to me")
    assert trouble.current() is None


def test_organisations_take_turns(app, alice, mallory, wei, rude, cast, sandbox):
    rude.says("mail", "451 later")
    create(alice, wei)
    mine = LoginMail.get()
    for number, organisation in enumerate([wei.organisation] * 3 + [mallory.user.organisation]):
        operation = Operation.create(
            organisation=organisation, employee=wei, connection=mine.operation.connection, verb="resend",
            account=mine.account, state=State.DONE,
        )  # fmt: skip
        LoginMail.create(
            organisation=organisation, account=mine.account, operation=operation, recipient=f"{number}@h.x"
        )
    assert mallory.user.organisation in [login_mail.organisation for login_mail in delivery.due()[:2]]
