"""Mail as the mail programs and servers of candidates really send it: reports in words, absences, what has no text."""

import base64

import pytest
import requests

from portal.connectors import http
from portal.messages.models import Message, MessageKind, MessageState
from portal.recruitment.models import CandidateAddress
from tests.mailboxes.conftest import OMAR
from tests.reading.conftest import ZOE, look, wrote

DAEMON = "MAILER-DAEMON@home.example"
PLAIN = "From: {daemon}\r\nSubject: failure notice\r\nContent-Type: text/plain; charset=utf-8\r\n{more}\r\n{text}\r\n"
QMAIL = """Hi. This is the qmail-send program at home.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{zoe}>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <{omar}>
Message-ID: {id}
Subject: Your application
"""
EXIM = """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {zoe}
    host mx.home.example [192.0.2.1]
    SMTP error from remote mail server after RCPT TO: 550 no such user

------ This is a copy of the message, including all the headers. ------

Message-ID: {id}
"""
POSTFIX = """Ihre Nachricht konnte nicht zugestellt werden.

<{zoe}>: host mx.home.example[192.0.2.1] said: 550-5.2.1 The mailbox is
    disabled (in reply to RCPT TO command)

> Message-Id: {id}
"""
LATER = """Your mail has not been delivered for 4 hours. The server will keep trying.

<{zoe}>: host mx.home.example said: 451 try again later

Message-ID: {id}
"""


def part(kind: str, text: str) -> str:
    return f"--b\r\nContent-Type: {kind}\r\n\r\n{text}\r\n"


def report(action: str, *, statuses="message/delivery-status", quoted="message/rfc822", wrapped=False) -> str:
    said = f"Reporting-MTA: dns;mx\r\n\r\nFinal-Recipient: rfc822; {ZOE}\r\nAction: {action}\r\nStatus: 5.2.2\r\n"
    kind = "mixed" if wrapped else "report"
    words = part("text/plain", "<{zoe}>: it could not be delivered")
    return f"Content-Type: multipart/{kind}; boundary=b\r\n\r\n{words}{part(statuses, said)}" + part(
        quoted, "Message-ID: {id}\r\n\r\nHello\r\n--b--"
    )


def reported(zoe, sandbox, source: str, sender: str = DAEMON) -> Message:
    message, _ = wrote(sandbox, zoe)
    source = source.replace("{zoe}", ZOE).replace("{omar}", OMAR).replace("{id}", message.message_id)
    sandbox.write_from_outside(sender=sender, to=OMAR, subject="failure notice", text="See there.", source=source)
    look()
    return Message.get_by_id(message.id)


def in_words(text: str, more: str = "") -> str:
    return PLAIN.replace("{daemon}", DAEMON).replace("{more}", more).replace("{text}", text)


@pytest.mark.parametrize(
    ("source", "status"),
    [
        (in_words(QMAIL), "5.1.1"),
        (in_words(EXIM, f"X-Failed-Recipients: {ZOE}\r\n"), ""),
        (in_words(EXIM), ""),
        (in_words(POSTFIX), "5.2.1"),
        (report("failed", statuses="message/global-delivery-status", quoted="message/global-headers"), "5.2.2"),
        (report("failed", wrapped=True), "5.2.2"),
    ],
    ids=["qmail", "Exim", "Exim without its header", "Postfix, set up in German", "SMTPUTF8", "a gateway's footer"],
)
def test_what_came_back_is_known_however_the_server_says_it(zoe, sandbox, source, status):
    message = reported(zoe, sandbox, source)
    assert message.state == MessageState.BOUNCED
    assert f"{ZOE} did not accept it" in message.problem
    assert status in message.problem
    assert CandidateAddress.get(CandidateAddress.folded == ZOE).bounced_at is not None


@pytest.mark.parametrize("source", [report("delivered"), report("relayed"), in_words(LATER)])
def test_what_arrived_or_is_still_tried_has_not_come_back(zoe, sandbox, source):
    assert reported(zoe, sandbox, source).state == MessageState.CONFIRMED


@pytest.mark.parametrize("sender", ["mailer_daemon@home.example", "MailerDaemon@home.example"])
def test_servers_that_call_themselves_otherwise_are_heard(zoe, sandbox, sender):
    assert reported(zoe, sandbox, in_words(QMAIL), sender).state == MessageState.BOUNCED


