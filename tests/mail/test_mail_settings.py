"""Settings > Email: sender, language and text of the mail with the login information."""

import pytest

from portal.mail import choices, texts
from portal.mail.choices import MailSettings
from tests.provisioning.conftest import connect, tab

ENGLISH = "/settings/mail/text/en"
BODY = "Dear {first_name},\n\nuser {username}, password {password}, at {sign_in_url}.\n"


@pytest.fixture
def wei(cast, acme, alice, sandbox, mailbox):
    connect(sandbox, alice.user)
    return cast.employee(acme, "Wei", "<b>Zhang</b>", preferred_name="Vivi", personal_email="wei@home.example")


def created(alice, employee, mailbox):
    alice.get(tab(employee))
    alice.press("Action")
    assert "an email has been sent" in alice.press("Create").text
    return mailbox.messages[-1]


def test_the_text_of_the_organisation_is_what_the_employee_reads(alice, wei, mailbox, sandbox):
    alice.get(ENGLISH)
    page = alice.press("Save", {"Subject": "Welcome to {organisation}", "Text": BODY})
    assert page.value("Text") == " ".join(BODY.split())
    message = created(alice, wei, mailbox)
    text = mailbox.text(message)
    assert message["Subject"] == "Welcome to Acme"
    assert text.startswith("Dear Vivi,")
    password = text.split("password ")[1].split(",")[0]
    username = text.split("user ")[1].split(",")[0]
    assert sandbox.sign_in(username, password) == "must change password"


def test_names_and_texts_bring_no_html_into_the_mail(alice, wei, mailbox):
    alice.get(ENGLISH)
    alice.press("Save", {"Subject": "Hello", "Text": BODY + "<script>alert(1)</script> {name}"})
    html = created(alice, wei, mailbox).get_body(("html",)).get_content()
    assert "<script>" not in html
    assert "<b>Zhang" not in html
    assert "&lt;b&gt;Zhang" in html


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"Subject": ""}, "Enter a subject."),
        ({"Subject": "Your {password}"}, "The password cannot be in the subject"),
        ({"Subject": "Hello {nickname}"}, "{nickname} is not a placeholder"),
        ({"Text": "user {username} at {sign_in_url}"}, "The text must contain {password}"),
        ({"Text": BODY + "{salary}"}, "{salary} is not a placeholder"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_kept(alice, wei, fields, words):
    alice.get(ENGLISH)
    page = alice.press("Save", fields)
    assert page.status == 422
    assert words in page.text
    for label, value in fields.items():
        assert page.value(label) == " ".join(value.split())
    assert not MailSettings.select().exists()


def test_the_sender_is_the_organisation_until_it_chooses_another_name(alice, wei, mailbox):
    assert created(alice, wei, mailbox)["From"] == "Acme <no-reply@localhost>"
    assert "Now: Acme <no-reply@localhost>" in alice.get("/settings/mail").text


def test_sender_and_replies_are_the_organisations(alice, wei, mailbox):
    alice.get("/settings/mail")
    alice.press("Save", {"Sender name": "Acme Müller HR", "Replies go to": "hr@acme.example"})
    message = created(alice, wei, mailbox)
    assert message["From"].startswith("Acme Müller HR <")
    assert message["Reply-To"] == "hr@acme.example"


@pytest.mark.parametrize("address", ["no address", "a@b.example, c@d.example", "a@b.example\nBcc: x@y.example"])
def test_replies_go_to_one_plain_address(alice, wei, address):
    alice.get("/settings/mail")
    page = alice.press("Save", {"Replies go to": address})
    assert page.status == 422
    assert not MailSettings.select().exists()


@pytest.mark.parametrize(
    ("chosen", "country", "language"),
    [("en", "DE", "en"), ("de", "GB", "de"), ("country", "AT", "de"), ("country", "FR", "fr"), ("country", "", "en")],
)
def test_the_language_is_the_chosen_one_or_that_of_the_country(chosen, country, language):
    assert texts.language_for(chosen, country) == language


def test_a_german_mail_reaches_somebody_in_germany(alice, wei, acme, mailbox):
    alice.get("/settings/mail")
    alice.press("Save", {"Language": "country"})
    type(wei).update(country="DE").where(type(wei).id == wei.id).execute()
    message = created(alice, wei, mailbox)
    assert message["Subject"] == "Ihr Microsoft 365-Konto bei Acme"
    assert "Vorläufiges Kennwort" in mailbox.text(message)


def test_the_preview_shows_what_is_being_typed_with_an_invented_password(alice, wei):
    alice.get(ENGLISH)
    page = alice.post(f"{ENGLISH}/preview", {"subject": "Hi {name}", "body": BODY}, fragment=True)
    assert "Hi Mary O’Brien" in page.text
    assert "Dear Mary" in page.text


def test_a_test_goes_to_whoever_asks_with_an_invented_password(alice, wei, mailbox):
    alice.get(ENGLISH)
    page = alice.press("Send a test to me")
    assert alice.user.email in page.text
    assert mailbox.messages[-1]["To"] == alice.user.email
    assert texts.SAMPLE["password"] in mailbox.text(mailbox.messages[-1])


def test_the_portals_own_text_comes_back(alice, wei, acme):
    alice.get(ENGLISH)
    alice.press("Save", {"Subject": "Welcome", "Text": BODY})
    alice.press("Restore default text")
    assert choices.of(acme).text("en") == texts.DEFAULTS["en"]


def test_another_organisations_texts_are_its_own(alice, mallory, wei, initech):
    alice.get(ENGLISH)
    alice.press("Save", {"Subject": "Only ours", "Text": BODY})
    assert "Only ours" not in mallory.get(ENGLISH).text
    assert choices.of(initech).text("en") == texts.DEFAULTS["en"]


def test_a_language_that_is_not_there_is_not_found(alice):
    assert alice.get("/settings/mail/text/xx").status == 404


def test_the_text_of_resend_is_one_of_its_own(alice, wei, mailbox):
    alice.get("/settings/mail")
    alice.press("English Resend text")
    alice.press("Save", {"Subject": "Once more", "Text": BODY})
    assert created(alice, wei, mailbox)["Subject"] == "Your Microsoft 365 account at Acme"
    alice.get(tab(wei))
    alice.press("Resend")
    alice.press("Resend", within="#account-card-microsoft-365 form[action$='/resend']")
    assert mailbox.messages[-1]["Subject"] == "Once more"
