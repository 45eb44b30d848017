"""What the portal reads in a connected Outlook: who wrote to whom, and the mail itself once it is a candidate's."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from portal.connectors import delivery_reports
from portal.connectors.personal import Kind
from portal.mailboxes.opening import opened
from tests.mailboxes.conftest import OMAR
from tests.mailboxes.test_outlook import ZOE, letter

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
BOUNCING = "bounce+1@outside.example"


@pytest.fixture
def outlook(omars):
    with opened(omars) as found:
        yield found


def written(outlook, to=ZOE):
    draft = outlook.draft(letter(to=to))
    outlook.send(draft.id)
    return draft


def test_of_a_mail_only_who_wrote_to_whom_is_listed_in_whatever_folder_it_is(outlook, sandbox):
    sent = written(outlook)
    outlook.draft(letter(text="Not sent yet"))
    sandbox.advance(60)
    seq = sandbox.outside(ZOE)[0]["seq"]
    sandbox.change_mailbox(OMAR, rules=[rule("Candidates")])
    sandbox.write_from_outside(answers=seq, sender=ZOE, text="With pleasure")
    (out, back) = outlook.since(LONG_AGO)
    assert (out.sender, out.recipients, bool(out.marker)) == (OMAR, (ZOE,), True)
    assert (back.sender, back.answers, back.thread) == (ZOE, (sent.message_id,), sent.thread)
    assert sandbox.messages(OMAR)[-1]["folder"] == "Candidates"
    assert list(outlook.since(back.at + timedelta(seconds=1))) == []
    asked = [line for line in sandbox.requests() if line.path == "/v1.0/me/messages" and line.method == "GET"]
    assert all("body" not in line.query.casefold() and "subject" not in line.query for line in asked)


def rule(folder):
    return {
        "displayName": "File", "sequence": 1, "isEnabled": True, "conditions": {"senderContains": ["outside.example"]},
        "actions": {"moveToFolder": folder},
    }  # fmt: skip


@pytest.mark.parametrize("fault", ["left out", "refused"])
def test_properties_that_do_not_come_together_are_asked_for_one_by_one(outlook, sandbox, fault):
    sent = written(outlook)
    sandbox.write_from_outside(answers=sandbox.outside(ZOE)[0]["seq"], sender=ZOE, text="Yes")
    if fault == "left out":
        sandbox.timing(joined_properties=0)
    else:
        sandbox.fault(method="GET", path="/me/messages$", status=400, code="ErrorInvalidUrlQuery", times=1)
    assert [header.answers for header in outlook.since(LONG_AGO)] == [(), (sent.message_id,)]


def test_the_text_comes_without_the_quote_and_files_without_their_content(outlook, sandbox):
    written(outlook)
    files = [{"name": "Zoë – CV.pdf", "type": "application/pdf", "data": base64.b64encode(b"%PDF-1.7").decode()}]
    sandbox.write_from_outside(answers=sandbox.outside(ZOE)[0]["seq"], sender=ZOE, text="Here it is", files=files)
    back = list(outlook.since(LONG_AGO))[-1]
    mail = outlook.read(back.id)
    assert (mail.text, mail.subject, mail.kind, mail.has_files) == (
        "Here it is", "Re: Your application", Kind.PLAIN, True,
    )  # fmt: skip
    (file,) = outlook.files(back.id)
    assert (file.name, file.size, file.link) == ("Zoë – CV.pdf", 8, False)
    assert outlook.file(back.id, file.id) == b"%PDF-1.7"
    assert "Hello Zoë" in outlook.formatted(back.id)
    kept = str([(call.path, call.sent, call.received) for call in outlook.calls])
    assert "Here it is" not in kept
    assert ZOE not in kept


def test_what_a_server_and_an_absent_reader_send_is_told_from_what_a_person_writes(outlook, sandbox):
    sent = written(outlook, to=BOUNCING)
    written(outlook, to="away+1@outside.example")
    report, away = [header for header in outlook.since(LONG_AGO) if header.sender != OMAR]
    assert report.kind == Kind.BOUNCE
    told = outlook.bounce(report.id)
    assert (told.message_id, told.recipient, told.status, told.for_good) == (
        sent.message_id, BOUNCING, "5.1.1", True,
    )  # fmt: skip
    assert outlook.read(away.id).kind == Kind.AUTOMATIC
    assert outlook.bounce(away.id) is None


def test_invitations_and_cancellations_of_a_calendar_are_no_mail(outlook, sandbox):
    for end in ("Request", "Canceled"):
        kind = f"IPM.Schedule.Meeting.{end}"
        sandbox.write_from_outside(sender=ZOE, to=OMAR, subject=end, text="Join us", kind=kind)
    assert list(outlook.since(LONG_AGO)) == []


def test_an_answer_to_an_invitation_is_known_by_its_class(outlook, sandbox):
    classes = {"Pos": Kind.ACCEPTED, "Tent": Kind.TENTATIVE, "Neg": Kind.DECLINED}
    for end in classes:
        sandbox.write_from_outside(sender=ZOE, to=OMAR, subject=end, text="", kind=f"IPM.Schedule.Meeting.Resp.{end}")
        sandbox.advance(1)
    assert [header.kind for header in outlook.since(LONG_AGO)] == list(classes.values())


@pytest.mark.parametrize(
    "source",
    [
        b"", b"\xff\x00", b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\n\r\nno more",
        b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n\r\n--x--",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" * 5_000,
    ],
)  # fmt: skip
def test_what_only_looks_like_a_report_is_none(source):
    assert delivery_reports.read(source) is None
