"""https://learn.microsoft.com/graph/api/resources/user"""

import pytest

OMAR = "omar.ordinary@acme.example"


def test_a_new_user_comes_back_with_the_eleven_default_properties(caller, someone):
    """https://learn.microsoft.com/graph/api/user-post-users"""
    answer = caller("POST", "/users", someone())
    assert answer.status_code == 201
    names = set(answer.json()) - {"@odata.context"}
    assert len(names) == 11
    assert "accountEnabled" not in names


@pytest.mark.parametrize(
    "missing", ["accountEnabled", "displayName", "mailNickname", "userPrincipalName", "passwordProfile"]
)
def test_a_missing_property_is_named(caller, someone, missing):
    """https://learn.microsoft.com/graph/api/user-post-users"""
    body = {name: value for name, value in someone().items() if name != missing}
    refusal = caller.refused("POST", "/users", body)
    assert refusal == (400, "Request_BadRequest", f"A value is required for property '{missing}' of resource 'User'.")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"passwordProfile": {"password": "Sh0rt!"}}, "password complexity"),
        ({"passwordProfile": {"password": "onlylowercase"}}, "password complexity"),
        ({"passwordProfile": {"password": "New.person-2026"}}, "password complexity"),
        ({"passwordProfile": {"password": "Correct-Horse-7", "colour": "blue"}}, "passwordProfile"),
        ({"userPrincipalName": "a@elsewhere.example"}, "verified domain"),
        ({"userPrincipalName": "a@new.acme.example"}, "verified domain"),
        ({"userPrincipalName": "a b@acme.example"}, "userPrincipalName is invalid"),
        ({"userPrincipalName": "josé@acme.example"}, "userPrincipalName is invalid"),
        ({"userPrincipalName": ".a@acme.example"}, "userPrincipalName is invalid"),
        ({"userPrincipalName": f"{'a' * 65}@acme.example"}, "userPrincipalName is invalid"),
        ({"mailNickname": "a b"}, "mailNickname"),
        ({"displayName": "x" * 257}, "displayName"),
        ({"department": "x" * 65}, "department"),
        ({"employeeId": "x" * 17}, "employeeId"),
        ({"postalCode": "x" * 41}, "postalCode"),
        ({"jobTitle": ""}, "jobTitle"),
        ({"jobTitle": 7}, "jobTitle"),
        ({"accountEnabled": "true"}, "accountEnabled"),
        ({"businessPhones": ["1", "2"]}, "businessPhones"),
        ({"otherMails": ["nobody"]}, "otherMails"),
        ({"employeeHireDate": "last week"}, "employeeHireDate"),
        ({"usageLocation": "Britain"}, "usageLocation"),
        ({"userType": "Robot"}, "userType"),
        ({"passwordPolicies": "AnythingGoes"}, "passwordPolicies"),
        ({"onPremisesExtensionAttributes": {"extensionAttribute16": "x"}}, "onPremisesExtensionAttributes"),
        ({"favouriteColour": "blue"}, "favouriteColour"),
        ({"proxyAddresses": ["smtp:a@acme.example"]}, "proxyAddresses"),
        ({"createdDateTime": "2026-01-01T00:00:00Z"}, "createdDateTime"),
    ],
)
def test_what_microsoft_refuses_is_refused(caller, someone, changes, words):
    """https://learn.microsoft.com/graph/api/user-post-users"""
    status, code, message = caller.refused("POST", "/users", someone(**changes))
    assert (status, code) == (400, "Request_BadRequest")
    assert words in message


@pytest.mark.parametrize("local_part", ["o'brien", "a-b_c!d#e^f~g", "x" * 64, "1"])
def test_every_character_that_a_name_may_have_is_taken(caller, someone, local_part):
    """https://learn.microsoft.com/graph/api/user-post-users"""
    made = caller("POST", "/users", someone(userPrincipalName=f"{local_part}@acme.example"))
    assert made.status_code == 201
    quoted = made.json()["userPrincipalName"].replace("#", "%23")
    assert caller("GET", f"/users/{quoted}").json()["id"] == made.json()["id"]


def test_a_name_is_taken_once_whatever_its_case(caller, someone):
    """https://learn.microsoft.com/graph/errors"""
    caller("POST", "/users", someone())
    answer = caller("POST", "/users", someone(userPrincipalName="New.Person@ACME.example"))
    assert answer.json()["error"]["details"][0] == {
        "code": "ObjectConflict",
        "message": "Another object with the same value for property userPrincipalName already exists.",
        "target": "userPrincipalName",
    }


@pytest.mark.parametrize("taken", ["office", "all.staff"], ids=["another address of Mona's", "a group's"])
def test_an_address_of_somebody_else_is_no_name(caller, someone, taken):
    """https://learn.microsoft.com/graph/api/resources/user"""
    answer = caller("POST", "/users", someone(taken))
    details = answer.json()["error"]["details"]
    assert [detail["code"] for detail in details] == ["ObjectConflict", "ConflictingObjects"]
    assert {detail["target"] for detail in details} == {"proxyAddresses"}


def test_a_change_has_no_answer_and_shows_when_asked_for(caller):
    """https://learn.microsoft.com/graph/api/user-update"""
    answer = caller("PATCH", f"/users/{OMAR}", {"jobTitle": "Buyer", "department": "Purchasing"})
    assert (answer.status_code, answer.content) == (204, b"")
    shown = caller("GET", f"/users/{OMAR}?$select=jobTitle,department").json()
    assert (shown["jobTitle"], shown["department"]) == ("Buyer", "Purchasing")


