"""What the application will refuse is told before the day: on the Timeline, on the Calendar and on Home."""

from datetime import timedelta

import pytest
import time_machine

from portal.connections.models import Connection
from portal.database import now
from portal.foresight.models import Foresight
from portal.timeline_templates import saving
from portal.timeline_templates.steps import Kind
from portal.timelines import jobs, planning
from tests.leaving.conftest import OMAR, linked, mona, omar  # noqa: F401
from tests.provisioning.conftest import connection, impatient, tab  # noqa: F401

CALENDAR = "/provisioning/calendar"


def page_of(employee):
    return f"/people/employees/{employee.id}/timeline"


@pytest.fixture
def omar_leaves(acme, omar):  # noqa: F811
    """Omar, whose account was there before, leaves in ten days."""
    saving.switch_on(acme, Kind.LEAVER, by="test")
    omar.end_date = acme.today + timedelta(days=10)
    omar.save()
    planning.follow(omar)
    return omar


def test_l08_groups_that_the_portal_cannot_change_are_named_before_the_day_and_never_written(
    alice, omar_leaves, sandbox
):
    sandbox.join(OMAR, "Announcements")
    sandbox.clear_requests()
    page = alice.get(page_of(omar_leaves))
    assert "The group Announcements stays. Change it in the Exchange admin centre." in page.text
    assert "The group Power BI users stays until the licences go: it gives one." in page.text
    assert {call.method for call in sandbox.requests() if not call.path.endswith("$batch")} <= {"GET"}
    alice.get(page_of(omar_leaves))
    before = len(sandbox.requests())
    alice.get(page_of(omar_leaves))
    assert len(sandbox.requests()) == before


def test_l08_the_groups_are_read_again_after_a_day_and_said_to_be_old_without_connection(alice, omar_leaves, sandbox):
    alice.get(page_of(omar_leaves))
    jobs.look_ahead.call_local()
    assert "Announcements" not in alice.get(page_of(omar_leaves)).text
    sandbox.join(OMAR, "Announcements")
    with time_machine.travel(now() + timedelta(days=1, minutes=1)):
        jobs.look_ahead.call_local()
    assert "The group Announcements stays." in alice.get(page_of(omar_leaves)).text
    Connection.update(problem="Microsoft 365 refuses the portal.", disconnected_at=now()).execute()
    page = alice.get(page_of(omar_leaves))
    assert "Microsoft 365 is not connected, so we cannot read the groups now." in page.text


def test_an_account_that_the_portal_leaves_alone_is_told_when_the_timeline_is_made(alice, omar_leaves, sandbox):
    sandbox.give_role(OMAR, "Global Administrator")
    jobs.look_ahead.call_local()
    said = "This account holds an administrator role, so the portal does not change it. Have the role taken away"
    assert said in alice.get(page_of(omar_leaves)).text
    page = alice.get(CALENDAR)
    assert "The portal cannot do these 1 step of the next 14 days would be refused." in page.text
    assert said in page.text
    assert "1 step of a timeline will be refused" in alice.get("/").text
    sandbox.take_roles(OMAR)
    Foresight.update(again_at=now()).execute()
    jobs.look_ahead.call_local()
    assert said not in alice.get(CALENDAR).text


def test_a_permission_that_is_missing_is_told_before_with_grant(alice, omar_leaves, connection):  # noqa: F811
    names = [name for name in connection.permissions if not name.startswith("MailboxSettings")]
    Connection.update(permissions=names).execute()
    page = alice.get(page_of(omar_leaves))
    assert "“Automatic reply” is left out: Microsoft 365 does not allow it yet." in page.text
    page = alice.get(CALENDAR)
    assert "Microsoft 365 does not allow these steps yet Automatic reply." in page.text
    assert page.has_button("Grant what these steps need in Microsoft 365")


def test_what_a_newcomer_lacks_is_told_before_the_day(alice, acme, cast, connection):  # noqa: F811
    saving.switch_on(acme, Kind.JOINER, by="test")
    nia = cast.employee(acme, "Nia", "New", start_date=acme.today + timedelta(days=20), country="", personal_email="")
    planning.follow(nia)
    page = alice.get(page_of(nia))
    assert "There is no manager on the Profile, so nobody is told." in page.text
    assert "There is no personal email. Enter it on the Profile." in page.text


def test_another_company_is_told_nothing(mallory, omar_leaves, sandbox):
    sandbox.give_role(OMAR, "Global Administrator")
    jobs.look_ahead.call_local()
    assert "administrator role" not in mallory.get(CALENDAR).text
