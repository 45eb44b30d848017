"""The password behind a link in the mail: seen once, opened or not opened, revocable, and never longer than a week."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine

from portal.audit import AuditEntry
from portal.auth.models import hash_of
from portal.database import connection as open_connection
from portal.database import now
from portal.hand_over import delivery
from portal.hand_over.models import LoginMail, MailState
from portal.mail.choices import BY_LINK, MailSettings
from tests.cast import Person
from tests.provisioning.conftest import at, tab
from tests.provisioning.worker import deliver

pytestmark = pytest.mark.usefixtures("impatient")
USERNAME = "wei.zhang@acme.example"
BUTTON = "Show the login information"


@pytest.fixture
def by_link(alice, connection, mailbox):
    alice.get("/settings/mail")
    alice.press("Save", {"By a link in the email that shows it once": BY_LINK})
    assert MailSettings.get().by_link


@pytest.fixture
def made(alice, wei, by_link):
    alice.get(tab(wei))
    alice.press("Action")
    alice.press("Create")
    return wei


def link_in(mailbox, number=-1) -> str:
    found = re.search(r"http\S+/hand-over\?token=\S+", mailbox.text(mailbox.messages[number]))
    parts = urlsplit(found[0])
    return f"{parts.path}?{parts.query}"


@pytest.fixture
def employee(app):
    """A person at a browser who does not sign in to the portal."""
    return Person(app)


def resend(alice, person):
    alice.get(tab(person))
    alice.press("Resend")
    alice.press("Resend", within="#account-card-microsoft-365 form[method=post]")


def password_shown(page) -> str:
    return page.soup.select_one("code").get_text()


def test_the_password_is_in_no_mail_and_is_shown_once(alice, made, sandbox, mailbox, employee):
    text = mailbox.text(mailbox.messages[0])
    assert USERNAME in text
    assert "It opens once, until" in text
    assert "See your temporary password:  http" in text
    assert "not opened yet" in alice.get(tab(made)).text
    page = employee.get(link_in(mailbox))
    assert "token" not in page.url
    assert USERNAME not in page.text
    page = employee.press(BUTTON)
    assert USERNAME in page.text
    password = password_shown(page)
    assert password not in text
    assert sandbox.sign_in(USERNAME, password) == "must change password"
    assert "This link no longer works" in employee.get(link_in(mailbox)).text
    assert employee.page.status == 404
    page = alice.get(tab(made))
    assert "opened on" in page.text
    assert not page.has_button("Revoke link")
    assert LoginMail.get().encrypted_password == ""
    assert AuditEntry.get(AuditEntry.action == "open login information").by_name == "link in the mail"


def test_following_the_link_shows_nothing_and_spends_nothing(made, mailbox, employee, app):
    for _ in range(3):
        Person(app).get(link_in(mailbox))
    assert LoginMail.get().state == MailState.TO_OPEN
    employee.get(link_in(mailbox))
    assert password_shown(employee.press(BUTTON))


def test_of_several_who_press_at_once_one_sees_it(app, made, mailbox):
    people = [Person(app) for _ in range(4)]
    for person in people:
        person.get(link_in(mailbox))

    def press(person):
        with open_connection():
            return person.press(BUTTON).status

    with ThreadPoolExecutor(len(people)) as pool:
        assert sorted(pool.map(press, people)) == [200, 404, 404, 404]


def test_a_link_that_is_revoked_shows_nothing(alice, made, mailbox, employee):
    employee.get(link_in(mailbox))
    alice.get(tab(made))
    page = alice.press("Revoke link")
    assert "The link was revoked. Resend sets a fresh password." in page.text
    assert employee.press(BUTTON).status == 404
    assert LoginMail.get().encrypted_password == ""
    assert AuditEntry.select().where(AuditEntry.action == "revoke link to login information").count() == 1
    alice.post(f"{at(made)}/revoke-link")
    assert AuditEntry.select().where(AuditEntry.action == "revoke link to login information").count() == 1


def test_a_link_that_nobody_opens_ends_after_a_week(alice, made, mailbox, employee):
    with time_machine.travel(now() + timedelta(days=7, minutes=1)):
        assert employee.get(link_in(mailbox)).status == 404
        delivery.wipe_secrets()
    assert LoginMail.get().encrypted_password == ""
    assert "Nobody opened the link within 7 days." in alice.get(tab(made)).text


def test_resend_makes_a_fresh_link_and_ends_the_old_one(alice, made, sandbox, mailbox, employee):
    old = link_in(mailbox)
    resend(alice, made)
    assert employee.get(old).status == 404
    employee.get(link_in(mailbox))
    assert sandbox.sign_in(USERNAME, password_shown(employee.press(BUTTON))) == "must change password"


def test_a_deactivated_account_has_no_link(alice, made, mailbox, employee):
    alice.get(tab(made))
    alice.press("Action")
    alice.press("Confirm")
    assert employee.get(link_in(mailbox)).status == 404


def test_a_link_is_paused_while_nothing_is_connected(alice, made, mailbox, employee):
    alice.get("/settings/add-ons")
    alice.press("Disconnect")
    alice.press("Disconnect")
    page = employee.get(link_in(mailbox))
    assert (page.status, page.title) == (409, "Your login information cannot be shown at the moment")
    assert LoginMail.get().encrypted_password


def test_a_mail_that_goes_out_after_it_was_refused_has_the_same_link(app, alice, wei, by_link, mailbox, employee):
    mailbox.refuse("451 too busy")
    alice.get(tab(wei))
    alice.press("Action")
    alice.press("Create")
    written = LoginMail.get().link_hash
    deliver(app)
    assert hash_of(link_in(mailbox).partition("=")[2]) == written
    employee.get(link_in(mailbox))
    assert password_shown(employee.press(BUTTON))
    assert LoginMail.get().encrypted_link == ""


def test_a_mail_in_german_leads_to_a_page_in_german(alice, made, mailbox, employee):
    MailSettings.update(language="de").execute()
    resend(alice, made)
    assert "Der Link lässt sich einmal öffnen, bis zum" in mailbox.text(mailbox.messages[-1])
    page = employee.get(link_in(mailbox))
    assert '<html lang="de"' in page.html
    assert re.search(r"\d\. [A-Z][a-zä]+ 20\d\d", page.text)


def test_another_organisation_revokes_nothing(mallory, made):
    assert mallory.post(f"{at(made)}/revoke-link").status == 404
    assert LoginMail.get().state == MailState.TO_OPEN


@pytest.mark.parametrize("token", ["", "nobody-knows-it", "x" * 500])
def test_what_is_no_link_shows_nothing(employee, tables, token):
    assert employee.get(f"/hand-over?token={token}").status == 404


def test_the_preview_and_the_test_show_an_invented_link(alice, by_link, mailbox):
    page = alice.get("/settings/mail/text/en")
    assert "hand-over?token=an-invented-one" in page.text
    alice.press("Send a test to me")
    assert "hand-over?token=an-invented-one" in mailbox.text(mailbox.messages[-1])
