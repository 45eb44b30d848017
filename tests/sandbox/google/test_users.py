"""Users of the Directory API: made, read, changed, suspended, deleted and restored."""

import pytest

from tests.sandbox.google.caller import GRACE, SAM, URI

DORA, OMAR, MONA = "dora.deleted@acme.example", "omar.ordinary@acme.example", "mona.manager@acme.example"


def test_a_new_user_is_read_back(google, call, someone):
    made = call("POST", "/users", someone(orgUnitPath="/Sales", externalIds=[{"type": "organization", "value": "7"}]))
    read = call("GET", f"/users/{made.json()['id']}?projection=full").json()
    assert made.status_code == 200
    assert (read["name"]["fullName"], read["orgUnitPath"], read["suspended"]) == ("New Person", "/Sales", False)
    assert read["nonEditableAliases"] == ["new.person@acme.example.net"]
    assert google.sign_in("new.person@acme.example", "Correct-Horse-7") == "ok"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"primaryEmail": "a b@acme.example"}, (400, "invalid", "Invalid Input: primary_user_email")),
        ({"primaryEmail": "a..b@acme.example"}, (400, "invalid", "Invalid Input: primary_user_email")),
        ({"primaryEmail": "postmaster@acme.example"}, (400, "invalid", "Invalid Input: primary_user_email")),
        ({"primaryEmail": "a@elsewhere.example"}, (404, "notFound", "Domain not found.")),
        ({"primaryEmail": "a@new.acme.example"}, (404, "notFound", "Domain not found.")),
        ({"name": {"givenName": "New"}}, (400, "invalid", "Invalid Given/Family Name: FamilyName")),
        ({"name": {"givenName": "<b>", "familyName": "X"}}, (400, "invalid", "Invalid Given/Family Name: GivenName")),
        ({"password": "short"}, (400, "invalid", "Invalid Password")),
        ({"password": "pässwörter"}, (400, "invalid", "Invalid Password")),
        ({"orgUnitPath": "/Nowhere"}, (400, "invalid", "Invalid Input: INVALID_OU_ID")),
        ({"customSchemas": {"hr": {"id": "1"}}}, (400, "invalid", "Invalid Input: custom_schema")),
        ({"externalIds": [{"type": "custom", "value": "1"}]}, (400, "invalid", "Invalid Input: externalIds")),
        ({"primaryEmail": OMAR}, (409, "duplicate", "Entity already exists.")),
        ({"primaryEmail": "office@acme.example"}, (409, "duplicate", "Entity already exists.")),
        ({"primaryEmail": "everyone@acme.example"}, (409, "duplicate", "Entity already exists.")),
        ({"primaryEmail": "una.unmanaged@acme.example"}, (409, "duplicate", "Entity already exists.")),
    ],
)
def test_what_google_refuses_in_a_new_user_is_refused(call, someone, changes, said):
    assert call.refused("POST", "/users", someone(**changes)) == said


def test_an_unknown_property_is_refused(call, someone):
    assert call.refused("POST", "/users", someone(nickname="x"))[:2] == (400, "invalid")


def test_what_is_sent_changes_and_what_is_absent_stays(call):
    call("PUT", f"/users/{MONA}", {"phones": [{"type": "mobile", "value": "+44 7700 900000"}]})
    read = call("PUT", f"/users/{MONA}", {"name": {"givenName": "Moana"}}).json()
    assert (read["name"]["givenName"], read["name"]["familyName"]) == ("Moana", "Manager")
    assert [item["value"] for item in read["phones"]] == ["+44 7700 900000"]
    assert [item["value"] for item in read["externalIds"]] == ["A0046"]


def test_arrays_are_replaced_whole_and_only_null_through_put_clears(call):
    path = f"/users/{MONA}"
    call("PUT", path, {"externalIds": [{"type": "custom", "customType": "x", "value": "1"}]})
    assert call("GET", path).json()["externalIds"] == [{"type": "custom", "customType": "x", "value": "1"}]
    assert "externalIds" in call("PATCH", path, {"externalIds": None}).json()
    assert "externalIds" in call("PUT", path, {"externalIds": []}).json()
    assert "externalIds" not in call("PUT", path, {"externalIds": None}).json()


