import base64
import hashlib
import hmac
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from portal import database
from portal.audit import AuditEntry
from portal.guard import addresses, turns
from portal.mail import lane
from portal.organisations import setup
from portal.people import actions as people
from portal.people.models import Employee
from portal.webhooks import actions, delivering, jobs, signing
from portal.webhooks.kinds import KINDS, TEST
from portal.webhooks.models import Delivery, Receiver
from tests.cast import account_of
from tests.provisioning.conftest import at, tab
from tests.receiver import Receiver as Listening
from tests.receiver import Reply

PAGE = "/settings/integrations"
DOCS = Path(__file__).parents[2] / "docs" / "integrations" / "webhooks.md"


def verified(secret, got):
    """Whether one of the signatures is of this message, by the words of the specification."""
    signed = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return wanted in got.headers["webhook-signature"].split()


def told(listening):
    return [json.loads(got.body)["type"] for got in listening.got]


def due_now():
    Delivery.update(not_before=database.now()).where(Delivery.state == "waiting").execute()


def secret_on(page):
    return page.soup.select_one("#secret-text").get_text()


def test_o25_the_signature_is_that_of_the_specifications_own_example():
    found = signing.signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_o25_a_webhook_is_entered_once_shown_its_secret_and_told_with_two_signatures_while_it_rotates(
    alice, cast, acme, listening, deliver, tables
):
    alice.get(PAGE)
    alice.press("Add webhook")
    page = alice.press("Add webhook", {"Name": "Payroll", "Address": listening.url})
    first = secret_on(page)
    kept = repr(tables.execute_sql("SELECT * FROM webhook_receiver").fetchall())
    assert first not in kept
    assert listening.url not in kept
    alice.press("I have saved it")
    assert first not in alice.page.html
    alice.press("Rotate the secret")
    second = secret_on(alice.press("Rotate the secret", within="main"))
    people.add_employee(acme, {"employee_number": "E1", "first_name": "Ann"}, by=alice.user)
    receiver = Receiver.get()
    deliver(receiver)
    got = listening.got[-1]
    assert verified(first, got)
    assert verified(second, got)
    Receiver.update(old_until=database.now()).execute()
    alice.get(f"{PAGE}/receivers/{receiver.id}")
    assert "The test was accepted" in alice.press("Send a test").text
    assert not verified(first, listening.got[-1])
    assert verified(second, listening.got[-1])


def test_o26_a_message_is_tried_again_by_the_schedule_under_the_same_id_until_the_receiver_is_paused(
    alice, acme, receiver, listening, deliver, mailbox
):
    people.add_employee(acme, {"employee_number": "E1", "first_name": "Ann"}, by=alice.user)
    listening.reply = Reply(500)
    mailbox.refuse("451 not now")
    for number, wait in enumerate(delivering.SCHEDULE[1:], 1):
        assert deliver(receiver) == 1
        waiting = Delivery.get(Delivery.state == "waiting")
        later = (waiting.not_before - waiting.tried_at).total_seconds()
        assert (waiting.attempts, wait <= later <= wait * 1.1 + 20) == (number, True)
        due_now()
    assert deliver(receiver) == 0
    lane.join()
    assert {got.headers["webhook-id"] for got in listening.got} == {Delivery.get().message_id}
    assert (len(listening.got), Delivery.get().state) == (10, "failed")
    assert Receiver.get().state == "Paused"
    assert mailbox.messages == []
    for _ in range(2):
        jobs.tell_paused.call_local()
        lane.join()
    assert [message["Subject"] for message in mailbox.messages] == ["Payroll is paused"]
    assert "accepted none of 10 attempts" in alice.get(f"{PAGE}/receivers/{receiver.id}").text


@pytest.mark.parametrize(
    ("reply", "state", "wait"),
    [
        (Reply(302, {"Location": "/"}), "waiting", 5), (Reply(429, {"Retry-After": "120"}), "waiting", 120),
        (Reply(503, {"Retry-After": "90000"}), "waiting", 3600), (Reply(410), "failed", None),
    ],
)  # fmt: skip
def test_o26_an_answer_that_is_no_yes_waits_as_it_asks_and_410_switches_off(
    acme, alice, receiver, listening, deliver, mailbox, reply, state, wait
):
    people.add_employee(acme, {"employee_number": "E1", "first_name": "Ann"}, by=alice.user)
    listening.reply = reply
    deliver(receiver)
    lane.join()
    found = Delivery.get()
    assert (found.state, len(listening.got), bool(Receiver.get().paused_at)) == (state, 1, wait is None)
    if wait is not None:
        assert wait <= (found.not_before - found.tried_at).total_seconds() <= wait * 1.1 + 20


