import pytest

from portal.accounts.models import Account, Status
from portal.connectors.errors import TooOld
from portal.connectors.microsoft365.fresh import FRESH
from portal.operations.models import Operation
from portal.sync import tenant as sync
from tests.cast import account_of
from tests.provisioning.conftest import at, linked


@pytest.fixture
def omar(alice, cast, acme, connection):
    """Omar, linked to the account that he has."""
    return linked(alice, cast.employee(acme, "Omar", "Ordinary"), "omar.ordinary@acme.example")


def in_step(connection, **options):
    return sync.sync_changes(type(connection).get_by_id(connection.id), **options)


def status(employee):
    account = account_of(employee)
    return account.status if account else Status.NO_ACCESS


def test_a_block_in_the_admin_centre_shows_in_the_list(alice, omar, connection, sandbox):
    in_step(connection)
    sandbox.patch_user("omar.ordinary@acme.example", accountEnabled=False)
    assert in_step(connection) == 1
    assert status(omar) == Status.DEACTIVATED
    assert "Deactivated" in alice.get("/people/employees").soup.find("table").text


def test_nothing_is_changed_in_the_tenant(omar, connection, sandbox):
    sandbox.clear_requests()
    in_step(connection)
    assert {call.method for call in sandbox.requests(path="/v1.0/")} == {"GET"}
    assert Operation.select().where(Operation.verb != "link").count() == 0


def test_only_what_changed_is_read_the_second_time(omar, connection, sandbox):
    in_step(connection)
    sandbox.clear_requests()
    assert in_step(connection) == 0
    [call] = sandbox.requests(path="/v1.0/users/delta")
    assert '"value":[]' in call.answer.replace(" ", "")


def test_a_deleted_account_goes_and_a_restored_one_comes_back(omar, connection, sandbox):
    in_step(connection)
    sandbox.delete_user("omar.ordinary@acme.example")
    in_step(connection)
    assert status(omar) == Status.NO_ACCESS
    remote_id = Account.get().remote_id
    sandbox.restore_user(remote_id)
    in_step(connection)
    assert status(omar) == Status.ACTIVE


def test_a_link_that_is_too_old_means_reading_everything_again(omar, connection, sandbox):
    in_step(connection)
    sandbox.patch_user("omar.ordinary@acme.example", accountEnabled=False)
    sandbox.fault(method="GET", path="/users/delta", status=410, code="resyncRequired")
    with pytest.raises(TooOld):
        in_step(connection)
    assert type(connection).get_by_id(connection.id).changes_link == ""
    in_step(connection)
    assert status(omar) == Status.DEACTIVATED


def test_unusually_many_changes_wait_for_somebodys_word(alice, cast, acme, connection, sandbox, monkeypatch, omar):
    monkeypatch.setattr(sync, "BRAKE_FROM", 0)
    in_step(connection)
    sandbox.patch_user("omar.ordinary@acme.example", accountEnabled=False)
    assert in_step(connection) == 0
    assert status(omar) == Status.ACTIVE
    assert "need your approval" in alice.get("/provisioning").text
    alice.press("Accept these changes")
    assert status(omar) == Status.DEACTIVATED
    assert "need your approval" not in alice.get("/provisioning").text


def test_an_admin_can_have_it_read_at_once(alice, omar, connection, sandbox):
    sandbox.patch_user("omar.ordinary@acme.example", accountEnabled=False)
    alice.get("/provisioning")
    page = alice.press("Check Microsoft 365 now")
    assert "1 account changed status." in page.text


def test_what_was_deleted_before_the_first_reading_is_seen_to_be_gone(alice, wei_active, connection, sandbox):
    sandbox.delete_user("wei.zhang@acme.example")
    Account.update(read_at=wei_active.created_at.replace(year=2020)).execute()
    FRESH.clear()
    sync.sync_changes(connection)
    assert account_of(wei_active) is None
    assert Account.get().detached_by == "deleted"


def test_a_link_taken_away_after_a_restore_does_not_come_back_by_itself(alice, omar, connection, sandbox):
    sync.sync_changes(connection)
    remote_id = Account.get().remote_id
    Account.update(read_at=omar.created_at.replace(year=2020)).execute()
    sandbox.delete_user(remote_id)
    sync.sync_changes(connection)
    alice.post(f"{at(omar)}/restore", {"remote_id": remote_id, "seen": remote_id}, fragment=True)
    assert account_of(omar) is not None
    alice.post(f"{at(omar)}/unlink", fragment=True)
    sandbox.patch_user(remote_id, department="Elsewhere")
    sync.sync_changes(connection)
    assert account_of(omar) is None
