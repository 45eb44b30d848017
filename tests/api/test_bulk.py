"""Bulk actions and disagreements for other systems."""

import json

import jsonschema
import pytest

from portal.accounts.models import Account, Status
from portal.api_tokens.models import ApiToken
from portal.auth.models import AccessLevel
from portal.operations.models import Operation
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.runs import jobs as runs
from portal.runs.models import Run
from portal.sync.differences import Difference
from tests.api.conftest import kind_of
from tests.cast import account_of
from tests.test_metrics import read

KEY = "microsoft-365"
APPROVE = "Approve: Deactivate 1 account"


@pytest.fixture
def zoe(cast, acme, connection, mailbox, impatient):
    return cast.employee(acme, "Zoe", "Zulu", personal_email="zoe@home.example", department="Care")


@pytest.fixture
def aboard(zoe, payroll):
    """Zoe, who has an account."""
    assert payroll.post(f"employees/{zoe.id}/accounts/{KEY}/create", {"licence_id": "none"}).status_code == 202
    return account_of(zoe)


def carried_out():
    """What the worker does until nothing is left to do."""
    for _ in range(10):
        runs.take_turn.call_local()


def plan(payroll, *people, verb="deactivate", **more):
    body = {"application": KEY, "verb": verb, "employees": [str(one.id) for one in people], "reason": "Strike"}
    return payroll.post("runs", body, **more)


def test_a_token_plans_a_bulk_action_and_a_person_lets_it_go(payroll, aboard, zoe, alice):
    answer = plan(payroll, zoe)
    assert answer.status_code == 202
    carried_out()
    run = payroll.get(answer.headers["Location"].removeprefix("/api/v1/")).json
    assert (run["state"], run["by"], run["people"]) == ("planned", "API token Payroll", {"planned": 1})
    [line] = payroll.get(f"runs/{run['id']}/people").json["items"]
    assert (line["employee"], line["state"]) == (str(zoe.id), "planned")
    started = payroll.post(f"runs/{run['id']}/start")
    assert started.json["state"] == "waiting for approval"
    assert "API token Payroll asked for it" in started.json["waits_because"]
    carried_out()
    assert Account.get_by_id(aboard.id).status == Status.ACTIVE
    alice.get(f"/provisioning/runs/{run['id']}")
    alice.press(APPROVE)
    carried_out()
    assert Account.get_by_id(aboard.id).status == Status.DEACTIVATED
    assert payroll.get(f"runs/{run['id']}").json["people"] == {"done": 1}
    assert Operation.select().order_by(Operation.id.desc()).get().by_name == "API token Payroll"


def test_above_the_limit_the_maker_of_the_token_cannot_let_it_go_alone(payroll, aboard, zoe, alice, cast, acme):
    ada = cast.person(acme, "Ada", AccessLevel.ADMIN)
    Organisation.update(approval_above=0).execute()
    run = plan(payroll, zoe).json["id"]
    carried_out()
    payroll.post(f"runs/{run}/start")
    page = alice.get(f"/provisioning/runs/{run}")
    assert not page.has_button(APPROVE)
    assert ada.get(f"/provisioning/runs/{run}").has_button(APPROVE)


def test_the_same_request_twice_plans_once_and_dry_run_plans_nothing(payroll, aboard, zoe):
    assert plan(payroll, zoe, key="").json["id"]
    first = plan(payroll, zoe, key="k-1")
    again = plan(payroll, zoe, key="k-1")
    assert first.json["id"] == again.json["id"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert plan(payroll, zoe, key=None).status_code == 400
    before = Run.select().count()
    body = {"application": KEY, "verb": "deactivate", "employees": [str(zoe.id)]}
    assert payroll.ask("POST", "runs", body, dry_run="true").json["after"] == {"verb": "deactivate", "people": 1}
    assert Run.select().count() == before


def test_what_is_wrong_with_a_plan_is_said_and_others_people_are_nobody(payroll, aboard, zoe, cast, initech):
    stranger = cast.employee(initech, "Max")
    answer = plan(payroll, zoe, stranger)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/employees/1")
    other = payroll.post("runs", {"application": "none", "verb": "deactivate", "employees": [str(zoe.id)]})
    assert other.json["errors"][0]["pointer"] == "/application"
    wrong = plan(payroll, zoe, verb="create") and payroll.post(
        "runs", {"application": KEY, "verb": "create", "employees": [str(zoe.id)], "domain": "nowhere.example"}
    )
    assert wrong.json["errors"][0]["pointer"] == "/domain"


def test_what_another_organisation_has_is_not_there(payroll, aboard, zoe, system, mallory):
    run = plan(payroll, zoe).json["id"]
    row = disagreement(aboard)
    theirs = system(mallory)
    for path in (f"runs/{run}", f"runs/{run}/people", f"disagreements/{row.id}"):
        assert kind_of(theirs.get(path)) == "not-found"
    assert kind_of(theirs.post(f"runs/{run}/cancel")) == "not-found"
    assert theirs.get("runs").json["items"] == theirs.get("disagreements").json["items"] == []


def disagreement(account, what="department", ours="Care", theirs="Caring"):
    return Difference.create(organisation=account.organisation_id, account=account, what=what, ours=ours, theirs=theirs)


def test_a_disagreement_is_read_ignored_accepted_and_sent_again(payroll, aboard, zoe):
    row = disagreement(aboard)
    [found] = payroll.get("disagreements", state="open").json["items"]
    assert (found["field"], found["sent"], found["shown"]) == ("department", "Care", "Caring")
    at = f"disagreements/{row.id}"
    assert payroll.post(f"{at}/ignore").json["state"] == "ignored"
    assert payroll.get("disagreements", state="open").json["items"] == []
    assert payroll.post(f"{at}/look-again").json["state"] == "open"
    assert payroll.ask("POST", f"{at}/accept", {}, dry_run="true").json["after"] == {"department": "Caring"}
    assert payroll.post(f"{at}/accept").json["state"] == "accepted"
    assert Employee.get_by_id(zoe.id).department == "Caring"
    pushed = payroll.post(f"disagreements/{disagreement(aboard).id}/push")
    assert (pushed.status_code, pushed.json["verb"]) == (202, "update")


def test_private_details_of_a_disagreement_need_their_scope(aboard, system, alice):
    row = disagreement(aboard, "mobile", "+44 20 7946 0958", "+44 20 7946 0000")
    payroll = system(alice, "accounts:read", "employees:write")
    assert payroll.get("disagreements").json["items"][0]["shown"] == ""
    assert kind_of(payroll.post(f"disagreements/{row.id}/accept")) == "scope-missing"


def test_answers_about_them_are_as_described(app, payroll, aboard, zoe):
    plan(payroll, zoe)
    disagreement(aboard)
    served = app.test_client().get("/api/v1/openapi.json").json
    for path in ("runs", "disagreements"):
        schema = served["paths"][f"/api/v1/{path}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        found = json.loads(payroll.get(path).text)
        assert found["items"]
        jsonschema.Draft202012Validator({**schema, "components": served["components"]}).validate(found)


def test_requests_are_counted_by_route_method_and_status(app, payroll):
    before = read(app).get(("portal_api_requests_total", "GET", "/api/v1/runs/<int:run_id>", "404"), 0)
    payroll.get("runs/4711")
    after = read(app)["portal_api_requests_total", "GET", "/api/v1/runs/<int:run_id>", "404"]
    assert after == before + 1
    assert ApiToken.select().count() == 1