def test_o26_one_that_hangs_has_two_calls_open_and_holds_nobody_else_up(
    alice, acme, receiver, listening, authority, deliver
):
    with Listening(authority) as other:
        address = addresses.read(other.url)
        second, _ = actions.make(acme, name="Second", address=address, kinds=(), by=alice.user)
        for number in range(4):
            people.add_employee(acme, {"employee_number": f"E{number}", "first_name": "Ann"}, by=alice.user)
        listening.reply = Reply(hangs=True)
        jobs.sweep.call_local()
        for _ in range(4):
            other.arrived.get(timeout=5)
        for _ in range(2):
            listening.arrived.get(timeout=5)
        jobs.sweep.call_local()
        assert delivering._claimed(receiver.id) is None
        assert len(listening.got) == 2
        listening.let_go.set()
        delivering.LANE.join()
    assert Delivery.select().where(Delivery.receiver == second, Delivery.state == "done").count() == 4


def test_what_waits_for_a_paused_receiver_keeps_the_worker_from_nothing(alice, acme, receiver):
    people.add_employee(acme, {"employee_number": "E1", "first_name": "Ann"}, by=alice.user)
    actions.pause(receiver, by=alice.user)
    assert delivering.send_all(receiver.id) is None


def test_receivers_of_one_organisation_take_no_more_than_their_share_of_the_threads(alice, acme, receiver, listening):
    under_way = {"receiver": receiver, "kind": "test", "body": "{}", "state": "sending"}
    until = database.now() + timedelta(minutes=1)
    for number in range(delivering.MOST_OF_ONE):
        Delivery.create(message_id=str(number), until=until, **under_way)
    last, _ = actions.make(acme, name="Last", address=addresses.read(listening.url), kinds=(), by=alice.user)
    people.add_employee(acme, {"employee_number": "E1", "first_name": "Ann"}, by=alice.user)
    assert delivering.send_all(last.id) == delivering.LATER
    Delivery.delete().where(Delivery.message_id == "0").execute()
    delivering.send_all(last.id)
    assert told(listening) == ["employee.created"]


def test_one_test_of_an_organisation_at_a_time_waits_for_a_machine(alice, receiver, listening):
    with turns.turn(alice.user.organisation_id):
        alice.get(f"{PAGE}/receivers/{receiver.id}")
        assert "Another test is still waiting for an answer." in alice.press("Send a test").text
    assert listening.got == []
    assert "The test was accepted" in alice.press("Send a test").text


def test_o26_after_a_crash_in_the_middle_the_same_id_goes_out_again(alice, acme, receiver, listening, deliver):
    people.add_employee(acme, {"employee_number": "E1", "first_name": "Ann"}, by=alice.user)
    taken = delivering._claimed(receiver.id)
    delivering._called(taken.receiver, taken)
    assert deliver(receiver) == 0
    assert len(listening.got) == 1
    Delivery.update(until=database.now() - timedelta(seconds=1)).execute()
    deliver(receiver)
    assert len({got.headers["webhook-id"] for got in listening.got}) == 1
    assert len(listening.got) == 2
    assert Delivery.get().state == "done"


def test_a_change_that_is_taken_back_is_told_to_nobody(alice, acme, receiver):
    class Stop(Exception):
        pass

    def change():
        with database.transaction():
            people.add_employee(acme, {"employee_number": "E1", "first_name": "Ann"}, by=alice.user)
            raise Stop()

    with pytest.raises(Stop):
        change()
    assert not Delivery.select().exists()


def test_o28_send_again_and_send_all_since_keep_the_ids_and_no_body_holds_what_is_private(
    alice, cast, acme, receiver, listening, deliver
):
    values = {"employee_number": "E1", "first_name": "Ann", "personal_email": "ann@home.example", "mobile": "+447700"}
    ann = people.add_employee(acme, values, by=alice.user)
    people.edit_employee(
        ann, {"personal_email": "ann@elsewhere.example", "end_date": ann.organisation.today}, by=alice.user
    )
    deliver(receiver)
    assert told(listening) == ["employee.created", "employee.updated", "employee.ended"]
    assert not [got for got in listening.got if re.search(rb"home\.example|elsewhere|\+447700|Ann", got.body)]
    data = json.loads(listening.got[0].body)["data"]
    assert data == {"employee_id": str(ann.id), "employee_url": f"http://localhost/api/v1/employees/{ann.id}"}
    before = [got.headers["webhook-id"] for got in listening.got]
    page = alice.get(f"{PAGE}/receivers/{receiver.id}")
    assert page.text.count("Taken") == 3
    alice.press(f"Send again {before[0]}")
    deliver(receiver)
    since = (database.now() - timedelta(hours=1)).astimezone(acme.zone).strftime("%Y-%m-%dT%H:%M")
    assert "3 messages go out again" in alice.press("Send all since then", {"Since": since}).text
    deliver(receiver)
    assert [got.headers["webhook-id"] for got in listening.got] == [*before, before[0], *before]


