from tests.provisioning.conftest import tab


def password_in(mailbox, message):
    return mailbox.text(message).split("Temporary password:")[1].split()[0]


def test_resend_sends_a_fresh_password_and_the_old_one_stops_working(alice, wei_active, sandbox, connection, mailbox):
    username = f"wei.zhang@{connection.domains[0]}"
    alice.get(tab(wei_active))
    alice.press("Resend")
    page = alice.press("Resend", within="#account-card form[action$='/resend']")
    assert "A fresh temporary password has been set and an email has been sent to the employee." in page.text
    first, second = (password_in(mailbox, message) for message in mailbox.messages)
    assert sandbox.sign_in(username, second) == "must change password"
    assert sandbox.sign_in(username, first) == "wrong password"


def test_a_mail_that_waits_can_be_cancelled(alice, wei, connection, mailbox):
    alice.get(tab(wei))
    alice.press("Action")
    alice.press("Create", {"Send immediately": False, "Date": "2099-01-05", "Time": "08:30"})
    alice.press("Cancel this email")
    assert "To be sent" not in alice.get(tab(wei)).text


def test_a_mail_that_the_server_refuses_is_said_and_tried_again(alice, wei, connection, mailbox):
    mailbox.refuse("451 too busy")
    alice.get(tab(wei))
    alice.press("Action")
    page = alice.press("Create")
    assert "The account has been created." in page.text
    assert "too busy" in page.text
    assert "an email has been sent" not in page.text
