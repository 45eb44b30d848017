from datetime import date, timedelta

import pytest

from portal.accounts import fields
from portal.accounts.models import Account
from portal.addons import disconnecting
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.database import now
from portal.operations import engine
from portal.operations.models import Operation, State
from portal.organisations import setup
from portal.people import actions as people_actions
from portal.people.models import Employee
from portal.provisioning import updates
from portal.provisioning.updates import changed, request_update
from tests.provisioning.conftest import connect, tab, with_account

USERNAME, FIELD_SYNC = "wei.zhang@acme.example", "/settings/add-ons/microsoft-365/field-sync"
LIFE_CYCLE = "User-LifeCycleInfo.ReadWrite.All"


def edit(employee, person, **values):
    people_actions.edit_employee(Employee.get_by_id(employee.id), values, by=person.user)


def sweep():
    """What the worker does each minute: send the records that were changed."""
    operations = [request_update(account) for account in changed()]
    return [engine.carry_out(operation) for operation in operations if operation is not None]


def test_a_changed_record_flows_on_with_a_receipt(alice, wei_active, sandbox):
    edit(wei_active, alice, job_title="Head of Purchasing", department="")
    [operation] = sweep()
    assert operation.state == State.DONE
    properties = sandbox.user(USERNAME).properties
    assert (properties["jobTitle"], properties.get("department")) == ("Head of Purchasing", None)
    receipt = alice.get(f"/provisioning/operations/{operation.id}")
    assert "Head of Purchasing" in receipt.text
    assert "Buyer" in receipt.text


def test_nothing_is_sent_while_nothing_changed(alice, wei_active, sandbox):
    assert sweep() == []
    edit(wei_active, alice, mobile="+44 20 7946 0000")
    assert len(sweep()) == 1
    assert sweep() == []


SEND = "Update Microsoft 365 with the values under “After”"


@pytest.fixture
def omar_asked(alice, cast, acme, connection):
    """Omar, with the question open whether the account of this name is his."""
    omar = cast.employee(acme, "Omar", "Ordinary", job_title="Chief")
    alice.get(tab(omar))
    alice.press("Link existing account")
    alice.press("Link omar.ordinary@acme.example")
    return omar


def test_the_question_before_a_link_shows_what_the_record_would_change_and_confirm_sends_it(
    alice, omar_asked, sandbox
):  # fmt: skip
    row = next(row for row in alice.page.soup.select("#account-card-microsoft-365 tr") if "Job title" in row.get_text())
    assert [cell.get_text(strip=True) for cell in row.select("td")] == ["Clerk", "Chief"]
    alice.press("Confirm")
    assert len(sweep()) == 1
    assert sandbox.user("omar.ordinary@acme.example").properties["jobTitle"] == "Chief"


def test_linking_without_sending_changes_nothing_until_the_record_changes(alice, omar_asked, sandbox):
    omar = omar_asked
    alice.press("Confirm", {SEND: False})
    assert sweep() == []
    assert sandbox.user("omar.ordinary@acme.example").properties["jobTitle"] == "Clerk"
    edit(omar, alice, job_title="Chief of Staff")
    sweep()
    assert sandbox.user("omar.ordinary@acme.example").properties["jobTitle"] == "Chief of Staff"


def test_a_field_that_was_not_chosen_stays_as_it_is(alice, wei_active, connection, sandbox):
    alice.get(FIELD_SYNC)
    alice.post(FIELD_SYNC, {"field": ["department", "first_name"]})
    edit(wei_active, alice, job_title="Poet", department="Verse")
    sweep()
    properties = sandbox.user(USERNAME).properties
    assert (properties["jobTitle"], properties["department"]) == ("Buyer", "Verse")
    assert alice.get(FIELD_SYNC).field("Job title →").get("checked") is None


def test_a_manager_who_changes_and_one_who_is_taken_away(alice, cast, acme, wei_active, connection, sandbox, mailbox):
    boss = cast.employee(acme, "Ines", "Duarte")
    alice.get(tab(boss))
    alice.press("Action")
    alice.press("Create")
    edit(wei_active, alice, manager=boss)
    sweep()
    assert sandbox.user(USERNAME).manager == sandbox.user("ines.duarte@acme.example").id
    edit(wei_active, alice, manager=None)
    sweep()
    assert sandbox.user(USERNAME).manager is None


def test_when_the_managers_account_comes_later_the_manager_is_set_then(alice, cast, acme, connection, sandbox, mailbox):
    boss = cast.employee(acme, "Ines", "Duarte")
    report = cast.employee(acme, "Tom", "Low", manager=boss)
    for employee in (report, boss):
        alice.get(tab(employee))
        alice.press("Action")
        alice.press("Create")
    waiting = Operation.select().where(Operation.employee == report, Operation.verb == "update").get()
    assert engine.carry_out(waiting).state == State.DONE
    assert sandbox.user("tom.low@acme.example").manager == sandbox.user("ines.duarte@acme.example").id


