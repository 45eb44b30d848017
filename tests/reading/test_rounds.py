"""What a round of reading takes, from whom, and what it leaves alone."""

from portal.auth.models import AccessLevel
from portal.candidate_care import erasing
from portal.database import database
from portal.mailboxes.models import Mailbox
from portal.messages.models import Direction, Message, MessageKind, MessageState
from portal.reading import jobs, taking
from portal.reading.models import Unassigned, Why
from portal.recruitment.models import Application, CandidateAddress, Ended
from tests.mailboxes.conftest import MONA, OMAR, outlook
from tests.reading.conftest import ZOE, applied, look, wrote
from tests.sandbox.person import PersonCaller

PRIVATE = "zoe.lukasz@private.example"


def received():
    return Message.select().where(Message.state == MessageState.RECEIVED).order_by(Message.id)


def test_r45_a_reply_appears_within_one_round_without_its_quote(zoe, sandbox):
    message, outside = wrote(sandbox, zoe)
    sandbox.write_from_outside(answers=outside["seq"], sender=ZOE, text="With pleasure!", name="Zoë")
    look()
    (reply,) = received()
    assert (reply.text, reply.sender, reply.subject) == ("With pleasure!", ZOE, "Re: Your application")
    assert (reply.candidate_id, reply.application_id) == (zoe.candidate_id, zoe.id)
    assert reply.in_reply_to == message.message_id
    assert look() == 2, "the copy in Sent Items is the message itself"


def test_r45_another_subject_is_taken_another_address_is_offered_and_anothers_mail_is_never_hers(zoe, nurse, sandbox):
    other = applied(nurse, "Max", "Mustermann", "max@home.example")
    _, outside = wrote(sandbox, zoe)
    sandbox.write_from_outside(answers=outside["seq"], sender=ZOE, text="New", subject="Something else")
    sandbox.write_from_outside(answers=outside["seq"], sender=PRIVATE, text="It is me")
    # Max answers what was written to Zoë: it is his all the same.
    sandbox.write_from_outside(answers=outside["seq"], sender="max@home.example", text="I am Max")
    look()
    assert [(one.candidate_id, one.text) for one in received()] == [
        (zoe.candidate_id, "New"), (other.candidate_id, "I am Max"),
    ]  # fmt: skip
    (row,) = Unassigned.select()
    assert (row.candidate_id, row.sender, row.why) == (zoe.candidate_id, PRIVATE, Why.ANSWERS)
    assert "It is me" not in everything()


def everything():
    """All that the database holds, as text."""
    return "\n".join(
        str(row)
        for table in database.get_tables()
        for row in database.execute_sql(f'SELECT * FROM "{table}"')  # noqa: S608
    )


def test_r46_a_bounce_marks_message_and_address_and_an_automatic_reply_is_told_from_a_persons(zoe, nurse, sandbox):
    lost = applied(nurse, "Bo", "Unce", "bounce+1@home.example")
    message, _ = wrote(sandbox, lost, to="bounce+1@home.example")
    away = applied(nurse, "Al", "Way", "away+1@home.example")
    wrote(sandbox, away, to="away+1@home.example")
    look()
    message = Message.get_by_id(message.id)
    assert message.state == MessageState.BOUNCED
    assert "bounce+1@home.example did not accept it" in message.problem
    assert CandidateAddress.get(CandidateAddress.candidate == lost.candidate_id).bounced_at is not None
    assert {one.candidate_id: one.kind for one in received()} == {
        lost.candidate_id: MessageKind.BOUNCE, away.candidate_id: MessageKind.AUTOMATIC,
    }  # fmt: skip


def test_r46_a_bounce_of_another_mail_server_is_known_by_the_mail_that_it_quotes(zoe, sandbox):
    message, _ = wrote(sandbox, zoe)
    source = (
        "Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns;mx\r\n\r\nFinal-Recipient: rfc822; {ZOE}\r\nAction: failed\r\nStatus: 5.2.2\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {message.message_id}\r\n\r\nHello\r\n--b--\r\n"
    )
    sandbox.write_from_outside(
        sender="MAILER-DAEMON@home.example", to=OMAR, subject="failure notice", text="Hi.", source=source
    )
    look()
    assert "5.2.2" in Message.get_by_id(message.id).problem


