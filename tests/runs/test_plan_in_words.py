"""A plan says in a sentence what it comes to, asks for a reason, skips who is ticked, and says what to do next."""

from portal.accounts.models import Account
from portal.audit import AuditEntry
from portal.connections import offer
from portal.connections.settings import settings_of
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.runs.models import LineState, Run, RunLine, RunState
from tests.pages import words
from tests.runs.conftest import carried_out, plan_for, planned, skip, start, start_label

SAID = "Invalid value specified for property 'userPrincipalName' of resource 'User'."


def have_accounts(app, alice, people, **fields):
    plan_for(app, alice, people, **fields)
    start(alice)
    assert carried_out(app).state == RunState.DONE


def button(page):
    return page.soup.find(id="start-plan")


def test_the_plan_of_a_create_counts_and_its_button_says_what_it_does(app, alice, connection, staff):
    offer.read(connection)
    licence = next(plan["id"] for plan in connection.licences if plan["free"] >= 3)
    _, page = plan_for(app, alice, staff[:3], Licence=licence)
    sentence = words(page.soup.select_one(".outlook"))
    assert sentence == "3 people will get an account and use 3 licences. The login information goes out immediately."
    assert start_label(page) == "Create 3 accounts"
    assert "btn-primary" in button(page)["class"]


def test_leavers_who_manage_others_are_named_before_they_are_deactivated(app, alice, connection, staff):
    offer.read(connection)
    licence = next(plan["id"] for plan in connection.licences if plan["free"] >= 2)
    have_accounts(app, alice, staff[:2], Licence=licence)
    settings = settings_of(connection)
    settings.licences_go_on_deactivate = True
    settings.save()
    _, page = plan_for(app, alice, staff[:2], "deactivate")
    sentence = words(page.soup.select_one(".outlook"))
    # Rita, who is in the plan, does not stay; the other eight do.
    assert sentence == "2 people will be signed out, 2 licences freed; one of them manages 8 people."
    assert "Helen Head manages 8 people." in " ".join(page.alerts())
    assert start_label(page) == "Deactivate 2 accounts"
    assert "btn-danger" in button(page)["class"]
    assert alice.press("Choose a new manager for the team of Helen Head").status == 200


def test_reports_who_have_left_need_no_manager(app, alice, connection, staff):
    have_accounts(app, alice, staff[:1])
    Employee.update(end_date="2020-01-01").where(Employee.manager == staff[0]).execute()
    _, page = plan_for(app, alice, staff[:1], "deactivate")
    assert words(page.soup.select_one(".outlook")) == "1 person will be signed out."


def test_the_reason_is_kept_shown_to_the_approver_and_in_the_audit_log(app, alice, ada, acme, connection, staff):
    Organisation.update(approval_above=1).where(Organisation.id == acme.id).execute()
    run, page = plan_for(app, alice, staff[:3])
    assert "A second Admin must approve this, because it affects more than 1 person." in page.text
    assert start_label(page) == "Ask a second Admin to approve"
    page = alice.press("Skip", {"Tick Helen Head": True, "Reason": "Season 2027"})
    assert page.value("Reason") == "Season 2027"
    page = alice.press("Ask a second Admin to approve", {"Reason": "Season 2027, north"})
    assert "Reason Season 2027, north" in page.text
    page = ada.get(f"/provisioning/runs/{run.id}")
    assert "Alice asks for approval, because it affects more than 1 person." in page.text
    assert "Season 2027, north" in page.text
    ada.press("Approve: Create 2 accounts")
    assert "Season 2027, north" in alice.get("/provisioning/runs").text
    entry = AuditEntry.get(AuditEntry.action == "start bulk action")
    assert entry.detail["reason"] == "Season 2027, north"
    assert "Season 2027, north" in alice.get("/settings/audit-log").text


def test_the_reason_cannot_be_changed_once_somebody_is_asked_to_approve(app, alice, acme, connection, staff):
    Organisation.update(approval_above=1).where(Organisation.id == acme.id).execute()
    run, _ = plan_for(app, alice, staff[:3])
    alice.press("Ask a second Admin to approve", {"Reason": "As agreed"})
    alice.post(f"/provisioning/runs/{run.id}/start", {"reason": "Something else"})
    assert Run.get_by_id(run.id).reason == "As agreed"


