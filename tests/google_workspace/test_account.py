"""Each verb at Google Workspace, from the card on the employee's tab."""

import json
from datetime import timedelta

import pytest

from portal import vault
from portal.accounts import fields
from portal.accounts.models import Account, Status
from portal.connections.models import Connection
from portal.connectors import SERVICES, for_connection
from portal.connectors.errors import ConnectorError, TryLater
from portal.connectors.google_workspace import scopes
from portal.connectors.google_workspace.fresh import FRESH
from portal.connectors.values import NewAccount, Protection
from portal.operations import engine
from portal.operations.models import Operation, State
from portal.operations.requests import CreateRequest
from portal.provisioning import updates
from portal.provisioning.steps import SHOWS_WHOLE_BY_THEN
from portal.sync import tenant as sync
from tests.google_workspace.conftest import KEY, SAM, WEI
from tests.pages import words
from tests.provisioning.conftest import tab
from tests.provisioning.worker import carry_on, finish, password_in

USERS = "/admin/directory/v1/users"


def test_an_account_is_created_with_the_record_and_our_marker(at_google, wei, workspace, mailbox):
    page = at_google(wei).press("Action", "Create")
    assert "The account has been created and an email has been sent to the employee." in page.text
    made, operation = workspace.user(WEI), Operation.get()
    assert (made.name, made.must_change, made.org_unit) == ("Wei Wang", True, "/")
    assert made.entries("organizations")[0] == {
        "title": "Buyer", "department": "Sales", "primary": True, "type": "work",
    }  # fmt: skip
    assert {"type": "custom", "customType": "hr-portal", "value": operation.marker} in made.entries("externalIds")
    assert workspace.sign_in(WEI, mailbox.text(mailbox.messages[0]).split("Temporary password:")[1].split()[0]) == (
        "must change password"
    )


def test_an_account_made_ahead_is_suspended_until_the_sign_in_is_allowed(
    at_google, alice, cast, acme, workspace, mailbox
):
    start = acme.today + timedelta(days=9)
    nia = cast.employee(acme, "Nia", "New", personal_email="nia@home.example", start_date=start)
    card = at_google(nia)
    form = card.press("Action")
    label = next(words(tag) for tag in form.soup.select("label") if "stays blocked" in words(tag))
    assert "Nobody can sign in to it yet." in card.press("Create", **{label: True}).text
    assert (workspace.user("nia.new@acme.example").suspended, mailbox.messages) == (True, [])
    card.press("Allow the sign-in")
    alice.press("Allow the sign-in", within=".confirm")
    assert not workspace.user("nia.new@acme.example").suspended
    assert workspace.sign_in("nia.new@acme.example", password_in(mailbox)) == "must change password"


def test_l19_google_keeps_the_old_username_as_an_alias(at_google, alice, wei_aboard, workspace, mailbox):
    card = at_google(wei_aboard)
    card.press("Change the username")
    page = alice.press("Change the username", {"New username": "wei.smith"}, within=".account-body")
    assert f"The username is now wei.smith@acme.example. Mail to {WEI} still arrives" in page.text
    assert workspace.user("wei.smith@acme.example").properties["aliases"] == [WEI]


def test_the_form_offers_the_organisational_unit(at_google, wei, workspace, mailbox, alice):
    card = at_google(wei)
    card.press("Action")
    assert alice.page.value("Organisational unit") == "/"
    assert "/ (all of Acme)" in alice.page.text
    card.press("Create", **{"Organisational unit": "/Sales/Field"})
    assert workspace.user(WEI).org_unit == "/Sales/Field"


def test_somebody_with_one_name_gets_an_account(at_google, cast, acme, workspace, mailbox):
    suharto = cast.employee(acme, "Suharto", "", personal_email="s@home.example")
    at_google(suharto).press("Action", "Create", Username="suharto")
    made = workspace.user("suharto@acme.example")
    assert made.properties["name"]["familyName"] == "\u200b"
    assert Account.get().display_name == "Suharto"


