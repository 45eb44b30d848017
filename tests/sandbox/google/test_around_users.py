"""Customer, domains, org units, groups, roles, schemas, tokens: what surrounds people."""

import base64
import io

import pytest
from PIL import Image

from tests.people.test_photos import picture
from tests.sandbox.google.caller import GRACE, PREFIX, URI

OMAR, MONA = "omar.ordinary@acme.example", "mona.manager@acme.example"
PHOTO = f"/users/{OMAR}/photos/thumbnail"
STAFF, SALES = "all.staff@acme.example", "sales@acme.example"


def test_a_customer_tells_its_name_its_domains_and_its_org_units(google, call):
    own = google.customer()["id"]
    assert call("GET", "/customers/my_customer").json()["postalAddress"]["organizationName"] == "Acme"
    domains = {item["domainName"]: item for item in call("GET", f"/customer/{own}/domains").json()["domains"]}
    assert [domains[name]["isPrimary"] for name in ("acme.example", "acme-shop.example")] == [True, False]
    assert domains["acme.example"]["domainAliases"][0]["domainAliasName"] == "acme.example.net"
    assert domains["new.acme.example"]["verified"] is False
    units = call("GET", "/customer/my_customer/orgunits?type=all").json()["organizationUnits"]
    assert [unit["orgUnitPath"] for unit in units] == ["/Contractors", "/Engineering", "/Sales", "/Sales/Field"]
    assert call("GET", "/customer/my_customer/orgunits/Sales/Field").json()["parentOrgUnitPath"] == "/Sales"


def test_another_customer_is_forbidden(google, call):
    assert call.refused("GET", f"/customers/{google.customer('Globex')['id']}")[:2] == (403, "forbidden")


def test_a_person_leaves_and_rejoins_groups(call):
    groups = call("GET", f"/groups?userKey={OMAR}").json()["groups"]
    assert [item["email"] for item in groups] == [STAFF, SALES]
    member = call("GET", f"/groups/{SALES}/members/{OMAR}").json()
    assert (member["role"], member["delivery_settings"]) == ("MANAGER", "DIGEST")
    assert call("DELETE", f"/groups/{SALES}/members/{OMAR}").status_code == 204
    assert call.refused("DELETE", f"/groups/{SALES}/members/{OMAR}")[:2] == (404, "notFound")
    assert call("POST", f"/groups/{SALES}/members", {"email": OMAR, "role": "MEMBER"}).json()["type"] == "USER"
    said = call.refused("POST", f"/groups/{SALES}/members", {"email": OMAR})
    assert said == (409, "duplicate", "Member already exists.")


def test_somebody_deleted_is_in_no_list_of_members_and_comes_back_to_it(google, call):
    before = call.everyone(f"/groups/{SALES}/members", "members")
    omar = google.user(OMAR).id
    call("DELETE", f"/users/{omar}")
    assert call.everyone(f"/groups/{SALES}/members", "members") == []
    call("POST", f"/users/{omar}/undelete", {"orgUnitPath": "/"})
    assert call.everyone(f"/groups/{SALES}/members", "members") == before


def test_a_dynamic_group_and_a_circle_are_refused(call):
    assert call.refused("POST", "/groups/developers@acme.example/members", {"email": OMAR})[:2] == (403, "forbidden")
    said = call.refused("POST", f"/groups/{SALES}/members", {"email": STAFF})
    assert said == (412, "conditionNotMet", "Cyclic memberships not allowed")


def test_a_group_is_found_by_its_alias(call):
    assert call("GET", "/groups/everyone@acme.example").json()["email"] == STAFF


def test_roles_say_who_administers_what(google, call):
    roles = {
        item["roleId"]: item["isSuperAdminRole"] for item in call("GET", "/customer/my_customer/roles").json()["items"]
    }
    held = call("GET", f"/customer/my_customer/roleassignments?userKey={URI}").json()["items"]
    assert [(roles[item["roleId"]], item["assignedTo"]) for item in held] == [(False, google.user(URI).id)]


def test_a_custom_schema_comes_first_and_its_fields_show_in_the_full_projection(call):
    fields = [{"fieldName": "start", "fieldType": "DATE", "indexed": True}]
    made = call("POST", "/customer/my_customer/schemas", {"schemaName": "hr", "fields": fields})
    assert made.json()["fields"][0]["fieldType"] == "DATE"
    call("PUT", f"/users/{OMAR}", {"customSchemas": {"hr": {"start": "2026-12-01"}}})
    assert "customSchemas" not in call("GET", f"/users/{OMAR}").json()
    full = call("GET", f"/users/{OMAR}?projection=full").json()
    assert full["customSchemas"] == {"hr": {"start": "2026-12-01"}}
    found = call("GET", "/users?customer=my_customer&query=hr.start=2026-12-01").json()["users"]
    assert [item["primaryEmail"] for item in found] == [OMAR]


def test_a_persons_tokens_are_listed_and_ended_but_not_of_somebody_suspended(google, call):
    listed = call("GET", f"/users/{GRACE}/tokens").json()["items"]
    assert f"{PREFIX}admin.directory.user" in listed[0]["scopes"]
    google.patch_user(OMAR, suspended=True)
    assert call.refused("GET", f"/users/{OMAR}/tokens")[:2] == (401, "authError")


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/users?customer=my_customer&nonsense=1", "invalid"),
     ("/users?customer=my_customer&projection=most", "invalidParameter"),
     ("/users?customer=my_customer&maxResults=501", "invalidParameter"), ("/users", "badRequest"),
     ("/users?customer=acme.example", "invalid"), (f"/users/{MONA}?fields=a(b", "invalidParameter")],
)  # fmt: skip
def test_a_parameter_that_is_not_described_is_refused(call, path, reason):
    assert call.refused("GET", path)[:2] == (400, reason)


def test_a_picture_is_made_small_and_shows_late(google, call):
    google.timing(pictures=60)
    sent = base64.urlsafe_b64encode(picture().getvalue()).decode()
    answer = call("PUT", PHOTO, {"photoData": sent}).json()
    assert (answer["width"], answer["height"], answer["mimeType"]) == (96, 96, "image/jpeg")
    assert call.refused("GET", PHOTO) == (404, "notFound", "Resource Not Found: photo")
    google.advance(61)
    shown = call("GET", PHOTO).json()
    assert (shown["etag"], shown["photoData"] != sent) == (answer["etag"], True)
    assert Image.open(io.BytesIO(base64.urlsafe_b64decode(shown["photoData"]))).size == (96, 96)


def test_no_picture_is_not_found_and_something_else_is_no_picture(call):
    for method in ("GET", "DELETE"):
        assert call.refused(method, PHOTO) == (404, "notFound", "Resource Not Found: photo")
    nothing = base64.urlsafe_b64encode(b"no picture").decode()
    assert call.refused("PUT", PHOTO, {"photoData": nothing}) == (400, "invalid", "Invalid Input: photoData")
    # The padding that Google's own page asks for.
    assert "ByteString" in call.refused("PUT", PHOTO, {"photoData": nothing.replace("=", "*")})[2]
    assert call.refused("PUT", PHOTO, {})[1] == "required"