def test_what_is_done_to_an_account_is_told_in_its_own_transaction(
    alice,
    cast,
    acme,
    connection,
    receiver,
    listening,
    deliver,
):
    actions.change(receiver, name="Payroll", kinds=["account.created", "account.deactivated"], by=alice.user)
    wei = cast.employee(acme)
    alice.get(tab(wei))
    alice.press("Action")
    alice.press("Create")
    alice.get(f"{at(wei)}/deactivate")
    alice.press("Confirm")
    deliver(receiver)
    assert account_of(wei)
    assert told(listening) == ["account.created", "account.deactivated"]
    data = json.loads(listening.got[0].body)["data"]
    assert (data["application"], data["state"], data["verb"]) == ("microsoft-365", "done", "create")


def test_an_import_tells_of_each_record(alice, acme, receiver, tmp_path):
    from portal.imports import importing

    file = tmp_path / "staff.csv"
    file.write_text("employee_number,first_name\nE1,Ann\nE2,Ben\n")
    importing.import_file(file, acme, by=alice.user)
    assert [delivery.kind for delivery in Delivery.select()] == ["employee.created"] * 2
    ids = [json.loads(delivery.body)["data"]["employee_id"] for delivery in Delivery.select()]
    assert ids == [str(employee.id) for employee in Employee.select()]


def test_o32_a_webhook_is_paused_with_one_press_keeps_what_happens_and_leaves_lines(
    alice, acme, receiver, listening, deliver
):
    alice.get(PAGE)
    alice.press("Pause Payroll")
    people.add_employee(acme, {"employee_number": "E1", "first_name": "Ann"}, by=alice.user)
    assert deliver(receiver) == 1
    alice.get(PAGE)
    alice.press("Resume Payroll")
    assert deliver(receiver) == 0
    alice.get(f"{PAGE}/receivers/{receiver.id}/remove")
    alice.press("Remove", within="main")
    lines = [entry.action for entry in AuditEntry.select().where(AuditEntry.subject_name == "Payroll")]
    assert lines == ["add webhook", "pause webhook", "resume webhook", "use webhook", "remove webhook"]


def test_an_address_that_cannot_be_called_is_kept_in_the_form_and_one_inside_is_refused_at_the_call(alice, authority):
    alice.get(f"{PAGE}/receivers/new")
    page = alice.press("Add webhook", {"Name": "Inside", "Address": "http://localhost/"})
    assert (page.status, page.value("Address")) == (422, "http://localhost/")
    assert "must begin with https://" in page.text
    alice.press("Add webhook", {"Name": "Inside", "Address": "https://localhost:8443/"})
    alice.press("I have saved it")
    assert "finds no public address" in alice.press("Send a test").text


def test_another_organisation_reaches_no_receiver(mallory, receiver, listening):
    mallory.get(PAGE)
    for part in ("", "/edit", "/rotate", "/remove"):
        assert mallory.get(f"{PAGE}/receivers/{receiver.id}{part}").status == 404
    assert mallory.post(f"{PAGE}/receivers/{receiver.id}/test").status == 404
    assert not listening.got


def test_every_type_is_named_in_the_docs():
    rows = re.findall(r"^\| `([a-z_.]+)` \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted([*KINDS, TEST])


def test_o32_the_connection_doctor_shows_every_door_with_its_health_and_what_is_wrong_first(
    alice, acme, connection, receiver, listening, payroll
):
    actions.make(acme, name="Well", address=addresses.read(listening.url), kinds=(), by=alice.user)
    Receiver.update(problem="It answered 500.").where(Receiver.id == receiver.id).execute()
    alice.get(PAGE)
    page = alice.press("Connection doctor")
    rows = [row.get_text(" ", strip=True) for row in page.soup.select("tbody tr")]
    assert [row.split()[0] for row in rows] == ["Microsoft", "Payroll", "Well", "Payroll"]
    assert "Needs attention It answered 500." in rows[1]
    assert "API token Active" in rows[3]
    alice.get(PAGE)
    assert "The test was accepted" in alice.press("Test Well").text


def test_o05_an_organisation_that_lost_the_plan_tells_nobody(alice, acme, receiver, listening, deliver):
    setup.set_plan(acme, "Standard")
    people.add_employee(acme, {"employee_number": "E1", "first_name": "Ann"}, by=alice.user)
    deliver(receiver)
    assert not Delivery.select().exists()
    assert not listening.got
