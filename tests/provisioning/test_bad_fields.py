"""One value that Microsoft does not take holds up neither the account nor the other values."""

import pytest

from portal.accounts.models import Account
from portal.operations import engine
from portal.operations.models import Operation, State
from portal.sync.differences import Difference
from tests.provisioning.conftest import at, tab
from tests.provisioning.test_faults import carry_on, create

LONG = "12345678901234567"
UPN = "wei.zhang@acme.example"


def properties(sandbox):
    return sandbox.user(UPN).properties


def latest():
    return Operation.select().order_by(Operation.id.desc()).get()


def update(person, employee, **values):
    for name, value in values.items():
        setattr(employee, name, value)
    employee.save()
    return person.post(f"{at(employee)}/update", fragment=True)


@pytest.fixture
def refuse(sandbox):
    """refuse("jobTitle"): Microsoft refuses this property from now on. named: whether it says which one it was."""

    def put(name, *, named=True):
        said = f"Invalid value specified for property '{name}' of resource 'User'." if named else ""
        for method in ("POST", "PATCH"):
            sandbox.fault(method=method, path="/v1.0/users", field=name, status=400, message=said, times=None)

    return put


def test_a_number_that_is_too_long_is_left_out_and_the_account_stands(alice, wei, connection, sandbox, mailbox):
    wei.employee_number = LONG
    wei.save()
    page = create(alice, wei)
    assert "The account has been created" in page.text
    assert "The employee number is longer than the 16 characters that Microsoft 365 accepts." in page.text
    assert "Correct it on the Profile, or turn it off under Settings > Field sync." in page.text
    assert "Edit the Profile · Field sync" in page.text
    assert (properties(sandbox).get("employeeId"), properties(sandbox)["jobTitle"]) == (None, "Buyer")
    assert "longer than the 16 characters" in alice.get(tab(wei)).text
    assert "longer than the 16 characters" in alice.get(f"/provisioning/operations/{latest().id}").text


def test_it_holds_up_no_other_value_of_an_account_that_is_there(alice, wei_active, sandbox):
    page = update(alice, wei_active, employee_number=LONG, department="Legal")
    assert "longer than the 16 characters" in page.text
    assert (latest().state, properties(sandbox)["department"]) == (State.DONE, "Legal")
    page = update(alice, wei_active, employee_number="4711")
    assert "longer than" not in page.text
    assert properties(sandbox)["employeeId"] == "4711"


@pytest.mark.parametrize("named", [True, False], ids=["named", "not named"])
@pytest.mark.parametrize("name", ["jobTitle", "department", "usageLocation"])
def test_a_value_that_microsoft_refuses_at_create_is_found_and_left_out(
    alice, wei, connection, sandbox, mailbox, refuse, name, named
):
    refuse(name, named=named)
    wei.department, wei.country = "Sales", "GB"
    wei.save()
    page = create(alice, wei)
    assert "The account has been created" in page.text
    assert "It was left out" in page.text
    found = {key: properties(sandbox).get(key) for key in ("jobTitle", "department", "usageLocation")}
    assert found == {"jobTitle": "Buyer", "department": "Sales", "usageLocation": "GB", name: None}


@pytest.mark.parametrize("named", [True, False], ids=["named", "not named"])
def test_several_that_microsoft_refuses_in_an_update_are_each_left_out(alice, wei_active, sandbox, refuse, named):
    refuse("department", named=named)
    refuse("jobTitle", named=named)
    page = update(alice, wei_active, department="Legal", job_title="Head", mobile="+44 1", employee_number="4711")
    assert page.text.count("It was left out") == 2
    found = {key: properties(sandbox).get(key) for key in ("jobTitle", "department", "mobilePhone", "employeeId")}
    assert found == {"jobTitle": "Buyer", "department": "Sales", "mobilePhone": "+44 1", "employeeId": "4711"}
    assert latest().state == State.DONE


def test_what_microsoft_refuses_altogether_is_not_taken_for_a_bad_value(alice, wei_active, sandbox):
    sandbox.fault(method="PATCH", path="/v1.0/users", status=400, times=None)
    page = update(alice, wei_active, department="Legal", job_title="Head")
    assert latest().state == State.FAILED
    assert "left out" not in page.text


@pytest.mark.parametrize("kind", ["reset", "lost answer", "status"])
def test_an_account_that_was_made_without_its_values_gets_them_after_all(
    alice, wei, connection, sandbox, mailbox, refuse, impatient, kind
):
    refuse("department", named=False)
    sandbox.fault(method="PATCH", path="/v1.0/users/", kind=kind, times=20)
    wei.department, wei.mobile = "Sales", "+44 1"
    wei.save()
    create(alice, wei)
    assert latest().state == State.WAITING
    assert Account.select().count() == 0
    sandbox.clear_faults()
    refuse("department", named=False)
    assert carry_on().state == State.DONE
    assert (properties(sandbox)["mobilePhone"], properties(sandbox).get("department")) == ("+44 1", None)
    assert [user.username for user in sandbox.users() if user.username.startswith("wei.zhang")] == [UPN]


def test_a_linked_account_gets_all_but_the_bad_value(alice, wei, connection, sandbox):
    wei.employee_number, wei.department = LONG, "Legal"
    wei.save()
    omar = sandbox.user("omar.ordinary@acme.example")
    alice.post(f"{at(wei)}/link", {"remote_id": omar.id, "send_record": "y"}, fragment=True)
    for operation in engine.due():
        engine.carry_out(operation)
    page = alice.post(f"{at(wei)}/update", fragment=True)
    assert "longer than the 16 characters" in page.text
    assert sandbox.user("omar.ordinary@acme.example").properties["department"] == "Legal"


def test_what_was_left_out_is_no_difference_that_somebody_made(alice, wei_active, sandbox, connection):
    from portal.sync import tenant as sync

    update(alice, wei_active, employee_number=LONG, department="Legal")
    sandbox.patch_user(UPN, officeLocation="Leeds")
    sync.sync_changes(connection)
    assert Difference.select().count() == 0
    assert "employee_number" not in Account.get().fields_sent["fields"]


def test_a_title_that_is_too_long_is_cut_and_that_is_said(alice, wei, connection, sandbox, mailbox):
    wei.job_title = "Buyer " + "🧵" * 97
    wei.save()
    page = create(alice, wei)
    assert "The job title is too long. Cut to the 128 characters" in page.text
    assert properties(sandbox)["jobTitle"] == "Buyer " + "🧵" * 61