@pytest.mark.parametrize("fault", ["lost answer", "done but refused"])
def test_an_unanswered_create_is_found_again_by_address_and_marker(at_google, wei, workspace, mailbox, fault):
    workspace.fault(method="POST", path=f"{USERS}$", times=1, kind=fault, status=409)
    at_google(wei).press("Action", "Create")
    assert finish().state == State.DONE
    assert Account.get().remote_id == workspace.user(WEI).id
    assert len([one for one in workspace.users() if one.name == "Wei Wang"]) == 1


@pytest.mark.usefixtures("impatient")
def test_a_new_account_that_is_denied_for_a_while_is_waited_for(at_google, wei, workspace, mailbox):
    workspace.timing(new_user=60, complete=60)
    at_google(wei).press("Action", "Create")
    operation = Operation.get()
    assert (operation.state, operation.error_kind) == (State.WAITING, "TryLater")
    workspace.advance(120)
    assert carry_on(operation).state == State.DONE


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("fault", "lag"),
    [("lost answer", "denied"), ("lost answer", "whole"), ("lost answer", "new_user"), ("done but refused", "denied")],
)
def test_an_unanswered_create_is_not_given_up_while_google_hides_the_account(
    at_google, wei, workspace, mailbox, fault, lag
):
    workspace.timing(**{lag: 60, "search": 60})
    workspace.fault(method="POST", path=f"{USERS}$", times=1, kind=fault, status=409, code="duplicate")
    at_google(wei).press("Action", "Create")
    assert carry_on().state == State.WAITING
    workspace.advance(120)
    assert finish().state == State.DONE
    assert Account.get().remote_id == workspace.user(WEI).id


@pytest.mark.usefixtures("impatient")
def test_a_new_account_that_a_search_shows_before_its_id_is_known_is_waited_for(at_google, wei, workspace, mailbox):
    card = at_google(wei)
    card.press("Action")
    workspace.fault(method="POST", path=f"{USERS}$", times=1, kind="lost answer")
    workspace.fault(method="GET", path=f"{USERS}/", times=None, status=404, code="notFound")
    card.press("Create")
    operation = carry_on()
    assert (operation.state, operation.error_kind) == (State.WAITING, "TryLater")
    assert Account.get().remote_id == workspace.user(WEI).id
    workspace.clear_faults()
    assert finish().state == State.DONE


def test_the_marker_of_a_new_account_is_not_overwritten_while_google_does_not_show_it(connection, workspace):
    connector = for_connection(connection)
    made = connector.create(NewAccount(WEI, "Wei Wang", "Correct-Horse-7-twenty", "m" * 32))
    workspace.timing(whole=60)
    with pytest.raises(TryLater, match="does not show all of it yet"):
        connector.update(made.id, {"employee_number": "A0047"})
    workspace.advance(120)
    connector.update(made.id, {"employee_number": "A0047"})
    assert len(workspace.user(WEI).entries("externalIds")) == 2


@pytest.mark.usefixtures("impatient")
def test_a_personal_account_that_has_the_address_is_told_in_the_end(alice, connection, wei, workspace):
    asked = CreateRequest(
        username="una.unmanaged@acme.example", display_name="Wei Wang", recipient=wei.personal_email,
        fields={"first_name": "Wei", "last_name": "Wang"},
    )  # fmt: skip
    operation = Operation.ask_for(
        asked, organisation=wei.organisation, employee=wei, connection=connection, by=alice.user, by_name="Alice",
        encrypted_password=vault.encrypt("Long-enough-1"),
    )  # fmt: skip
    assert carry_on(operation).state == State.WAITING
    Operation.update(attempts=SHOWS_WHOLE_BY_THEN).execute()
    operation = carry_on()
    told = "Somebody has a personal Google account with this address."
    assert (operation.state, operation.message) == (State.FAILED, told)


