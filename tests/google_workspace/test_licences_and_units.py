"""Licences that Google assigns automatically, those that are given, seats that it does not tell, and units."""

import time

import pytest

from portal.accounts.models import Account
from portal.accounts.place import Place
from portal.connections.models import Connection
from portal.connections.settings import AddOnSettings, UnitRule, settings_of
from portal.connectors import for_connection
from portal.connectors.errors import NotPermitted, OutOfSeats, Refused
from portal.connectors.google_workspace import licensing
from portal.leaving import actions as leaving
from portal.operations.models import Operation, State
from portal.provisioning import actions
from tests.google_workspace.conftest import ADD_ONS, KEY, PLUS, STANDARD, WEI, tab
from tests.pages import words
from tests.provisioning.worker import finish

SETTINGS = f"{ADD_ONS}/{KEY}"
VAULT = "Google-Vault"
LICENCES = "/apps/licensing/v1/"


def test_the_card_shows_what_google_assigned_without_being_asked(at_google, wei, workspace, mailbox):
    at_google(wei).press("Action", "Create")
    assert Account.get().licence_ids == []
    card = at_google(wei)
    assert "Licences Google Workspace Business Standard" in card.text
    workspace.clear_requests()
    at_google(wei)
    assert not workspace.requests(path=LICENCES)


def test_a_card_does_not_wait_for_licences_that_google_does_not_tell(at_google, wei, workspace, mailbox):
    at_google(wei).press("Action", "Create")
    workspace.fault(path=LICENCES, status=503, times=None)
    assert "Licences As Google assigns" in at_google(wei).text


@pytest.fixture
def by_hand(workspace):
    """Nothing is assigned by Google itself."""
    workspace.policy(automatic_licence="")
    return workspace


def test_a_new_account_gets_what_google_assigns(at_google, wei, workspace, mailbox, alice):
    card = at_google(wei)
    card.press("Action")
    assert "As Google assigns" in card.text
    card.press("Create")
    assert workspace.user(WEI).licences == [STANDARD]
    assert not workspace.requests(method="POST", path=LICENCES)


def test_a_chosen_licence_is_given_and_read_back(at_google, wei, by_hand, mailbox):
    at_google(wei).press("Action", "Create", Licence=PLUS)
    assert by_hand.user(WEI).licences == [PLUS]
    assert Account.get().licence_ids == [PLUS]


def test_another_edition_takes_the_place_of_the_old_one_in_one_call(connection, by_hand):
    omar = by_hand.user("omar.ordinary@acme.example")
    by_hand.clear_requests()
    for_connection(connection).assign_licences(omar.id, add=[PLUS], remove=[STANDARD])
    changed = [line.method for line in by_hand.requests(path=LICENCES) if line.method != "GET"]
    assert (changed, by_hand.user(omar.id).licences) == (["PUT"], [PLUS])


def test_a_chosen_licence_takes_the_place_of_what_google_assigned(at_google, wei, workspace, mailbox):
    at_google(wei).press("Action", "Create", Licence=PLUS)
    assert workspace.user(WEI).licences == [PLUS]


def test_two_editions_for_one_account_are_refused_before_google_is_asked(at_google, wei_aboard, alice, workspace):
    alice.get(f"{tab(wei_aboard)}/{KEY}/licences")
    workspace.clear_requests()
    held = workspace.user(WEI).licences
    page = alice.post(f"{tab(wei_aboard)}/{KEY}/licences", {"held": held, "licences": [PLUS, STANDARD]})
    told = "only one of Google Workspace Business Plus and Google Workspace Business Standard: tick one"
    assert (page.status, told in words(page.soup)) == (422, True)
    assert not workspace.requests(method="POST")
    assert workspace.user(WEI).licences == held


def test_what_google_gave_itself_is_not_taken_and_the_reason_is_said(connection, workspace):
    omar = workspace.user("omar.ordinary@acme.example")
    with pytest.raises(Refused, match="Google gives this licence by its own rules"):
        for_connection(connection).assign_licences(omar.id, add=[], remove=[STANDARD])


def test_no_seat_left_and_one_that_is_held_are_told_apart(connection, by_hand):
    connector = for_connection(connection)
    uma, mona = by_hand.user("uma.unlicensed@acme.example"), by_hand.user("mona.manager@acme.example")
    by_hand.policy(seats={PLUS: 0})
    connector.assign_licences(mona.id, add=[PLUS], remove=[])
    with pytest.raises(OutOfSeats):
        connector.assign_licences(uma.id, add=[PLUS], remove=[])


def test_a_half_says_what_was_done(connection, by_hand):
    mona = by_hand.user("mona.manager@acme.example")
    by_hand.fault(method="DELETE", path=LICENCES, status=403, code="forbidden", times=None)
    with pytest.raises(NotPermitted) as refusal:
        for_connection(connection).assign_licences(mona.id, add=["Google-Vault"], remove=[PLUS])
    assert "Done before that: Google Vault given." in refusal.value.message


def test_seats_are_counted_once_the_organisation_has_entered_what_it_bought(alice, connection, workspace):
    page = alice.get(f"{SETTINGS}/licences")
    assert "does not tell the portal how many seats you bought" in page.text
    alice.press("Save", {"Seats bought of Google Workspace Business Plus": "5"}, within=form_of(page, PLUS))
    assert AddOnSettings.get().seats_bought == {PLUS: 5}
    used = workspace.customer()["held"][PLUS]
    assert next(one for one in Connection.get().licences if one["id"] == PLUS)["free"] == 5 - used
    page = alice.get(f"{SETTINGS}/licences")
    refused = alice.press("Save", {"Seats bought of Google Workspace Business Plus": "-1"}, within=form_of(page, PLUS))
    assert "Enter a number between 0 and 1,000,000" in refused.text


