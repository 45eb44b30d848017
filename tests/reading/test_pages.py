"""Mail of candidates on pages: the timeline, the board, Unassigned, and what may be dangerous."""

import base64
from datetime import timedelta

import pytest

from portal import database as clock
from portal.auth.models import AccessLevel
from portal.mailboxes.models import Mailbox
from portal.messages.models import Message
from portal.reading.models import Unassigned
from portal.recruitment.files import StoredFile
from portal.recruitment.models import CandidateAddress
from tests.mailboxes.conftest import OMAR
from tests.reading.conftest import ZOE, applied, look, wrote
from tests.recruitment.test_candidates import entries

PRIVATE = "zoe.lukasz@private.example"
PDF = b"%PDF-1.7\n%%EOF"


def profile(person, application):
    return person.get(f"/recruitment/candidates/{application.candidate_id}")


def attached(name, content, kind="application/pdf"):
    return {"name": name, "type": kind, "data": base64.b64encode(content).decode()}


def test_a_reply_is_marked_on_board_and_page_until_somebody_saw_it(zoe, alice, sandbox):
    _, outside = wrote(sandbox, zoe)
    sandbox.advance(60)
    text = "Look at https://evil.example/x<b>. Or http://аpple.com, mailto:x@y"
    sandbox.write_from_outside(answers=outside["seq"], sender=ZOE, text=text)
    look()
    board = f"/recruitment/vacancies/{zoe.vacancy_id}"
    assert "New email" in alice.get(board).text
    page = profile(alice, zoe)
    assert entries(page)[0] == "Message from the candidate"
    assert text in page.text.replace(" (evil.example) ", "").replace(" (xn--pple-43d.com) ", "")
    links = page.soup.select(".mail-text a")
    assert [(link["href"], link["rel"]) for link in links] == [
        ("https://evil.example/x", ["noopener", "nofollow", "noreferrer"]),
        ("http://аpple.com", ["noopener", "nofollow", "noreferrer"]),
    ]  # fmt: skip
    assert "New email" not in alice.get(board).text
    assert "New" not in profile(alice, zoe).soup.select_one(".timeline-step [role=status]").parent.text


def test_r45_a_mail_of_an_unknown_sender_is_added_with_its_address_or_left_out(zoe, alice, sandbox):
    _, outside = wrote(sandbox, zoe)
    sandbox.advance(60)
    for text in ("It is me", "Me again"):
        sandbox.write_from_outside(answers=outside["seq"], sender=PRIVATE, text=text, name="Zoë <script>")
    sandbox.write_from_outside(answers=outside["seq"], sender="spam@else.example", text="Buy")
    look()
    page = alice.get("/recruitment/unassigned")
    assert "Unassigned 3 to decide" in page.text
    assert "Buy" not in page.text
    alice.press("Skip spam@else.example")
    page = alice.press(f"Add this address {PRIVATE} to Zoë Łukasz")
    assert "The 2 emails are on the timeline." in page.text
    assert entries(page)[:2] == ["Message from the candidate", "Message from the candidate"]
    assert CandidateAddress.get(CandidateAddress.address == PRIVATE).by == "reply"
    look()
    assert Unassigned.select().where(Unassigned.decided_at.is_null()).count() == 0
    assert "spam@" not in str(list(Unassigned.select().dicts()))
    sandbox.write_from_outside(sender=PRIVATE, to=OMAR, subject="Now known", text="Hello")
    assert look() == 4


def test_an_address_of_another_candidate_is_not_added_and_a_disconnected_mailbox_is_said(zoe, nurse, alice, sandbox):
    _, outside = wrote(sandbox, zoe)
    sandbox.write_from_outside(answers=outside["seq"], sender=PRIVATE, text="It is me")
    look()
    alice.get("/recruitment/unassigned")
    Mailbox.update(state="reconnect", problem="Microsoft ended it.").execute()
    page = alice.press(f"Add this address {PRIVATE} to Zoë Łukasz")
    assert (page.status, "Microsoft ended it. Nothing was changed." in page.text) == (409, True)
    applied(nurse, "Max", "Mustermann", PRIVATE)
    page = alice.press(f"Add this address {PRIVATE} to Zoë Łukasz")
    assert f"{PRIVATE} is an address of Max Mustermann." in page.text
    assert Message.select().count() == 1


HOSTILE = {
    "script": "<p>Hello</p><script>alert(1)</script><svg onload=alert(1)><style>*{display:none}</style>",
    "tracker": '<p>Hello<img src="https://track.example/1.gif"><span style="background:url(https://track.example/2)">',
    "form": '<p>Hello</p><form action="https://evil.example"><input name=password><button>Sign in</button></form>',
    "portal": '<p>Hello <a href="/logout">a</a><a href="//evil.example">b</a><a href="java&#10;script:alert(1)">c</a>',
    "frame": '<p>Hello</p><iframe srcdoc="<script>1</script>"></iframe><object data=x></object><base href=//evil>'
             '<meta http-equiv=refresh content="0;https://evil.example"><link rel=stylesheet href=//evil.example>',
    "id": '<p id="main" class="btn" data-hx-get="/x" hx-get="/logout" hx-trigger="load" onclick=a()>Hello</p>',
    "math": "<p>Hello</p><math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 "
            "onerror=alert(1)&gt;'>",
    "bidi": "<p>Hello \u202egnp.exe \u2066\u200b</p>",
}  # fmt: skip
HARMLESS = {"div", "p", "span", "a", "br", "table", "tbody", "tr", "td"}


