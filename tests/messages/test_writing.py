"""A message to a candidate, from the user's own Outlook or from the portal."""

import io
from datetime import timedelta

import pytest

from portal.audit import AuditEntry
from portal.candidate_care import erasing
from portal.carrying.models import State
from portal.database import now
from portal.mail import lane
from portal.message_pages import forms
from portal.messages import engine, portal_mail
from portal.messages.models import Delivery, Message, MessageState
from portal.recruitment.files import StoredFile
from tests.mailboxes.conftest import OMAR, OWN, card, outlook
from tests.messages.conftest import ZOE, page_of, write
from tests.recruitment.conftest import applied

INJECTION = "Hello\r\nBcc: spy@evil.example"


@pytest.fixture
def sent_by_portal(app, mailbox):
    """What the portal's own mail server was given, after everything that is due."""

    def deliver():
        with app.app_context():
            portal_mail.sweep()
        lane.join()
        return mailbox.messages

    return deliver


def named(content, name):
    file = io.BytesIO(content)
    file.name = name
    return file


def test_r42_a_message_is_in_sent_items_once_confirmed_and_has_a_receipt(omars, alice, zoe, sandbox, caplog):
    message = write(alice, zoe, Files=named(b"Nights and days", "Zoë – Plan.txt"))
    assert message.state == MessageState.CONFIRMED
    [item] = sandbox.messages(OMAR)
    assert (item["folder"], item["subject"]) == ("sentitems", "Your application")
    [mail] = sandbox.outside(ZOE)
    assert (mail["text"], [file["name"] for file in mail["files"]]) == ("Hello Zoë", ["Zoë – Plan.txt"])
    assert "Sent To zoe@outside.example, from omar.ordinary@acme.example" in alice.page.text
    alice.press("Receipt of Your application")
    assert "request id" in alice.page.text
    kept = str([step.calls for step in Delivery.get().steps]) + str([entry.detail for entry in AuditEntry.select()])
    for said in (alice.page.html, kept, caplog.text):
        assert "Hello" not in said
        assert "Nights and days" not in said


def test_r44_an_answer_stays_in_the_thread(omars, alice, zoe, sandbox):
    first = write(alice, zoe)
    alice.press("Answer Your application")
    assert alice.page.value("Subject") == "RE: Your application"
    alice.press("Send", {"Text": "One thing more"})
    second = Message.select().order_by(Message.id.desc()).get()
    assert (second.thread, second.in_reply_to) == (first.thread, first.message_id)
    assert sandbox.outside(ZOE)[-1]["references"] == [first.message_id]


def test_r43_a_form_that_is_sent_twice_writes_one_message(omars, alice, zoe, sandbox):
    alice.get(page_of(zoe))
    alice.press("Write")
    form = alice.page
    for _ in range(2):
        alice.page = form
        alice.press("Send", {"Subject": "Once", "Text": "Hello"})
    assert (Message.select().count(), len(sandbox.outside(ZOE))) == (1, 1)


def test_r41_messages_wait_are_named_and_go_on_when_the_same_person_connects_again(
    omars, alice, zoe, sandbox, elsewhere
):
    sandbox.refuse_person(OMAR, 50173)
    sandbox.advance(2 * 3600)
    message = write(alice, zoe)
    assert message.state == MessageState.WAITING
    assert "Microsoft ended the portal’s connection to your Outlook." in alice.page.text
    assert "These messages wait." in card(alice)
    assert "Your application to zoe@outside.example" in card(alice)
    sandbox.refuse_person(OMAR, 0)
    outlook(alice, elsewhere)
    [due] = engine.due()
    assert engine.carry_out(due).state == State.DONE
    assert len(sandbox.outside(ZOE)) == 1


def test_r41_disconnect_names_the_messages_that_wait_and_cancels_them(omars, alice, zoe, sandbox):
    sandbox.fault(path="/me/", status=503, times=None)
    write(alice, zoe)
    alice.get(OWN)
    alice.press("Disconnect Outlook")
    assert "They are cancelled and do not go out: Your application to zoe@outside.example" in alice.page.text
    alice.press("Disconnect")
    assert (Message.get().state, Delivery.get().state) == (MessageState.CANCELLED, State.CANCELLED)
    sandbox.clear_faults()
    assert engine.due() == []
    assert sandbox.outside(ZOE) == []
    alice.get(page_of(zoe))
    alice.press("Write it again Your application")
    assert (alice.page.value("Subject"), alice.page.value("Text")) == ("Your application", "Hello Zoë")


def test_a_message_that_waits_is_cancelled_in_place_and_leaves_no_draft(omars, alice, zoe, sandbox):
    sandbox.fault(method="POST", path="/send$", status=429, retry_after=60, times=None)
    write(alice, zoe)
    alice.press("Cancel Your application")
    assert "Cancelled" in alice.page.text
    assert [item["folder"] for item in sandbox.messages(OMAR)] == ["deleteditems"]


def test_a_refused_message_says_why_and_leaves_no_draft(omars, alice, zoe, sandbox):
    sandbox.fault(method="POST", path="/send$", status=403, code="ErrorAccountSuspend")
    message = write(alice, zoe)
    assert message.state == MessageState.FAILED
    assert "Not sent" in alice.page.text
    assert "Microsoft stopped mail from your account. Ask your IT team why." in alice.page.text
    assert [item["folder"] for item in sandbox.messages(OMAR)] == ["deleteditems"]


