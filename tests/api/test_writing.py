import gzip
import json
import threading
import uuid
from datetime import timedelta

import pytest

from portal.accounts.models import Account
from portal.api import jobs, once
from portal.api_tokens import at_once
from portal.audit import AuditEntry
from portal.database import now
from portal.operations.models import Operation
from portal.organisations.models import Organisation
from portal.people.models import Employee
from tests.api.conftest import kind_of
from tests.cast import account_of

ADA = {"employee_number": "E1042", "first_name": "Ada", "last_name": "Lovelace", "personal_email": "ada@home.example"}
NEW = {"licence_id": "none"}


@pytest.fixture
def zoe(cast, acme, connection, mailbox, impatient):
    """An employee of Acme, which is connected."""
    return cast.employee(acme, "Zoe", "Zulu", personal_email="zoe@home.example")


def at(employee, verb=""):
    return f"employees/{employee.id}/accounts/microsoft-365{'/' if verb else ''}{verb}"


def counts(tables):
    names = set(tables.get_tables()) - {"rate_count", "session"}
    return {name: tables.execute_sql(f'SELECT count(*) FROM "{name}"').fetchone() for name in names}  # noqa: S608


def last_line(action):
    return AuditEntry.select().where(AuditEntry.action == action).order_by(AuditEntry.id.desc()).first()


def test_an_employee_is_added_and_the_audit_log_names_the_token_and_who_made_it(acme, payroll, alice):
    answer = payroll.post("employees", ADA)
    assert answer.status_code == 201
    ada = Employee.get(Employee.organisation == acme)
    assert answer.headers["Location"] == f"/api/v1/employees/{ada.id}"
    assert payroll.get(f"employees/{ada.id}").headers["ETag"] == answer.headers["ETag"]
    line = last_line("add employee")
    assert (line.by_id, line.by_name, line.detail["token_made_by"]) == (None, "API token Payroll", "Alice")
    assert "API token Payroll" in alice.get("/settings/audit-log").text
    refused = payroll.post("employees", ADA)
    assert refused.json["errors"][0]["pointer"] == "/employee_number"


def test_what_is_wrong_with_a_record_is_said_in_the_words_of_the_form(payroll, alice):
    wrong = {"employee_number": "E1", "first_name": "Ada", "country": "XX", "start_date": "2027-02-01", "manager": "7"}
    errors = payroll.post("employees", wrong).json["errors"]
    said = {error["pointer"]: error["detail"] for error in errors}
    assert said["/country"] == "“XX” is not a country code: use two letters, such as GB."
    assert said["/manager"] == "Nobody in your organisation has this id."
    late = {"employee_number": "E1", "first_name": "Ada", "start_date": "2027-02-01", "end_date": "2027-01-01"}
    [error] = payroll.post("employees", late).json["errors"]
    assert error["pointer"] == "/end_date"
    assert "is before the start date" in error["detail"]


def test_o08_the_same_key_twenty_times_at_once_makes_one_account_and_later_gives_the_end(
    app, payroll, zoe, sandbox, monkeypatch
):
    # Of the requests of one token, four would be let in at a time.
    monkeypatch.setattr(at_once, "MOST", 20)
    key, answers = str(uuid.uuid4()), []

    def ask():
        answers.append(payroll.post(at(zoe, "create"), NEW, key=key))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A database with twenty at once may also say that it is busy.
    assert {answer.status_code for answer in answers} <= {202, 409, 503}
    made = {answer.json["id"] for answer in answers if answer.status_code == 202}
    assert made == {str(Operation.get().id)}
    again = payroll.post(at(zoe, "create"), NEW, key=key)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (202, "true")
    assert again.json["state"] == "done"
    assert payroll.get(again.headers["Location"]).json["username"] == account_of(zoe).username
    assert kind_of(payroll.post(at(zoe, "create"), {**NEW, "another": True}, key=key)) == "key-reused"
    assert kind_of(payroll.post(at(zoe, "create"), NEW, key=None)) == "key-needed"
    assert Account.select().count() == 1


def test_o08_after_a_crash_in_the_middle_the_replay_gives_what_was_made(payroll, zoe, monkeypatch):
    key = str(uuid.uuid4())
    with monkeypatch.context() as broken:
        broken.setattr("portal.api.once._end", lambda *_: 1 / 0)
        assert payroll.post(at(zoe, "create"), NEW, key=key).status_code == 500
    answer = payroll.post(at(zoe, "create"), NEW, key=key)
    assert (answer.status_code, answer.json["id"]) == (202, str(Operation.get().id))
    # One that died before it wrote anything down is begun again once its minute is over.
    key = str(uuid.uuid4())
    with monkeypatch.context() as broken:
        broken.setattr("portal.api.once.OnceKey.delete", lambda: once.OnceKey.select())
        broken.setattr("portal.people.actions.add_employee", lambda *_, **__: 1 / 0)
        assert payroll.post("employees", ADA, key=key).status_code == 500
    waiting = payroll.post("employees", ADA, key=key)
    assert (kind_of(waiting), waiting.headers["Retry-After"]) == ("still-running", "2")
    once.OnceKey.update(lease_from=now() - 2 * once.LEASE).execute()
    assert payroll.post("employees", ADA, key=key).status_code == 201


