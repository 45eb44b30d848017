"""Approval by a second Admin, pause, cancel, retry, the brake, the report; and who may not."""

import pytest

from portal.accounts.models import Account
from portal.operations import engine
from portal.operations.models import Operation
from portal.organisations.models import Organisation
from portal.runs import carrying
from portal.runs.models import LineState, Run, RunLine, RunState
from portal.runs.planners_of_new_accounts import CreatePlanner
from tests.runs.conftest import carried_out, latest, plan_for, skip, start


def test_above_the_number_a_second_admin_must_approve(app, alice, ada, acme, connection, staff):
    alice.get("/settings/general")
    alice.press("Save", {"Ask a second Admin to approve bulk actions for more than": "5"})
    assert Organisation.get_by_id(acme.id).approval_above == 5
    run, _ = plan_for(app, alice, staff)
    page = start(alice)
    assert "A second Admin must approve this" in page.text
    assert not page.has_button("Approve: Create 10 accounts")
    assert (
        "The person who started a bulk action cannot approve it"
        in alice.post(f"/provisioning/runs/{run.id}/approve").text
    )
    assert carried_out(app).state == RunState.TO_APPROVE
    assert "1 to approve" in ada.get("/provisioning").text
    ada.get(f"/provisioning/runs/{run.id}")
    ada.press("Approve: Create 10 accounts")
    assert carried_out(app).state == RunState.DONE
    assert latest().approved_by_name == ada.user.display_name


def test_paused_gone_on_with_and_cancelled(app, alice, connection, staff, small_portions):
    run, _ = plan_for(app, alice, staff)
    start(alice)
    carried_out(app, portions=1)
    assert "Paused" in alice.press("Pause").text
    assert carried_out(app).state == RunState.PAUSED
    done = Account.select().count()
    alice.press("Resume")
    carried_out(app, portions=1)
    assert Account.select().count() > done
    alice.press("Cancel this bulk action")
    carried_out(app)
    page = alice.get(f"/provisioning/runs/{run.id}")
    assert f"Cancelled after {Account.select().count()} of 10" in page.text
    assert page.soup.select_one(".outcome-bar .is-done")["width"] == str(Account.select().count())
    states = {line.state for line in RunLine.select().where(RunLine.run == run)}
    assert states == {LineState.DONE, LineState.CANCELLED}
    assert carried_out(app).state == RunState.CANCELLED


def test_a_run_that_was_cancelled_changed_nobody_and_waits_for_nobody(app, alice, ada, acme, connection, staff):
    acme.approval_above = 2
    acme.save()
    plan_for(app, alice, staff[:3])
    assert "Bulk actions 1 to approve" in start(alice).text
    page = alice.press("Cancel this bulk action")
    assert "Cancelled. Nothing was changed." in page.text
    assert "to approve" not in page.text


def test_cancelled_once_everybody_was_begun_it_says_that_it_was_too_late(app, alice, connection, staff):
    run, _ = plan_for(app, alice, staff[:2])
    start(alice)
    carried_out(app)
    # As it is for a moment, before the worker notices that nobody is left.
    Run.update(state=RunState.RUNNING).execute()
    alice.get(f"/provisioning/runs/{run.id}")
    alice.press("Cancel this bulk action")
    page = alice.get(f"/provisioning/runs/{run.id}")
    assert "Cancelled too late" in page.text
    assert "Finished 2 of 2" in page.text
    assert "Created 2 accounts by Alice" in alice.get("/home").text


def test_what_failed_is_tried_again(app, alice, connection, staff, sandbox):
    run, _ = plan_for(app, alice, staff[:3])
    start(alice)
    said = "Invalid value specified for property 'userPrincipalName' of resource 'User'."
    sandbox.fault(method="POST", path="/v1.0/users$", status=400, code="Request_BadRequest", times=1, message=said)
    carried_out(app)
    page = alice.get(f"/provisioning/runs/{run.id}")
    assert "the username. Correct it" in page.text
    alice.press("Retry the failed")
    assert carried_out(app).state == RunState.DONE
    assert Account.select().count() == 3


def test_a_run_that_fails_for_most_stops_by_itself(
    app, alice, cast, acme, connection, sandbox, small_portions, monkeypatch
):
    monkeypatch.setattr(carrying, "BRAKE_FROM", 4)
    people = [cast.employee(acme, f"P{n}", "Pool", personal_email=f"p{n}@home.example") for n in range(12)]
    plan_for(app, alice, people)
    start(alice)
    sandbox.fault(method="POST", path="/v1.0/users$", status=400, code="Request_BadRequest", times=None)
    assert carried_out(app).state == RunState.PAUSED
    assert "It failed for 4 of the first 4 people" in alice.get(f"/provisioning/runs/{latest().id}").text
    assert RunLine.select().where(RunLine.state == LineState.WAITING).count() == 8
    sandbox.clear_faults()
    alice.press("Resume")
    assert carried_out(app).state == RunState.DONE
    assert RunLine.select().where(RunLine.state == LineState.DONE).count() == 8


