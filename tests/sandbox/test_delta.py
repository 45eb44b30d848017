"""https://learn.microsoft.com/graph/api/user-delta and https://learn.microsoft.com/graph/delta-query-overview"""

import pytest

OMAR = "omar.ordinary@acme.example"


def followed(caller, path: str, **headers: str) -> tuple[list[dict], str]:
    """Everything up to the delta link, and the link."""
    answer = caller("GET", path, **headers).json()
    found = answer["value"]
    while "@odata.nextLink" in answer:
        answer = caller("GET", answer["@odata.nextLink"], **headers).json()
        found += answer["value"]
    return found, answer["@odata.deltaLink"]


@pytest.mark.parametrize("path", ["/users/delta", "/users/delta()", "/users/microsoft.graph.delta()"])
def test_the_first_round_is_everybody(caller, path):
    found, _ = followed(caller, path)
    assert {user["id"] for user in found} == {user["id"] for user in caller.everyone("/users")}


def test_a_round_without_a_change_is_empty(caller):
    _, link = followed(caller, "/users/delta")
    assert followed(caller, link)[0] == []


def test_new_changed_deleted_and_restored_people_are_told(caller, someone):
    _, link = followed(caller, "/users/delta?$select=displayName,jobTitle")
    user_id = caller("POST", "/users", someone()).json()["id"]
    new, link = followed(caller, link)
    assert new == [{"displayName": "New Person", "id": user_id}]
    caller("PATCH", f"/users/{user_id}", {"jobTitle": "Buyer"})
    assert followed(caller, link)[0] == [{"displayName": "New Person", "jobTitle": "Buyer", "id": user_id}]
    caller("DELETE", f"/users/{user_id}")
    gone, link = followed(caller, link)
    assert gone == [{"id": user_id, "@removed": {"reason": "changed"}}]
    caller("POST", f"/directory/deletedItems/{user_id}/restore")
    assert [user["id"] for user in followed(caller, link)[0]] == [user_id]


def test_gone_for_good_is_another_reason(caller, sandbox):
    _, link = followed(caller, "/users/delta")
    omar = sandbox.user(OMAR).id
    caller("DELETE", f"/users/{omar}")
    caller("DELETE", f"/directory/deletedItems/{omar}")
    assert followed(caller, link)[0] == [{"id": omar, "@removed": {"reason": "deleted"}}]


def test_only_what_was_selected_is_watched(caller):
    _, link = followed(caller, "/users/delta?$select=jobTitle")
    caller("PATCH", f"/users/{OMAR}", {"department": "Purchasing"})
    assert followed(caller, link)[0] == []


def test_less_can_be_asked_for(caller, sandbox):
    _, link = followed(caller, "/users/delta?$select=displayName,jobTitle")
    caller("PATCH", f"/users/{OMAR}", {"jobTitle": "Buyer"})
    changed, _ = followed(caller, link, Prefer="return=minimal")
    assert changed == [{"jobTitle": "Buyer", "id": sandbox.user(OMAR).id}]


def test_a_property_that_was_cleared_arrives_as_null(caller, sandbox):
    _, link = followed(caller, "/users/delta?$select=jobTitle")
    caller("PATCH", f"/users/{OMAR}", {"jobTitle": None})
    assert followed(caller, link)[0] == [{"jobTitle": None, "id": sandbox.user(OMAR).id}]


def test_the_manager_can_be_watched(caller, sandbox):
    found, link = followed(caller, "/users/delta?$select=manager")
    omar, mona = sandbox.user(OMAR).id, sandbox.user("mona.manager@acme.example").id
    [first] = [user for user in found if user["id"] == omar]
    assert first["manager@delta"] == [{"@odata.type": "#microsoft.graph.user", "id": mona}]
    caller("DELETE", f"/users/{omar}/manager/$ref")
    assert followed(caller, link)[0] == [{"manager@delta": [], "id": omar}]


def test_somebody_alone_can_be_watched(caller, sandbox):
    omar = sandbox.user(OMAR).id
    found, link = followed(caller, f"/users/delta?$select=jobTitle&$filter=id eq '{omar}'")
    assert [user["id"] for user in found] == [omar]
    caller("PATCH", "/users/mona.manager@acme.example", {"jobTitle": "Chief"})
    assert followed(caller, link)[0] == []


def test_the_first_round_can_be_left_out(caller):
    found, link = followed(caller, "/users/delta?$deltatoken=latest")
    assert found == []
    caller("PATCH", f"/users/{OMAR}", {"jobTitle": "Buyer"})
    assert len(followed(caller, link)[0]) == 1


def test_a_token_lives_seven_days(caller, sandbox):
    _, link = followed(caller, "/users/delta?$select=id")
    sandbox.advance(7 * 86400 + 60)
    caller.sign_in()
    answer = caller("GET", link)
    assert answer.status_code == 410
    assert answer.headers["Location"].endswith("/v1.0/users/delta?$deltatoken=")


@pytest.mark.parametrize("query", ["$top=5", "$orderby=displayName", "$filter=displayName eq 'x'", "$expand=manager"])
def test_options_that_changes_do_not_have(caller, query):
    assert caller.refused("GET", f"/users/delta?{query}")[0] == 400


def test_a_token_that_is_none(caller):
    assert caller.refused("GET", "/users/delta?$deltatoken=x")[0] == 400