@pytest.mark.parametrize("name", HOSTILE)
def test_r57_hostile_html_is_shown_harmlessly(zoe, alice, sandbox, name):
    sandbox.write_from_outside(sender=ZOE, to=OMAR, subject="Hi", text="", html=HOSTILE[name])
    look()
    text = profile(alice, zoe).soup.select_one(".mail-text")
    assert "Hello" in text.get_text()
    page = alice.press("Formatted Hi")
    shown = page.soup.select_one(".mail-formatted")
    assert "Hello" in shown.get_text()
    assert {tag.name for tag in shown.find_all(True)} <= HARMLESS
    allowed = {"href", "rel", "target"}
    assert not [tag for tag in shown.find_all(True) if set(tag.attrs) - allowed and tag.get("class") != ["link-host"]]
    assert not [link for link in shown.select("a[href]") if not link["href"].startswith(("http", "mailto", "tel"))]
    assert not set("\u202e\u2066\u200b") & set(page.html + str(text))


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 600 + "x",
        "<p>" + "x" * 300_000,
        "<p>" + "".join(f"<b id=a{n}>" for n in range(400)) + "</p><p>x" * 20_000,
    ],
    ids=["deep", "large", "tangled"],
)
def test_r57_a_mail_made_to_take_long_is_not_formatted_and_its_text_is_there(zoe, alice, sandbox, html):
    sandbox.write_from_outside(sender=ZOE, to=OMAR, subject="Hi", text="", html=html)
    look()
    assert "x" in profile(alice, zoe).soup.select_one(".mail-text").get_text()
    page = alice.press("Formatted Hi")
    assert (page.status, "too large or too complicated" in page.text) == (409, True)


def test_r58_a_file_is_fetched_once_kept_and_only_ever_saved(zoe, alice, sandbox):
    files = [attached("../../etc/Zoë\u202e – CV.pdf", PDF, "text/html")]
    sandbox.write_from_outside(sender=ZOE, to=OMAR, subject="Hi", text="My CV", files=files)
    look()
    assert StoredFile.select().count() == 0
    for _ in range(2):
        profile(alice, zoe)
        page = alice.press("Zoë – CV.pdf")
        assert page.html.encode() == PDF
        headers = page.headers
        assert headers["Content-Type"] == "application/octet-stream"
        assert headers["Content-Disposition"].startswith("attachment")
        assert headers["Content-Security-Policy"].startswith("sandbox")
        assert headers["X-Content-Type-Options"] == "nosniff"
    assert StoredFile.get().candidate_id == zoe.candidate_id
    assert len([line for line in sandbox.requests("GET") if line.path.endswith("/$value")]) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<script>alert(1)</script>"), ("drawing.svg", b"<svg onload=alert(1)>"),
        ("cv.docm", b"PK\x03\x04"), ("cv.pdf", b"%PDF-1.7\n%%EOF\nPK\x05\x06" + b"\0" * 18),
        ("cv.pdf.exe", b"MZ"),
    ],
)  # fmt: skip
def test_r58_a_file_that_may_be_dangerous_is_saved_only_after_a_question_and_never_kept(
    zoe, alice, sandbox, name, content
):
    sandbox.write_from_outside(sender=ZOE, to=OMAR, subject="Hi", text="", files=[attached(name, content)])
    look()
    profile(alice, zoe)
    assert "This file may be dangerous" in alice.press(name).text
    page = alice.press(f"Save it anyway {name}")
    assert (page.html.encode(), page.headers["Content-Type"]) == (content, "application/octet-stream")
    assert StoredFile.select().count() == 0


def test_r37_nobody_else_sees_a_mail_its_files_or_what_waits(zoe, alice, cast, acme, initech, sandbox):
    _, outside = wrote(sandbox, zoe)
    sandbox.write_from_outside(answers=outside["seq"], sender=ZOE, text="Hi", files=[attached("cv.pdf", PDF)])
    sandbox.write_from_outside(answers=outside["seq"], sender=PRIVATE, text="It is me")
    look()
    mail, row = Message.get(Message.direction == "in"), Unassigned.get()
    mallory = cast.person(initech, "Mallory", AccessLevel.ADMIN)
    colleague = cast.person(acme, "Mia", AccessLevel.MANAGER)
    for person in (mallory, colleague):
        for address in (f"messages/{mail.id}/formatted", f"messages/{mail.id}/files/0"):
            assert person.get(f"/recruitment/{address}").status == 404
        for verb in ("add-address", "timeline", "skip"):
            assert person.post(f"/recruitment/unassigned/{row.id}/{verb}").status == 404
    assert "Unassigned" not in colleague.get("/people/employees").text
    assert Unassigned.get_by_id(row.id).decided_at is None


def test_ones_own_mailbox_is_read_again_from_a_day_on(zoe, alice, sandbox):
    sandbox.write_from_outside(sender=ZOE, to=OMAR, subject="Old", text="Old")
    sandbox.advance(5 * 86_400)
    Mailbox.update(read_to=clock.now() + timedelta(days=5)).execute()
    assert look() == 0
    alice.get("/account")
    page = alice.press("Read again", {"Read again since…": "1999-01-01"})
    assert "Enter a day from" in page.text
    alice.press("Read again", {"Read again since…": f"{clock.now():%Y-%m-%d}"})
    assert look() == 1