def test_keys_are_forgotten_after_a_day(payroll):
    payroll.post("employees", ADA)
    once.OnceKey.update(begun_at=now() - timedelta(hours=25)).execute()
    jobs.forget_keys.call_local()
    assert once.OnceKey.select().count() == 0


def test_o09_a_change_names_the_version_that_it_has_seen(cast, acme, payroll):
    zoe = cast.employee(acme, "Zoe")
    path = f"employees/{zoe.id}"
    seen = payroll.get(path).headers["ETag"]
    assert kind_of(payroll.patch(path, {"job_title": "Buyer"}, seen="")) == "version-needed"
    fresh = payroll.patch(path, {"job_title": "Buyer"}, seen=seen)
    assert fresh.json["job_title"] == "Buyer"
    old = payroll.patch(path, {"job_title": "Seller"}, seen=seen)
    assert (kind_of(old), old.status_code, old.json["current"]) == ("version-old", 412, fresh.headers["ETag"])
    assert payroll.patch(path, {"job_title": None}).json["job_title"] == ""
    assert payroll.patch(path, {"job_title": "x", "name": "y"}).json["errors"][0]["pointer"] == "/name"


def test_o09_of_two_changes_at_once_one_wins(cast, acme, payroll, monkeypatch):
    both = threading.Barrier(2, timeout=30)
    # Neither goes on before both have been compared with the version they have seen.
    monkeypatch.setattr("portal.api.employee_views._ask_before_harm", lambda *_, **__: both.wait())
    path = f"employees/{cast.employee(acme, 'Zoe').id}"
    seen, answers = payroll.get(path).headers["ETag"], []

    def change(title):
        answers.append(payroll.patch(path, {"job_title": title}, seen=seen).status_code)

    threads = [threading.Thread(target=change, args=(title,)) for title in ("Buyer", "Seller")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 412]


def test_o10_a_dry_run_writes_nothing_and_says_what_would_change(acme, payroll, zoe, tables):
    payroll.get("me")
    before = counts(tables)
    made = payroll.post("employees", ADA, key=None, dry_run="true").json
    assert (made["dry_run"], made["after"]["first_name"], made["brake"]["on"]) == (True, "Ada", False)
    Organisation.update(approval_above=0).execute()
    changed = payroll.patch(f"employees/{zoe.id}", {"job_title": "Buyer"}, dry_run="true").json
    assert (changed["before"], changed["after"]) == ({"job_title": ""}, {"job_title": "Buyer"})
    account = payroll.post(at(zoe, "create"), NEW, key=None, dry_run="true").json
    assert (account["before"]["status"], account["after"]["status"]) == ("No access", "Active")
    assert account["after"]["username"].startswith("zoe.zulu@")
    assert account["brake"]["on"] is True
    too_long = payroll.post("employees", ADA, key="k" * 256, dry_run="true")
    assert (kind_of(too_long), "255" in too_long.json["detail"]) == ("key-needed", True)
    no_boolean = payroll.post(at(zoe, "create"), {**NEW, "another": 0}, dry_run="true")
    assert no_boolean.json["errors"][0]["pointer"] == "/another"
    assert counts(tables) == before


def test_the_brake_holds_what_tokens_do_within_a_day(cast, acme, payroll, zoe):
    Organisation.update(approval_above=1).execute()
    assert payroll.post(at(zoe, "create"), NEW).status_code == 202
    refused = payroll.post(at(zoe, "deactivate"))
    assert kind_of(refused) == "brake"
    assert "second Admin" in refused.json["next_step"]
    assert account_of(zoe).enabled
    people = [cast.employee(acme, "Leaver", str(number)) for number in range(3)]
    # A leave of absence blocks an account as a last day does.
    dates = [{"end_date": "2030-01-31"}, {"leave_from": "2030-01-31"}, {"end_date": "2030-01-31"}]
    answers = [payroll.patch(f"employees/{one.id}", day) for one, day in zip(people, dates, strict=True)]
    assert [answer.status_code for answer in answers] == [200, 409, 409]
    Operation.update(created_at=now() - timedelta(days=2)).execute()
    assert payroll.post(at(zoe, "deactivate")).json["state"] == "done"


def test_the_brake_counts_dates_once_more_where_they_are_written(cast, acme, payroll, monkeypatch):
    Organisation.update(approval_above=1).execute()
    people = [cast.employee(acme, "Leaver", str(number)) for number in range(2)]
    # As if both had been let through at the same moment.
    monkeypatch.setattr("portal.api.brake.check", lambda found: None)
    answers = [payroll.patch(f"employees/{one.id}", {"end_date": "2030-01-31"}) for one in people]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert kind_of(answers[1]) == "brake"
    assert Employee.select().where(Employee.end_date.is_null(False)).count() == 1


