"""When a bulk action needs a second Admin: the limit of its plan, and all that one Admin starts within a day."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from portal.auth import users
from portal.auth.models import AccessLevel
from portal.database import now
from portal.organisations.models import Organisation
from portal.runs.models import Run, RunState
from tests.runs.conftest import latest, plan_for, skip, start


def limit(organisation, number):
    Organisation.update(approval_above=number).where(Organisation.id == organisation.id).execute()


def test_raising_the_limit_afterwards_does_not_free_what_was_planned_before(app, alice, ada, acme, connection, staff):
    limit(acme, 1)
    run, _ = plan_for(app, alice, staff[:3])
    page = start(alice)
    assert "because it affects more than 1 person" in page.text
    assert "It waits for Ada" in page.text
    limit(acme, 1000)
    alice.press("Change the plan")
    start(alice)
    assert latest().state == RunState.TO_APPROVE
    assert "more than 1 person" in ada.get(f"/provisioning/runs/{run.id}").text


def test_lowering_the_limit_counts_at_once(app, alice, ada, acme, connection, staff):
    plan_for(app, alice, staff[:3])
    limit(acme, 2)
    assert "A second Admin must approve this" in start(alice).text


def test_small_parts_count_together(app, alice, ada, acme, connection, staff):
    limit(acme, 5)
    plan_for(app, alice, staff[:4])
    start(alice)
    assert latest().state == RunState.RUNNING
    plan_for(app, ada, staff[4:8])
    start(ada)
    assert latest().state == RunState.RUNNING
    plan_for(app, alice, staff[8:])
    page = start(alice)
    assert "Alice did the same for 4 people in the last 24 hours, and together that is more than 5 people" in page.text
    alice.press("Change the plan")
    Run.update(started_at=now() - timedelta(hours=25)).execute()
    start(alice)
    assert latest().state == RunState.RUNNING


def test_two_parts_started_at_the_same_moment_count_together(app, alice, acme, connection, staff):
    limit(acme, 5)
    twin = type(alice)(app, alice.user)
    twin.sign_in()
    plan_for(app, alice, staff[:4])
    plan_for(app, twin, staff[4:8])
    together = Barrier(2)

    def at_once(person):
        together.wait()
        return start(person)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(at_once, (alice, twin)))
    assert {run.state for run in Run.select()} == {RunState.RUNNING, RunState.TO_APPROVE}


@pytest.mark.parametrize("let_in", [True, False])
def test_an_admin_whom_the_starter_has_just_made_cannot_approve(app, alice, cast, acme, connection, staff, let_in):
    limit(acme, 1)
    eve = cast.person(acme, "Eve", AccessLevel.MANAGER if let_in else AccessLevel.ADMIN)
    if let_in:
        users.change_user(eve.user, name="Eve", access_level=AccessLevel.ADMIN, by=alice.user)
    run, _ = plan_for(app, alice, staff[:2])
    assert ("No other Admin can approve it yet" in start(alice).text) == let_in
    page = eve.get(f"/provisioning/runs/{run.id}")
    assert page.has_button("Approve: Create 2 accounts") != let_in
    assert eve.post(f"/provisioning/runs/{run.id}/approve").status == (403 if let_in else 200)
    assert latest().state == (RunState.TO_APPROVE if let_in else RunState.RUNNING)


def test_the_second_admin_approves_what_they_have_seen(app, alice, ada, acme, connection, staff):
    limit(acme, 1)
    run, _ = plan_for(app, alice, staff[:3])
    start(alice)
    ada.get(f"/provisioning/runs/{run.id}")
    alice.press("Change the plan")
    skip(alice, "Rita0 Report")
    start(alice)
    assert "changed and started again" in ada.press("Approve: Create 3 accounts").text
    assert latest().state == RunState.TO_APPROVE
    ada.press("Approve: Create 2 accounts")
    assert latest().state == RunState.RUNNING
