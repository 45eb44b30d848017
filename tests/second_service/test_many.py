"""Bulk actions, existing accounts and reading what changed at an application that is always read whole."""

import pytest

from portal.accounts.models import Account, Status
from portal.connections.models import Connection
from portal.connectors.errors import TryLater
from portal.database import now
from portal.matching import reading
from portal.matching.models import Reading, ReadingState
from portal.people.models import Employee
from portal.runs.models import RunState
from portal.sync import tenant as sync
from tests.runs.conftest import carried_out, plan_for, start

pytestmark = pytest.mark.usefixtures("beside")
WEI = "wei.zhang@acme-harbour.example"


@pytest.fixture
def crew(cast, acme):
    """Seven people of no country, so that the application has two pages of them."""
    acme.country = None
    acme.save()
    return [
        cast.employee(acme, f"Finn{number}", "Fisher", personal_email=f"finn{number}@home.example", country="")
        for number in range(7)
    ]  # fmt: skip


def in_step(connection) -> int:
    return sync.sync_changes(Connection.get_by_id(connection.id))


def status_of(employee) -> Status:
    account = Account.get_or_none(Account.employee == employee, Account.detached_at.is_null())
    return account.status if account else Status.NO_ACCESS


def test_a_run_creates_for_all_without_licence_or_country(app, alice, harbour_connection, crew, harbour, mailbox):
    _, page = plan_for(app, alice, crew)
    assert "7" in page.text
    start(alice)
    assert carried_out(app).state == RunState.DONE
    assert {f"finn{number}.fisher@acme-harbour.example" for number in range(7)} <= set(harbour.people)
    assert len(mailbox.messages) == 7


def test_a_run_offers_only_what_the_application_can_do(alice, harbour_connection, wei_aboard):
    page = alice.get(f"/provisioning/runs/new?employee={wei_aboard.id}")
    offered = {str(tag["value"]) for tag in page.soup.select("input[name=verb]")}
    assert {"create", "deactivate", "reactivate"} < offered
    assert "licence" not in offered


def test_day_one_forecasts_no_seats_and_misses_no_country(alice, harbour_connection, crew):
    Employee.update(start_date=now().date()).execute()
    page = alice.get("/provisioning/day-one")
    assert "Finn0 Fisher" in page.text
    assert page.soup.select_one("#seats") is None
    assert "no country" not in page.text.casefold()


def test_accounts_that_are_there_are_matched_by_number(app, alice, harbour_connection, cast, acme, harbour):
    address = harbour.add("olga", name="Olga Ordinary", number="77")
    olga = cast.employee(acme, "Olga", "Other", employee_number="77")
    alice.get("/provisioning/matching")
    alice.press("Find existing accounts")
    with app.app_context():
        reading.read(Reading.get(Reading.state == ReadingState.READING))
    alice.get("/provisioning/matching")
    page = alice.press(f"Link {address} to Olga Other")
    assert "is linked" in " ".join(page.alerts())
    assert Account.get(Account.employee == olga).remote_id == address


def test_what_was_locked_and_opened_there_shows(wei_aboard, harbour_connection, harbour, time_passes):
    for locked, status in ((True, Status.DEACTIVATED), (False, Status.ACTIVE)):
        harbour.people[WEI]["locked"] = locked
        time_passes()
        assert in_step(harbour_connection) == 1
        assert status_of(wei_aboard) == status


def test_who_is_missing_in_a_whole_reading_is_gone_every_time(wei_aboard, harbour_connection, harbour, time_passes):
    assert in_step(harbour_connection) == 0
    assert Connection.get_by_id(harbour_connection.id).synced_at
    del harbour.people[WEI]
    time_passes()
    assert in_step(harbour_connection) == 1
    assert status_of(wei_aboard) == Status.NO_ACCESS


def test_a_whole_reading_without_anybody_changes_nothing(wei_aboard, harbour_connection, harbour, time_passes):
    harbour.people.clear()
    time_passes()
    with pytest.raises(TryLater, match="shows no account at all"):
        in_step(harbour_connection)
    assert status_of(wei_aboard) == Status.ACTIVE


def test_a_reading_that_is_cut_off_says_nothing_of_those_who_were_not_read(
    wei_aboard, harbour_connection, harbour, time_passes
):
    for number in range(12):
        harbour.add(f"aaron{number:02}")
    time_passes()
    harbour.cut_off_at = 10
    with pytest.raises(TryLater):
        in_step(harbour_connection)
    assert status_of(wei_aboard) == Status.ACTIVE
