"""The manager at the application follows the HR record, and the tab shows what is there."""

from datetime import date

import pytest

from portal.accounts.models import Account
from portal.operations import engine
from portal.operations.models import Operation, State
from portal.people import actions as people_actions
from portal.people.actions import FieldRefused
from portal.people.models import Employee
from portal.provisioning.updates import changed, request_update
from tests.provisioning.conftest import created, tab

BOSS, WEI = "ines.duarte@acme.example", "wei.zhang@acme.example"


def edit(employee, person, **values):
    people_actions.edit_employee(Employee.get_by_id(employee.id), values, by=person.user)


def sweep():
    """What the worker does each minute: send the records that were changed."""
    operations = [request_update(account) for account in list(changed())]
    return [engine.carry_out(operation) for operation in operations if operation is not None]


def create(person, employee):
    person.get(tab(employee))
    person.press("Action")
    return person.press("Create")


def manager_row(person, employee):
    """What the tab says of the manager."""
    rows = person.get(tab(employee)).soup.select("dl.rows > div")
    return next(row.dd.get_text(" ", strip=True) for row in rows if row.dt.get_text() == "Manager in Microsoft 365")


@pytest.fixture
def boss(app, alice, cast, acme, connection, mailbox):
    return created(app, alice, cast.employee(acme, "Ines", "Duarte"), connection, BOSS)


def test_the_tab_shows_the_manager_that_the_application_has(alice, wei_active, boss, sandbox):
    assert manager_row(alice, wei_active) == "None"
    sandbox.patch_user(WEI, _manager=sandbox.user("mona.manager@acme.example").id)
    assert manager_row(alice, wei_active) == "Mona Manager (mona.manager@acme.example)"
    edit(wei_active, alice, manager=boss)
    assert manager_row(alice, wei_active).endswith("The HR record says Ines Duarte. Sync now sets this manager.")
    alice.press("Sync now")
    assert "Mona Manager" in alice.page.text
    alice.press("Confirm")
    assert manager_row(alice, wei_active) == f"Ines Duarte ({BOSS})"


def test_a_manager_without_an_account_is_waited_for_and_the_tab_says_so(alice, cast, acme, wei_active):
    edit(wei_active, alice, manager=cast.employee(acme, "Tom", "Low"))
    assert "Tom Low has no account yet. The manager will be set as soon as there is one." in manager_row(
        alice, wei_active
    )


def test_a_manager_who_left_is_told_by_the_tab(alice, cast, acme, wei_active, boss):
    left = cast.employee(acme, "Tom", "Low", end_date=date(2020, 1, 31))
    edit(wei_active, alice, manager=left)
    assert manager_row(alice, wei_active).endswith("They have left.")
    edit(wei_active, alice, manager=boss)
    sweep()
    alice.get(tab(boss))
    alice.press("Action")
    alice.press("Confirm")
    assert manager_row(alice, wei_active).endswith("The account of Ines Duarte is deactivated.")


def test_a_manager_whose_account_was_deleted_in_the_tenant_is_a_warning_and_no_failure(
    alice, cast, acme, connection, sandbox, mailbox
):
    mona = cast.employee(acme, "Mona", "Manager")
    alice.get(tab(mona))
    alice.press("Link existing account")
    alice.press("Link mona.manager@acme.example")
    alice.press("Confirm")
    sandbox.delete_user("mona.manager@acme.example")
    page = create(alice, cast.employee(acme, "Rita", "Report", manager=mona))
    assert "The account has been created" in page.text
    assert "The account of the manager, mona.manager@acme.example, no longer exists" in page.text
    assert sandbox.user("rita.report@acme.example").manager is None


def test_a_circle_of_managers_is_refused_in_the_record(alice, wei_active, boss):
    edit(wei_active, alice, manager=boss)
    with pytest.raises(FieldRefused, match="reports to"):
        edit(boss, alice, manager=wei_active)
    with pytest.raises(FieldRefused, match="their own manager"):
        edit(boss, alice, manager=boss)


@pytest.mark.parametrize("turned", [False, True])
def test_two_who_change_places_end_the_right_way_round_whoever_is_sent_first(alice, wei_active, boss, sandbox, turned):
    edit(wei_active, alice, manager=boss)
    sweep()
    edit(wei_active, alice, manager=None)
    edit(boss, alice, manager=wei_active)
    accounts = sorted(changed(), key=lambda account: account.id, reverse=turned)
    done = [engine.carry_out(request_update(account)) for account in accounts]
    assert [operation.state for operation in done] == [State.DONE, State.DONE]
    assert sandbox.user(WEI).manager is None
    assert sandbox.user(BOSS).manager == sandbox.user(WEI).id


def test_a_circle_that_somebody_made_in_the_tenant_is_shown_and_starts_no_endless_work(
    alice, wei_active, boss, sandbox
):
    edit(wei_active, alice, manager=boss)
    sweep()
    sandbox.patch_user(BOSS, _manager=sandbox.user(WEI).id)
    assert manager_row(alice, boss) == f"Wei Zhang ({WEI})"
    assert manager_row(alice, wei_active) == f"Ines Duarte ({BOSS})"
    before = Operation.select().count()
    assert sweep() == []
    assert Operation.select().count() == before


def test_a_manager_whom_somebody_set_in_the_tenant_stays_when_the_record_has_none(alice, wei_active, sandbox):
    sandbox.patch_user(WEI, _manager=sandbox.user("mona.manager@acme.example").id)
    edit(wei_active, alice, job_title="Poet")
    sweep()
    assert sandbox.user(WEI).manager == sandbox.user("mona.manager@acme.example").id
    assert Account.get(Account.employee == wei_active).manager_remote_id is None
