"""Accounts for many people: choose, plan, change the plan, start, watch."""

import time
from datetime import timedelta

from portal.accounts.models import Account
from portal.connections import offer
from portal.operations.models import Operation, State
from portal.people.models import Employee
from portal.run_pages import views
from portal.runs.models import LineState, RunLine, RunState
from tests.runs.conftest import carried_out, latest, plan_for, planned, skip, start, start_label


def lines(state):
    return {line.employee.first_name for line in RunLine.select().where(RunLine.state == state)}


def test_everybody_gets_one_account_and_one_mail_and_their_manager(app, alice, connection, staff, sandbox, mailbox):
    run, page = plan_for(app, alice, staff)
    assert "10" in page.text
    assert "Active · helen.head@acme.example · No licence" in page.text
    assert not Account.select().exists()
    assert "Running" in start(alice).text
    assert carried_out(app).state == RunState.DONE
    assert Account.select().count() == Operation.select().where(Operation.verb == "create").count() == 10
    head = sandbox.user("helen.head@acme.example")
    assert {sandbox.user(f"rita{number}.report@acme.example").manager for number in range(9)} == {head.id}
    assert len(mailbox.messages) == 10
    page = alice.get(f"/provisioning/runs/{run.id}?show=done")
    assert "10 of 10" in page.text
    assert alice.press("Receipt for Helen Head").status == 200


def test_who_cannot_get_one_is_left_out_and_told_why(app, alice, cast, acme, connection, sandbox):
    gone = cast.employee(acme, "Gus", "Gone", personal_email="g@home.example", end_date="2020-01-01")
    mute = cast.employee(acme, "Mia", "Mute", personal_email="")
    omar = cast.employee(
        acme, "Olaf", "Other", company_email="omar.ordinary@acme.example", personal_email="o@h.example"
    )
    run, page = plan_for(app, alice, [gone, mute, omar])
    page = alice.get(f"/provisioning/runs/{run.id}?show=left+out")
    assert "Has left the organisation." in page.text
    assert "Has no personal email" in page.text
    words = "same address as the company email, but another name: Omar Ordinary"
    assert f"May have an account: omar.ordinary@acme.example ({words})." in page.text
    assert not start_label(page)


def test_who_has_left_since_the_plan_gets_no_account_and_no_password(app, alice, acme, connection, staff, mailbox):
    plan_for(app, alice, staff[:3])
    Employee.update(end_date=acme.today - timedelta(days=1)).where(Employee.id == staff[1].id).execute()
    start(alice)
    run = carried_out(app)
    assert run.state == RunState.DONE
    assert (lines("done"), lines("left out")) == ({"Helen", "Rita1"}, {"Rita0"})
    assert RunLine.get(RunLine.employee == staff[1]).reason == "Has left the organisation."
    assert len(mailbox.messages) == 2
    assert "It worked for all 2 people." in alice.get(f"/provisioning/runs/{run.id}").text


def test_two_of_one_name_get_two_usernames_that_are_free_in_the_tenant(app, alice, cast, acme, connection, sandbox):
    twins = [cast.employee(acme, "Omar", "Ordinary", personal_email=f"o{n}@home.example") for n in range(2)]
    run, _ = plan_for(app, alice, twins)
    for line in list(RunLine.select()):
        alice.post(f"/provisioning/runs/{run.id}/lines/{line.id}/create-another")
        planned(app)
    names = {line.username for line in RunLine.select()}
    assert len(names) == 2
    assert not any(sandbox.user(name) for name in names)


def test_a_line_is_renamed_left_out_and_looked_at_again(app, alice, connection, staff):
    run, _ = plan_for(app, alice, staff[:2])
    line = RunLine.get(RunLine.employee == staff[0])
    url = f"/provisioning/runs/{run.id}/lines/{line.id}"
    assert "the account of" in alice.post(f"{url}/username", {"username": "omar.ordinary"}, fragment=True).text
    assert "cannot have" in alice.post(f"{url}/username", {"username": "h é"}, fragment=True).text
    assert "h.head@acme.example" in alice.post(f"{url}/username", {"username": "h.head"}, fragment=True).text
    alice.get(f"/provisioning/runs/{run.id}")
    skip(alice, "Helen Head")
    assert lines(LineState.LEFT_OUT) == {"Helen"}
    alice.get(f"/provisioning/runs/{run.id}?show=left+out")
    alice.press("Check again", {"Tick Helen Head": True})
    assert latest().state == RunState.PLANNING


def test_seats_are_counted_and_too_few_keep_it_from_starting(app, alice, connection, staff, sandbox):
    sku = next(plan["id"] for plan in connection_plans(alice) if "Business Premium" in plan["name"])
    sandbox.set_seats(sku, seats_in_use(sandbox, sku) + 2)
    run, page = plan_for(app, alice, staff[:3], Licence=sku)
    assert "3 seats needed, 2 free. Buy 1, choose another licence, or skip some people before you start." in page.text
    assert "3 needed, 2 free" in start(alice).text
    assert latest().state == RunState.PLANNED
    line = RunLine.select().first()
    alice.post(f"/provisioning/runs/{run.id}/skip", {"line": line.id})
    alice.get(f"/provisioning/runs/{run.id}")
    start(alice)
    assert carried_out(app).state == RunState.DONE
    assert sum(sku in user.plans for user in sandbox.users() if "report" in user.username) == 2


def connection_plans(person):
    from portal.connections.models import Connection

    connection = Connection.get(Connection.organisation == person.user.organisation_id)
    offer.read(connection)
    return connection.licences


def seats_in_use(sandbox, sku):
    return sum(sku in user.plans for user in sandbox.users() if not user.deleted)


def test_a_double_press_starts_nobody_twice(app, alice, connection, staff):
    run, _ = plan_for(app, alice, staff)
    start(alice)
    assert "moved on in the meantime" in alice.post(f"/provisioning/runs/{run.id}/start").text
    carried_out(app)
    assert Operation.select().where(Operation.verb == "create", Operation.state == State.DONE).count() == 10


def test_a_tenant_that_hangs_does_not_keep_the_form_from_showing_what_is_known(
    alice, connection, staff, sandbox, monkeypatch
):
    monkeypatch.setattr(views, "PATIENCE", 0.2)
    sandbox.fault(method="GET", path="/v1.0/", kind="slow", seconds=1.0, times=None)
    began = time.perf_counter()
    page = alice.get("/provisioning/runs/new?everybody=1")
    assert time.perf_counter() - began < 1.0
    assert "Microsoft 365 did not answer in time." in page.text
    assert page.has_button("Show the plan")