def test_r47_mail_that_is_nobodys_leaves_no_trace(zoe, sandbox, caplog):
    words = ("doctor", "diagnosis", "praxis.example", "payslip", "lunch")
    sandbox.write_from_outside(sender="doctor@praxis.example", to=OMAR, subject="Your diagnosis", text="diagnosis")
    sandbox.write_from_outside(sender="Mailer-Daemon@praxis.example", to=OMAR, subject="payslip", text="payslip")
    sandbox.write_from_outside(sender="x@praxis.example", to=OMAR, subject="RE: lunch", text="lunch", cc=MONA)
    sandbox.clear_requests()
    look()
    kept = everything() + caplog.text
    assert not [word for word in words if word in kept]
    asked = [line.path for line in sandbox.requests("GET")]
    assert [path for path in asked if "/messages/" in path and not path.endswith("/$value")] == []
    assert (Message.select().count(), Unassigned.select().count()) == (0, 0)


def test_r48_a_mail_to_two_recruiters_is_one_row(zoe, cast, acme, elsewhere, sandbox):
    bob = cast.person(acme, "Bob", AccessLevel.ADMIN)
    assert outlook(bob, elsewhere, MONA)
    _, outside = wrote(sandbox, zoe)
    common = {"references": [outside["internet_id"]], "message_id": "<one@home.example>"}
    for to in (OMAR, MONA):
        sandbox.write_from_outside(sender=ZOE, to=to, subject="Hello both", text="Hello", **common)
    look()
    assert received().count() == 1
    assert len([line for line in sandbox.requests("GET") if "/attachments" not in line.path and
                "/me/messages/" in line.path]) == 1  # fmt: skip


def test_r49_a_mail_that_a_rule_or_its_reader_moved_is_found(zoe, sandbox):
    rule = {"displayName": "r", "sequence": 1, "isEnabled": True, "conditions": {"senderContains": ["home.example"]},
            "actions": {"moveToFolder": "Applicants"}}  # fmt: skip
    sandbox.change_mailbox(OMAR, rules=[rule])
    sandbox.write_from_outside(sender=ZOE, to=OMAR, subject="One", text="By a rule")
    sandbox.write_from_outside(sender=ZOE, to=OMAR, subject="Two", text="By hand")
    sandbox.move_message(OMAR, sandbox.messages(OMAR)[-1]["id"], "archive")
    look()
    assert {item["folder"] for item in sandbox.messages(OMAR)} == {"Applicants", "archive"}
    assert [one.text for one in received()] == ["By a rule", "By hand"]


def test_what_was_sent_from_outlook_by_hand_is_recorded_and_internal_mail_is_not(zoe, alice, sandbox):
    from_omar = PersonCaller(sandbox)
    from_omar.sign_in_as(OMAR)
    for to, text in ((ZOE, "Come on Monday"), (MONA, f"What do you think of {ZOE}?")):
        mail = {"subject": "Hi", "body": {"contentType": "text", "content": text},
                "toRecipients": [{"emailAddress": {"address": to}}]}  # fmt: skip
        assert from_omar("POST", "/me/sendMail", {"message": mail}).status_code == 202
    from_omar.close()
    look()
    (sent,) = Message.select()
    assert (sent.text, sent.direction, sent.state, sent.by_name) == (
        "Come on Monday", Direction.OUT, MessageState.CONFIRMED, alice.user.display_name,
    )  # fmt: skip