def test_a_change_can_be_answered_with_the_user(caller):
    """https://learn.microsoft.com/graph/api/user-update"""
    answer = caller("PATCH", f"/users/{OMAR}", {"jobTitle": "Buyer"}, Prefer="return=representation")
    assert (answer.status_code, answer.json()["jobTitle"]) == (200, "Buyer")


@pytest.mark.parametrize("name", ["displayName", "mail", "userPrincipalName", "accountEnabled", "mailNickname"])
def test_some_properties_cannot_be_cleared(caller, name):
    """https://learn.microsoft.com/graph/api/user-update"""
    assert name in caller.refused("PATCH", f"/users/{OMAR}", {name: None})[2]


def test_null_clears_a_property(caller):
    """https://learn.microsoft.com/graph/api/user-update"""
    caller("PATCH", f"/users/{OMAR}", {"jobTitle": None, "businessPhones": []})
    assert caller("GET", f"/users/{OMAR}").json()["jobTitle"] is None


def test_extension_attributes_are_changed_one_by_one(caller):
    """https://learn.microsoft.com/graph/api/resources/onpremisesextensionattributes"""
    for number in (1, 15):
        attributes = {f"extensionAttribute{number}": f"value {number}"}
        caller("PATCH", f"/users/{OMAR}", {"onPremisesExtensionAttributes": attributes})
    shown = caller("GET", f"/users/{OMAR}?$select=onPremisesExtensionAttributes").json()[
        "onPremisesExtensionAttributes"
    ]
    assert len(shown) == 15
    assert (shown["extensionAttribute1"], shown["extensionAttribute15"]) == ("value 1", "value 15")


def test_employee_data_is_sent_whole(caller):
    """https://learn.microsoft.com/graph/api/user-update: what is left out becomes null."""
    caller("PATCH", f"/users/{OMAR}", {"employeeOrgData": {"division": "East", "costCenter": "7"}})
    caller("PATCH", f"/users/{OMAR}", {"employeeOrgData": {"division": "West"}})
    shown = caller("GET", f"/users/{OMAR}?$select=employeeOrgData").json()["employeeOrgData"]
    assert shown == {"division": "West", "costCenter": None}


def test_a_renamed_user_is_found_by_the_new_name_only(caller):
    """https://learn.microsoft.com/graph/api/user-update"""
    caller("PATCH", f"/users/{OMAR}", {"userPrincipalName": "omar.new@acme.example"})
    assert caller("GET", "/users/omar.new@acme.example").status_code == 200
    assert caller("GET", f"/users/{OMAR}").status_code == 404


def test_somebody_who_is_not_there_is_named(caller):
    """https://learn.microsoft.com/graph/errors"""
    status, code, message = caller.refused("GET", "/users/nobody@acme.example")
    assert (status, code) == (404, "Request_ResourceNotFound")
    assert message.startswith("Resource 'nobody@acme.example' does not exist or one of its queried")


def test_a_guests_name_is_percent_encoded(caller):
    """https://learn.microsoft.com/graph/api/user-get"""
    address = "/users/gus_partner.example%23EXT%23@acme.onmicrosoft.com?$select=userType,mail"
    assert caller("GET", address).json()["userType"] == "Guest"


def test_what_is_not_json_cannot_be_read(caller):
    """https://learn.microsoft.com/graph/errors"""
    answer = caller.session.post(
        f"{caller.sandbox.graph_url}/v1.0/users", data="{", headers={"Authorization": f"Bearer {caller.token}"}
    )
    assert answer.json()["error"]["code"] == "BadRequest"
    assert caller.refused("PATCH", f"/users/{OMAR}")[1] == "BadRequest"


def test_an_address_that_graph_does_not_have(caller):
    """https://learn.microsoft.com/graph/errors"""
    assert caller.refused("GET", "/planets")[1:] == ("BadRequest", "Resource not found for the segment 'planets'.")


def test_sessions_are_revoked_with_a_time_stamp(caller, sandbox):
    """https://learn.microsoft.com/graph/api/user-revokesigninsessions"""
    before = sandbox.user(OMAR).sessions_valid_from
    assert caller("POST", f"/users/{OMAR}/revokeSignInSessions").json()["value"] is True
    assert sandbox.user(OMAR).sessions_valid_from > before


def test_every_answer_carries_its_ids_and_its_cost(caller):
    """https://learn.microsoft.com/graph/throttling-limits"""
    answer = caller("GET", "/organization", **{"client-request-id": "mine"})
    assert answer.headers["client-request-id"] == "mine"
    assert answer.headers["request-id"]
    assert answer.headers["x-ms-resource-unit"] == "1"
    refusal = caller("GET", "/users/nobody@acme.example")
    assert refusal.json()["error"]["innerError"]["request-id"] == refusal.headers["request-id"]


def test_the_domains_and_the_organisation_are_the_tenants_own(caller):
    """https://learn.microsoft.com/graph/api/domain-list"""
    domains = {domain["id"]: domain for domain in caller("GET", "/domains").json()["value"]}
    assert domains["acme.example"]["isDefault"]
    assert not domains["new.acme.example"]["isVerified"]
    [organisation] = caller("GET", "/organization").json()["value"]
    assert {item["name"] for item in organisation["verifiedDomains"]} == {"acme.example", "acme.onmicrosoft.com"}
