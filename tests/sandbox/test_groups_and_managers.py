"""References: managers, reports, members."""

import pytest

OMAR, MONA = "omar.ordinary@acme.example", "mona.manager@acme.example"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def link(user_id: str, kind: str = "users") -> dict[str, str]:
    return {"@odata.id": f"https://graph.microsoft.com/v1.0/{kind}/{user_id}"}


def test_the_manager_is_a_reference(caller, sandbox):
    """https://learn.microsoft.com/graph/api/user-post-manager"""
    path, grace = f"/users/{MONA}/manager", sandbox.user("grace.hopper@acme.example").id
    assert "Resource 'manager'" in caller.refused("GET", path)[2]
    assert caller("PUT", f"{path}/$ref", link(grace)).status_code == 204
    shown = caller("GET", f"{path}?$select=id,displayName").json()
    assert (shown["@odata.type"], shown["id"]) == ("#microsoft.graph.user", grace)
    assert grace in caller("GET", f"{path}/$ref").json()["@odata.id"]
    assert caller("DELETE", f"{path}/$ref").status_code == 204
    assert caller("GET", path).status_code == 404


def test_a_manager_must_be_there_and_be_said(caller):
    """https://learn.microsoft.com/graph/api/user-post-manager"""
    path = f"/users/{MONA}/manager/$ref"
    assert caller.refused("PUT", path, link(UNKNOWN))[0] == 404
    assert caller.refused("PUT", path, {})[0] == 400


def test_reports_are_listed_under_their_manager(caller):
    """https://learn.microsoft.com/graph/api/user-list-directreports"""
    found = caller("GET", f"/users/{MONA}/directReports?$select=userPrincipalName").json()["value"]
    assert [item["userPrincipalName"] for item in found] == [OMAR]


def test_the_manager_can_come_with_the_user(caller):
    """https://learn.microsoft.com/graph/query-parameters"""
    path = f"/users/{OMAR}?$select=displayName&$expand=manager($select=displayName)"
    assert caller("GET", path).json()["manager"]["displayName"] == "Mona Manager"
    listed = caller("GET", "/users?$select=userPrincipalName&$expand=manager($select=id)").json()["value"]
    assert [user["userPrincipalName"] for user in listed if "manager" in user] == [OMAR]


@pytest.fixture
def groups(caller) -> dict[str, str]:
    return {group["displayName"]: group["id"] for group in caller("GET", "/groups").json()["value"]}


@pytest.fixture
def omar(sandbox) -> str:
    return sandbox.user(OMAR).id


def test_somebody_joins_a_group_and_leaves_it(caller, groups, omar):
    """https://learn.microsoft.com/graph/api/group-post-members"""
    path = f"/groups/{groups['Finance']}/members"
    assert caller("POST", f"{path}/$ref", link(omar, "directoryObjects")).status_code == 204
    assert [item["id"] for item in caller("GET", path).json()["value"]] == [omar]
    assert "already exist" in caller.refused("POST", f"{path}/$ref", link(omar, "directoryObjects"))[2]
    assert caller("DELETE", f"{path}/{omar}/$ref").status_code == 204
    assert caller.refused("DELETE", f"{path}/{omar}/$ref")[:2] == (404, "Request_ResourceNotFound")


def test_without_ref_nothing_is_deleted(caller, groups, omar):
    """https://learn.microsoft.com/graph/api/group-delete-members"""
    assert caller.refused("DELETE", f"/groups/{groups['All staff']}/members/{omar}")[0] == 400
    assert caller("GET", f"/users/{omar}").status_code == 200


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("Keepers of the keys", 403), ("Everybody in Sales", 403), ("Board papers", 403), ("Announcements", 400),
        ("Wages", 400), ("Factory floor", 400),
    ],
)  # fmt: skip
def test_some_groups_are_kept_by_somebody_else(caller, groups, omar, name, status):
    """https://learn.microsoft.com/graph/api/group-post-members"""
    assert caller.refused("POST", f"/groups/{groups[name]}/members/$ref", link(omar))[0] == status