HELD = {
    "office": "office@acme.example is a second address of Mona Manager",
    "sales": "sales@acme.example is the address of the group Sales",
    "una.unmanaged": "is somebody’s personal account, outside your company",
    "mona.manager": "is the account of Mona Manager",
}


@pytest.mark.parametrize("name", HELD)
def test_who_holds_a_name_is_said(at_google, wei, alice, name):
    at_google(wei)
    text = alice.get(f"{tab(wei)}/{KEY}/username?username={name}&domain=acme.example").text
    assert HELD[name] in text


def test_the_name_of_a_deleted_account_is_not_given_away_unasked(at_google, wei, workspace, mailbox, alice):
    card = at_google(wei)
    page = card.press("Action", "Create", Username="dora.deleted")
    assert "Once a new account has this name, it never can" in page.text
    assert not [one for one in workspace.users() if one.name == "Wei Wang"]
    label = "Create it anyway: the deleted account can then never be restored"
    card.press("Create", **{"Username": "dora.deleted", label: True})
    assert Account.get().username == "dora.deleted@acme.example"


def test_deactivate_suspends_and_signs_out_and_reactivate_opens_it_again(at_google, wei_aboard, workspace):
    card = at_google(wei_aboard)
    page = card.press("Action")
    assert "Open sessions are ended" in page.text
    assert "Mail to the account bounces" in page.text
    card.press("Confirm")
    assert (workspace.user(WEI).suspended, workspace.user(WEI).signed_out_at > 0) == (True, True)
    card.fresh()
    card.press("Action", "Confirm")
    assert not workspace.user(WEI).suspended
    assert Account.get().status == Status.ACTIVE


def test_without_the_permission_no_sessions_are_promised_nor_ended(alice, wei_aboard, at_google, workspace):
    left = [scope for scope in Connection.get().permissions if scope != scopes.SECURITY]
    Connection.update(permissions=left).execute()
    page = at_google(wei_aboard).press("Action")
    assert "Open sessions are ended" not in page.text
    alice.press("Confirm")
    assert "revoke" not in [step.name for step in Operation.get(Operation.verb == "deactivate").steps]


@pytest.mark.parametrize(("who", "expected"), [("abe.abused", "suspended this account for abuse"),
                                                ("arlo.archived", "is archived in Google Workspace")])  # fmt: skip
def test_what_only_google_can_open_again_is_explained(at_google, cast, acme, workspace, who, expected):
    first, last = (part.capitalize() for part in who.split("."))
    employee = cast.employee(acme, first, last)
    card = at_google(employee)
    card.press("Link Existing Account", f"Link {who}@acme.example", "Confirm")
    card.fresh()
    card.press("Action", "Confirm")
    assert expected in Operation.select().order_by(Operation.id.desc()).get().message


def test_a_fresh_password_is_sent(at_google, wei_aboard, workspace, mailbox):
    card = at_google(wei_aboard)
    card.press("Resend")
    card.person.press("Resend", within=f"{card.at} form[action$='/resend']")
    fresh = mailbox.text(mailbox.messages[-1]).split("Temporary password:")[1].split()[0]
    assert workspace.sign_in(WEI, fresh) == "must change password"


def test_administrators_guests_and_the_one_we_sign_in_as_are_left_alone(connection, workspace):
    connector = for_connection(connection)
    expected = {
        "grace.hopper": {Protection.ADMINISTRATOR, Protection.OURSELVES}, "sam.second": {Protection.ADMINISTRATOR},
        "uri.admin": {Protection.ADMINISTRATOR}, "gus.guest": {Protection.GUEST},
        "dora.deleted": {Protection.DELETED}, "omar.ordinary": set(),
    }  # fmt: skip
    ids = {name: workspace.user(f"{name}@acme.example").id for name in expected}
    assert {name: connector.protections(own) for name, own in ids.items()} == expected


