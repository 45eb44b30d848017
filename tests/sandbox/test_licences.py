"""https://learn.microsoft.com/graph/api/user-assignlicense"""

import pytest

OMAR, MONA = "omar.ordinary@acme.example", "mona.manager@acme.example"
STANDARD, PREMIUM, BASIC = (
    "f245ecc8-75af-4f8e-b61f-27d8114de5f3", "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46",
    "3b555118-da6a-4418-894f-7df1e2096870",
)  # fmt: skip
EXCHANGE_2, ARCHIVING = "19ec0d23-8335-4cbd-94ac-6050e30712fa", "ee02fd1b-340e-4a4b-b355-4a514e4c8943"
POWER_BI, EXCHANGE_PLAN_1 = "a403ebcc-fae0-4ca2-8c8c-7a907fd6c235", "9aaf7827-d63c-4b61-89c3-182f06f82e5c"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def body(*add, remove=(), disabled=()):
    return {
        "addLicenses": [{"skuId": sku, "disabledPlans": list(disabled)} for sku in add],
        "removeLicenses": list(remove),
    }


@pytest.fixture
def wei(caller, someone) -> str:
    """A new user, in Great Britain; the address to assign at."""
    caller("POST", "/users", someone("wei", usageLocation="GB"))
    return "/users/wei@acme.example/assignLicense"


def products(caller) -> dict[str, dict]:
    return {item["skuId"]: item for item in caller("GET", "/subscribedSkus").json()["value"]}


def test_both_lists_must_be_sent(caller, wei):
    assert caller.refused("POST", wei, {"addLicenses": []})[2].endswith("The missing parameters are: removeLicenses.")


def test_a_usage_location_comes_first(caller, someone):
    caller("POST", "/users", someone("lin"))
    message = caller.refused("POST", "/users/lin@acme.example/assignLicense", body(STANDARD))[2]
    assert message == "License assignment cannot be done for user with invalid usage location."


def test_a_product_must_be_owned(caller, wei):
    message = caller.refused("POST", wei, body(UNKNOWN))[2]
    assert message == f"License {UNKNOWN} does not correspond to a valid company License."


def test_a_seat_must_be_left(caller, wei, sandbox):
    message = f"Subscription with SKU {BASIC} does not have any available licenses."
    assert caller.refused("POST", wei, body(BASIC)) == (400, "Request_BadRequest", message)
    sandbox.set_seats("O365_BUSINESS_ESSENTIALS", 1)
    assert caller("POST", wei, body(BASIC)).status_code == 200


def test_a_product_that_is_suspended_cannot_be_assigned(caller, wei, sandbox):
    """https://learn.microsoft.com/graph/api/resources/subscribedsku"""
    sandbox.set_seats("SPB", 10, status="Suspended")
    assert "valid company License" in caller.refused("POST", wei, body(PREMIUM))[2]
    assert products(caller)[PREMIUM]["capabilityStatus"] == "Suspended"


def test_seats_in_their_grace_period_still_count(caller, wei, sandbox):
    """https://learn.microsoft.com/graph/api/resources/licenseunitsdetail"""
    sandbox.set_seats("O365_BUSINESS_ESSENTIALS", 0, status="Warning", warning=1)
    assert caller("POST", wei, body(BASIC)).status_code == 200


def test_a_licence_takes_a_seat_and_brings_a_mailbox(caller, wei, sandbox):
    before = products(caller)[STANDARD]["consumedUnits"]
    caller("POST", wei, body(STANDARD))
    assert products(caller)[STANDARD]["consumedUnits"] == before + 1
    shown = caller("GET", "/users/wei@acme.example?$select=mail,proxyAddresses,assignedLicenses,assignedPlans").json()
    assert shown["mail"] == "wei@acme.example"
    assert shown["proxyAddresses"] == ["SMTP:wei@acme.example"]
    assert shown["assignedLicenses"] == [{"skuId": STANDARD, "disabledPlans": []}]
    assert "exchange" in {plan["service"] for plan in shown["assignedPlans"]}


def test_the_same_licence_again_takes_no_second_seat(caller, wei):
    caller("POST", wei, body(STANDARD))
    used = products(caller)[STANDARD]["consumedUnits"]
    assert caller("POST", wei, body(STANDARD)).status_code == 200
    assert products(caller)[STANDARD]["consumedUnits"] == used


def test_a_licence_is_taken_away(caller, wei):
    caller("POST", wei, body(STANDARD))
    assert caller("POST", wei, body(remove=[STANDARD])).status_code == 200
    assert caller("GET", "/users/wei@acme.example/licenseDetails").json()["value"] == []
    assert "does not have a corresponding license" in caller.refused("POST", wei, body(remove=[STANDARD]))[2]


def test_two_mailbox_plans_exclude_each_other(caller, wei):
    """https://learn.microsoft.com/entra/identity/users/licensing-groups-resolve-problems"""
    caller("POST", wei, body(STANDARD))
    answer = caller("POST", wei, body(EXCHANGE_2))
    assert "mutually exclusive" in answer.json()["error"]["message"]
    assert answer.json()["error"]["details"][0]["code"] == "MutuallyExclusiveViolation"


def test_a_plan_that_is_switched_off_clashes_with_nothing(caller, wei):
    assert caller("POST", wei, body(STANDARD, disabled=[EXCHANGE_PLAN_1])).status_code == 200
    assert caller("POST", wei, body(EXCHANGE_2)).status_code == 200
    details = caller("GET", "/users/wei@acme.example/licenseDetails").json()["value"]
    [standard] = [item for item in details if item["skuId"] == STANDARD]
    states = {plan["servicePlanName"]: plan["provisioningStatus"] for plan in standard["servicePlans"]}
    assert (states["EXCHANGE_S_STANDARD"], states["TEAMS1"]) == ("Disabled", "Success")


def test_a_plan_needs_the_one_it_builds_on(caller, wei):
    assert "depends on the service plan(s)" in caller.refused("POST", wei, body(ARCHIVING))[2]
    assert caller("POST", wei, body(STANDARD, ARCHIVING)).status_code == 200
    assert "depends on the service plan(s)" in caller.refused("POST", wei, body(remove=[STANDARD]))[2]


def test_a_licence_that_comes_through_a_group_cannot_be_taken_from_the_user(caller):
    """https://learn.microsoft.com/graph/api/resources/licenseassignmentstate"""
    states = caller("GET", f"/users/{OMAR}?$select=licenseAssignmentStates").json()["licenseAssignmentStates"]
    [inherited] = [state for state in states if state["assignedByGroup"]]
    assert inherited["skuId"] == POWER_BI
    message = caller.refused("POST", f"/users/{OMAR}/assignLicense", body(remove=[POWER_BI]))[2]
    assert "inherited from a group membership" in message


def test_a_swap_in_one_call_needs_no_moment_without_a_mailbox(caller, sandbox):
    assert caller("POST", f"/users/{MONA}/assignLicense", body(STANDARD, remove=[PREMIUM])).status_code == 200
    assert sandbox.user(MONA).plans == [STANDARD]


def test_ids_that_are_none_are_refused(caller, wei):
    assert "Invalid GUID" in caller.refused("POST", wei, body("business standard"))[2]


def test_a_plan_that_is_not_in_the_product_cannot_be_switched_off(caller, wei):
    assert "does not contain service plan" in caller.refused("POST", wei, body(STANDARD, disabled=[UNKNOWN]))[2]
