"""https://learn.microsoft.com/graph/api/resources/user"""

import pytest


def error(answer):
    return answer.status_code, answer.json()["error"]["code"], answer.json()["error"]["message"]


def test_a_new_user_comes_back_with_the_eleven_default_properties(call, someone):
    """https://learn.microsoft.com/graph/api/user-post-users"""
    answer = call("POST", "/users", someone())
    assert answer.status_code == 201
    names = set(answer.json()) - {"@odata.context"}
    assert len(names) == 11
    assert "accountEnabled" not in names


@pytest.mark.parametrize(
    "missing", ["accountEnabled", "displayName", "mailNickname", "userPrincipalName", "passwordProfile"]
)
def test_a_missing_property_is_named(call, someone, missing):
    answer = call("POST", "/users", {name: value for name, value in someone().items() if name != missing})
    assert error(answer)[:2] == (400, "Request_BadRequest")
    assert missing in error(answer)[2]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"passwordProfile": {"password": "short"}}, "password complexity"),
        ({"userPrincipalName": "a@elsewhere.example"}, "verified domain"),
        ({"userPrincipalName": "a b@acme.example"}, "userPrincipalName is invalid"),
        ({"mailNickname": "a b"}, "mailNickname"),
        ({"displayName": "x" * 257}, "displayName"),
        ({"department": "x" * 65}, "department"),
        ({"usageLocation": "Britain"}, "usageLocation"),
        ({"favouriteColour": "blue"}, "favouriteColour"),
    ],
)
def test_what_microsoft_refuses_is_refused(call, someone, changes, words):
    answer = call("POST", "/users", someone(**changes))
    assert answer.status_code == 400
    assert words in error(answer)[2]


def test_a_name_is_taken_once(call, someone):
    call("POST", "/users", someone())
    answer = call("POST", "/users", someone())
    assert answer.json()["error"]["details"][0] == {
        "code": "ObjectConflict",
        "message": "Another object with the same value for property userPrincipalName already exists.",
        "target": "userPrincipalName",
    }


def test_a_deleted_users_name_is_free_and_restoring_gives_it_back(call, someone):
    """https://learn.microsoft.com/graph/api/directory-deleteditems-restore"""
    user_id = call("POST", "/users", someone()).json()["id"]
    assert call("DELETE", f"/users/{user_id}").status_code == 204
    assert call("GET", f"/users/{user_id}").status_code == 404
    [gone] = [user for user in call.everyone("/directory/deletedItems/graph.user") if user["id"] == user_id]
    assert gone["userPrincipalName"] == user_id.replace("-", "") + "new.person@acme.example"
    assert call("POST", f"/directory/deletedItems/{user_id}/restore").status_code == 200
    assert call("GET", "/users/new.person@acme.example").json()["id"] == user_id


def test_a_directory_synced_user_is_changed_elsewhere(call):
    answer = call("PATCH", "/users/sy.synced@acme.example", {"jobTitle": "Chief"})
    assert "on-premises" in error(answer)[2]


def test_an_administrators_sign_in_is_not_switched_by_an_application(call):
    """https://learn.microsoft.com/graph/api/user-update"""
    answer = call("PATCH", "/users/grace.hopper@acme.example", {"accountEnabled": False})
    assert error(answer)[:2] == (403, "Authorization_RequestDenied")


def test_a_licence_needs_a_country_a_product_and_a_seat(call, someone, sandbox):
    """https://learn.microsoft.com/graph/api/user-assignlicense"""
    sku = next(item for item in call("GET", "/subscribedSkus").json()["value"] if item["skuPartNumber"] == "SPB")
    call("POST", "/users", someone())
    assign = {"addLicenses": [{"skuId": sku["skuId"], "disabledPlans": []}], "removeLicenses": []}
    path = "/users/new.person@acme.example/assignLicense"
    assert "removeLicenses" in error(call("POST", path, {"addLicenses": []}))[2]
    assert "usage location" in error(call("POST", path, assign))[2]
    call("PATCH", "/users/new.person@acme.example", {"usageLocation": "GB"})
    assert call("POST", path, assign).status_code == 200
    unknown = {"addLicenses": [{"skuId": "00000000-0000-0000-0000-000000000000"}], "removeLicenses": []}
    assert "valid company License" in error(call("POST", path, unknown))[2]
    sandbox.set_seats("SPB", 1)
    call("POST", "/users", someone("second", usageLocation="GB"))
    assert "available licenses" in error(call("POST", "/users/second@acme.example/assignLicense", assign))[2]


def test_the_manager_is_a_reference(call, someone):
    """https://learn.microsoft.com/graph/api/user-post-manager"""
    call("POST", "/users", someone())
    path = "/users/new.person@acme.example/manager"
    assert call("GET", path).status_code == 404
    boss = call("GET", "/users/omar.ordinary@acme.example").json()["id"]
    reference = {"@odata.id": f"https://graph.microsoft.com/v1.0/users/{boss}"}
    assert call("PUT", f"{path}/$ref", reference).status_code == 204
    assert call("GET", path).json()["id"] == boss
    assert call("DELETE", f"{path}/$ref").status_code == 204


def test_a_new_user_stays_unknown_for_the_time_that_was_set(call, someone, sandbox):
    sandbox.set_lag(30)
    user_id = call("POST", "/users", someone()).json()["id"]
    assert call("GET", f"/users/{user_id}").status_code == 404
    sandbox.advance(31)
    assert call("GET", f"/users/{user_id}").status_code == 200


def test_sessions_are_revoked_with_a_time_stamp(call, sandbox):
    """https://learn.microsoft.com/graph/api/user-revokesigninsessions"""
    before = sandbox.user("omar.ordinary@acme.example").sessions_valid_from
    assert call("POST", "/users/omar.ordinary@acme.example/revokeSignInSessions").json()["value"] is True
    assert sandbox.user("omar.ordinary@acme.example").sessions_valid_from > before