def test_sync_now_shows_before_and_after_and_then_does_it(alice, wei_active, sandbox):
    sandbox.patch_user(USERNAME, jobTitle="Changed by hand")
    alice.get(tab(wei_active))
    page = alice.press("Sync now")
    assert "Changed by hand" in page.text
    page = alice.press("Confirm")
    assert "The account has been updated from the HR record." in page.text
    assert sandbox.user(USERNAME).properties["jobTitle"] == "Buyer"


def test_what_did_not_arrive_is_sent_with_the_next_change(alice, wei_active, sandbox, impatient):
    sandbox.fault(method="PATCH", path="/v1.0/users/", status=400, code="Request_BadRequest", times=1)
    edit(wei_active, alice, department="Logistics")
    [operation] = sweep()
    assert operation.state == State.FAILED
    edit(wei_active, alice, job_title="Head Buyer")
    sweep()
    properties = sandbox.user(USERNAME).properties
    assert (properties["department"], properties["jobTitle"]) == ("Logistics", "Head Buyer")


def test_a_value_that_cannot_be_taken_is_named(alice, wei_active, sandbox):
    edit(wei_active, alice, employee_number="N" * 30)
    [operation] = sweep()
    assert operation.state == State.FAILED
    assert "employee number is longer than the 16 characters" in operation.message


NEW = ("personal_email", "company_email", "country", "start_date", "end_date")
AT_REQUEST = (*NEW, "location", "employment_type")


def flow(person, *names):
    """Let exactly these fields flow."""
    person.get(FIELD_SYNC)
    person.post(FIELD_SYNC, {"field": list(names)})


def test_every_field_of_the_record_is_offered_with_where_it_goes_and_private_ones_flow_only_when_chosen(
    alice, connection
):
    page = alice.get(FIELD_SYNC)
    offered = {tag["value"]: tag for tag in page.soup.select("input[name=field]")}
    assert set(offered) == set(fields.LABELS)
    assert not any(tag.has_attr("disabled") for tag in offered.values())
    assert not any(offered[name].has_attr("checked") for name in AT_REQUEST)
    assert "First alternate email address" in page.text


def test_addresses_days_and_country_go_to_their_places_and_are_read_back(alice, wei_active, sandbox):
    flow(alice, *NEW)
    edit(
        wei_active, alice, personal_email="wei@new.example", company_email="wei.z@acme.example", country="IE",
        start_date=date(2026, 3, 2), end_date=date(2027, 1, 31),
    )  # fmt: skip
    [operation] = sweep()
    assert operation.state == State.DONE
    properties = sandbox.user(USERNAME).properties
    assert properties["otherMails"] == ["wei@new.example"]
    assert properties["mail"] == "wei.z@acme.example"
    assert properties["usageLocation"] == "IE"
    assert properties["employeeHireDate"].startswith("2026-03-02T00:00:00")
    assert properties["employeeLeaveDateTime"].startswith("2027-01-31T00:00:00")
    assert fields.before_and_after(Account.get(), Employee.get_by_id(wei_active.id)) == []


def test_location_and_employment_type_go_to_their_places_and_are_read_back(alice, wei_active, sandbox):
    flow(alice, "location", "employment_type")
    edit(wei_active, alice, location="Leeds", employment_type="Contractor")
    sweep()
    properties = sandbox.user(USERNAME).properties
    assert (properties["officeLocation"], properties["employeeType"]) == ("Leeds", "Contractor")
    assert fields.before_and_after(Account.get(), Employee.get_by_id(wei_active.id)) == []
    edit(wei_active, alice, location="", employment_type="")
    sweep()
    assert not sandbox.user(USERNAME).properties.get("employeeType")


def test_what_is_emptied_is_emptied_there_unless_it_cannot_be(alice, wei_active, sandbox):
    flow(alice, *NEW)
    edit(wei_active, alice, start_date=date(2026, 3, 2))
    sweep()
    edit(wei_active, alice, personal_email="", start_date=None, country="")
    [operation] = sweep()
    assert operation.state == State.DONE
    properties = sandbox.user(USERNAME).properties
    assert (properties["otherMails"], properties.get("employeeHireDate")) == ([], None)
    assert properties["usageLocation"] == "GB"


def test_other_alternate_addresses_are_left_alone(alice, wei_active, sandbox):
    sandbox.patch_user(USERNAME, otherMails=["old@home.example", "by.hand@acme.example"])
    flow(alice, "personal_email")
    edit(wei_active, alice, personal_email="new@home.example")
    sweep()
    assert sandbox.user(USERNAME).properties["otherMails"] == ["new@home.example", "by.hand@acme.example"]


def without(sandbox, connection, permission):
    """The tenant takes one permission back."""
    sandbox.grant_consent("Acme", [name for name in connection.permissions if name != permission])
    SERVICES["microsoft-365"].forget(connection.tenant_id)


