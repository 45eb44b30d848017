"""Each verb at an application without licences, countries, sessions and deleted accounts, whose ids are addresses."""

import pytest

from portal.accounts.models import Account, Status
from portal.connectors import for_connection
from portal.connectors.errors import NotOffered
from portal.operations import activity
from portal.operations.models import Operation, State
from tests.provisioning.conftest import tab

pytestmark = pytest.mark.usefixtures("beside")
WEI = "wei.zhang@acme-harbour.example"


def steps_of(verb: str) -> list[str]:
    return [step.name for step in activity.steps_of(Operation.get(Operation.verb == verb))]


def test_an_account_is_created_without_licence_and_country(at_harbour, wei, harbour, mailbox):
    card = at_harbour(wei)
    page = card.press("Action")
    assert "Licence" not in card.text
    page = card.press("Create")
    assert "The account has been created and an email has been sent to the employee." in page.text
    assert "Active" in card.text
    assert (harbour.people[WEI]["title"], harbour.people[WEI]["locked"]) == ("Buyer", False)
    assert harbour.people[WEI]["password"] in mailbox.text(mailbox.messages[0])
    assert "Harbour account" in mailbox.text(mailbox.messages[0])
    assert "Licence" not in card.fresh()
    assert not [line for line in harbour.asked if "berths" in line]


def test_a_long_name_is_cut_to_what_the_application_takes(at_harbour, cast, acme, harbour, mailbox, alice):
    long = cast.employee(acme, "Maximiliana", "Featherstonehaugh-Cholmondeley", personal_email="m@home.example")
    card = at_harbour(long)
    card.press("Action")
    proposed = alice.page.value("Username")
    assert proposed == "maximiliana.featherstonehaughcho"
    assert len(proposed) == 32
    assert (
        "Harbour takes 32 small letters"
        in card.press("Create", Username="far.too.long.for.any.boat.in.this.harbour").text
    )
    card.press("Create", Username=proposed)
    assert f"{proposed}@acme-harbour.example" in harbour.people


def test_an_unanswered_create_is_found_again_by_its_marker(at_harbour, wei, harbour, mailbox):
    harbour.deaf = 1
    at_harbour(wei).press("Action", "Create")
    operation = Operation.get()
    assert (operation.state, harbour.people[WEI]["reference"]) == (State.DONE, operation.marker)
    assert harbour.asked.count("POST /people") == 1


def test_deactivate_promises_no_sessions_and_reactivate_opens_it_again(at_harbour, wei_aboard, harbour):
    card = at_harbour(wei_aboard)
    page = card.press("Action")
    assert "Nobody can sign in to Harbour as" in page.text
    assert "Boats and berths stay." in page.text
    assert "sessions" not in page.text
    assert "The account has been deactivated: the sign-in is blocked." in card.press("Confirm").text
    assert harbour.people[WEI]["locked"]
    assert "revoke" not in steps_of("deactivate")
    card.fresh()
    assert "can sign in again" in card.press("Action", "Confirm").text
    assert not harbour.people[WEI]["locked"]


def test_a_fresh_password_is_sent(at_harbour, wei_aboard, harbour, mailbox):
    first = harbour.people[WEI]["password"]
    card = at_harbour(wei_aboard)
    card.press("Resend")
    card.person.press("Resend", within=f"{card.at} form[action$='/resend']")
    assert harbour.people[WEI]["password"] != first
    assert harbour.people[WEI]["password"] in mailbox.text(mailbox.messages[-1])


def test_somebody_who_is_there_already_is_linked_by_address(at_harbour, cast, acme, harbour):
    address = harbour.add("olga", name="Olga Ordinary", given="Olga", family="Ordinary", number="77")
    olga = cast.employee(acme, "Olga", "Ordinary", employee_number="77")
    card = at_harbour(olga)
    card.press("Link existing account", f"Link {address}", "Confirm")
    account = Account.get(Account.employee == olga)
    assert (account.remote_id, account.status) == (address, Status.ACTIVE)


def test_whoever_runs_it_is_left_alone(at_harbour, cast, acme, harbour):
    cora = cast.employee(acme, "Cora", "Captain")
    card = at_harbour(cora)
    card.press("Link existing account", "Link captain@acme-harbour.example", "Confirm")
    assert "so the portal does not change it" in card.press("Action").text
    assert not harbour.people["captain@acme-harbour.example"]["locked"]


def test_what_was_deleted_is_gone_and_nobody_offers_to_restore_it(at_harbour, wei_aboard, harbour, alice, time_passes):
    del harbour.people[WEI]
    time_passes()
    text = at_harbour(wei_aboard).text
    assert "was deleted in Harbour." in text
    assert "restore" not in text.casefold()
    refused = alice.post(f"{tab(wei_aboard)}/harbour/restore", {"remote_id": WEI, "seen": WEI}, fragment=True)
    assert "keeps no deleted accounts" in refused.text


def test_licences_cannot_be_changed_where_there_are_none(at_harbour, wei_aboard, alice):
    assert not at_harbour(wei_aboard).person.page.has_button("Change licences")
    asked = alice.get(f"{tab(wei_aboard)}/harbour/licences")
    assert asked.status < 500
    assert Operation.select().where(Operation.verb == "licence").count() == 0


def test_what_the_application_does_not_offer_is_refused_in_words(harbour_connection):
    connector = for_connection(harbour_connection)
    for ask in (
        lambda: connector.mailbox(WEI),
        lambda: connector.hand_out_pass(WEI, 60),
        lambda: connector.picture(WEI),
    ):
        with pytest.raises(NotOffered, match="does not offer this to the portal"):
            ask()
