"""An application that does not say how many seats of a licence are left, and gives one without a country."""

import pytest

from portal.accounts.models import Account
from portal.connections import offer
from portal.connections.models import Connection
from portal.connectors import SERVICES
from tests.connectors.second_service import HarbourWithBerths
from tests.runs.conftest import carried_out, plan_for, start

WEI = "wei.zhang@acme-harbour.example"


@pytest.fixture
def berths(harbour, harbour_connection, monkeypatch):
    """Acme's Harbour, where people need a berth."""
    monkeypatch.setitem(SERVICES, HarbourWithBerths.key, HarbourWithBerths(harbour.url))
    offer.read(harbour_connection)
    return Connection.get_by_id(harbour_connection.id)


def test_seats_that_nobody_counts_are_said_to_be_unknown_and_keep_nobody_out(at_harbour, wei, berths, harbour, mailbox):
    card = at_harbour(wei)
    assert "Berth (number of free seats unknown)" in card.press("Action").text
    assert "No default licence is set: choose one." in card.text
    card.press("Create", Licence="mooring")
    assert harbour.people[WEI]["berths"] == ["mooring"]
    assert Account.get().licence_ids == ["mooring"]


def test_licences_are_changed_where_no_seats_are_counted(at_harbour, wei, berths, harbour, mailbox):
    at_harbour(wei).press("Action", "Create", Licence="berth")
    card = at_harbour(wei)
    card.press("Change licences")
    card.person.press("Change licences", {"Mooring": True}, within=f"{card.at} form[action$='/licences']")
    assert harbour.people[WEI]["berths"] == ["berth", "mooring"]


def test_a_run_starts_though_free_seats_are_unknown(app, alice, wei, berths, harbour, mailbox):
    _, page = plan_for(app, alice, [wei], Licence="mooring")
    assert "1 needed, free seats unknown" in page.text
    start(alice)
    carried_out(app)
    assert harbour.people[WEI]["berths"] == ["mooring"]


def test_the_doctor_does_not_invent_a_number(alice, berths):
    alice.get("/settings/add-ons/harbour")
    assert "Berth: seats not told; Mooring: seats not told." in alice.press("Test connection").text
