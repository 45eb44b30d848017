"""A person's own mail, as Exchange has it.

https://learn.microsoft.com/graph/api/resources/mail-api-overview
"""

import pytest

from tests.sandbox.person import PersonCaller

GRACE, OMAR, UMA = "grace.hopper@acme.example", "omar.ordinary@acme.example", "uma.unlicensed@acme.example"
ZOE = "zoe@outside.example"
MARKER = "String {00020329-0000-0000-C000-000000000046} Name PortalMessage"
TO_ZOE = [{"emailAddress": {"address": ZOE}}]


@pytest.fixture
def person(sandbox):
    sandbox.allow_for_people("Mail.Send", "Mail.ReadWrite", "User.Read", "MailboxSettings.Read")
    caller = PersonCaller(sandbox)
    caller.sign_in_as(OMAR)
    yield caller
    caller.close()


def draft(person, **changes):
    text, marker = {"contentType": "text", "content": "Hello Zoë"}, [{"id": MARKER, "value": "m-1"}]
    body = {"subject": "Your application", "body": text, "toRecipients": TO_ZOE,
            "singleValueExtendedProperties": marker, **changes}  # fmt: skip
    answer = person("POST", "/me/messages", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def send(person, message):
    answer = person("POST", f"/me/messages/{message['id']}/send")
    assert (answer.status_code, answer.text) == (202, "")


def found(person, condition, **more):
    return person("GET", f"/me/messages?$filter={condition}", **more).json()["value"]


def test_a_draft_that_is_sent_is_found_in_sent_items_by_its_marker_and_not_by_its_id(person, sandbox):
    sandbox.timing(sent_items=30)
    message = draft(person)
    send(person, message)
    by_marker = f"singleValueExtendedProperties/Any(ep: ep/id eq '{MARKER}' and ep/value eq 'M-1')"
    assert found(person, by_marker) == []
    sandbox.advance(31)
    (copy,) = found(person, by_marker)
    assert (copy["isDraft"], copy["internetMessageId"]) == (False, message["internetMessageId"])
    assert copy["conversationId"] == message["conversationId"]
    assert copy["id"] != message["id"]
    assert person.refused("POST", f"/me/messages/{message['id']}/send")[:2] == (404, "ErrorItemNotFound")
    assert [mail["text"] for mail in sandbox.outside(ZOE)] == ["Hello Zoë"]


def test_an_immutable_id_outlives_a_move_and_by_a_switch_a_sending_too(person, sandbox):
    immutable = {"Prefer": 'IdType="ImmutableId"'}
    sandbox.timing(new_id_on_send=0)
    message = draft(person)
    kept = person("GET", f"/me/messages/{message['id']}", **immutable).json()["id"]
    send(person, message)
    assert person("GET", f"/me/messages/{kept}").json()["isDraft"] is False
    sandbox.move_message(OMAR, kept, "archive")
    assert person("GET", f"/me/messages/{kept}", **immutable).json()["id"] == kept


def test_an_answer_from_outside_is_in_the_thread_and_names_what_it_answers(person, sandbox):
    message = draft(person)
    send(person, message)
    mail = sandbox.outside(ZOE)[0]
    sandbox.write_from_outside(answers=mail["seq"], sender=ZOE, text="With pleasure")
    both = "String 0x1042' or id eq 'String 0x1039"
    (answer,) = found(
        person,
        f"from/emailAddress/address eq '{ZOE}'&$expand=singleValueExtendedProperties($filter=id eq '{both}')"
        "&$select=uniqueBody,conversationId",
    )
    assert answer["conversationId"] == message["conversationId"]
    assert [item["value"] for item in answer["singleValueExtendedProperties"]] == [message["internetMessageId"]] * 2
    assert answer["uniqueBody"]["content"] == "With pleasure"
    sandbox.write_from_outside(answers=mail["seq"], sender="zoe@private.example", text="Again", subject="Other news")
    assert len({item["conversation"] for item in sandbox.messages(OMAR)}) == 2


def test_a_reply_is_addressed_to_whoever_wrote_even_if_that_was_oneself(person, sandbox):
    send(person, draft(person))
    own = sandbox.messages(OMAR, folder="sentitems")[0]
    reply = person("POST", f"/me/messages/{own['id']}/createReply", {"Comment": "One thing more"}).json()
    assert reply["toRecipients"][0]["emailAddress"]["address"] == OMAR
    assert (reply["subject"], reply["conversationId"]) == ("RE: Your application", own["conversation"])
    assert "Hello Zoë" in reply["body"]["content"]
    both = {"Comment": "x", "Message": {"body": {"contentType": "text", "content": "y"}}}
    assert person.refused("POST", f"/me/messages/{own['id']}/createReply", both)[0] == 400
    changed = person("PATCH", f"/me/messages/{reply['id']}", {"toRecipients": TO_ZOE}).json()
    send(person, changed)
    assert sandbox.outside(ZOE)[-1]["references"] == [own["message_id"]]


def test_mail_that_cannot_be_delivered_comes_back_and_an_absent_reader_answers_by_herself(person, sandbox):
    message = draft(person, toRecipients=[{"emailAddress": {"address": "bounce+1@outside.example"}}])
    send(person, message)
    report = sandbox.messages(OMAR, folder="inbox")[0]
    source = person("GET", f"/me/messages/{report['id']}/$value").text
    assert "Final-Recipient: rfc822;bounce+1@outside.example" in source
    assert message["internetMessageId"] in source
    send(person, draft(person, toRecipients=[{"emailAddress": {"address": "away+1@outside.example"}}]))
    away = sandbox.messages(OMAR, folder="inbox")[-1]
    headers = person("GET", f"/me/messages/{away['id']}?$select=internetMessageHeaders").json()[
        "internetMessageHeaders"
    ]
    assert {"name": "Auto-Submitted", "value": "auto-replied"} in headers


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("$filter=conversationId eq 'x'&$orderby=receivedDateTime", "InefficientFilter"),
        ("$filter=toRecipients/any(r: r/emailAddress/address eq 'a@b')", "ErrorInvalidUrlQueryFilter"),
        ("$filter=isDraft eq false or isRead eq true", "ErrorInvalidUrlQueryFilter"),
        ('$search="to:a@b.example"&$orderby=receivedDateTime', "SearchWithOrderBy"),
        ("$top=1001", "BadRequest"),
    ],
)
def test_questions_that_exchange_does_not_take_are_refused(person, query, code):
    assert person.refused("GET", f"/me/messages?{query}")[:2] == (400, code)


