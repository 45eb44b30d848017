import os
import threading
import time

import pytest

from portal.api_tokens.at_once import LONGEST, RequestPlace
from portal.audit import AuditEntry
from portal.database import now
from portal.people.models import Employee
from tests.api.conftest import kind_of

# `make soak` follows a long list.
MANY = 10_000 if "SOAK" in os.environ else 20


def pages(system, path, **query):
    """Every item of a list, page by page."""
    after = ""
    while after is not None:
        answer = system.get(path, **query, **({"after": after} if after else {})).json
        yield from answer["items"]
        after = answer["next"]


def test_o06_every_failure_under_the_api_is_told_in_the_same_way(app, payroll, monkeypatch):
    assert kind_of(payroll.get("nothing-here")) == "not-found"
    assert kind_of(payroll.get("employees/none")) == "not-found"
    answer = payroll.ask("DELETE", "employees")
    assert kind_of(answer) == "method-not-allowed"
    assert "GET" in answer.headers["Allow"]
    assert kind_of(app.test_client().post("/api/v2/anything")) == "not-found"
    answer = payroll.get("employees", limit=501, colour="red")
    assert kind_of(answer) == "not-valid"
    assert {error["pointer"] for error in answer.json["errors"]} == {"?limit", "?colour"}
    assert kind_of(payroll.post("employees", body=[])) == "not-valid"
    for moment in ("0.5", "2027-01-31", "2027-01-31T09:00:00", "0001-01-01T00:00:00+14:00"):
        assert kind_of(payroll.get("employees", changed_since=moment)) == "not-valid", moment
    monkeypatch.setattr("portal.api.lists.page_of", lambda *_: 1 / 0)
    assert kind_of(payroll.get("employees")) == "unexpected"


def test_private_contact_details_are_absent_without_their_scope(cast, acme, alice, system, payroll):
    zoe = cast.employee(acme, "Zoe", "Zulu", personal_email="zoe@home.example", mobile="+44 20 7946 0000")
    changed = payroll.patch(f"employees/{zoe.id}", {"personal_email": "zoe@other.example"})
    assert changed.json["personal_email"] == "zoe@other.example"
    plain = system(alice, "employees:read", "employees:write", "audit:read")
    for answer in (plain.get(f"employees/{zoe.id}"), plain.get("employees"), plain.get("audit")):
        assert answer.status_code == 200
        assert "home.example" not in answer.text + answer.headers.get("ETag", "")
        assert "other.example" not in answer.text
        assert '"mobile"' not in answer.text
    refused = plain.patch(f"employees/{zoe.id}", {"mobile": "1"})
    assert (kind_of(refused), refused.json["scope"]) == ("scope-missing", "employees:private")


