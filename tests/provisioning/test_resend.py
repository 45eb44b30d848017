from portal.hand_over.models import LoginMail, MailState
from portal.mail.choices import MailSettings
from tests.provisioning.conftest import tab


def password_in(mailbox, message):
    return mailbox.text(message).split("Temporary password:")[1].split()[0]


def test_resend_sends_a_fresh_password_and_the_old_one_stops_working(alice, wei_by_form, sandbox, connection, mailbox):
    username = f"wei.zhang@{connection.domains[0]}"
    alice.get(tab(wei_by_form))
    alice.press("Resend")
    page = alice.press("Resend", within="#account-card-microsoft-365 form[action$='/resend']")
    assert "A fresh temporary password has been set and an email has been sent to the employee." in page.text
    first, second = (password_in(mailbox, message) for message in mailbox.messages)
    assert sandbox.sign_in(username, second) == "must change password"
    assert sandbox.sign_in(username, first) == "wrong password"


def test_a_mail_that_waits_can_be_cancelled(alice, wei, connection, mailbox):
    alice.get(tab(wei))
    alice.press("Action")
    alice.press("Create", {"Send immediately": False, "Date": "2099-01-05", "Time": "08:30"})
    assert "To be sent" in alice.get(tab(wei)).text
    alice.press("Cancel this email")
    assert "To be sent" not in alice.get(tab(wei)).text
    assert LoginMail.get().state == MailState.CANCELLED


def test_a_mail_that_the_server_refuses_is_said_and_tried_again(alice, wei, connection, mailbox):
    mailbox.refuse("451 too busy")
    alice.get(tab(wei))
    alice.press("Action")
    page = alice.press("Create")
    assert "The account has been created." in page.text
    assert "too busy" in page.text
    assert "an email has been sent" not in page.text


def test_the_first_mail_greets_by_first_name_and_a_later_one_says_that_the_password_is_new(alice, wei_by_form, mailbox):
    alice.get(tab(wei_by_form))
    alice.press("Resend")
    alice.press("Resend", within="#account-card-microsoft-365 form[action$='/resend']")
    first, again = (mailbox.text(message) for message in mailbox.messages)
    assert first.startswith("Hello Wei,")
    assert "has opened a Microsoft 365 account for you" in first
    assert "Here is a new temporary password for your Microsoft 365 account." in again
    assert "has opened" not in again


def test_who_never_heard_of_the_account_gets_the_first_text_by_resend_too(alice, wei, connection, mailbox):
    mailbox.refuse("550 no such box")
    alice.get(tab(wei))
    alice.press("Action")
    alice.press("Create")
    alice.get(tab(wei))
    alice.press("Resend")
    alice.press("Resend", within="#account-card-microsoft-365 form[action$='/resend']")
    assert "has opened a Microsoft 365 account for you" in mailbox.text(mailbox.messages[0])


def test_the_form_says_what_will_really_be_sent(alice, wei, connection):
    alice.get(tab(wei))
    assert "email the username and a temporary password to wei@home.example now." in alice.press("Action").text
    MailSettings.create(organisation=wei.organisation, hand_over="link")
    alice.get(tab(wei))
    assert "email the username and a link to the temporary password" in alice.press("Action").text
