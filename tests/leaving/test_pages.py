from datetime import timedelta

import pytest

from portal.accounts.models import Account
from portal.auth.models import User
from portal.database import now
from portal.leaving import actions
from portal.leaving.models import Snapshot
from portal.operations.activity import steps_of
from portal.operations.models import Operation
from portal.people.models import Employee
from portal.sandbox.state.catalogue import BUSINESS_STANDARD
from tests.leaving.conftest import OMAR
from tests.provisioning.conftest import at, connect, tab


def ask(person, employee, label="Leave now"):
    person.get(tab(employee))
    return person.press(label)


def test_leave_now_says_what_will_happen_before_anything_does(alice, place, sandbox):
    page = ask(alice, place.employee)
    assert "End the access of Omar Ordinary now?" in page.text
    assert "Omar no longer works here. Please contact Mona Manager instead." in page.text
    assert not sandbox.user(OMAR).sign_in_blocked


def test_leave_now_names_beforehand_what_the_application_does_not_allow(alice, place, connection):
    refused = "“Switch the automatic reply on” is left out: Microsoft 365 does not allow it yet."
    assert refused not in ask(alice, place.employee).text
    connection.permissions = [one for one in connection.permissions if one != "MailboxSettings.ReadWrite"]
    connection.save()
    page = ask(alice, place.employee)
    assert refused in page.text
    assert "“Take out of groups" not in page.text


def test_leave_now_does_all_of_it_in_one_operation_with_one_receipt(alice, place, sandbox):
    ask(alice, place.employee)
    page = alice.press("Confirm", {"Forward mail": True, "Reply to colleagues": "Ask {successor}."})
    assert "The sign-in is blocked. The portal has noted what the account had" in page.text
    omar = sandbox.user(OMAR)
    assert (omar.sign_in_blocked, len(omar.rules)) == (True, 1)
    assert "Ask Mona Manager." in omar.reply["internalReplyMessage"]
    assert Operation.select().where(Operation.verb == "leave").count() == 1


def test_a_text_with_an_unknown_placeholder_is_refused_and_kept(alice, place, sandbox):
    ask(alice, place.employee)
    page = alice.press("Confirm", {"Reply to colleagues": "Ask {boss}."})
    assert page.status == 422
    assert "{boss} is not a placeholder." in page.text
    assert page.value("Reply to colleagues") == "Ask {boss}."
    assert not sandbox.user(OMAR).sign_in_blocked


def test_l13_what_cannot_come_back_is_listed_before_confirm(alice, place, sandbox, mailbox):
    ask(alice, place.employee)
    alice.press("Confirm")
    page = ask(alice, place.employee, "Undo leaving")
    assert "Comes back" in page.text
    assert "The group All staff." in page.text
    assert "Cannot come back Open sessions" in page.text
    page = alice.press("Confirm")
    assert "The employee can sign in again" in page.text
    assert not sandbox.user(OMAR).sign_in_blocked
    assert alice.post(f"{at(place.employee)}/undo-leave", fragment=True).text.count("has come back already") == 1


def test_the_automatic_reply_that_comes_back_is_named_in_the_readers_language(alice, place, sandbox, mailbox):
    User.update(language="de").execute()
    sandbox.change_mailbox(OMAR, settings={"automaticRepliesSetting": {"status": "disabled"}})
    actions.leave(place, actions.request_for(place, inside="Gone."), by=alice.user)
    page = ask(alice, place.employee, "Austritt rückgängig machen")
    assert "Die automatische Antwort, wie sie war: aus." in page.text
    alice.press("Bestätigen")
    receipt = alice.get(f"/provisioning/operations/{Operation.select().order_by(Operation.id.desc()).get().id}")
    assert "wie vorher: aus" in receipt.text


def test_l14_a_licence_without_a_seat_is_listed_under_its_condition(alice, place, sandbox, mailbox):
    ask(alice, place.employee)
    alice.press("Confirm")
    ask(alice, place.employee, "Take the licences away")
    alice.press("Confirm")
    sandbox.set_seats(BUSINESS_STANDARD, 0)
    page = ask(alice, place.employee, "Undo leaving")
    assert "Business Standard: if a seat is free. There is none now." in page.text
    assert "1 licence waits for a seat" in alice.get(f"/provisioning/operations/{undone(alice)}").text
    assert Snapshot.get().waits_for_seats == "yes"


