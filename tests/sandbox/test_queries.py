"""https://learn.microsoft.com/graph/aad-advanced-queries and https://learn.microsoft.com/graph/paging"""

import pytest


def names(answer):
    return [user["userPrincipalName"] for user in answer.json()["value"]]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("userPrincipalName eq 'omar.ordinary@acme.example'", 1),
        ("startswith(displayName,'Omar')", 1),
        ("jobTitle eq 'Clerk' and accountEnabled eq true", 1),
        ("displayName in ('Omar Ordinary', 'Sy Synced')", 2),
        ("proxyAddresses/any(p:p eq 'smtp:omar.ordinary@acme.example')", 1),
        ("displayName eq 'O''Brien'", 0),
    ],
)
def test_filters_that_the_directory_has(call, condition, found):
    assert len(names(call("GET", f"/users?$filter={condition}"))) == found


def test_advanced_filters_need_the_header_and_the_count(call):
    path = "/users?$filter=endswith(userPrincipalName,'acme.example')"
    assert call("GET", path).json()["error"]["code"] == "Request_UnsupportedQuery"
    answer = call("GET", f"{path}&$count=true", ConsistencyLevel="eventual")
    assert answer.json()["@odata.count"] == len(answer.json()["value"])


def test_search_needs_the_header(call):
    path = '/users?$search="displayName:omar"'
    assert call("GET", path).status_code == 400
    assert len(names(call("GET", path, ConsistencyLevel="eventual"))) == 1


def test_pages_are_followed_by_their_links(call):
    assert len(call.everyone("/users?$top=2")) == len(call.everyone("/users"))


def test_a_link_that_is_not_ours_has_expired(call):
    assert call("GET", "/users?$skiptoken=x").json()["error"]["code"] == "Directory_ExpiredPageToken"


def test_skip_and_too_large_pages_are_refused(call):
    assert call("GET", "/users?$skip=1").status_code == 400
    assert call("GET", "/users?$top=1000").status_code == 400


def test_a_property_that_collections_do_not_have(call):
    assert call("GET", "/users?$select=skills").status_code == 501


def test_changes_since_last_time(call, someone):
    """https://learn.microsoft.com/graph/api/user-delta"""
    first = call("GET", "/users/delta?$select=displayName").json()
    assert first["value"]
    user_id = call("POST", "/users", someone()).json()["id"]
    second = call("GET", first["@odata.deltaLink"]).json()
    assert [user["id"] for user in second["value"]] == [user_id]
    call("DELETE", f"/users/{user_id}")
    third = call("GET", second["@odata.deltaLink"]).json()
    assert third["value"] == [{"id": user_id, "@removed": {"reason": "changed"}}]
    assert call("GET", third["@odata.deltaLink"]).json()["value"] == []


def test_a_delta_link_lives_seven_days(call, sandbox):
    link = call("GET", "/users/delta").json()["@odata.deltaLink"]
    sandbox.advance(7 * 24 * 3600 + 60)
    call.sign_in()
    assert call("GET", link).status_code == 410


def test_a_batch_answers_each_part_by_itself(call, someone):
    """https://learn.microsoft.com/graph/json-batching"""
    json_type = {"Content-Type": "application/json"}
    parts = [
        {"id": "1", "method": "POST", "url": "/users", "body": someone(), "headers": json_type},
        {"id": "2", "method": "GET", "url": "/users/nobody@acme.example"},
        {"id": "3", "method": "GET", "url": "/users/omar.ordinary@acme.example", "dependsOn": ["2"]},
    ]
    answers = {part["id"]: part["status"] for part in call("POST", "/$batch", {"requests": parts}).json()["responses"]}
    assert answers == {"1": 201, "2": 404, "3": 424}


def test_a_batch_has_at_most_twenty_parts(call):
    parts = [{"id": str(number), "method": "GET", "url": "/organization"} for number in range(21)]
    assert call("POST", "/$batch", {"requests": parts}).status_code == 400