def test_a_users_own_application_and_a_colleague_who_was_hired_stay_out(zoe, alice, acme, nurse, cast, sandbox):
    mine = applied(nurse, "Alice", "Admin", "alice@home.example")
    alice.user.employee = cast.employee(acme, "Alice", "Admin", personal_email="alice@home.example")
    alice.user.save()
    _, outside = wrote(sandbox, zoe)
    Application.update(ended=Ended.HIRED).where(Application.id == zoe.id).execute()
    sandbox.write_from_outside(sender="alice@home.example", to=OMAR, subject="To myself", text="Milk")
    sandbox.write_from_outside(sender=ZOE, to=OMAR, subject="Rota", text="I am ill today")
    sandbox.write_from_outside(answers=outside["seq"], sender=ZOE, text="Thank you")
    look()
    assert [one.text for one in received()] == ["Thank you"]
    assert not Message.select().where(Message.candidate == mine.candidate_id).exists()


def test_one_mail_that_cannot_be_read_keeps_no_other_waiting_and_a_busy_mailbox_is_read_later(zoe, sandbox):
    for text in ("First", "Second"):
        sandbox.write_from_outside(sender=ZOE, to=OMAR, subject=text, text=text)
        sandbox.advance(1)
    sandbox.fault(method="GET", path="/me/messages/", status=400, code="ErrorCorruptData", times=1)
    sandbox.fault(method="GET", path="/me/messages/", status=429, times=20)
    assert look() == 1
    sandbox.clear_faults()
    look()
    assert [one.text for one in received()] == [taking.NOT_READ, "Second"]


def test_r63_a_round_asks_each_mailbox_once_a_hundred_mails_and_nothing_more_of_mail_that_is_nobodys(zoe, sandbox):
    def asked():
        sandbox.clear_requests()
        look()
        return len(sandbox.requests(path="/v1.0/"))

    assert asked() == 1
    for number in range(101):
        sandbox.write_from_outside(sender=f"n{number}@praxis.example", to=OMAR, subject="Offer", text="Buy")
    sandbox.write_from_outside(sender=ZOE, to=OMAR, subject="Hi", text="Hello")
    # Two pages of who wrote to whom, and the one mail that is a candidate's.
    assert (asked(), asked()) == (3, 2)


def test_reading_and_sending_take_turns_in_a_mailbox(zoe, sandbox):
    sandbox.write_from_outside(sender=ZOE, to=OMAR, subject="Hi", text="Hi")
    sender = Mailbox.get()
    assert sender.claim()
    assert look() == 0
    sender.release()
    assert look() == 1


def test_a_mailbox_that_was_disconnected_is_not_read(zoe, alice, elsewhere, sandbox):
    alice.get("/account")
    alice.press("Disconnect Outlook")
    alice.press("Disconnect")
    sandbox.clear_requests()
    look()
    assert sandbox.requests() == []


def test_what_was_read_of_an_erased_candidate_goes_with_them(zoe, sandbox):
    _, outside = wrote(sandbox, zoe)
    sandbox.write_from_outside(answers=outside["seq"], sender=ZOE, text="Secret words")
    sandbox.write_from_outside(answers=outside["seq"], sender=PRIVATE, text="Me too")
    look()
    erasing.erase(zoe.candidate, by="portal")
    assert (Message.select().count(), Unassigned.select().count()) == (0, 0)
    look()
    kept = everything()
    assert "Secret words" not in kept
    assert PRIVATE not in kept


def test_a_round_does_not_ask_again_where_the_sign_in_service_of_the_tenant_is(zoe, sandbox):
    look()
    sandbox.clear_requests()
    look()
    assert sandbox.requests("GET", "/me/messages")
    assert not sandbox.requests("GET", "openid-configuration")


def test_a_mailbox_that_does_not_answer_keeps_the_worker_from_nothing(zoe, sandbox):
    _, outside = wrote(sandbox, zoe)
    sandbox.write_from_outside(answers=outside["seq"], sender=ZOE, text="With pleasure!")
    sandbox.fault(method="GET", path="/messages", kind="slow", seconds=1.0)
    Mailbox.update(read_at=None).execute()
    jobs.read_mailboxes.call_local()
    assert jobs.LANE.under_way == 1
    jobs.LANE.join()
    assert [one.text for one in received()] == ["With pleasure!"]
