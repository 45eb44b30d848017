"""The headers of a mail, whatever people are called: exactly those that are meant, and one mailbox."""

from email import message_from_bytes, policy

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from portal.mail import building
from portal.mail.problems import Kind, NotSent

HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Reply-To", "MIME-Version", "Content-Type"]
LONG = "Personalabteilung der Müller und Söhne Maschinenbaugesellschaft mbH, Standort Köln"
ATTACK = "=?utf-8?q?Payroll=0D=0AReply-To:_eve@evil.example=0D=0AContent-Type:_text/html=0D=0A=0D=0A<h1>Hi</h1>?="
NAMES = [
    LONG, ATTACK, "Müller, Jörg", "Smith, Smith and Smith Maschinenbau of the long name and Company, Limited, London",
    'Acme "The Best" GmbH', "Acme <hr@evil.example>", "a@b.example, c", "Ac\\me", "x\r\nBcc: eve@evil.example",
    "Ac\u202eme", "شركة الاختبار", "🏳️‍🌈" * 30, "=?", "?=", "(comment)", "HR=", "A. B.", ",", '"', "'", "-", "ﬀ" * 90,
    "word " * 40, "x" * 300, "\u2028", " ",
]  # fmt: skip


def received(mail):
    return message_from_bytes(mail.as_bytes(), policy=policy.default)


def written(name="", subject="Hello", reply_to="hr@acme.example"):
    mail = building.begin("wei@home.example", subject, sender_name=name, reply_to=reply_to)
    mail.write("The body.", "<p>The body.</p>")
    return mail


def without_spaces(text):
    return "".join(text.split())


def check(name, subject):
    mail = written(name, subject)
    message = received(mail)
    assert message.keys() == HEADERS
    (sender,) = message["From"].addresses
    assert sender.addr_spec == "no-reply@localhost"
    # The library's parser puts a space between two encoded words of a name.
    assert without_spaces(sender.display_name) == without_spaces(building.one_line(name) or "HR portal")
    assert str(message["Subject"]) == building.one_line(subject)
    assert message["Reply-To"] == "hr@acme.example"
    assert not message.defects
    assert not message["From"].defects
    assert message.get_body(("plain",)).get_content().strip() == "The body."
    head = mail.as_bytes().partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert all(len(line) <= 78 for line in head.split(b"\r\n"))
    assert b"\n" not in head.replace(b"\r\n", b"")


@pytest.mark.parametrize("name", NAMES)
def test_whatever_a_name_is_the_headers_are_the_ones_that_are_meant(app, name):
    check(name, f"Your invitation to the portal of {name}")


@settings(deadline=None, max_examples=80)
@given(name=some.text(max_size=120), subject=some.text(max_size=250))
@example(name=LONG, subject=ATTACK)
@example(name="", subject="0000)[¡¡¡¡𐀀𐀀")
def test_any_text_is_read_back_as_it_was_meant(app, name, subject):
    check(name, subject)


@settings(deadline=None, max_examples=80)
@given(some.text(alphabet="=?utf8qbQB_09AD \r\n\t<>@,;:\"'\\()éß", max_size=120))
def test_what_looks_like_an_encoded_word_stays_the_text_that_it_is(app, text):
    check(text, text)


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("wei@home.example", "wei@home.example"),
        ("o'brien+x@home.example", "o'brien+x@home.example"),
        ("two..dots.@docomo.example", '"two..dots."@docomo.example'),
        ("info@MÜLLER.example", "info@xn--mller-kva.example"),
        ("info@faß.example", "info@xn--fa-hia.example"),
        ("info@例え.jp", "info@xn--r8jz45g.jp"),
        ("info@mu\u0308ller.example", "info@xn--mller-kva.example"),
    ],
)
def test_an_address_goes_out_with_its_domain_in_ascii(app, address, sent):
    assert building.wire_address(address) == sent


@pytest.mark.parametrize(
    "address",
    ["", "wei", "@home.example", "wei@", "a b@home.example", "a\r\n@b.example", "<a@b.example>", "a@💩.x", "a@-ü.de"],
)
def test_what_is_no_address_is_refused_in_words(app, address):
    with pytest.raises(NotSent) as refusal:
        building.wire_address(address)
    assert refusal.value.kind == Kind.NEVER