def test_a_field_that_needs_a_further_permission_says_which_and_offers_grant(alice, connection, sandbox):
    without(sandbox, connection, LIFE_CYCLE)
    page = alice.get(FIELD_SYNC)
    assert "disabled" in page.field("End date").attrib
    assert f"Microsoft 365 does not allow this yet. {LIFE_CYCLE}" in page.text
    alice.htmx = False
    alice.post(FIELD_SYNC, {"field": ["end_date", "department"]})
    assert fields.chosen(Connection.get_by_id(connection.id)) == ["department"]
    alice.get(FIELD_SYNC)
    assert f"/{connection.tenant_id}/v2.0/adminconsent?" in alice.press("Grant what End date needs").url


def test_a_permission_that_was_taken_back_is_named_on_the_receipt(alice, wei_active, connection, sandbox):
    flow(alice, "end_date", "department")
    without(sandbox, connection, LIFE_CYCLE)
    edit(wei_active, alice, end_date=date(2027, 1, 31))
    [operation] = sweep()
    assert operation.state == State.FAILED
    assert "Press Grant under Settings > Field sync" in operation.next_step


def test_a_preview_on_one_person_shows_before_and_after_of_what_is_ticked_and_changes_nothing(
    alice, wei_active, sandbox
):
    before = sandbox.user(USERNAME).properties
    alice.get(FIELD_SYNC)
    alice.htmx = False
    page = alice.press("Preview", {"Employee’s name or number": "Wei Zhang", "Personal email →": True})
    lines = [[cell.get_text(strip=True) for cell in row.select("th, td")] for row in page.soup.select("tbody tr")]
    assert lines == [["Personal email", "–", "wei@home.example"]]
    assert "checked" in page.field("Personal email →").attrib
    assert sandbox.user(USERNAME).properties == before
    assert Connection.get().synced_fields is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Enter a name"),
        ("Nobody At All", "Nobody matches."),
        ("Tom", "has no account yet"),
        ("Ann", "Several people match"),
    ],
)
def test_a_preview_says_who_was_not_found(alice, cast, acme, connection, text, words):
    cast.employee(acme, "Tom", "Low")
    for last_name in ("Field", "Fielding"):
        cast.employee(acme, "Ann", last_name)
    assert words in alice.get(FIELD_SYNC, query_string={"person": text, "field": "mobile"}).text


def test_the_preview_names_what_the_application_has_no_room_for_or_does_not_take(alice, wei_active):
    edit(wei_active, alice, department="D" * 80, employee_number="N" * 30, personal_email="zoë@home.example")
    query = {"person": "N" * 30, "field": ["department", "employee_number", "personal_email"]}
    text = alice.get(FIELD_SYNC, query_string=query).text
    assert "Cut to the 64 characters" in text
    assert "longer than the 16 characters" in text
    assert "use letters without accents" in text


def test_a_value_that_was_cut_is_not_sent_again_and_again(alice, wei_active, sandbox):
    edit(wei_active, alice, department="D" * 80)
    sweep()
    sandbox.clear_requests()
    alice.get(tab(wei_active))
    alice.press("Sync now")
    alice.press("Confirm")
    assert sandbox.requests("PATCH") == []


@pytest.mark.parametrize("name", ["stan", "bob"])
def test_the_page_is_for_admins_of_a_plan_that_has_it(request, name):
    page = request.getfixturevalue(name).get("/settings/field-sync")
    assert page.status == 403 or "Upgrade" in page.text
    assert Account.select().count() == 0


def test_many_changed_records_hold_up_no_other_organisation(cast, acme, mallory, connection, monkeypatch):
    monkeypatch.setattr(updates, "AT_ONCE", 3)
    initech = mallory.user.organisation
    theirs = Connection.create(
        organisation=initech, service="microsoft-365", tenant_id="t", tenant_name="I", connected_by=mallory.user
    )  # fmt: skip
    many = [with_account(cast, acme, connection, f"many{number}") for number in range(4)]
    other = with_account(cast, initech, theirs, "other")
    assert list(changed()) == [many[0], other, many[1]]
    # Nor do those who wait, such as for a connection that has to be renewed.
    for account in many[:3]:
        request_update(account)
        Employee.update(changed_at=now() + timedelta(minutes=1)).where(Employee.id == account.employee_id).execute()
    assert list(changed()) == [many[3], other]


@pytest.mark.parametrize("loses", ["connection", "plan"])
def test_a_change_whose_sending_was_cut_off_is_sent_once_it_can_be(alice, wei_active, connection, acme, sandbox, loses):
    edit(wei_active, alice, job_title="Head of Purchasing")
    [operation] = [request_update(account) for account in changed()]
    if loses == "plan":
        setup.set_plan(acme, "Standard")
        assert engine.carry_out(operation).state == State.CANCELLED
        setup.set_plan(acme, "Platinum")
    else:
        disconnecting.disconnect(connection, by=alice.user)
        connect(sandbox, alice.user)
    [operation] = sweep()
    assert operation.state == State.DONE
    assert sandbox.user(USERNAME).properties["jobTitle"] == "Head of Purchasing"
    assert sweep() == []
