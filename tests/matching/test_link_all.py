"""**Link all**: the press only writes down who is meant; the worker plans it, and another goes on where one dies."""

import os
import signal

import pytest
from peewee import chunked

from portal.accounts.models import Account
from portal.audit import AuditEntry
from portal.matching import planning as proposals
from portal.matching import queries
from portal.matching.models import FoundAccount, Reading, ReadingState
from portal.people.models import Employee
from portal.runs import planning
from portal.runs.models import LineState, Run, RunLine, RunState
from tests.cli import commands
from tests.matching.test_match_a_tenant import MATCHING, connection, in_tenant, read  # noqa: F401
from tests.provisioning.test_killed import eventually
from tests.provisioning.worker import LONG_AGO
from tests.runs.conftest import carried_out, latest, planned, start

THREE = (("1", "mona.manager"), ("2", "omar.ordinary"), ("3", "uma.unlicensed"))


@pytest.fixture
def three(cast, acme, sandbox, connection):  # noqa: F811
    """Three employees whose accounts have their numbers."""
    people = []
    for number, name in THREE:
        people.append(cast.employee(acme, name.partition(".")[0].title(), f"Nr{number}", employee_number=number))
        in_tenant(sandbox, number, name=name)
    return people


def test_the_press_only_writes_down_who_is_meant(app, alice, three):
    read(app, alice)
    page = alice.press("Link all 3")
    run = Run.get()
    assert page.url == f"/provisioning/runs/{run.id}"
    assert "Preparing the plan. Nothing has changed yet" in page.text
    assert "0 of 3" in page.text
    assert [(line.state, line.remote_id) for line in RunLine.select()] == [(LineState.UNPLANNED, "")] * 3
    assert planned(app).state == RunState.PLANNED
    page = alice.get(page.url)
    assert "3 people will be linked to the account they have." in page.text
    assert "Linked to uma.unlicensed@acme.example. Same employee number" in page.text


def test_two_presses_make_one_plan_until_it_is_started(app, alice, three):
    read(app, alice)
    for _ in range(2):
        assert alice.post(f"{MATCHING}/link-all", {"show": "number"}).url == f"/provisioning/runs/{Run.get().id}"
    planned(app)
    alice.post(f"{MATCHING}/link-all", {"show": "number"})
    assert Run.select().count() == 1
    assert AuditEntry.select().where(AuditEntry.action == "plan bulk action").count() == 1
    alice.get(f"/provisioning/runs/{Run.get().id}")
    alice.press("Cancel this bulk action")
    alice.post(f"{MATCHING}/link-all", {"show": "number"})
    assert Run.select().count() == 2


def test_a_kind_of_which_nothing_is_left_makes_no_plan(app, alice, three):
    read(app, alice)
    assert alice.post(f"{MATCHING}/link-all", {"show": "address"}).status == 409
    assert alice.post(f"{MATCHING}/link-all", {"show": "doubt"}).status == 409
    assert Run.select().count() == 0


def test_a_plan_whose_worker_is_killed_goes_on_in_another(app, alice, three, cast, acme, connection):  # noqa: F811
    read(app, alice)
    _found_for_many(acme, Reading.get(), 3_000)
    alice.post(f"{MATCHING}/link-all", {"show": "number"})
    worker = commands.start("worker")
    try:
        eventually(lambda: RunLine.select().where(RunLine.state == LineState.PLANNED).exists())
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    Run.update(lease_until=LONG_AGO).execute()
    assert planned(app).state == RunState.PLANNED
    assert RunLine.select().where(RunLine.state == LineState.PLANNED).count() == 3_003
    assert len({line.remote_id for line in RunLine.select()}) == 3_003


def _found_for_many(acme, shown, count):
    first = Employee.get(Employee.organisation == acme)
    values = {name: value for name, value in first.__data__.items() if name != "id"}
    numbers = [f"N{number}" for number in range(count)]
    for some in chunked(numbers, 500):
        Employee.insert_many([{**values, "employee_number": number} for number in some]).execute()
    found = FoundAccount.get(FoundAccount.employee.is_null(False)).__data__
    same = {name: value for name, value in found.items() if name not in ("id", "employee", "remote_id")}
    made = Employee.select().where(Employee.employee_number.in_(numbers))
    rows = [{**same, "reading": shown, "employee": one.id, "remote_id": f"id-{one.id}"} for one in made]
    for some in chunked(rows, 500):
        FoundAccount.insert_many(some).execute()


def test_what_was_declined_after_the_plan_is_not_linked(app, alice, three):
    read(app, alice)
    alice.press("Link all 3")
    planned(app)
    alice.get(MATCHING)
    alice.press("Not this person mona.manager@acme.example and Mona Nr1")
    alice.get(f"/provisioning/runs/{latest().id}")
    start(alice)
    assert carried_out(app).state == RunState.DONE
    assert {account.username for account in Account.select()} == {
        "omar.ordinary@acme.example", "uma.unlicensed@acme.example",
    }  # fmt: skip
    page = alice.get(f"/provisioning/runs/{latest().id}?show=left+out")
    assert "Somebody said since that this is not their account." in page.text


def test_a_newer_reading_decides_what_is_planned(app, alice, three, sandbox):
    read(app, alice)
    alice.press("Link all 3")
    sandbox.patch_user("mona.manager@acme.example", employeeId="77")
    sandbox.patch_user("omar.ordinary@acme.example", employeeId="1")
    read(app, alice, "Refresh")
    assert Reading.get().state == ReadingState.READ
    run = planned(app)
    states = {line.employee_id: (line.state, line.after) for line in RunLine.select()}
    assert states[three[1].id][0] == LineState.LEFT_OUT
    assert states[three[2].id][0] == LineState.PLANNED
    page = alice.get(f"/provisioning/runs/{run.id}?show=left+out")
    assert "The portal no longer suggests an account for this person by this rule." in page.text


def test_looking_again_at_somebody_skipped_proposes_the_same_account(app, alice, three):
    read(app, alice)
    alice.press("Link all 3")
    run = planned(app)
    alice.get(f"/provisioning/runs/{run.id}")
    alice.press("Skip", {"Tick Mona Nr1": True})
    alice.get(f"/provisioning/runs/{run.id}?show=left+out")
    alice.press("Check again", {"Tick Mona Nr1": True})
    planned(app)
    assert RunLine.select().where(RunLine.state == LineState.PLANNED).count() == 3
    assert planning.planner_of(run) is proposals.ProposalPlanner
    assert queries.counts(Reading.get())["number"] == 3