def test_an_update_loses_nobody_elses_entries(at_google, wei_aboard, workspace, app):
    theirs = [{"type": "account", "value": "77"}, *workspace.user(WEI).entries("externalIds")]
    jobs = [{"name": "Other", "type": "school"}, {"title": "Buyer", "department": "Sales", "costCenter": "9",
                                                  "primary": True}]  # fmt: skip
    workspace.patch_user(WEI, externalIds=theirs, phones=[{"type": "home", "value": "1"}], organizations=jobs)
    wei_aboard.employee_number, wei_aboard.job_title, wei_aboard.mobile = "A0099", "Clerk", "+44 1"
    wei_aboard.save()
    finish(updates.request_update(Account.get(), always=True))
    made = workspace.user(WEI)
    assert {"type": "account", "value": "77"} in made.entries("externalIds")
    assert made.entries("externalIds", "organization") == [{"type": "organization", "value": "A0099"}]
    assert len(made.entries("externalIds", "custom")) == 1
    assert made.entries("phones") == [{"type": "home", "value": "1"}, {"type": "mobile", "value": "+44 1"}]
    assert made.entries("organizations")[0] == {"name": "Other", "type": "school"}
    assert made.entries("organizations")[1]["costCenter"] == "9"
    assert made.entries("organizations")[1]["title"] == "Clerk"


def test_an_emptied_field_is_cleared(at_google, wei_aboard, workspace):
    wei_aboard.mobile = "+44 1"
    wei_aboard.save()
    finish(updates.request_update(Account.get(), always=True))
    wei_aboard.mobile = ""
    wei_aboard.save()
    finish(updates.request_update(Account.get(), always=True))
    assert workspace.user(WEI).entries("phones") == []
    assert Operation.select().order_by(Operation.id.desc()).get().state == State.DONE


def test_the_manager_is_an_address_there_and_a_person_here(at_google, cast, acme, workspace, mailbox):
    mona = cast.employee(acme, "Mona", "Manager", employee_number="A0046")
    at_google(mona).press("Link Existing Account", "Link mona.manager@acme.example", "Confirm")
    wei = cast.employee(acme, "Wei", "Wang", personal_email="wei@home.example", manager=mona)
    at_google(wei).press("Action", "Create")
    assert workspace.user(WEI).entries("relations", "manager") == [
        {"type": "manager", "value": "mona.manager@acme.example"}
    ]
    workspace.patch_user("mona.manager@acme.example", primaryEmail="mona.married@acme.example")
    workspace.hold("mona.manager@acme.example", of="mona.married@acme.example")
    account = Account.get(Account.employee == wei)
    assert for_connection(account.connection).manager_of(account.remote_id).id == workspace.user(
        "mona.married@acme.example"
    ).id  # fmt: skip


def test_a_deleted_account_is_restored_into_its_unit(at_google, wei_aboard, workspace, alice):
    workspace.patch_user(WEI, orgUnitPath="/Sales")
    account = Account.get()
    workspace.delete_user(WEI)
    Account.update(read_at=account.read_at.replace(year=2020)).execute()
    FRESH.clear()
    sync.sync_changes(Connection.get())
    assert not Account.any_of(wei_aboard, Connection.get())
    card = at_google(wei_aboard)
    assert "You can restore it for 20 days" in card.text
    card.press("Restore the deleted account")
    card.press("Confirm")
    assert workspace.user(WEI).deleted is False
    assert Account.any_of(wei_aboard, Connection.get())


def test_status_follows_what_is_done_in_the_console(wei_aboard, connection, workspace):
    sync.sync_changes(Connection.get())
    for values, status in (({"suspended": True}, Status.DEACTIVATED), ({"suspended": False}, Status.ACTIVE),
                           ({"archived": True}, Status.DEACTIVATED)):  # fmt: skip
        workspace.patch_user(WEI, **values)
        sync.sync_changes(Connection.get())
        assert Account.get().status == status


def test_an_empty_list_is_a_failure_and_nobody_left(wei_aboard, connection, workspace):
    workspace.fault(path=f"{USERS}$", kind="empty list", times=None)
    with pytest.raises(TryLater, match="shows no account at all"):
        sync.sync_changes(Connection.get())
    assert Account.get().detached_at is None