def undone(person):
    person.press("Confirm")
    return Operation.select().where(Operation.verb == "undo leave").get().id


def test_l06_the_card_says_how_to_convert_the_mailbox_and_finds_out_whether_it_is(alice, place, sandbox):
    ask(alice, place.employee)
    alice.press("Confirm", {"Keep the mailbox as a shared one": True})
    page = alice.get(tab(place.employee))
    assert f"Set-Mailbox -Identity {OMAR} -Type Shared" in page.text
    assert "not a shared one yet" in alice.press("Check now").text
    assert "First we check that the mailbox is a shared one." in alice.press("Take the licences away").text
    alice.press("Confirm")
    assert BUSINESS_STANDARD in sandbox.user(OMAR).plans
    sandbox.change_mailbox(OMAR, purpose="shared")
    alice.get(tab(place.employee))
    assert "The mailbox is a shared one now." in alice.press("Check now").text


def test_the_last_day_is_taken_off_the_profile_when_that_is_ticked(alice, place, mailbox, acme):
    Employee.update(end_date=acme.today).where(Employee.id == place.employee.id).execute()
    ask(alice, place.employee)
    alice.press("Confirm")
    ask(alice, place.employee, "Undo leaving")
    alice.press("Confirm")
    assert Employee.get_by_id(place.employee.id).end_date is None


@pytest.mark.parametrize("address", ["leave", "undo-leave", "free-licences", "check-mailbox", "skip-mailbox"])
def test_nobody_of_another_company_gets_at_it(mallory, place, sandbox, address):
    mallory.get("/")
    assert mallory.post(f"{at(place.employee)}/{address}").status == 404
    assert not sandbox.user(OMAR).sign_in_blocked


def test_without_javascript_it_works_by_whole_pages(alice, place, sandbox):
    alice.htmx = False
    ask(alice, place.employee)
    assert "The sign-in is blocked" in alice.press("Confirm").text


def test_an_account_that_was_deleted_after_leaving_is_restored_and_gets_all_back_in_one_press(
    alice, place, sandbox, mailbox
):
    ask(alice, place.employee)
    alice.press("Confirm")
    alice.post(f"{at(place.employee)}/free-licences", fragment=True)
    sandbox.delete_user(OMAR)
    Account.update(read_at=now() - timedelta(days=1)).execute()
    assert "was deleted in Microsoft 365" in alice.get(tab(place.employee)).text
    page = alice.press("Undo leaving", within=".account-body")
    assert f"The deleted account {OMAR}, with" in page.text
    page = alice.press("Confirm")
    assert not sandbox.user(OMAR).sign_in_blocked
    assert BUSINESS_STANDARD in sandbox.user(OMAR).plans
    assert "Active" in page.text
    operation = Operation.get(Operation.verb == "undo leave")
    assert [step.name for step in steps_of(operation)][:2] == ["restore", "link"]


def test_leaving_can_be_undone_after_the_tenant_was_disconnected_and_connected_again(alice, place, sandbox, mailbox):
    ask(alice, place.employee)
    alice.press("Confirm")
    alice.get("/settings/add-ons")
    alice.press("Disconnect")
    alice.press("Disconnect")
    connect(sandbox, alice.user)
    assert "The group All staff." in ask(alice, place.employee, "Undo leaving").text
    alice.press("Confirm")
    assert not sandbox.user(OMAR).sign_in_blocked


def test_leaving_without_a_last_day_names_the_team_and_asks_for_the_day(alice, cast, acme, place, sandbox):
    cast.employee(acme, "Rita", "Report", manager=place.employee)
    page = ask(alice, place.employee)
    assert "1 person reports to Omar Ordinary, and no new manager is chosen." in page.text
    assert "The Profile has no last day yet: enter it afterwards." in page.text
    page = alice.press("Confirm")
    assert "The Profile has no last day yet. Enter it, so that lists" in page.text
    assert alice.press("Edit the Profile").value("End date") == ""
    assert "enter the end date first" in alice.get(f"/people/employees/{place.employee.id}/reports").text
    Employee.update(end_date=now().date()).where(Employee.id == place.employee.id).execute()
    assert "no last day yet" not in alice.get(tab(place.employee)).text
