"""The admin log as a hint, a whole reading as the truth."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.accounts.models import Account, Status
from portal.connections.models import Connection
from portal.connectors import for_connection
from portal.connectors.errors import TooOld
from portal.connectors.google_workspace.changes import Link
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
    look.at_what_is_missing(for_connection(Connection.get()))
    assert look.differences == {}
