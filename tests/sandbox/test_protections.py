"""Whom an application may not touch."""

import pytest

GRACE, SY, OMAR = "grace.hopper@acme.example", "sy.synced@acme.example", "omar.ordinary@acme.example"
DENIED = (403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


@pytest.mark.parametrize(
    "change",
    [
        {"accountEnabled": False},
        {"mobilePhone": "1"},
        {"businessPhones": ["1"]},
        {"otherMails": ["a@b.example"]},
        {"passwordProfile": {"password": "Correct-Horse-7"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_is_sensitive_of_an_administrator_needs_a_role_of_the_applications_own(caller, sandbox, change):
    """https://learn.microsoft.com/graph/api/user-update"""
    assert caller.refused("PATCH", f"/users/{GRACE}", change) == DENIED
    sandbox.give_app_roles("User Administrator")
    assert caller("PATCH", f"/users/{GRACE}", change).status_code == 204


def test_an_administrators_job_title_is_nothing_sensitive(caller):
    """https://learn.microsoft.com/graph/api/user-update"""
    assert caller("PATCH", f"/users/{GRACE}", {"jobTitle": "Admiral"}).status_code == 204


def test_an_administrator_is_not_deleted_by_an_application(caller):
    """https://learn.microsoft.com/graph/api/user-delete"""
    assert caller.refused("DELETE", f"/users/{GRACE}") == DENIED


@pytest.mark.parametrize("change", [{"jobTitle": "Chief"}, {"accountEnabled": False}, {"displayName": "Sy"}])
def test_a_directory_synced_user_is_changed_elsewhere(caller, change):
    """https://learn.microsoft.com/graph/api/resources/user"""
    status, code, message = caller.refused("PATCH", f"/users/{SY}", change)
    assert (status, code) == (400, "Request_BadRequest")
    assert "on-premises mastered" in message


def test_the_cloud_keeps_the_usage_location_of_a_synced_user(caller):
    """https://learn.microsoft.com/graph/api/resources/user"""
    assert caller("PATCH", f"/users/{SY}", {"usageLocation": "FR"}).status_code == 204


def test_a_synced_users_manager_is_set_elsewhere(caller, sandbox):
    """https://learn.microsoft.com/graph/api/user-post-manager"""
    link = {"@odata.id": f"https://graph.microsoft.com/v1.0/users/{sandbox.user(OMAR).id}"}
    assert "on-premises mastered" in caller.refused("PUT", f"/users/{SY}/manager/$ref", link)[2]


def test_memberships_show_who_is_an_administrator(caller):
    """https://learn.microsoft.com/graph/api/user-list-memberof"""
    found = caller("GET", f"/users/{GRACE}/memberOf").json()["value"]
    [role] = [item for item in found if item["@odata.type"] == "#microsoft.graph.directoryRole"]
    assert role["displayName"] == "Global Administrator"
    assert role["roleTemplateId"] == "62e90394-69f5-4237-9190-012177145e10"
    roles = caller("GET", f"/users/{GRACE}/memberOf/microsoft.graph.directoryRole").json()["value"]
    assert [item["id"] for item in roles] == [role["id"]]


def test_a_narrow_permission_changes_one_thing(caller, sandbox):
    """https://learn.microsoft.com/graph/permissions-reference"""
    sandbox.grant_consent("Acme", ["User.EnableDisableAccount.All", "User.Read.All"])
    caller.sign_in()
    assert caller("PATCH", f"/users/{OMAR}", {"accountEnabled": False}).status_code == 204
    assert caller.refused("PATCH", f"/users/{OMAR}", {"jobTitle": "Chief"}) == DENIED
    assert caller.refused("PATCH", f"/users/{OMAR}", {"accountEnabled": True, "jobTitle": "Chief"}) == DENIED


def test_a_password_of_somebody_who_is_there_needs_its_own_permission(caller, sandbox):
    """https://learn.microsoft.com/graph/api/user-update"""
    sandbox.grant_consent("Acme", ["User.ReadWrite.All"])
    caller.sign_in()
    change = {"passwordProfile": {"password": "Correct-Horse-7", "forceChangePasswordNextSignIn": True}}
    assert caller.refused("PATCH", f"/users/{OMAR}", change) == DENIED
    sandbox.grant_consent("Acme", ["User-PasswordProfile.ReadWrite.All"])
    caller.sign_in()
    assert caller("PATCH", f"/users/{OMAR}", change).status_code == 204
    assert sandbox.sign_in(OMAR, "Correct-Horse-7") == "must change password"


def test_basic_reading_shows_basic_properties(caller, sandbox):
    """https://learn.microsoft.com/graph/permissions-reference"""
    sandbox.grant_consent("Acme", ["User.ReadBasic.All"])
    caller.sign_in()
    shown = set(caller("GET", f"/users/{OMAR}").json()) - {"@odata.context"}
    assert shown == {"id", "displayName", "givenName", "surname", "mail", "userPrincipalName"}
    assert caller.refused("GET", f"/users/{OMAR}?$select=jobTitle") == DENIED
