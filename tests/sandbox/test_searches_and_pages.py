"""$search, $orderby, $count, $select, $top and the links between pages."""

import pytest

ADVANCED = {"ConsistencyLevel": "eventual"}


def names(answer) -> list[str]:
    assert answer.ok, answer.text
    return [user["displayName"] for user in answer.json()["value"]]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('"displayName:ord"', ["Omar Ordinary"]),
        ('"displayName:ordinary omar"', ["Omar Ordinary"]),
        ('"displayName:rdinary"', []),
        ('"mail:omar"', ["Omar Ordinary"]),
        ('"mail:ordinary"', []),
        ('"displayName:omar" OR "displayName:mona"', ["Omar Ordinary", "Mona Manager"]),
        ('"displayName:omar" AND "mail:omar"', ["Omar Ordinary"]),
        ('("displayName:omar" OR "displayName:mona") AND "jobTitle:office"', ["Mona Manager"]),
    ],
)
def test_search_looks_at_the_beginnings_of_words(caller, expression, expected):
    """https://learn.microsoft.com/graph/search-query-parameter"""
    assert names(caller("GET", f"/users?$search={expression}", **ADVANCED)) == expected


def test_search_needs_the_header_and_the_right_form(caller):
    """https://learn.microsoft.com/graph/search-query-parameter"""
    assert "ConsistencyLevel: eventual" in caller.refused("GET", '/users?$search="displayName:omar"')[2]
    assert caller.refused("GET", "/users?$search=omar", **ADVANCED)[1] == "BadRequest"
    assert "does not support $search" in caller.refused("GET", '/users?$search="city:x"', **ADVANCED)[2]


def test_the_order_is_plain_for_two_properties_and_advanced_for_others(caller):
    """https://learn.microsoft.com/graph/aad-advanced-queries"""
    shown = names(caller("GET", "/users?$orderby=displayName desc"))
    assert shown == sorted(shown, key=str.casefold, reverse=True)
    for query in ("$orderby=createdDateTime", "$orderby=displayName&$filter=accountEnabled eq true"):
        assert caller.refused("GET", f"/users?{query}")[2] == "Sorting not supported for current query."
        assert caller("GET", f"/users?{query}&$count=true", **ADVANCED).ok


def test_the_count_is_on_the_first_page_only_and_ignored_without_the_header(caller):
    """https://learn.microsoft.com/graph/count-query-parameter"""
    assert "@odata.count" not in caller("GET", "/users?$count=true").json()
    first = caller("GET", "/users?$count=true&$top=2", **ADVANCED).json()
    assert first["@odata.count"] == len(caller.everyone("/users"))
    assert "@odata.count" not in caller("GET", first["@odata.nextLink"], **ADVANCED).json()


def test_the_count_alone_is_a_number(caller):
    """https://learn.microsoft.com/graph/count-query-parameter"""
    assert caller("GET", "/users/$count", **ADVANCED).text == str(len(caller.everyone("/users")))
    assert caller.refused("GET", "/users/$count")[2] == "$count is not currently supported."


@pytest.mark.parametrize("query", ["", "&$orderby=displayName", "&$orderby=userPrincipalName desc"])
def test_pages_are_followed_by_their_links_to_everybody_once(caller, query):
    """https://learn.microsoft.com/graph/paging"""
    by_two = [user["id"] for user in caller.everyone(f"/users?$top=2{query}")]
    assert by_two == [user["id"] for user in caller.everyone(f"/users?$top=999{query}")]
    assert len(set(by_two)) == len(by_two)


def test_the_link_holds_the_other_options(caller):
    """https://learn.microsoft.com/graph/paging"""
    first = caller("GET", "/users?$top=2&$select=id&$filter=accountEnabled eq true").json()
    second = caller("GET", first["@odata.nextLink"]).json()
    assert len(second["value"]) == 2
    assert set(second["value"][0]) == {"id"}


def test_a_page_token_that_is_stale_or_not_ours_has_expired(caller, sandbox):
    """https://learn.microsoft.com/graph/paging"""
    link = caller("GET", "/users?$top=2").json()["@odata.nextLink"]
    assert caller.refused("GET", "/users?$skiptoken=x")[:2] == (400, "Directory_ExpiredPageToken")
    sandbox.advance(3700)
    caller.sign_in()
    assert caller.refused("GET", link)[:2] == (400, "Directory_ExpiredPageToken")


@pytest.mark.parametrize("query", ["$skip=1", "$top=1000", "$top=0", "$top=many", "$colour=blue", "$select=colour"])
def test_options_that_the_directory_does_not_have(caller, query):
    """https://learn.microsoft.com/graph/query-parameters"""
    assert caller.refused("GET", f"/users?{query}")[0] == 400


def test_a_property_that_collections_do_not_have(caller):
    """https://learn.microsoft.com/graph/api/user-list"""
    refusal = caller.refused("GET", "/users?$select=skills")
    assert refusal == (501, "NotImplemented", "This operation target is not yet supported.")
    assert caller("GET", "/users/omar.ordinary@acme.example?$select=skills").json()["skills"] == []


def test_what_was_not_selected_is_not_there(caller):
    """https://learn.microsoft.com/graph/api/user-get"""
    shown = caller("GET", "/users/omar.ordinary@acme.example?$select=accountEnabled,employeeId").json()
    assert {name: value for name, value in shown.items() if name != "@odata.context"} == {
        "accountEnabled": True,
        "employeeId": None,
    }


def test_the_dollar_may_be_left_out(caller):
    """https://learn.microsoft.com/graph/query-parameters"""
    assert len(caller("GET", "/users?top=2").json()["value"]) == 2