def form_of(page, licence: str) -> str:
    return f"form:has(input[value='{licence}'])"


def test_the_unit_follows_the_department_else_the_default(alice, cast, acme, at_google, workspace, mailbox):
    sven = cast.employee(acme, "Sven", "Sales", department="Sales", personal_email="s@home.example")
    ella = cast.employee(acme, "Ella", "Else", department="Legal", personal_email="e@home.example")
    alice.get(f"{SETTINGS}/units")
    alice.press("Add rule", {"Department": "Sales", "Unit": "/Sales"})
    assert "Department Sales goes to /Sales" in alice.page.text
    alice.press("Save", {"For everybody else": "/Contractors"})
    for employee in (sven, ella):
        at_google(employee).press("Action", "Create")
    assert "Organisational unit /Sales" in words(alice.get(tab(sven)).soup.select_one("#account-card-google-workspace"))
    assert workspace.user("sven.sales@acme.example").org_unit == "/Sales"
    assert workspace.user("ella.else@acme.example").org_unit == "/Contractors"
    alice.get(f"{SETTINGS}/units")
    alice.press("Remove Department Sales")
    assert not UnitRule.select().exists()


def test_a_unit_that_is_gone_is_named(at_google, wei, workspace, mailbox):
    Connection.update(units=["/", "/Gone"]).execute()
    card = at_google(wei)
    card.press("Action")
    workspace.fault(method="POST", path="/admin/directory/v1/users$", status=400, code="invalid",
                    message="Invalid Input: INVALID_OU_ID", times=1)  # fmt: skip
    card.press("Create")
    operation = Operation.get()
    assert operation.state == State.FAILED
    assert "The organisational unit is not one of your Google Workspace." in operation.message


def test_a_customers_licences_are_asked_for_once_in_a_while(connection, workspace):
    workspace.clear_requests()
    for _ in range(3):
        for_connection(connection).licences()
    assert len(workspace.requests(path=LICENCES)) <= 1
    licensing.forget(connection.tenant_id)
    for_connection(connection).licences()
    assert workspace.requests(path=LICENCES)


def test_a_licence_that_google_has_begun_to_assign_since_makes_room(connection, workspace, monkeypatch):
    known = [one for one in for_connection(connection).licences() if one.id == STANDARD]
    a_while_ago = time.monotonic() + licensing.KNOWN_FOR - 2 * licensing.ASKED_AGAIN_AFTER
    monkeypatch.setitem(licensing._offered, connection.tenant_id, (known, a_while_ago))
    mona = workspace.user("mona.manager@acme.example")
    assert mona.licences == [PLUS]
    for_connection(connection).assign_licences(mona.id, add=[STANDARD], remove=[])
    assert workspace.user(mona.id).licences == [STANDARD]


@pytest.mark.parametrize("refuses", [False, True])
def test_a_licence_that_was_taken_comes_back_also_when_another_was_refused(
    connection, wei_aboard, by_hand, alice, refuses
):
    """Google takes one after the other. What was asked for as a whole was refused, and yet one is gone."""
    settings = settings_of(connection)
    settings.licences_go_on_deactivate = True
    settings.save()
    place = Place.of(wei_aboard, connection)
    actions.change_licences(place, add=[STANDARD, VAULT], remove=[], by=alice.user)
    if refuses:
        by_hand.fault(method="DELETE", path=f"{LICENCES}.*{VAULT}", status=400, code="invalid", times=None)
    assert actions.deactivate_account(place.as_it_is(), by=alice.user).state == State.DONE
    assert by_hand.user(WEI).licences == ([VAULT] if refuses else [])
    assert actions.reactivate_account(place.as_it_is(), by=alice.user).state == State.DONE
    assert sorted(by_hand.user(WEI).licences) == sorted([STANDARD, VAULT])


def test_a_leaver_is_blocked_though_google_does_not_tell_the_licences(
    wei_aboard, connection, workspace, alice, impatient
):
    workspace.fault(path=LICENCES, status=503, times=None)
    place = Place.of(wei_aboard, connection)
    operation = leaving.leave(place, leaving.request_for(place), by=alice.user)
    assert operation.state == State.WAITING
    assert workspace.user(WEI).suspended


def test_so_is_one_who_is_deactivated_and_the_licences_go_later(wei_aboard, connection, by_hand, alice, impatient):
    settings = settings_of(connection)
    settings.licences_go_on_deactivate = True
    settings.save()
    place = Place.of(wei_aboard, connection)
    actions.change_licences(place, add=[STANDARD], remove=[], by=alice.user)
    by_hand.fault(path=LICENCES, status=503, times=None)
    operation = actions.deactivate_account(place.as_it_is(), by=alice.user)
    assert (operation.state, by_hand.user(WEI).suspended) == (State.WAITING, True)
    by_hand.clear_faults()
    assert finish(operation).state == State.DONE
    assert by_hand.user(WEI).licences == []
    actions.reactivate_account(place.as_it_is(), by=alice.user)
    assert by_hand.user(WEI).licences == [STANDARD]


def test_what_undo_leaving_gives_back_is_known_at_once(app, wei_aboard, connection, by_hand, alice):
    place = Place.of(wei_aboard, connection)
    actions.change_licences(place, add=[STANDARD], remove=[], by=alice.user)
    leaving.leave(place.as_it_is(), leaving.request_for(place), by=alice.user)
    leaving.take_licences(place.as_it_is(), by=alice.user)
    assert Account.get().licence_ids == []
    with app.app_context():
        leaving.undo(place.as_it_is(), by=alice.user)
    assert (by_hand.user(WEI).licences, Account.get().licence_ids) == ([STANDARD], [STANDARD])
