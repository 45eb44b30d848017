"""The Enterprise License Manager: one SKU of a product, seats, automatic licensing."""

import pytest

from tests.sandbox.google.caller import GRACE

OMAR, UMA = "omar.ordinary@acme.example", "uma.unlicensed@acme.example"
STARTER, STANDARD, PLUS, VAULT = "1010020027", "1010020028", "1010020025", "Google-Vault"
API = "/apps/licensing/v1/product"
WORKSPACE = f"{API}/Google-Apps/sku"


def test_a_new_user_gets_the_automatic_licence(google, call, someone):
    call("POST", "/users", someone())
    assert google.user("new.person@acme.example").licences == [STANDARD]
    google.policy(automatic_licence="")
    call("POST", "/users", someone("another.person"))
    assert google.user("another.person@acme.example").licences == []


def test_a_licence_is_given_read_and_taken(google, call):
    given = call("POST", f"{API}/Google-Vault/sku/{VAULT}/user", {"userId": OMAR})
    assert (given.status_code, given.json()["skuName"]) == (200, "Google Vault")
    assert call("GET", f"{API}/Google-Vault/sku/{VAULT}/user/{OMAR}").json()["userId"] == OMAR
    assert call("DELETE", f"{API}/Google-Vault/sku/{VAULT}/user/{OMAR}").json() == {}
    assert call.refused("GET", f"{API}/Google-Vault/sku/{VAULT}/user/{OMAR}")[:2] == (404, "notFound")


def test_one_product_one_sku_and_put_on_the_old_one_moves_it(google, call):
    assert call.refused("POST", f"{WORKSPACE}/{PLUS}/user", {"userId": OMAR})[:2] == (412, "conditionNotMet")
    moved = call("PUT", f"{WORKSPACE}/{STANDARD}/user/{OMAR}", {"skuId": PLUS})
    assert (moved.json()["skuId"], google.user(OMAR).licences) == (PLUS, [PLUS])


def test_seats_run_out_on_the_annual_plan_and_are_bought_on_the_flexible_one(google, call):
    said = call.refused("POST", f"{WORKSPACE}/{STARTER}/user", {"userId": UMA})
    assert said[:2] == (412, "conditionNotMet")
    assert "enough available licenses" in said[2]
    google.policy(flexible=True)
    assert call("POST", f"{WORKSPACE}/{STARTER}/user", {"userId": UMA}).status_code == 200


def test_what_automatic_licensing_gave_is_not_taken(google, call):
    assert "Auto License un-assignment" in call.refused("DELETE", f"{WORKSPACE}/{STANDARD}/user/{OMAR}")[2]
    google.policy(automatic_licence="")
    assert call("DELETE", f"{WORKSPACE}/{STANDARD}/user/{OMAR}").status_code == 200


def test_only_the_current_primary_address_names_somebody(google, call):
    assert call.refused("GET", f"{WORKSPACE}/{STANDARD}/user/{google.user(OMAR).id}")[:2] == (400, "invalid")
    call("PUT", f"/users/{OMAR}", {"primaryEmail": "omar@acme.example"})
    assert call.refused("GET", f"{WORKSPACE}/{STANDARD}/user/{OMAR}")[:2] == (400, "invalid")
    assert call("GET", f"{WORKSPACE}/{STANDARD}/user/omar@acme.example").status_code == 200


def test_a_product_is_listed_in_pages(google, call):
    path = f"{API}/Google-Apps/users?customerId={google.customer()['id']}&maxResults=3"
    skus = {item["userId"]: item["skuId"] for item in call.everyone(path, "items")}
    assert skus[GRACE] == STANDARD
    assert skus["mona.manager@acme.example"] == PLUS
    assert len(skus) == google.customer()["held"][STANDARD] + google.customer()["held"][PLUS]


@pytest.mark.parametrize("path", [f"{API}/nonsense/sku/1/user", f"{API}/Google-Vault/sku/{STANDARD}/user"])
def test_an_unknown_product_or_sku_is_invalid(call, path):
    assert call.refused("POST", path, {"userId": OMAR})[:2] == (400, "invalid")


def test_one_query_a_second_for_the_whole_application(google, call):
    # One in a minute instead of a second, so that a slow machine tells nothing else.
    google.throttle(licensing_seconds=60)
    path = f"{WORKSPACE}/{STANDARD}/user/{OMAR}"
    assert call("GET", path).status_code == 200
    assert call.refused("GET", path)[:2] == (503, "quotaExceeded")
    google.advance(60)
    assert call("GET", path).status_code == 200
