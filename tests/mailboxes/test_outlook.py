"""What the portal does in a connected Outlook: mail is prepared, sent, and found again if no answer came."""

import uuid

import pytest

from portal.connectors.errors import ConnectorError, NotFound, Refused, TryLater
from portal.connectors.personal import Letter
from portal.mailboxes.opening import opened
from tests.mailboxes.conftest import OMAR

ZOE = "zoe@outside.example"
SENT = "sentitems"


@pytest.fixture
def outlook(omars):
    with opened(omars) as found:
        yield found


def letter(to=ZOE, subject="Your application", text="Hello Zoë"):
    return Letter(to=to, subject=subject, text=text, marker=str(uuid.uuid4()))


def test_a_mail_is_found_by_its_marker_before_and_after_it_was_sent(outlook, sandbox):
    sandbox.timing(sent_items=30)
    mail = letter()
    draft = outlook.draft(mail)
    assert outlook.find(mail.marker).sent is False
    outlook.send(draft.id)
    assert outlook.find(mail.marker, draft.message_id) is None
    sandbox.advance(31)
    found = outlook.find(mail.marker)
    assert (found.sent, found.message_id, found.thread) == (True, draft.message_id, draft.thread)
    assert found.web_link.startswith("https://outlook.office365.com/")
    assert [item["text"] for item in sandbox.outside(ZOE)] == ["Hello Zoë"]
    assert mail.marker not in str(sandbox.outside(ZOE))
    with pytest.raises(NotFound):
        outlook.send(draft.id)


def test_r44_an_answer_stays_in_the_thread_and_goes_to_the_candidate_alone(outlook, sandbox):
    first = letter()
    draft = outlook.draft(first)
    outlook.send(draft.id)
    answer = letter(subject="RE: Your application", text="One thing more")
    # The last mail of the thread is our own: Outlook would address the answer to ourselves.
    reply = outlook.draft(answer, in_reply_to=draft.message_id)
    assert reply.thread == draft.thread
    outlook.send(reply.id)
    last = sandbox.outside(ZOE)[-1]
    assert (last["references"], last["text"]) == ([draft.message_id], "One thing more")
    assert all(OMAR not in item["to"] for item in sandbox.messages(OMAR))


def test_an_answer_to_a_mail_that_is_gone_goes_out_all_the_same(outlook, sandbox):
    outlook.send(outlook.draft(letter(), in_reply_to="<nothing@outside.example>").id)
    assert len(sandbox.outside(ZOE)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "lost answer"},
        {"kind": "done but refused", "status": 504},
        {"kind": "done but refused", "status": 503},
    ],
)
def test_a_lost_answer_to_a_sending_is_an_unknown_outcome_and_the_mail_is_found(outlook, sandbox, fault):
    mail = letter()
    draft = outlook.draft(mail)
    sandbox.fault(method="POST", path="/send$", **fault)
    with pytest.raises(TryLater) as raised:
        outlook.send(draft.id)
    assert raised.value.unknown
    assert outlook.find(mail.marker).sent
    assert len(sandbox.outside(ZOE)) == 1


def test_accepted_is_accepted_whatever_else_the_answer_says(outlook, sandbox):
    draft = outlook.draft(letter())
    sandbox.fault(method="POST", path="/send$", kind="done but refused", status=202, retry_after=1, body="empty")
    outlook.send(draft.id)
    assert len(sandbox.outside(ZOE)) == 1
    assert sum(call.path.endswith("/send") for call in outlook.calls) == 1


def test_a_draft_whose_making_was_not_answered_is_found_and_written_again(outlook, sandbox):
    mail = letter()
    sandbox.fault(method="POST", path="/messages$", kind="lost answer")
    with pytest.raises(TryLater) as raised:
        outlook.draft(mail)
    assert raised.value.unknown
    sandbox.clear_faults()
    found = outlook.find(mail.marker)
    again = outlook.rewrite(found.id, mail)
    assert (again.id, again.message_id) == (found.id, found.message_id)
    assert len(sandbox.messages(OMAR)) == 1


def test_files_go_along_and_what_is_there_already_is_listed(outlook, sandbox):
    draft = outlook.draft(letter())
    outlook.attach(draft.id, "Zoë – Angebot.pdf", "application/pdf", b"%PDF-1.7")
    assert outlook.attached(draft.id) == ["Zoë – Angebot.pdf"]
    outlook.send(draft.id)
    assert [file["name"] for file in sandbox.outside(ZOE)[0]["files"]] == ["Zoë – Angebot.pdf"]


def test_a_draft_is_thrown_away_and_that_it_is_gone_is_no_trouble(outlook, sandbox):
    draft = outlook.draft(letter())
    outlook.trash(draft.id)
    outlook.trash("AAMk-never-there")
    assert [item["folder"] for item in sandbox.messages(OMAR)] == ["deleteditems"]


@pytest.mark.parametrize(
    ("status", "code", "kind", "words"),
    [
        (400, "ErrorInvalidRecipients", Refused, "does not accept the recipient’s address"),
        (403, "ErrorSendAsDenied", Refused, "does not let you send from this address"),
        (403, "ErrorExceededMessageLimit", TryLater, "takes no more mail from you today"),
        (507, "ErrorQuotaExceeded", TryLater, "Your mailbox is full."),
        (403, "ErrorAccountSuspend", Refused, "Microsoft stopped mail from your account."),
        (413, "ErrorMessageSizeExceeded", Refused, "The files are too big"),
    ],
)
def test_each_refusal_is_told_in_words(outlook, sandbox, status, code, kind, words):
    draft = outlook.draft(letter())
    sandbox.fault(method="POST", path="/send$", status=status, code=code)
    with pytest.raises(ConnectorError) as raised:
        outlook.send(draft.id)
    assert type(raised.value) is kind
    assert words in raised.value.message


def test_a_name_with_a_quote_is_only_text_in_a_question(outlook):
    assert outlook.find("x' or isDraft eq true or 'a' eq 'a", "<it's@home.example>") is None


def test_neither_text_nor_recipient_of_a_mail_is_kept_of_its_sending(outlook):
    outlook.send(outlook.draft(letter(text="You earn 50,000")).id)
    kept = str([(call.path, call.sent, call.received) for call in outlook.calls])
    assert "50,000" not in kept
    assert ZOE not in kept