def test_whoever_dies_in_the_middle_leaves_nothing_undone(app, alice, connection, staff, small_portions, monkeypatch):
    plan_for(app, alice, staff)
    start(alice)

    def killed(*_arguments, **_options):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(engine, "carry_out", killed)
        with pytest.raises(SystemExit):
            carried_out(app)
    assert RunLine.select().where(RunLine.state == LineState.UNDER_WAY).count() == 1
    Operation.update(lease_until=latest().created_at).execute()
    with app.app_context():
        for operation in engine.due():
            engine.carry_out(operation)
    assert carried_out(app).state == RunState.DONE
    assert Account.select().count() == len(staff)


def test_the_plan_of_a_run_that_waits_can_be_changed_and_then_waits_again(app, alice, ada, acme, connection, staff):
    Organisation.update(approval_above=5).where(Organisation.id == acme.id).execute()
    run, _ = plan_for(app, alice, staff)
    start(alice)
    ada.get(f"/provisioning/runs/{run.id}")
    ada.press("Change the plan")
    skip(ada, "Helen Head")
    start(ada)
    assert "A second Admin must approve this" in ada.page.text
    alice.get(f"/provisioning/runs/{run.id}")
    alice.press("Approve: Create 9 accounts")
    assert carried_out(app).state == RunState.DONE
    assert Account.select().count() == 9


def test_what_was_tried_again_from_its_receipt_is_done_in_the_run_too(app, alice, connection, staff, sandbox):
    plan_for(app, alice, staff[:2])
    start(alice)
    carried_out(app)
    run, _ = plan_for(app, alice, staff[:2], "deactivate")
    start(alice)
    sandbox.fault(method="PATCH", path="/v1.0/users/", status=400, code="Request_BadRequest", times=1)
    carried_out(app)
    failed = RunLine.get(RunLine.run == run, RunLine.state == LineState.FAILED)
    alice.get(f"/provisioning/runs/{run.id}")
    page = alice.press(f"Receipt for {failed.employee.name}")
    assert f"Bulk action {run.id}" in page.text
    alice.press("Try again now")
    page = alice.press(f"Bulk action {run.id}")
    assert not page.has_button("Retry the failed")
    assert {line.state for line in RunLine.select().where(RunLine.run == run)} == {LineState.DONE}


def test_activity_names_the_run(app, alice, connection, staff):
    run, _ = plan_for(app, alice, staff[:1])
    start(alice)
    carried_out(app)
    assert f"Bulk action {run.id}" in alice.get("/provisioning").text


def test_a_person_is_found_and_left_out_deep_in_the_list(app, alice, cast, acme, connection):
    people = [cast.employee(acme, f"Pia{n:02}", "Pool", personal_email=f"p{n}@home.example") for n in range(60)]
    plan_for(app, alice, people)
    page = alice.press("Next")
    assert "Pia55 Pool" in page.text
    assert "Pia01 Pool" not in page.text
    page = skip(alice, "Pia55 Pool")
    assert "Pia56 Pool" in page.text
    assert "Pia01 Pool" not in page.text
    page = alice.press("Find", {"Find a person": "pia07"})
    assert "Pia07 Pool" in page.text
    assert "Pia08 Pool" not in page.text


def test_what_cannot_be_started_for_an_unforeseen_reason_fails_alone(
    app, alice, connection, staff, monkeypatch, caplog
):
    plan_for(app, alice, staff[:2])
    start(alice)
    begin = CreatePlanner.begin

    def broken(run, line):
        if line.employee_id == staff[0].id:
            raise ZeroDivisionError
        return begin(run, line)

    monkeypatch.setattr(CreatePlanner, "begin", broken)
    assert carried_out(app).state == RunState.DONE
    failed = RunLine.get(RunLine.state == LineState.FAILED)
    assert failed.employee == staff[0]
    assert "did not expect" in failed.reason
    assert Account.select().count() == 1


def test_the_report_lists_everybody_and_holds_no_formula(app, alice, cast, acme, connection):
    people = [cast.employee(acme, "=cmd()", "Evil", personal_email="e@home.example", employee_number="77")]
    run, _ = plan_for(app, alice, people)
    rows = alice.get(f"/provisioning/runs/{run.id}/report.csv").rows
    assert [(row["employee number"], row["employee"], row["state"]) for row in rows] == [
        ("77", "'=cmd() Evil", "planned")
    ]


def test_the_list_shows_runs_and_says_how_to_begin(app, alice, connection, staff):
    assert "No bulk actions yet" in alice.get("/provisioning/runs").text
    plan_for(app, alice, staff)
    assert "Create accounts" in alice.get("/provisioning/runs").text


def test_another_organisations_run_is_not_there(app, alice, mallory, connection, staff):
    run, _ = plan_for(app, alice, staff)
    line = RunLine.select().first()
    for address in (f"/provisioning/runs/{run.id}", f"/provisioning/runs/{run.id}/report.csv"):
        assert mallory.get(address).status == 404
    mallory.get("/provisioning/runs")
    assert mallory.post(f"/provisioning/runs/{run.id}/start").status in (400, 404)
    assert mallory.post(f"/provisioning/runs/{run.id}/skip", {"line": line.id}).status in (400, 404)
    assert Run.get().state == RunState.PLANNED