def test_an_account_is_created_deactivated_and_reactivated(payroll, zoe, sandbox, system, mallory):
    created = payroll.post(at(zoe, "create"), {**NEW, "username": "zoe@acme.example"})
    assert (created.status_code, created.json["state"], created.json["by"]) == (202, "done", "API token Payroll")
    assert kind_of(system(mallory).get(created.headers["Location"])) == "not-found"
    assert payroll.post(at(zoe, "deactivate")).json["state"] == "done"
    assert sandbox.user("zoe@acme.example").sign_in_blocked
    assert payroll.get(at(zoe)).json["status"] == "Deactivated"
    assert payroll.post(at(zoe, "reactivate")).json["state"] == "done"
    assert [one["verb"] for one in payroll.get("operations").json["items"]] == ["create", "deactivate", "reactivate"]


def test_o12_a_token_is_refused_for_the_same_reasons_in_the_same_words_as_the_button(
    alice, cast, acme, payroll, zoe, sandbox, connection
):
    assert kind_of(payroll.post(at(zoe, "deactivate"))) == "no-account"
    wrong = payroll.post(at(zoe, "create"), {**NEW, "username": "zoe@nowhere.example"})
    assert wrong.json["errors"][0]["pointer"] == "/username"
    assert "not one of your organisation’s verified domains" in wrong.json["errors"][0]["detail"]
    payroll.post(at(zoe, "create"), {**NEW, "username": "zoe@acme.example"})
    again = payroll.post(at(zoe, "create"), NEW)
    assert again.json["detail"] == "Zoe Zulu already has an account: nothing was created."
    sandbox.give_role("zoe@acme.example", "Global Administrator")
    refused = payroll.post(at(zoe, "deactivate"))
    assert kind_of(refused) == "protected"
    page = alice.get(f"/people/employees/{zoe.id}/account-provisioning/microsoft-365/deactivate", fragment=True)
    assert refused.json["detail"] in page.text
    assert Operation.select().where(Operation.verb == "deactivate").count() == 0
    sandbox.take_roles("zoe@acme.example")
    sandbox.patch_user("zoe@acme.example", onPremisesSyncEnabled=True)
    refused = payroll.post(at(zoe, "deactivate"))
    assert "synchronised from your own directory" in refused.json["detail"]
    gus = cast.employee(acme, "Gus", "Guest")
    guest = next(user for user in sandbox.users() if "#EXT#" in user.username)
    refused = payroll.post(at(gus, "link"), {"account_id": guest.id})
    assert "guest from another company" in refused.json["detail"]


def test_o12_while_another_change_is_open_nothing_else_begins(payroll, zoe):
    payroll.post(at(zoe, "create"), NEW)
    Operation.update(state="waiting", not_before=now() + timedelta(hours=1)).execute()
    refused = payroll.post(at(zoe, "deactivate"))
    assert kind_of(refused) == "nothing-to-do"
    assert "Another change is under way for Zoe Zulu" in refused.json["detail"]


def test_one_who_may_have_an_account_is_asked_about_and_linked(cast, acme, payroll, connection, sandbox, mailbox):
    mona = cast.employee(acme, "Mona", "Manager")
    asked = payroll.post(at(mona, "create"), NEW)
    assert kind_of(asked) == "may-have-one"
    [candidate] = asked.json["candidates"]
    assert candidate["username"] == "mona.manager@acme.example"
    linked = payroll.post(at(mona, "link"), {"account_id": candidate["account_id"]})
    assert linked.json["state"] == "done"
    assert account_of(mona).username == "mona.manager@acme.example"


def test_a_password_never_goes_to_an_address_that_a_token_has_just_changed(payroll, zoe):
    payroll.patch(f"employees/{zoe.id}", {"personal_email": "mallory@evil.example"})
    assert kind_of(payroll.post(at(zoe, "create"), NEW)) == "address-is-new"
    assert Operation.select().count() == 0


def test_a_body_is_json_in_utf8_with_or_without_its_mark_and_never_packed(payroll):
    def add(number, content, kind="application/json", **headers):
        sent = {"Authorization": f"Bearer {payroll.token}", "Idempotency-Key": number, **headers}
        return payroll.app.test_client().post("/api/v1/employees", headers=sent, data=content, content_type=kind)

    def body(number, encoding="utf-8"):
        return json.dumps({"employee_number": number, "first_name": "Zoë"}, ensure_ascii=False).encode(encoding)

    assert add("1", body("1", "utf-8-sig")).json["first_name"] == "Zoë"
    assert add("2", body("2"), "application/json; charset=UTF-8").status_code == 201
    for answer in (
        add("3", gzip.compress(body("3")), **{"Content-Encoding": "gzip"}),
        add("4", body("4", "latin-1"), "application/json; charset=iso-8859-1"),
        add("5", body("5", "utf-16"), "application/json; charset=utf-16"),
    ):
        assert (answer.status_code, kind_of(answer)) == (415, "not-json")
        assert "Send JSON in UTF-8" in answer.json["next_step"]
    assert Employee.select().count() == 2


def test_a_question_with_a_part_twice_is_not_answered_for_one_of_them(payroll):
    answer = payroll.get("employees?employee_number=1&employee_number=2")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (400, "?employee_number")
    assert "ask once for each value" in answer.json["errors"][0]["detail"]