def test_those_who_are_ticked_are_skipped_and_checked_again_together(app, alice, connection, staff):
    run, _ = plan_for(app, alice, staff[:4])
    page = skip(alice, "Helen Head", "Rita0 Report")
    assert "2, and 2 skipped" in page.text
    assert start_label(page) == "Create 2 accounts"
    page = alice.get(f"/provisioning/runs/{run.id}?show=left+out")
    assert "Skipped by Alice." in page.text
    alice.press("Check again", {"Tick Helen Head": True, "Tick Rita0 Report": True})
    assert planned(app).state == RunState.PLANNED
    assert RunLine.select().where(RunLine.run == run, RunLine.state == LineState.PLANNED).count() == 4


def test_skip_with_nobody_ticked_changes_nothing_and_says_so(app, alice, connection, staff):
    plan_for(app, alice, staff[:2])
    page = alice.press("Skip", {"Reason": "Kept"})
    assert page.status == 422
    assert "Nobody was ticked, so nothing changed." in page.text
    assert page.value("Reason") == "Kept"


def test_nobody_of_another_run_is_skipped(app, alice, connection, staff):
    other, _ = plan_for(app, alice, staff[:2])
    line = RunLine.get(RunLine.run == other)
    run, _ = plan_for(app, alice, staff[2:4])
    assert alice.post(f"/provisioning/runs/{run.id}/skip", {"line": line.id}).status == 422
    assert RunLine.get_by_id(line.id).state == LineState.PLANNED


def test_the_bar_shows_each_outcome(app, alice, connection, staff, sandbox):
    run, _ = plan_for(app, alice, staff[:5])
    skip(alice, "Helen Head")
    start(alice)
    sandbox.fault(method="POST", path="/v1.0/users$", status=400, code="Request_BadRequest", times=1, message=SAID)
    carried_out(app)
    page = alice.get(f"/provisioning/runs/{run.id}")
    bar = page.soup.select_one(".outcome-bar")
    assert [(part["class"][0], part["x"], part["width"]) for part in bar.select("rect")] == [
        ("is-done", "0", "3"), ("is-failed", "3", "1"), ("is-left-out", "4", "1")
    ]  # fmt: skip
    assert bar["aria-label"] == "Finished 4 of 4"
    assert [words(item) for item in page.soup.select(".outcome-words li")] == ["Done 3", "Failed 1", "Skipped 1"]
    assert "It failed for 1 person. The reason is under Failed." in page.text
    assert page.has_button("Retry the failed")


def test_what_was_done_can_be_undone_for_the_same_people(app, alice, connection, staff):
    have_accounts(app, alice, staff[:3])
    run, _ = plan_for(app, alice, staff[:2], "deactivate")
    start(alice)
    carried_out(app)
    page = alice.get(f"/provisioning/runs/{run.id}")
    assert "It worked for all 2 people." in page.text
    page = alice.press("Reactivate these accounts")
    assert "2 people" in page.text
    alice.press("Show the plan")
    again = planned(app)
    assert (again.verb, again.source) == ("reactivate", f"Bulk action {run.id}: everybody done")
    start_of = alice.get(f"/provisioning/runs/{again.id}")
    assert start_label(start_of) == "Reactivate 2 accounts"


def test_who_was_not_begun_when_it_was_cancelled_gets_a_new_plan(app, alice, connection, staff, small_portions):
    plan_for(app, alice, staff)
    start(alice)
    carried_out(app, portions=1)
    page = alice.press("Cancel this bulk action")
    rest = 10 - Account.select().count()
    assert f"Cancelled {rest}" in page.text
    alice.press("Make a new plan for the others")
    alice.press("Show the plan")
    assert RunLine.select().where(RunLine.run == planned(app)).count() == rest


def test_people_of_another_organisations_run_are_nobody(alice, mallory, app, connection, staff, sandbox):
    from tests.provisioning.conftest import connect

    run, _ = plan_for(app, alice, staff[:2])
    connect(sandbox, mallory.user, "Globex")
    mallory.get(f"/provisioning/runs/new?run={run.id}&of=done&verb=create")
    assert "Helen" not in mallory.page.text
    mallory.press("Show the plan")
    assert Run.select().count() == 1