def test_receipts_hold_no_secret(wei_aboard, connection):
    kept = json.dumps([step.calls for step in Operation.get(Operation.verb == "create").steps], default=str)
    assert '"password": "***"' in kept
    assert "Bearer" not in kept
    assert "ya29." not in kept


def test_another_administrators_account_is_protected_even_when_google_is_the_first_to_say_so(
    connection, workspace, cast, acme
):
    connector = for_connection(connection)
    sam = workspace.user(SAM)
    workspace.fault(method="PUT", path=f"{USERS}/{sam.id}", status=403, code="forbidden", times=None)
    with pytest.raises(ConnectorError, match="holds an administrator role"):
        connector.block(sam.id)


def test_the_tab_names_the_console_and_leads_there(at_google, wei_aboard, workspace):
    page = at_google(wei_aboard).person.page
    links = [link["href"] for link in page.soup.select("a") if "Google Workspace Admin Centre" in words(link)]
    assert set(links) == {f"{workspace.admin_console_url}/ac/users/{workspace.user(WEI).id}"}
    assert SERVICES[KEY].name == "Google Workspace"


def test_the_menu_has_the_verbs_by_the_names_that_are_known(at_google, wei, mailbox, workspace):
    card = at_google(wei)
    card.press("Create Account", "Create")
    card.fresh()
    for label in ("Resend", "Unlink Existing Account", "Deactivate Account"):
        assert card.person.page.has_button(label)
    card.press("Deactivate Account", "Confirm")
    assert workspace.user(WEI).suspended
    card.fresh()
    card.press("Unlink Existing Account", "Confirm")
    card.fresh()
    assert card.person.page.has_button("Link Existing Account")
    assert not card.person.page.has_button("Deactivate Account")


def test_a_deleted_account_whose_name_was_given_away_is_not_offered_under_another(
    at_google, cast, acme, workspace, alice
):
    workspace.make_user("dora.again@acme.example", "Dora", "Again")
    workspace.patch_user("dora.again@acme.example", primaryEmail="dora.deleted@acme.example")
    dora = cast.employee(acme, "Dora", "Deleted")
    at_google(dora)
    gone = next(user for user in workspace.users() if user.deleted)
    asked = alice.get(f"{tab(dora)}/{KEY}/restore?remote_id={gone.id}")
    assert "restores an account only under its own name" in asked.text


def test_no_form_offers_to_restore_an_account_whose_name_was_given_away(at_google, cast, acme, workspace, alice):
    workspace.make_user("dora.again@acme.example", "Dora", "Again")
    workspace.patch_user("dora.again@acme.example", primaryEmail="dora.deleted@acme.example")
    new = cast.employee(acme, "Quentin", "New")
    said = alice.get(f"{tab(new)}/{KEY}/username?username=dora.deleted&domain=acme.example").text
    assert "dora.deleted@acme.example is the account of Dora Again." in said
    assert "Restore the deleted account" not in said
    assert "can then never be restored" not in at_google(new).press("Action", "Create", Username="dora.deleted").text
    assert Operation.get().message == "Somebody in Google Workspace has this address already."


def test_location_and_employment_type_go_to_the_entry_of_the_organisation(wei_aboard, connection, wei, workspace):
    workspace.patch_user(WEI, organizations=[{"primary": True, "title": "Buyer", "costCenter": "C1"}])
    fields.choose(connection, ["job_title", "location", "employment_type"])
    wei.location, wei.employment_type = "Leeds", "Contractor"
    wei.save()
    engine.carry_out(updates.request_update(Account.get()))
    entry = workspace.user(WEI).properties["organizations"][0]
    assert (entry["location"], entry["description"], entry["costCenter"]) == ("Leeds", "Contractor", "C1")
    assert fields.before_and_after(Account.get(), wei) == []
