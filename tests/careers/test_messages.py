"""What candidates are written: texts that an organisation chooses, in two languages, as the preview shows them."""

import re

import pytest
from bs4 import BeautifulSoup

from portal.candidate_care import letters
from portal.candidate_care.texts import DEFAULTS, PLACEHOLDERS, problem_of_body, problem_of_subject
from portal.mail import choices
from portal.recruitment.models import Application, Vacancy
from tests.careers.conftest import send_mails

MESSAGES = "/settings/recruitment/messages"
OWN_TEXT = "Guten Tag {name},\n\nDanke <b>sehr</b> & bis bald.\n\n{own_page}\n\n{organisation}"


def words_of(html):
    """The words of a text without the link in it, which differs in each email."""
    text = BeautifulSoup(html, "html.parser").get_text(" ", strip=True)
    return re.sub(r"\s+", " ", re.sub(r"token=\S+", "token", text))


def test_every_default_text_has_known_placeholders_only():
    for (kind, _), text in DEFAULTS.items():
        if kind != "keep":
            assert problem_of_subject(text.subject) == problem_of_body(kind, text.body) == "", kind
        assert set(re.findall(r"{(\w+)}", text.subject + text.body)) <= {*PLACEHOLDERS, "day"}


def test_r62_the_preview_of_a_text_is_what_goes_out(alice, acme, zoe, nurse, mailbox):
    Vacancy.update(country="AT").where(Vacancy.id == nurse.id).execute()
    choices.change(acme, by=alice.user, language="country")
    alice.get(f"{MESSAGES}/received/de")
    alice.press("Save", {"Subject": "Danke, {first_name}: {vacancy}", "Text": OWN_TEXT})
    shown = alice.page.soup.select_one("#preview .card-body")
    zoe.get("/careers/acme?language=en")
    zoe.apply(nurse, First_name="Mary", Last_name="O’Brien")
    send_mails()
    [message] = mailbox.messages
    sent = words_of(message.get_body(("html",)).get_content().partition("<body>")[2])
    subject, body = shown.p.extract().get_text(strip=True), words_of(str(shown))
    assert (
        body == sent == "Guten Tag Mary O’Brien, Danke <b>sehr</b> & bis bald. http://localhost/application?token Acme"
    )
    assert (subject, message["Subject"]) == ("Danke, Mary: Nurse", "Danke, Mary: Night nurse")


def test_r62_each_message_has_a_text_in_every_language_that_can_be_restored(alice, nurse):
    alice.get("/settings/recruitment")
    page = alice.press("Messages to candidates")
    assert [row.th.get_text() for row in page.soup.select("tbody tr")] == [
        "Received",
        "Invitation",
        "Not taken",
        "Offer",
    ]
    assert len(page.soup.select("tbody a")) == 16
    alice.get(f"{MESSAGES}/offer/en")
    alice.press("Save", {"Subject": "Come", "Text": "Come to us."})
    assert alice.get(f"{MESSAGES}/offer/en").value("Subject") == "Come"
    alice.press("Restore default text")
    assert alice.page.value("Subject") == "Our offer: {vacancy}"


@pytest.mark.parametrize(("field", "text", "words"), [
    ("Text", "Hello", "must contain {own_page}"),
    ("Text", "{own_page} {salary}", "{salary} is not a placeholder"),
    ("Subject", "See {own_page}", "cannot be in the subject"),
    ("Subject", "a\r\nBcc: x@x.example", "one line"),
])  # fmt: skip
def test_r62_a_text_that_cannot_go_out_is_refused_and_kept(alice, nurse, field, text, words):
    alice.get(f"{MESSAGES}/received/en")
    page = alice.press("Save", {field: text})
    assert (page.status, words in page.text) == (422, True)
    assert text.split()[-1] in page.value(field)


def test_not_taken_sends_the_message_that_the_page_shows_unless_unticked(alice, zoe, nurse, mailbox):
    zoe.apply(nurse)
    zoe.apply(nurse, First_name="Ann", Email="ann@home.example")
    send_mails()
    mailbox.clear()
    first, second = Application.select().order_by(Application.id)
    alice.get(f"/recruitment/applications/{first.id}/not-taken")
    shown = words_of(str(alice.page.soup.blockquote))
    alice.press("Not taken", {"Reason": "Another fits better"})
    send_mails()
    [message] = mailbox.messages
    assert shown.endswith(words_of(message.get_body(("html",)).get_content().partition("<body>")[2]))
    assert "Another fits" not in mailbox.text(message)
    alice.get(f"/recruitment/applications/{second.id}/not-taken")
    page = alice.press("Not taken", {"Reason": "No answer", "Send the candidate this message": False})
    assert "Nobody was written to." in page.text
    send_mails()
    assert len(mailbox.messages) == 1


def test_an_email_that_waits_does_not_say_no_to_a_candidate_who_is_brought_back(alice, zoe, nurse, mailbox, clock):
    zoe.apply(nurse)
    send_mails()
    mailbox.clear()
    mailbox.refuse("451 try again later")
    application = Application.get()
    alice.get(f"/recruitment/applications/{application.id}/not-taken")
    alice.press("Not taken", {"Reason": "A mistake"})
    send_mails()
    alice.get(f"/recruitment/candidates/{application.candidate_id}")
    alice.press("Reopen Night nurse")
    clock(minutes=10)
    letters.sweep()
    send_mails()
    assert not mailbox.messages
