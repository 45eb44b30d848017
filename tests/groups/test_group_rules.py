"""Groups by rule, on a create and on a move, and what is handed over: over the wire, at both applications."""

import pytest

from portal.accounts.models import Account
from portal.accounts.place import Place
from portal.connections import settings_actions
from portal.connections.models import Connection
from portal.database import now
from portal.group_rules import actions
from portal.group_rules.models import GivenGroup, GroupRule
from portal.operations.models import Operation, State
from portal.operations.requests import GroupsRequest, Verb
from portal.people.models import Employee
from portal.provisioning.actions import NothingToDo, start
from tests.cast import account_of
from tests.groups.conftest import MONA, OMAR
from tests.provisioning.conftest import at
from tests.provisioning.worker import finish

# A free group for each department; and one that is given by hand.
FINANCE = {"microsoft-365": "Finance", "google-workspace": "Sales"}
STAFF = "All staff"


def rule(site, alice, name, field="department", value="Finance"):
    group = site.group(name)
    settings_actions.add_rule(
        site.connection, by=alice.user, kind=GroupRule, field=field, value=value,
        group=group.id, group_name=group.name, why_not=group.why_not,
    )  # fmt: skip
    return group


def linked(site, employee, username) -> Place:
    account = Account.create(
        organisation=employee.organisation, employee=employee, connection=site.connection, enabled=True,
        remote_id=site.id_of(username), username=username, display_name=employee.name, read_at=now(), fields_at=now(),
    )  # fmt: skip
    return Place(employee, site.connection, account)


def steps_of(operation) -> dict[str, str]:
    return {step.name: step.note for step in operation.steps}


@pytest.fixture
def wei(cast, acme):
    return cast.employee(acme, "Wei", "Zang", personal_email="wei@home.example", department="Finance")


def created(alice, site, employee) -> Operation:
    values = {"username": "wei.zang", "domain": "acme.example", "send_immediately": "y"}
    alice.post(f"{at(employee, site.key)}/create", values, fragment=True)
    for operation in Operation.select().order_by(Operation.id):
        finish(operation)
    for operation in Operation.select().where(Operation.verb == Verb.GROUPS):
        finish(operation)
    return Operation.select().order_by(Operation.id.desc()).first()


def test_a_new_account_joins_the_groups_of_its_rules(alice, site, wei, mailbox):
    group, other = rule(site, alice, FINANCE[site.key]), rule(site, alice, STAFF, value="Elsewhere")
    operation = created(alice, site, wei)
    assert (operation.verb, operation.state) == (Verb.GROUPS, State.DONE), operation.message
    names = site.names_of(account_of(wei).remote_id)
    assert group.name in names
    assert other.name not in names
    assert [row.group_name for row in GivenGroup.select().where(GivenGroup.given_at.is_null(False))] == [group.name]
    assert len(mailbox.messages) == 1


def test_l20_a_mover_leaves_what_rules_gave_and_keeps_what_was_given_by_hand(alice, at_microsoft, wei, mailbox):
    site, place = at_microsoft, linked(at_microsoft, wei, MONA)
    old = rule(site, alice, "Finance")
    new = rule(site, alice, "Power BI users", value="Operations")
    by_hand = rule(site, alice, "All staff", field="job_title", value="Boss")
    assert actions.swap_groups(place, by=alice.user).state == State.DONE
    assert old.name in site.names_of(place.account.remote_id)
    Employee.update(department="Operations").where(Employee.id == wei.id).execute()
    place = Place(Employee.get_by_id(wei.id), site.connection, place.account)
    assert actions.swap_groups(place, by="Timeline").state == State.DONE
    names = site.names_of(place.account.remote_id)
    assert new.name in names
    assert old.name not in names
    assert {by_hand.name, "Project Apollo"} <= set(names)
    with pytest.raises(NothingToDo):
        actions.swap_groups(place, by="Timeline")


def test_l20_a_membership_from_before_the_rule_is_not_the_rules(alice, site, wei):
    place, group = linked(site, wei, OMAR), rule(site, alice, STAFF)
    operation = actions.swap_groups(place, by=alice.user)
    assert steps_of(operation)["join 0"] == "Already a member."
    Employee.update(department="Elsewhere").where(Employee.id == wei.id).execute()
    with pytest.raises(NothingToDo):
        actions.swap_groups(Place(Employee.get_by_id(wei.id), site.connection, place.account), by=alice.user)
    assert group.name in site.names_of(place.account.remote_id)


def test_each_group_has_its_own_outcome_on_the_receipt(alice, at_microsoft, wei):
    place, names = linked(at_microsoft, wei, MONA), ("Finance", "Announcements", "Everybody in Sales")
    groups = {at_microsoft.group(name).id: name for name in names}
    operation = start(place, GroupsRequest(add=list(groups), names=groups), by=alice.user)
    assert operation.state == State.DONE
    notes = steps_of(operation)
    assert notes["join 0"] == ""
    assert "Exchange admin centre" in notes["join 1"]
    assert "Microsoft Entra admin centre" in notes["join 2"]
    assert "Announcements" in operation.message
    assert "Finance" in at_microsoft.names_of(place.account.remote_id)
    receipt = alice.get(f"/provisioning/operations/{operation.id}")
    assert "Join Finance" in receipt.text
    assert "Join Announcements" in receipt.text
    assert not Connection.get_by_id(at_microsoft.connection.id).problem


def test_an_administrators_groups_are_left_alone(alice, at_microsoft, wei):
    place, group = linked(at_microsoft, wei, "grace.hopper@acme.example"), at_microsoft.group("Finance")
    operation = start(place, GroupsRequest(add=[group.id], names={group.id: group.name}), by=alice.user)
    assert operation.state == State.FAILED
    assert "administrator" in operation.message
