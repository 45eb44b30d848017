import pytest

from portal.people import actions as people_actions
from portal.people.models import Employee
from portal.provisioning import engine, fields
from portal.provisioning.models import Account, Operation, State
from tests.provisioning.conftest import tab

USERNAME = "wei.zhang@acme.example"


def edit(employee, person, **values):
    people_actions.edit_employee(Employee.get_by_id(employee.id), values, by=person.user)


def sweep():
    """What the worker does each minute: send the records that were changed."""
    operations = [fields.request_update(account) for account in fields.changed()]
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


def test_linking_changes_nothing_until_the_record_changes(alice, cast, acme, connection, sandbox):
    omar = cast.employee(acme, "Omar", "Ordinary", job_title="Chief")
    alice.get(tab(omar))
    alice.press("Link existing account")
    alice.press("Link omar.ordinary@acme.example")
    assert sweep() == []
    assert sandbox.user("omar.ordinary@acme.example").properties["jobTitle"] == "Clerk"
    edit(omar, alice, job_title="Chief of Staff")
    sweep()
    assert sandbox.user("omar.ordinary@acme.example").properties["jobTitle"] == "Chief of Staff"


def test_a_field_that_was_not_chosen_stays_as_it_is(alice, wei_active, connection, sandbox):
    alice.get("/settings/field-sync")
    alice.post("/settings/field-sync", {"field": ["department", "first_name"]})
    edit(wei_active, alice, job_title="Poet", department="Verse")
    sweep()
    properties = sandbox.user(USERNAME).properties
    assert (properties["jobTitle"], properties["department"]) == ("Buyer", "Verse")
    assert alice.get("/settings/field-sync").field("Job title").get("checked") is None


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
    assert "The HR record has been sent and read back." in page.text
    assert sandbox.user(USERNAME).properties["jobTitle"] == "Buyer"


def test_a_value_that_cannot_be_taken_is_named(alice, wei_active, sandbox):
    edit(wei_active, alice, employee_number="N" * 30)
    [operation] = sweep()
    assert operation.state == State.FAILED
    assert "employee number is longer than the 16 characters" in operation.message


@pytest.mark.parametrize("name", ["stan", "bob"])
def test_the_page_is_for_admins_of_a_plan_that_has_it(request, name):
    page = request.getfixturevalue(name).get("/settings/field-sync")
    assert page.status == 403 or "Upgrade" in page.text
    assert Account.select().count() == 0
