import pytest

from portal.connectors import for_connection
from portal.leaving import actions
from portal.operations.models import State
from portal.sandbox.state.catalogue import POWER_BI_FREE
from tests.leaving.conftest import MONA, OMAR, changes


@pytest.fixture
def connector(place):
    return for_connection(place.connection)


def names_of(connector, account):
    return sorted(one.group.name for one in connector.groups_of(account.remote_id) if one.member)


def test_l07_a_group_that_carries_a_licence_is_left_with_the_licences(alice, place, connector, sandbox):
    before = names_of(connector, place.account)
    operation = actions.leave(place, actions.request_for(place), by=alice.user)
    assert POWER_BI_FREE in sandbox.user(OMAR).plans
    assert names_of(connector, place.account) == ["Power BI users"]
    assert "Power BI users stays until the licences go" in alice.get(f"/provisioning/operations/{operation.id}").text
    assert actions.take_licences(place.as_it_is(), by=alice.user).state == State.DONE
    assert (names_of(connector, place.account), sandbox.user(OMAR).plans) == ([], [])
    assert before == ["All staff", "Power BI users"]


def test_l05_groups_come_after_the_block_and_the_mail_and_licences_last(alice, place, sandbox):
    sandbox.clear_requests()
    actions.leave(place, actions.request_for(place, inside="Gone.", forward=True), by=alice.user)
    actions.take_licences(place.as_it_is(), by=alice.user)
    order = [end for _, end in changes(sandbox)][1:]
    assert order[:1] + order[2:4] == ["revokeSignInSessions", "mailboxSettings", "messageRules"]
    assert order[4:] == ["$ref", "assignLicense", "$ref"]


def test_l10_the_successor_owns_a_group_before_the_leaver_goes(alice, place, connector, sandbox):
    group = next(group for group in connector.groups() if group.name == "All staff")
    connector.add_owner(place.account.remote_id, group.id)
    actions.leave(place, actions.request_for(place), by=alice.user)
    assert connector.owners_of(group.id) == [sandbox.user(MONA).id]


def test_l13_groups_and_what_was_owned_come_back(alice, place, connector, inside):
    group = next(group for group in connector.groups() if group.name == "All staff")
    connector.add_owner(place.account.remote_id, group.id)
    before = connector.groups_of(place.account.remote_id)
    actions.leave(place, actions.request_for(place), by=alice.user)
    actions.take_licences(place.as_it_is(), by=alice.user)
    actions.undo(place.as_it_is(), by=alice.user)
    after = connector.groups_of(place.account.remote_id)
    assert {(one.group.id, one.owner, one.member) for one in after} == {
        (one.group.id, one.owner, one.member) for one in before
    }


def test_a_group_that_refuses_is_told_and_the_others_are_left(alice, place, connector, sandbox):
    group = next(group for group in connector.groups() if group.name == "All staff")
    sandbox.fault(method="DELETE", path=group.id, status=403, code="Authorization_RequestDenied")
    operation = actions.leave(place, actions.request_for(place), by=alice.user)
    assert operation.state == State.DONE
    assert "All staff" in " ".join(step.note for step in operation.steps)


def test_l13_a_group_that_refuses_to_come_back_comes_back_with_a_second_undo(alice, place, connector, sandbox, inside):
    group = next(group for group in connector.groups() if group.name == "All staff")
    before = names_of(connector, place.account)
    actions.leave(place, actions.request_for(place), by=alice.user)
    sandbox.fault(method="POST", path=f"{group.id}/members", status=403, code="Authorization_RequestDenied")
    undone = actions.undo(place.as_it_is(), by=alice.user)
    assert "All staff did not come back" in " ".join(undone.results["left"])
    sandbox.clear_faults()
    actions.undo(place.as_it_is(), by=alice.user)
    assert names_of(connector, place.account) == before
    with pytest.raises(actions.NothingToDo):
        actions.undo(place.as_it_is(), by=alice.user)