@pytest.mark.parametrize(
    ("subject", "headers"),
    [
        ("Automatische Antwort: Ihre Bewerbung", {}), ("Réponse automatique : Votre candidature", {}),
        ("Respuesta automática: Su candidatura", {}), ("自動応答: Your application", {}),
        ("Your application", {"X-Autoreply": "yes"}), ("Your application", {"Precedence": "auto_reply"}),
    ],
)  # fmt: skip
def test_an_absence_is_no_answer_of_a_person_in_any_language(zoe, sandbox, subject, headers):
    _, outside = wrote(sandbox, zoe)
    references = [outside["internet_id"]]
    sandbox.write_from_outside(
        sender=ZOE, to=OMAR, subject=subject, text="I am away.", headers=headers, references=references
    )
    look()
    assert received(subject).kind == MessageKind.AUTOMATIC


@pytest.mark.parametrize("subject", ["Re: Automatische Antwort: Ihre Bewerbung", "Abwesenheit am Montag"])
def test_an_answer_of_a_person_stays_one(zoe, sandbox, subject):
    sandbox.write_from_outside(sender=ZOE, to=OMAR, subject=subject, text="I am back.")
    look()
    assert (received(subject).kind, received(subject).seen_at) == (MessageKind.PLAIN, None)


def received(subject: str) -> Message:
    return Message.get(Message.subject == subject, Message.state == MessageState.RECEIVED)


def test_a_mail_without_text_says_so_and_where_to_look(zoe, alice, sandbox):
    secret = {"name": "smime.p7m", "type": "application/pkcs7-mime", "data": base64.b64encode(b"x").decode()}
    sandbox.write_from_outside(sender=ZOE, to=OMAR, subject="Secret", text="", kind="IPM.Note.SMIME", files=[secret])
    look()
    page = alice.get(f"/recruitment/candidates/{zoe.candidate_id}")
    assert "This mail has no text that the portal can show. Look in Outlook: it may be encrypted." in page.text
    assert "smime.p7m" in page.text


def test_of_very_many_files_the_rest_is_counted(zoe, alice, sandbox):
    file = {"type": "text/plain", "data": base64.b64encode(b"x").decode()}
    files = [{**file, "name": f"{number}.txt"} for number in range(120)]
    sandbox.write_from_outside(sender=ZOE, to=OMAR, subject="All of them", text="See there.", files=files)
    look()
    page = alice.get(f"/recruitment/candidates/{zoe.candidate_id}")
    assert "49.txt" in page.text
    assert "and 70 more files. Open the mail in Outlook." in page.text


def test_half_a_character_keeps_no_mail_and_no_other_waiting(zoe, sandbox):
    # Exchange cuts a subject after so many halves of characters.
    sandbox.write_from_outside(sender=ZOE, to=OMAR, subject="Cut \0", text="A \0 b")
    sandbox.write_from_outside(sender=ZOE, to=OMAR, subject="Next", text="And more")
    look()
    assert (received("Cut �").text, received("Next").text) == ("A � b", "And more")


@pytest.mark.parametrize(
    ("content", "read"),
    [
        (rb'"a\ud83d"', "a\ufffd"), (rb'"\ude00a"', "\ufffda"), (rb'"\ud83d\ude00"', "\U0001f600"),
        (rb'"\ud83d\ud83d"', "\ufffd\ufffd"), (rb'"\ud83d\ud83d\ude00"', "\ufffd\U0001f600"),
        (rb'"\u0000"', "\ufffd"), (rb'"\\ud83d"', "\\ud83d"), (b'"\xff"', "\ufffd"), (b'"', None),
    ],
)  # fmt: skip
def test_what_no_table_keeps_of_a_strangers_text_is_replaced(content, read):
    answer = requests.Response()
    answer._content = content
    assert http.written_by_anybody(answer) == read


def test_a_receipt_is_no_mail_that_came_back(zoe, sandbox):
    sandbox.write_from_outside(sender=ZOE, to=OMAR, subject="Read: Hello", text="", kind="REPORT.IPM.Note.IPNRN")
    look()
    assert received("Read: Hello").kind == MessageKind.AUTOMATIC


def test_another_mail_with_the_same_message_id_is_not_lost(zoe, sandbox):
    same = {"sender": ZOE, "to": OMAR, "message_id": "<form@home.example>"}
    sandbox.write_from_outside(subject="Monday", text="I come", **same)
    sandbox.write_from_outside(subject="Monday", text="I come", **same)
    sandbox.advance(2 * 3600)
    sandbox.write_from_outside(subject="Tuesday", text="I cannot", **same)
    for _ in range(2):
        assert look() == 2
    assert [one.subject for one in Message.select().order_by(Message.id)] == ["Monday", "Tuesday"]
