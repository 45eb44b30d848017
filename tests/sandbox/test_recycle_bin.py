"""https://learn.microsoft.com/graph/api/resources/directory"""

OMAR = "omar.ordinary@acme.example"


def deleted(caller, someone, **changes) -> str:
    """The id of a new user that lies in the recycle bin."""
    user_id = caller("POST", "/users", someone(**changes)).json()["id"]
    assert caller("DELETE", f"/users/{user_id}").status_code == 204
    return user_id


def test_a_deleted_user_is_gone_from_everywhere_but_the_bin(caller, someone):
    """https://learn.microsoft.com/graph/api/user-delete"""
    user_id = deleted(caller, someone)
    assert caller("GET", f"/users/{user_id}").status_code == 404
    assert user_id not in [user["id"] for user in caller.everyone("/users")]
    assert caller("GET", f"/directory/deletedItems/{user_id}?$select=id,deletedDateTime").json()["deletedDateTime"]


def test_the_name_of_a_deleted_user_carries_its_id_and_is_free_again(caller, someone):
    """https://learn.microsoft.com/graph/api/directory-deleteditems-list"""
    user_id = deleted(caller, someone)
    listed = caller.everyone("/directory/deletedItems/graph.user")
    [gone] = [user for user in listed if user["id"] == user_id]
    assert gone["userPrincipalName"] == user_id.replace("-", "") + "new.person@acme.example"
    old_name = "/directory/deletedItems/graph.user?$filter=userPrincipalName eq 'new.person@acme.example'"
    assert caller("GET", old_name).json()["value"] == []
    assert caller("POST", "/users", someone()).status_code == 201


def test_the_bin_is_searched_by_what_stays(caller, someone):
    """https://learn.microsoft.com/graph/api/directory-deleteditems-list"""
    user_id = deleted(caller, someone, employeeId="E1")
    for path in (
        "/directory/deletedItems/microsoft.graph.user?$filter=employeeId eq 'E1'",
        "/directory/deletedItems/graph.user?$filter=endsWith(userPrincipalName,'new.person@acme.example')&$count=true",
    ):
        found = caller("GET", path, ConsistencyLevel="eventual").json()["value"]
        assert [user["id"] for user in found] == [user_id]


def test_restoring_gives_the_name_back(caller, someone):
    """https://learn.microsoft.com/graph/api/directory-deleteditems-restore"""
    user_id = deleted(caller, someone)
    answer = caller("POST", f"/directory/deletedItems/{user_id}/restore")
    assert answer.status_code == 200
    assert answer.json()["@odata.type"] == "#microsoft.graph.user"
    assert caller("GET", "/users/new.person@acme.example").json()["id"] == user_id


def test_restoring_is_refused_while_somebody_else_has_the_name(caller, someone):
    """https://learn.microsoft.com/graph/api/directory-deleteditems-restore"""
    user_id = deleted(caller, someone)
    caller("POST", "/users", someone())
    answer = caller("POST", f"/directory/deletedItems/{user_id}/restore")
    assert answer.json()["error"]["details"][0]["target"] == "userPrincipalName"


def test_restoring_is_refused_while_somebody_else_has_the_address(caller, sandbox):
    """https://learn.microsoft.com/graph/api/directory-deleteditems-restore"""
    omar = sandbox.user(OMAR).id
    caller("DELETE", f"/users/{omar}")
    sandbox.patch_user("mona.manager@acme.example", proxyAddresses=[f"smtp:{OMAR}"])
    answer = caller("POST", f"/directory/deletedItems/{omar}/restore")
    assert answer.json()["error"]["details"][0]["target"] == "proxyAddresses"


def test_seats_are_free_while_their_holder_lies_in_the_bin(caller, sandbox):
    """https://learn.microsoft.com/graph/api/user-delete"""

    def used() -> int:
        products = caller("GET", "/subscribedSkus").json()["value"]
        return next(item["consumedUnits"] for item in products if item["skuPartNumber"] == "O365_BUSINESS_PREMIUM")

    before, omar = used(), sandbox.user(OMAR).id
    caller("DELETE", f"/users/{omar}")
    assert used() == before - 1
    caller("POST", f"/directory/deletedItems/{omar}/restore")
    assert used() == before


def test_after_thirty_days_a_deleted_user_is_gone_for_good(caller, someone, sandbox):
    """https://learn.microsoft.com/graph/api/resources/directory"""
    user_id = deleted(caller, someone)
    sandbox.advance(31 * 86400)
    caller.sign_in()
    assert caller("GET", f"/directory/deletedItems/{user_id}").status_code == 404
    assert caller("GET", "/directory/deletedItems/graph.user").json()["value"] == []


def test_a_deleted_user_can_be_gone_for_good_at_once(caller, someone):
    """https://learn.microsoft.com/graph/api/directory-deleteditems-delete"""
    user_id = deleted(caller, someone)
    assert caller("DELETE", f"/directory/deletedItems/{user_id}").status_code == 204
    assert caller("POST", f"/directory/deletedItems/{user_id}/restore").status_code == 404


def test_memberships_and_the_manager_come_back_with_the_user(caller, sandbox):
    """https://learn.microsoft.com/graph/api/directory-deleteditems-restore"""
    mona, omar = sandbox.user("mona.manager@acme.example").id, sandbox.user(OMAR).id
    caller("DELETE", f"/users/{mona}")
    assert caller("GET", f"/users/{omar}/manager").status_code == 404
    caller("POST", f"/directory/deletedItems/{mona}/restore")
    assert caller("GET", f"/users/{omar}/manager").json()["id"] == mona
