"""Joining and leaving groups over the wire, at both applications."""

import pytest

from portal.connections import health
from portal.connectors import SERVICES
from portal.connectors.errors import NotFound, NotPermitted, Refused
from portal.connectors.groups import GroupKind
from tests.groups.conftest import MONA, OMAR

FREE = {"microsoft-365": "Finance", "google-workspace": "Sales"}
DYNAMIC = {"microsoft-365": "Everybody in Sales", "google-workspace": "All developers"}


def test_l09_who_is_a_member_already_and_who_is_not_are_done(site):
    mona, group = site.id_of(MONA), site.group(FREE[site.key])
    for _ in range(2):
        site.connector.add_to_group(mona, group.id)
        assert group.name in site.names_of(mona)
        assert mona in site.connector.members_of(group.id)
    for _ in range(2):
        site.connector.remove_from_group(mona, group.id)
        assert group.name not in site.names_of(mona)
        assert mona not in site.connector.members_of(group.id)


def test_l09_a_refusal_of_a_dynamic_group_is_no_lost_consent(site):
    mona, group = site.id_of(MONA), site.group(DYNAMIC[site.key])
    with pytest.raises(Refused) as caught:
        site.connector.add_to_group(mona, group.id)
    health.note(site.connection, caught.value)
    assert not type(site.connection).get_by_id(site.connection.id).problem
    assert group.name in caught.value.message
    assert "Admin Centre" in caught.value.next_step or "admin centre" in caught.value.next_step


def test_l08_no_call_is_made_for_a_group_that_graph_cannot_write(at_microsoft):
    mona, groups = at_microsoft.id_of(MONA), at_microsoft.connector.groups()
    at_microsoft.sandbox.clear_requests()
    shut = [group for group in groups if not group.writable]
    assert {group.kind for group in shut} == set(GroupKind) - {GroupKind.PLAIN, GroupKind.SHARED, GroupKind.TEAM}
    for group in shut:
        assert group.why_not
        with pytest.raises(Refused):
            at_microsoft.connector.add_to_group(mona, group.id)
    assert {line.method for line in at_microsoft.sandbox.requests(path="/v1.0/")} == {"GET"}


def test_a_group_that_refuses_unforeseen_is_no_lost_consent_either(at_microsoft):
    mona, group = at_microsoft.id_of(MONA), at_microsoft.group("Finance")
    at_microsoft.sandbox.fault(
        method="POST", path="/members/", status=403, code="Authorization_RequestDenied", times=None
    )
    with pytest.raises(Refused, match="who is in Finance"):
        at_microsoft.connector.add_to_group(mona, group.id)


def test_without_the_permission_the_portal_says_what_is_missing(at_microsoft):
    mona, group = at_microsoft.id_of(MONA), at_microsoft.group("Finance")
    at_microsoft.sandbox.grant_consent("Acme", ["User.ReadWrite.All", "Directory.Read.All"])
    SERVICES[at_microsoft.key].forget(at_microsoft.connection.tenant_id)
    with pytest.raises(NotPermitted, match="does not let the portal change who is in groups"):
        at_microsoft.connector.add_to_group(mona, group.id)


def test_an_owner_is_made_and_unmade(site):
    mona, omar, group = site.id_of(MONA), site.id_of(OMAR), site.group(FREE[site.key])
    for account in (mona, omar):
        for _ in range(2):
            site.connector.add_owner(account, group.id)
    assert set(site.connector.owners_of(group.id)) == {mona, omar}
    assert [one.group.name for one in site.connector.groups_of(mona) if one.owner and one.group.id == group.id]
    for _ in range(2):
        site.connector.remove_owner(mona, group.id)
    assert site.connector.owners_of(group.id) == [omar]


def test_l10_the_last_owner_is_refused_in_words(at_microsoft):
    mona, group = at_microsoft.id_of(MONA), at_microsoft.group("Project Apollo")
    with pytest.raises(Refused, match="last one"):
        at_microsoft.connector.remove_owner(mona, group.id)


def test_a_membership_at_google_comes_back_as_it_was(at_google):
    site, omar = at_google, at_google.id_of(OMAR)
    before = next(one for one in site.connector.groups_of(omar) if one.group.name == "Sales")
    assert before.details == "MANAGER DIGEST"
    site.connector.remove_from_group(omar, before.group.id)
    site.connector.add_to_group(omar, before.group.id, details=before.details)
    assert before in site.connector.groups_of(omar)


def test_groups_are_found_by_the_beginning_of_a_word(site):
    assert [group.name for group in site.connector.groups("staff")] == ["All staff"]


def test_a_group_that_is_gone_is_told_from_an_account_that_is(site):
    with pytest.raises(NotFound, match="group"):
        site.connector.add_to_group(site.id_of(MONA), "00000000-0000-4000-8000-000000000000")