def test_new_mail_is_listed_in_order_and_page_by_page_in_whatever_folder_it_is(person, sandbox):
    for number in range(3):
        sandbox.write_from_outside(sender=ZOE, to=OMAR, subject=f"Mail {number}", text="Hello")
        sandbox.advance(60)
    sandbox.move_message(OMAR, sandbox.messages(OMAR)[1]["id"], "Candidates")
    mails = person.everyone(
        "/me/messages?$filter=receivedDateTime ge 2020-01-01T00:00:00Z&$orderby=receivedDateTime&$top=2"
    )
    assert [mail["subject"] for mail in mails] == ["Mail 0", "Mail 1", "Mail 2"]
    assert len(person("GET", f'/me/messages?$search="participants:{ZOE}"').json()["value"]) == 3


def test_files_go_out_and_come_in_whole(person, sandbox):
    message = draft(person)
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "offer.pdf", "contentType": "application/pdf",
            "contentBytes": "JVBERi0="}  # fmt: skip
    made = person("POST", f"/me/messages/{message['id']}/attachments", file).json()
    assert person("GET", f"/me/messages/{message['id']}/attachments/{made['id']}/$value").content == b"%PDF-"
    listed = person("GET", f"/me/messages/{message['id']}/attachments?$select=id,name,size").json()["value"]
    assert [(item["name"], "contentBytes" in item) for item in listed] == [("offer.pdf", False)]
    send(person, message)
    assert sandbox.outside(ZOE)[0]["files"] == [{"name": "offer.pdf", "type": "application/pdf", "data": "JVBERi0="}]
    big = {**file, "contentBytes": "A" * 4_100_000}
    assert person("POST", f"/me/messages/{draft(person)['id']}/attachments", big).status_code == 413


def test_nobody_sends_as_another_or_with_headers_of_another_kind(person):
    message = draft(person, **{"from": {"emailAddress": {"address": GRACE}}})
    assert person.refused("POST", f"/me/messages/{message['id']}/send")[:2] == (403, "ErrorSendAsDenied")
    header = [{"name": "In-Reply-To", "value": "<a@b>"}]
    assert (
        person.refused("POST", "/me/messages", {"internetMessageHeaders": header})[1] == "InvalidInternetMessageHeader"
    )


def test_the_calls_that_remain_are_answered_as_described(person):
    assert person("GET", "/me?$select=id,mail,proxyAddresses").json()["mail"] == OMAR
    assert person.refused("GET", "/me/mailboxSettings")[:2] == (403, "ErrorAccessDenied")
    assert person("GET", "/me/mailFolders/inbox?$select=id").json()["id"]
    assert len(person("GET", "/me/mailFolders?$top=20").json()["value"]) == 7
    assert person("GET", "/me/mailFolders/sentitems/messages").json()["value"] == []
    mail = {"message": {"subject": "Hi", "toRecipients": TO_ZOE}}
    assert person("POST", "/me/sendMail", mail).status_code == 202
    message = draft(person)
    assert person("DELETE", f"/me/messages/{message['id']}").status_code == 204
    assert person.refused("GET", f"/me/messages/{message['id']}")[0] == 404


def test_only_a_person_with_a_mailbox_has_mail(person, sandbox):
    person.sign_in_as(UMA)
    assert person.refused("GET", "/me/mailFolders/inbox")[:2] == (404, "MailboxNotEnabledForRESTAPI")
    sandbox.grant_consent("Acme")
    person.sign_in()
    assert person.refused("GET", "/me")[0] == 400