def test_suspending_says_why_and_when_and_closes_the_door(google, call):
    read = call("PUT", f"/users/{OMAR}", {"suspended": True}).json()
    assert (read["suspended"], read["suspensionReason"]) == (True, "ADMIN")
    assert "suspensionTime" in read
    assert google.sign_in(OMAR, "Sandbox-Password-1") == "blocked"
    assert "suspensionReason" not in call("PUT", f"/users/{OMAR}", {"suspended": False}).json()


def test_somebody_suspended_for_abuse_cannot_be_restored(call):
    said = call.refused("PUT", "/users/abe.abused@acme.example", {"suspended": False})
    assert said == (412, "adminCannotUnsuspend", "Cannot restore a user suspended for abuse.")


def test_archiving_needs_a_licence_for_it(google, call):
    said = call.refused("PUT", f"/users/{OMAR}", {"archived": True})
    assert said[:2] == (412, "insufficientArchivedUserLicenses")
    google.policy(seats={"1010340006": 2})
    assert call("PUT", f"/users/{OMAR}", {"archived": True}).json()["archived"] is True


def test_a_renamed_user_keeps_the_old_address_as_alias(google, call):
    google.timing(rename=60)
    omar = google.user(OMAR).id
    read = call("PUT", f"/users/{OMAR}", {"primaryEmail": "omar@acme.example"}).json()
    assert (read["id"], read["aliases"]) == (omar, [OMAR])
    assert call.refused("PUT", f"/users/{omar}", {"suspended": True})[:2] == (409, "conflict")
    google.advance(61)
    assert call("PUT", f"/users/{omar}", {"suspended": True}).status_code == 200


def test_a_deleted_user_frees_the_address_and_is_lost_once_it_is_taken(google, call, someone):
    dora = google.user(DORA).id
    gone = call("GET", "/users?customer=my_customer&showDeleted=true").json()["users"]
    assert [(item["id"], "deletionTime" in item) for item in gone] == [(dora, True)]
    assert call("POST", "/users", someone("dora.deleted")).status_code == 200
    status, reason, message = call.refused("POST", f"/users/{dora}/undelete", {"orgUnitPath": "/"})
    assert (status, reason, "undelete" in message) == (412, "conditionNotMet", True)


def test_a_deleted_user_comes_back_by_id_within_twenty_days(google, call):
    dora = google.user(DORA).id
    assert call.refused("POST", f"/users/{DORA}/undelete", {})[:2] == (404, "notFound")
    assert call("POST", f"/users/{dora}/undelete", {"orgUnitPath": "/Sales"}).status_code == 204
    assert call("GET", f"/users/{DORA}").json()["orgUnitPath"] == "/Sales"
    assert call("DELETE", f"/users/{dora}").status_code == 204
    google.advance(20 * 86400 + 1)
    call.sign_in()
    assert call.refused("POST", f"/users/{dora}/undelete", {})[:2] == (412, "conditionNotMet")


def test_a_new_user_is_unknown_to_reads_and_unfinished_for_writes(google, call, someone):
    google.timing(new_user=5, complete=20)
    made = call("POST", "/users", someone()).json()["id"]
    assert call.refused("GET", f"/users/{made}") == (404, "notFound", "Resource Not Found: userKey")
    said = (412, "conditionNotMet", "User creation is not complete.")
    assert call.refused("PUT", f"/users/{made}", {"suspended": True}) == said
    google.advance(10)
    assert call("GET", f"/users/{made}").status_code == 200
    assert call.refused("POST", "/users/new.person@acme.example/aliases", {"alias": "np@acme.example"}) == said
    google.advance(11)
    assert call("PUT", f"/users/{made}", {"suspended": True}).status_code == 200


def test_reads_trail_a_change_while_the_etag_goes_on_changing(google, call):
    google.timing(reads=60)
    call("PUT", f"/users/{OMAR}", {"suspended": True})
    first, second = (call("GET", f"/users/{OMAR}").json() for _ in range(2))
    assert (first["suspended"], first["etag"] != second["etag"]) == (False, True)
    google.advance(61)
    assert call("GET", f"/users/{OMAR}").json()["suspended"] is True