def test_a_groups_licence_comes_and_goes_with_the_membership(caller, groups, sandbox):
    """https://learn.microsoft.com/entra/identity/users/licensing-groups-assign"""
    mona, path = sandbox.user(MONA).id, f"/groups/{groups['Power BI users']}/members"
    before = sandbox.user(MONA).plans
    caller("POST", f"{path}/$ref", link(mona))
    assert len(sandbox.user(MONA).plans) == len(before) + 1
    caller("DELETE", f"{path}/{mona}/$ref")
    assert sandbox.user(MONA).plans == before


def test_groups_are_found_by_the_beginning_of_their_name(caller):
    """https://learn.microsoft.com/graph/api/group-list"""
    found = caller("GET", "/groups?$filter=startswith(displayName,'all')&$select=id,displayName").json()["value"]
    assert [group["displayName"] for group in found] == ["All staff"]
    unified = caller("GET", "/groups?$filter=groupTypes/any(t:t eq 'Unified')").json()["value"]
    assert [group["displayName"] for group in unified] == ["All staff", "Project Apollo"]


def test_memberships_are_listed_by_kind(caller, omar):
    """https://learn.microsoft.com/graph/api/user-list-memberof"""
    found = caller("GET", f"/users/{omar}/memberOf/microsoft.graph.group?$select=displayName").json()["value"]
    assert [item["displayName"] for item in found] == ["All staff", "Power BI users"]


def test_a_group_that_is_not_there(caller, omar):
    assert caller.refused("POST", f"/groups/{UNKNOWN}/members/$ref", link(omar))[0] == 404


def test_a_group_keeps_an_owner_who_can_act(caller, groups, sandbox, omar):
    """https://learn.microsoft.com/graph/api/group-delete-owners"""
    mona, path = sandbox.user(MONA).id, f"/groups/{groups['Project Apollo']}/owners"
    assert "at least one owner" in caller.refused("DELETE", f"{path}/{mona}/$ref")[2]
    assert caller("POST", f"{path}/$ref", link(omar)).status_code == 204
    assert "already exist" in caller.refused("POST", f"{path}/$ref", link(omar))[2]
    owned = caller("GET", f"/users/{omar}/ownedObjects/graph.group").json()["value"]
    assert [group["displayName"] for group in owned] == ["Project Apollo"]
    sandbox.patch_user(OMAR, accountEnabled=False)
    assert "at least one owner" in caller.refused("DELETE", f"{path}/{mona}/$ref")[2]
    sandbox.patch_user(OMAR, accountEnabled=True)
    assert caller("DELETE", f"{path}/{mona}/$ref").status_code == 204
    assert [item["id"] for item in caller("GET", path).json()["value"]] == [omar]


def test_several_join_together_or_none_of_them(caller, groups, sandbox, omar):
    """https://learn.microsoft.com/graph/api/group-post-members"""
    path, mona = f"/groups/{groups['Finance']}", sandbox.user(MONA).id
    links = [link(own)["@odata.id"] for own in (omar, mona)]
    caller("POST", f"{path}/members/$ref", link(mona))
    assert caller.refused("PATCH", path, {"members@odata.bind": links})[0] == 400
    assert [item["id"] for item in caller("GET", f"{path}/members/graph.user").json()["value"]] == [mona]
    assert caller("PATCH", path, {"members@odata.bind": links[:1]}).status_code == 204
    assert caller.refused("PATCH", path, {"members@odata.bind": links[:1] * 21})[0] == 400


def test_a_new_user_cannot_join_at_once(caller, groups, sandbox):
    sandbox.set_lag(60)
    new = {
        "accountEnabled": True, "displayName": "New Person", "mailNickname": "new.person",
        "userPrincipalName": "new.person@acme.example", "passwordProfile": {"password": "Correct-Horse-7"},
    }  # fmt: skip
    body = link(caller("POST", "/users", new).json()["id"])
    said = caller.refused("POST", f"/groups/{groups['Finance']}/members/$ref", body)
    assert (said[0], said[2]) == (400, "Not a valid reference update.")
    sandbox.advance(61)
    assert caller("POST", f"/groups/{groups['Finance']}/members/$ref", body).status_code == 204