def test_without_a_mailbox_the_portal_writes_and_answers_go_to_the_user(alice, zoe, sent_by_portal):
    alice.htmx = False
    alice.get(page_of(zoe))
    alice.press("Write")
    assert "Answers to a mail from the portal go to your own inbox. They do not appear here." in alice.page.text
    alice.press("Send", {"Subject": "Hello", "Text": "When suits you?", "Files": named(b"Plan", "plan.txt")})
    [mail] = sent_by_portal()
    assert (mail["From"], mail["Reply-To"]) == ("Alice via Acme <no-reply@localhost>", "alice@acme.example")
    assert (mail["To"], mail["Auto-Submitted"]) == (ZOE, None)
    assert mail.get_body(("plain",)).get_content().strip() == "When suits you?"
    assert [part.get_filename() for part in mail.iter_attachments()] == ["plan.txt"]
    assert Message.get().state == MessageState.SENT
    assert len(sent_by_portal()) == 1
    # A process that stops between the last dot and its answer.
    Message.update(state=MessageState.SENDING, not_before=now() - timedelta(minutes=1)).execute()
    assert len(sent_by_portal()) == 1
    assert "so nobody knows whether it arrived" in alice.get(page_of(zoe)).text


def test_r59_no_field_of_a_message_adds_a_header(alice, zoe, sent_by_portal):
    assert write(alice, zoe, subject=INJECTION) is None
    assert "A subject is one line." in alice.page.text
    alice.user.name = INJECTION
    alice.user.save()
    zoe.first_name = INJECTION
    zoe.save()
    write(alice, zoe, text=INJECTION,
          Files=named(b"Plan", "a\r\nBcc: spy@evil.example.txt"))  # fmt: skip
    [mail] = sent_by_portal()
    assert mail["Bcc"] is None
    assert mail["To"] == ZOE


@pytest.mark.parametrize(("language", "words"), [("en", "We would like to talk with you"), ("de", "Wir möchten gern")])
def test_r62_what_the_preview_shows_is_what_goes_out(omars, alice, zoe, sandbox, language, words):
    alice.get(page_of(zoe))
    alice.press("Write")
    alice.press("Use template", {"Template": f"invitation {language}"})
    alice.press("Preview", {"Files": named(b"Plan", "plan.txt")})
    shown = alice.page.soup.select_one("#preview blockquote").get_text()
    assert words in shown
    assert "plan.txt" in alice.page.soup.select_one("#preview").get_text()
    alice.press("Send", within="#preview")
    [mail] = sandbox.outside(ZOE)
    assert (mail["text"], [file["name"] for file in mail["files"]]) == (shown, ["plan.txt"])


def test_files_that_are_too_large_together_or_of_another_kind_are_refused_and_the_text_stays(alice, zoe, monkeypatch):
    monkeypatch.setattr(forms, "LARGEST_TOGETHER", 1000)
    write(alice, zoe, Files=named(b"<script>", "a.html"))
    assert "a.html: " in alice.page.text
    assert alice.page.value("Text") == "Hello Zoë"
    for number in range(3):
        alice.press("Preview", {"Files": named(b"a" * 400, f"{number}.txt")})
    assert "All files together may be at most 10 MB." in alice.page.text
    assert Message.select().count() == 0


def test_a_move_asks_whether_to_write_and_suggests_the_text(alice, zoe, nurse, mailbox):
    alice.get(page_of(zoe))
    interview = next(stage for stage in nurse.stages if stage.kind == "interview")
    alice.press("Move in Night nurse", {"Stage for Night nurse": str(interview.id)})
    assert "Do you want to write to them? The portal has written nothing." in alice.page.text
    alice.press("Write to Zoë Łukasz")
    assert "We would like to talk with you" in alice.page.value("Text")
    assert Message.select().count() == 0


def test_nobody_else_reads_writes_or_cancels(omars, alice, zoe, bob, mallory, sandbox):
    sandbox.fault(path="/me/", status=503, times=None)
    message = write(alice, zoe)
    for person in (bob, mallory):
        for address in (f"{page_of(zoe)}/write", f"/recruitment/messages/{message.id}/receipt"):
            assert person.get(address).status == 404
        assert person.post(f"/recruitment/messages/{message.id}/cancel").status in (403, 404)
        assert person.post(f"{page_of(zoe)}/write", {"subject": "Hi", "text": "Hi"}).status in (403, 404)
    assert Message.get().state == MessageState.WAITING


def test_an_answer_to_a_message_of_another_candidate_is_not_there(omars, alice, zoe, nurse):
    message = write(alice, zoe)
    other = applied(nurse, "Ada", "Other").candidate
    assert alice.get(f"{page_of(other)}/write?answers={message.id}").status == 404


def test_r60_messages_their_files_and_their_journal_go_with_the_candidate(omars, alice, zoe):
    write(alice, zoe, Files=named(b"Plan", "plan.txt"))
    erasing.erase(zoe, by=alice.user)
    assert [model.select().count() for model in (Message, Delivery, StoredFile)] == [0, 0, 0]


def test_the_link_to_their_own_page_is_made_when_the_message_goes_out(omars, alice, zoe, sandbox):
    message = write(alice, zoe, text="Look here: {own_page}")
    assert "/application?token=" in sandbox.outside(ZOE)[0]["text"]
    assert "token=" not in message.text
    assert "(the link to their own page)" in alice.page.text