def test_an_alias_leads_to_its_user_and_is_freed(call):
    assert call("GET", "/users/office@acme.example").json()["primaryEmail"] == MONA
    assert call("GET", "/users/office@acme.example.net").json()["primaryEmail"] == MONA
    listed = call("GET", f"/users/{MONA}/aliases").json()["aliases"]
    assert [item["alias"] for item in listed] == ["office@acme.example"]
    assert call("DELETE", f"/users/{MONA}/aliases/office@acme.example").status_code == 204
    assert call.refused("GET", "/users/office@acme.example")[:2] == (404, "notFound")


def test_somebody_elses_address_is_forbidden_and_not_unknown(call):
    said = (403, "forbidden", "Not Authorized to access this resource/api")
    assert call.refused("GET", "/users/hank.scorpio@globex.example") == said
    assert call.refused("GET", "/users/una.unmanaged@acme.example") == said
    assert call.refused("GET", "/users/nobody@nowhere.example") == said


def test_a_delegated_administrator_changes_people_but_no_administrator(stranger, someone):
    stranger.sign_in(URI)
    assert stranger("PUT", f"/users/{OMAR}", {"suspended": True}).status_code == 200
    assert stranger.refused("PUT", f"/users/{SAM}", {"suspended": True})[:2] == (403, "forbidden")
    assert stranger.refused("POST", "/users", someone())[:2] == (403, "forbidden")


def test_somebody_without_a_role_sees_nothing_but_the_public_view(stranger):
    stranger.sign_in(OMAR)
    assert stranger.refused("GET", f"/users/{MONA}")[:2] == (403, "forbidden")
    public = stranger("GET", f"/users/{MONA}?viewType=domain_public").json()
    assert (public["primaryEmail"], "suspended" in public) == (MONA, False)


def test_a_list_comes_in_pages_in_its_order(google, call):
    pages = call.everyone(
        "/users?customer=my_customer&maxResults=4&orderBy=familyName&fields=nextPageToken,users(name/familyName)"
    )
    families = [item["name"]["familyName"] for item in pages]
    assert families == sorted(families, key=str.casefold)
    assert len(families) == len([user for user in google.users() if not user.deleted])
    assert all(set(item["name"]) == {"familyName"} for item in pages)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("email:omar*", ["Omar"]), ("email=office@acme.example", ["Mona"]), ("familyName='Zhang'", ["Wei"]),
        ("isSuspended=true", ["Abe", "Bea"]), ("isAdmin=true givenName:Gr*", ["Grace"]),
        (f"manager='{MONA}'", ["Omar"]), ("externalId=A0008", ["Wei"]), ("orgUnitPath=/Engineering", ["Kenji"]),
        ("orgTitle='Office Manager'", ["Mona"]), ("isArchived=true", ["Arlo"]), ("wei", ["Wei"]),
    ],
)  # fmt: skip
def test_a_query_finds_people(call, query, names):
    """https://developers.google.com/workspace/admin/directory/v1/guides/search-users"""
    found = call.session.get(
        f"{call.google.api_url}/admin/directory/v1/users", headers={"Authorization": f"Bearer {call.token}"},
        params={"customer": "my_customer", "query": query},
    ).json()["users"]  # fmt: skip
    assert [item["name"]["givenName"] for item in found] == names


def test_signing_out_is_told_in_the_admin_log(google, call):
    assert call("POST", f"/users/{OMAR}/signOut").status_code == 204
    assert google.user(OMAR).signed_out_at > 0
    assert [(line["name"], line["actor"]) for line in google.events()] == [("RESET_SIGNIN_COOKIES", GRACE)]


def test_a_lost_answer_of_insert_has_been_done(google, call, someone):
    google.fault(method="POST", path="/users$", kind="done but refused", status=409)
    assert call.refused("POST", "/users", someone())[:2] == (409, "duplicate")
    assert google.user("new.person@acme.example") is not None