def test_o07_no_employee_is_found_twice_and_none_is_missed_while_others_come_and_go(cast, acme, initech, payroll):
    old = [str(cast.employee(acme, "Old", str(number)).id) for number in range(MANY)]
    cast.employee(initech, "Not", "Ours")
    found = []
    for number, item in enumerate(pages(payroll, "employees", limit=max(3, MANY // 20))):
        found.append(item["id"])
        if number % 4 == 0:
            cast.employee(acme, "New", str(number))
        if number == 5:
            Employee.delete().where(Employee.id == int(old[MANY - 5])).execute()
    assert len(found) == len(set(found))
    assert set(old) - set(found) == {old[MANY - 5]}


def test_a_list_is_filtered_counted_and_linked_and_a_cursor_keeps_to_its_filter(cast, acme, payroll):
    for department in ("Sales", "Sales", "Buying"):
        cast.employee(acme, department=department)
    answer = payroll.get("employees", department="Sales", limit=1, count="true")
    assert (answer.json["count"], len(answer.json["items"])) == (2, 1)
    link = answer.headers["Link"]
    assert link.endswith('; rel="next"')
    assert payroll.get(link.partition(">")[0].removeprefix("<http://localhost")).json["next"] is None
    after = answer.json["next"]
    assert kind_of(payroll.get("employees", department="Buying", after=after)) == "cursor-mismatch"
    assert kind_of(payroll.get("audit", after=after)) == "cursor-mismatch"
    assert kind_of(payroll.get("employees", after=after[:-3])) == "cursor"


def test_changed_since_also_tells_of_those_who_were_erased(cast, acme, payroll):
    zoe = cast.employee(acme, "Zoe")
    moment = now()
    assert payroll.get("employees", changed_since=moment.isoformat()).json["items"] == []
    Employee.update(changed_at=now(), employee_number=f"erased-{zoe.id}").where(Employee.id == zoe.id).execute()
    [item] = payroll.get("employees", changed_since=moment.isoformat()).json["items"]
    assert (item["id"], item["erased"]) == (str(zoe.id), True)
    assert payroll.get("employees").json["items"] == []


def test_the_audit_log_by_cursor_equals_the_table(cast, acme, alice, payroll):
    payroll.post("employees", {"employee_number": "E1", "first_name": "Ada"})
    lines = [(line["number"], line["hash"]) for line in pages(payroll, "audit", limit=2)]
    kept = AuditEntry.select().where(AuditEntry.organisation == acme).order_by(AuditEntry.number)
    assert lines == [(line.number, line.hash) for line in kept]


@pytest.mark.parametrize("path", ["audit?action=%00", "operations?verb=%00", "employees?department=a%00b"])
def test_a_filter_that_no_database_knows_is_refused(payroll, path):
    answer = payroll.get(path)
    assert (kind_of(answer), answer.json["errors"][0]["detail"]) == (
        "not-valid", "Remove the character U+0000.",
    )  # fmt: skip


def test_o11_a_token_has_four_requests_at_a_time(cast, acme, payroll, system, alice, monkeypatch):
    there, go_on = threading.Barrier(5, timeout=30), threading.Event()
    monkeypatch.setattr("portal.api.employee_views._ask_before_harm", lambda *_, **__: there.wait() + go_on.wait(30))
    people, answers = [cast.employee(acme, "Zoe") for _ in range(4)], []

    def change(person):
        answers.append(payroll.patch(f"employees/{person.id}", {"job_title": "Buyer"}).status_code)

    threads = [threading.Thread(target=change, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    there.wait()
    for path in ("me", "/scim/v2/Users"):
        refused = payroll.get(path)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert kind_of(payroll.get("me")) == "too-many-at-once"
    assert system(alice, name="Another").get("me").json["limits"]["at_once"] == 4
    go_on.set()
    for thread in threads:
        thread.join()
    assert answers == [200] * 4
    assert payroll.get("me").status_code == 200


def test_o11_the_places_of_a_process_that_died_are_free_again(payroll):
    payroll.get("me")
    RequestPlace.update(until=time.time() + LONGEST).execute()
    assert payroll.get("me").status_code == 429
    RequestPlace.update(until=time.time() - 1).execute()
    assert [payroll.get("me").status_code for _ in range(5)] == [200] * 5
    assert RequestPlace.select().count() == 4


def test_o11_a_token_has_so_many_requests_a_minute_and_is_told_how_long_to_wait(payroll, system, alice, monkeypatch):
    first = payroll.get("me")
    assert (first.headers["X-RateLimit-Limit"], first.headers["X-RateLimit-Remaining"]) == ("120", "119")
    refused = payroll.get("employees/999999"), payroll.get("employees", limit=0)
    assert [answer.status_code for answer in refused] == [404, 400]
    assert not any("Retry-After" in answer.headers for answer in (first, *refused))
    monkeypatch.setattr("portal.api.routes.PER_MINUTE", 5)
    answers = [payroll.get("me") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert kind_of(answers[-1]) == "too-many-requests"
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    # The next token counts for itself.
    assert system(alice, name="Another").get("me").status_code == 200
