"""People who sign in to Google through another identity provider get no password by email."""

import pytest

from portal.connections.settings import AddOnSettings
from portal.mail.choices import BY_LINK, MailSettings
from tests.google_workspace.conftest import ADD_ONS, KEY, WEI
from tests.provisioning.conftest import connect as connect_microsoft

SETTINGS = f"{ADD_ONS}/{KEY}"
SWITCH = "People sign in through another identity provider (single sign-on)"


@pytest.fixture
def elsewhere(alice, connection):
    alice.get(SETTINGS)
    page = alice.press("Save", {SWITCH: True})
    assert "Saved." in page.text
    return connection


def test_the_login_email_has_the_username_and_no_password(elsewhere, at_google, wei, mailbox, workspace):
    card = at_google(wei)
    card.press("Action")
    assert "email the username, without a password, to wei@home.example now" in card.text
    card.press("Create")
    text = mailbox.text(mailbox.messages[0])
    assert (WEI in text, "Temporary password" in text) == (True, False)
    assert "You need no new password: sign in as you do for the other applications of Acme." in text


def test_nor_has_the_one_of_resend_though_the_organisation_mails_links(elsewhere, at_google, wei_aboard, mailbox, acme):
    MailSettings.create(organisation=acme, hand_over=BY_LINK)
    card = at_google(wei_aboard)
    card.press("Resend")
    assert "email the username, without a password, to" in card.text
    card.person.press("Resend", within=f"{card.at} form[action$='/resend']")
    assert len(mailbox.messages) == 2
    assert all("Temporary password" not in mailbox.text(message) for message in mailbox.messages)


def test_it_is_off_at_first_and_outlives_disconnecting(elsewhere, alice):
    assert AddOnSettings().signs_in_elsewhere is False
    alice.press("Save", {SWITCH: False})
    assert AddOnSettings.get().signs_in_elsewhere is False


def test_microsoft_365_tells_it_itself(alice, sandbox, mailbox):
    connect_microsoft(sandbox, alice.user)
    assert SWITCH not in alice.get("/settings/add-ons/microsoft-365").text
    assert alice.post("/settings/add-ons/microsoft-365/sign-in", {"signs_in_elsewhere": "y"}).status == 404
