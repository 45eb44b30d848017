"""The admin log as a hint, a whole reading as the truth."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.accounts.models import Account, Status
from portal.connections.models import Connection
from portal.connectors import for_connection
from portal.connectors.errors import TooOld
from portal.connectors.google_workspace import changes, client
from portal.connectors.google_workspace.changes import Link
from portal.connectors.google_workspace.fresh import FRESH
from portal.sync import tenant as sync
from tests.google_workspace.conftest import WEI

LIST, LOG = "/admin/directory/v1/users", "/admin/reports/v1/activity"


@pytest.fixture
def read_once(wei_aboard, connection, workspace):
    """Acme with Wei's account, read whole moments ago."""
    sync.sync_changes(Connection.get())
    workspace.clear_requests()
    return workspace


def lists(workspace) -> int:
    """How often everybody was asked for."""
    asked = workspace.requests(method="GET", path=LIST)
    return len([line for line in asked if line.path.endswith("/users")])


def test_after_a_whole_reading_the_log_says_whom_to_read_again(read_once):
    read_once.patch_user(WEI, suspended=True)
    sync.sync_changes(Connection.get())
    assert Account.get().status == Status.DEACTIVATED
    assert lists(read_once) == 0
    assert read_once.requests(path=LOG)


def test_somebody_deleted_shows_though_the_log_only_names_an_address(read_once):
    Account.update(read_at=datetime.now(UTC) - timedelta(hours=1)).execute()
    FRESH.clear()
    read_once.delete_user(WEI)
    sync.sync_changes(Connection.get())
    assert Account.get().detached_by == "deleted"


def test_once_a_day_everything_is_read_whatever_the_log_says(read_once):
    long_ago = datetime.now(UTC) - timedelta(hours=21)
    Connection.update(changes_link=str(Link(long_ago, datetime.now(UTC)))).execute()
    sync.sync_changes(Connection.get())
    assert lists(read_once) == 1


def test_who_may_not_read_the_log_reads_everything(read_once):
    read_once.fault(path=LOG, status=403, code="forbidden", times=None)
    read_once.patch_user(WEI, suspended=True)
    sync.sync_changes(Connection.get())
    assert (lists(read_once), Account.get().status) == (1, Status.DEACTIVATED)


@pytest.mark.parametrize("link", ["", "yesterday", "2026-01-01T00:00:00 2026-01-01T00:00:00", "x y z"])
def test_a_link_of_another_version_is_too_old(link):
    with pytest.raises(TooOld):
        Link.read(link)


def test_somebody_whom_a_list_leaves_out_is_asked_for_alone(read_once):
    Account.update(read_at=datetime.now(UTC) - timedelta(hours=1)).execute()
    look = sync._Look(Connection.get())
    # As after a list that had others in it.
    look._any = True
    look.at_what_is_missing(for_connection(Connection.get()), most=10)
    assert look.differences == {}


def test_a_list_that_leaves_out_a_renamed_account_does_not_end_it(read_once):
    read_once.patch_user(WEI, primaryEmail="wei.married@acme.example")
    Account.update(read_at=datetime.now(UTC) - timedelta(hours=1)).execute()
    look = sync._Look(Connection.get())
    look._any = True
    look.at_what_is_missing(for_connection(Connection.get()), most=10)
    assert look.differences == {}


def test_of_a_list_that_is_shorter_than_it_was_each_is_asked_for(read_once, cast, acme, connection):
    """Eleven of sixty: fewer than the brake holds, and more than ten."""
    rows = []
    for number in range(60):
        user = read_once.make_user(f"p{number}@acme.example", "Pat", f"No{number}")
        rows.append(Account.create(
            organisation=acme, employee=cast.employee(acme, "Pat", f"No{number}"), connection=connection,
            remote_id=user.id, username=user.address, display_name=user.name, enabled=True,
            read_at=datetime.now(UTC) - timedelta(hours=1),
        ))  # fmt: skip
    look = sync._Look(Connection.get())
    look._any, look._seen = True, {row.id for row in Account.select()} - {row.id for row in rows[:11]}
    look.at_what_is_missing(for_connection(Connection.get()), most=12)
    assert look.differences == {}


def test_a_first_page_without_anybody_is_not_the_end_of_the_list(wei_aboard, connection, workspace, monkeypatch):
    monkeypatch.setattr(client, "LARGEST_PAGE", 5)
    workspace.fault(path=LIST + "$", kind="empty page", times=1)
    whole = list(changes.whole(for_connection(connection).client))
    assert (whole[0].accounts, whole[-1].complete) == ((), True)


def without_state(workspace, address: str, *, everywhere: bool) -> None:
    """Google no longer says of this account whether it is suspended: in lists and searches, or wherever it is asked."""
    places = ("list", "search", "get") if everywhere else ("list", "search")
    workspace.patch_user(address, _unsaid={place: ["suspended"] for place in places})


@pytest.mark.parametrize("everywhere", [False, True])
def test_one_odd_account_in_a_list_never_stops_the_others(read_once, connection, caplog, everywhere):
    Account.update(read_at=datetime.now(UTC) - timedelta(hours=1)).execute()
    Connection.update(changes_link="").execute()
    omar = read_once.user("omar.ordinary@acme.example")
    without_state(read_once, omar.address, everywhere=everywhere)
    read_once.patch_user(WEI, suspended=True)
    sync.sync_changes(Connection.get())
    assert Account.get().status == Status.DEACTIVATED
    shown = {account.id for account in for_connection(connection).all_accounts()}
    assert (omar.id in shown, len(shown)) == (
        not everywhere,
        len([user for user in read_once.users() if not user.deleted]) - everywhere,
    )
    assert (f"passed over: {omar.id} (suspended: missing)" in caplog.text) == everywhere


def test_an_account_of_ours_that_nobody_can_read_stays_as_it_was(read_once):
    Account.update(read_at=datetime.now(UTC) - timedelta(hours=1)).execute()
    Connection.update(changes_link="").execute()
    FRESH.clear()
    without_state(read_once, WEI, everywhere=True)
    sync.sync_changes(Connection.get())
    account = Account.get()
    assert (account.status, account.detached_at) == (Status.ACTIVE, None)


def test_a_log_that_cannot_be_read_is_no_need(read_once):
    read_once.fault(path=LOG, status=200, body="list", times=None)
    read_once.patch_user(WEI, suspended=True)
    sync.sync_changes(Connection.get())
    assert (lists(read_once), Account.get().status) == (1, Status.DEACTIVATED)
