"""Both applications connected at once: what befalls one never disturbs the other."""

import pytest

from portal.accounts.models import Account, Status
from portal.addons import disconnecting
from portal.connections.models import Connection
from portal.connectors.errors import ConnectorError
from portal.operating import doctor
from portal.sync import tenant as sync
from tests.cast import words
from tests.provisioning.conftest import connect

ADD_ONS = "/settings/add-ons"
WEI = "wei.zhang@acme-harbour.example"


@pytest.fixture
def microsoft(alice, sandbox, harbour_connection):
    """Acme connected to both."""
    return connect(sandbox, alice.user)


def card_of(page, key: str) -> str:
    return words(page.soup.select_one(f"#add-on-card-{key}"))


def test_each_has_its_card_and_its_own_health(alice, harbour, harbour_connection, microsoft):
    harbour.down = True
    alice.get(ADD_ONS)
    alice.press("Check now", within="#add-on-card-harbour")
    page = alice.get(ADD_ONS)
    assert "Needs attention" in card_of(page, "harbour")
    assert "Health Working" in card_of(page, "microsoft-365")


def test_disconnecting_one_keeps_the_other(alice, harbour_connection, microsoft):
    disconnecting.disconnect(Connection.get_by_id(harbour_connection.id), by=alice.user)
    page = alice.get(ADD_ONS)
    assert "Not connected" in card_of(page, "harbour")
    assert "Health Working" in card_of(page, "microsoft-365")


def test_the_sync_of_one_goes_on_while_the_other_is_down(
    app, wei_aboard, harbour, microsoft, sandbox, harbour_connection
):
    harbour.down = True
    with pytest.raises(ConnectorError):
        sync.sync_changes(Connection.get_by_id(harbour_connection.id))
    assert sync.sync_changes(Connection.get_by_id(microsoft.id)) == 0
    assert Connection.get_by_id(microsoft.id).changes_link
    assert Account.get(Account.connection == harbour_connection).status == Status.ACTIVE


def test_a_whole_reading_of_one_never_looks_for_the_accounts_of_the_other(wei_aboard, microsoft, sandbox, time_passes):
    time_passes()
    assert sync.sync_changes(Connection.get_by_id(microsoft.id)) == 0
    assert Account.get().detached_at is None


def test_the_operators_doctor_tries_each_by_itself(harbour, harbour_connection, microsoft):
    harbour.down = True
    found = {finding.part: finding for finding in doctor.examine()}
    assert found["Microsoft 365"].good
    assert not found["Harbour"].good
    harbour.down = False
    found = {finding.part: finding for finding in doctor.examine()}
    assert found["Harbour"].sentence == "Acme Harbour accepts its key."
