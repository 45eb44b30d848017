"""Microsoft's client of Graph for Python, through the calls of provisioning."""

import pytest
from kiota_abstractions.api_error import APIError
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.headers_collection import HeadersCollection
from kiota_abstractions.method import Method
from msgraph.generated.models.assigned_license import AssignedLicense
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.password_profile import PasswordProfile
from msgraph.generated.models.reference_create import ReferenceCreate
from msgraph.generated.models.reference_update import ReferenceUpdate
from msgraph.generated.models.user import User
from msgraph.generated.users.delta.delta_request_builder import DeltaRequestBuilder
from msgraph.generated.users.item.assign_license.assign_license_post_request_body import AssignLicensePostRequestBody
from msgraph.generated.users.item.user_item_request_builder import UserItemRequestBuilder
from msgraph.generated.users.users_request_builder import UsersRequestBuilder
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem

OMAR, MONA = "omar.ordinary@acme.example", "mona.manager@acme.example"


def somebody(name: str = "wei.zhang", **values) -> User:
    return User(
        account_enabled=True, display_name="Wei Zhang", mail_nickname=name, user_principal_name=f"{name}@acme.example",
        password_profile=PasswordProfile(password="Correct-Horse-7", force_change_password_next_sign_in=True), **values,
    )  # fmt: skip


def selecting(*names: str):
    query = UserItemRequestBuilder.UserItemRequestBuilderGetQueryParameters(select=list(names))
    return RequestConfiguration(query_parameters=query)


def test_a_user_is_created_read_and_changed(graph, tls_sandbox):
    """https://learn.microsoft.com/graph/api/user-post-users"""
    made = graph.run(lambda client: client.users.post(somebody()))
    assert made.display_name == "Wei Zhang"
    assert made.account_enabled is None, "it is not among the default properties"
    graph.run(lambda client: client.users.by_user_id(made.id).patch(User(job_title="Buyer", account_enabled=False)))
    read = graph.run(lambda client: client.users.by_user_id(made.id).get(selecting("jobTitle", "accountEnabled")))
    assert (read.job_title, read.account_enabled) == ("Buyer", False)
    assert tls_sandbox.sign_in("wei.zhang@acme.example", "Correct-Horse-7") == "blocked"


def test_everybody_is_listed_over_many_pages(graph, tls_sandbox):
    """https://learn.microsoft.com/graph/paging"""
    from msgraph_core.tasks.page_iterator import PageIterator

    found = []

    async def all_of_them(client):
        query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(top=40, select=["id", "userPrincipalName"])
        first = await client.users.get(RequestConfiguration(query_parameters=query))
        iterator = PageIterator(first, client.request_adapter)
        await iterator.iterate(lambda user: found.append(user.id) or True)

    graph.run(all_of_them)
    live = [user for user in tls_sandbox.users() if not user.deleted]
    assert sorted(found) == sorted(user.id for user in live)


def test_an_advanced_query_counts(graph):
    """https://learn.microsoft.com/graph/aad-advanced-queries"""
    query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(
        count=True, filter="endsWith(mail,'acme.example')", orderby=["displayName desc"], top=5
    )
    headers = HeadersCollection()
    headers.add("ConsistencyLevel", "eventual")
    configuration = RequestConfiguration(query_parameters=query, headers=headers)
    page = graph.run(lambda client: client.users.get(configuration))
    assert page.odata_count > 250
    names = [user.display_name.casefold() for user in page.value]
    assert names == sorted(names, reverse=True)


def test_what_is_refused_arrives_as_an_error_with_a_code(graph):
    """https://learn.microsoft.com/graph/errors"""
    with pytest.raises(ODataError) as taken:
        graph.run(lambda client: client.users.post(somebody("omar.ordinary")))
    assert taken.value.response_status_code == 400
    assert taken.value.error.code == "Request_BadRequest"
    assert taken.value.error.details[0].code == "ObjectConflict"
    assert taken.value.error.details[0].target == "userPrincipalName"
    assert taken.value.error.inner_error.request_id
    with pytest.raises(ODataError) as missing:
        graph.run(lambda client: client.users.by_user_id("nobody@acme.example").get())
    assert missing.value.error.code == "Request_ResourceNotFound"


def test_a_licence_is_given_and_taken(graph):
    """https://learn.microsoft.com/graph/api/user-assignlicense"""
    products = graph.run(lambda client: client.subscribed_skus.get()).value
    premium = next(item for item in products if item.sku_part_number == "SPB")
    made = graph.run(lambda client: client.users.post(somebody(usage_location="GB")))
    body = AssignLicensePostRequestBody(add_licenses=[AssignedLicense(sku_id=premium.sku_id)], remove_licenses=[])
    graph.run(lambda client: client.users.by_user_id(made.id).assign_license.post(body))
    details = graph.run(lambda client: client.users.by_user_id(made.id).license_details.get()).value
    assert [item.sku_part_number for item in details] == ["SPB"]
    body = AssignLicensePostRequestBody(add_licenses=[], remove_licenses=[premium.sku_id])
    graph.run(lambda client: client.users.by_user_id(made.id).assign_license.post(body))
    assert graph.run(lambda client: client.users.by_user_id(made.id).license_details.get()).value == []


def test_a_manager_is_set_read_and_cleared(graph, tls_sandbox):
    """https://learn.microsoft.com/graph/api/user-post-manager"""
    made = graph.run(lambda client: client.users.post(somebody()))
    manager_id = tls_sandbox.user(MONA).id
    link = ReferenceUpdate(odata_id=f"https://graph.microsoft.com/v1.0/users/{manager_id}")
    graph.run(lambda client: client.users.by_user_id(made.id).manager.ref.put(link))
    manager = graph.run(lambda client: client.users.by_user_id(made.id).manager.get())
    assert isinstance(manager, User)
    assert manager.user_principal_name == MONA
    graph.run(lambda client: client.users.by_user_id(made.id).manager.ref.delete())
    with pytest.raises(APIError) as none:
        graph.run(lambda client: client.users.by_user_id(made.id).manager.get())
    assert none.value.response_status_code == 404


def test_sessions_are_revoked(graph):
    """https://learn.microsoft.com/graph/api/user-revokesigninsessions"""
    answer = graph.run(lambda client: client.users.by_user_id(OMAR).revoke_sign_in_sessions.post())
    assert answer.value is True


def test_group_members_come_and_go(graph, tls_sandbox):
    """https://learn.microsoft.com/graph/api/group-post-members"""
    groups = graph.run(lambda client: client.groups.get()).value
    finance = next(group for group in groups if group.display_name == "Finance")
    omar = tls_sandbox.user(OMAR).id
    link = ReferenceCreate(odata_id=f"https://graph.microsoft.com/v1.0/directoryObjects/{omar}")
    graph.run(lambda client: client.groups.by_group_id(finance.id).members.ref.post(link))
    found = graph.run(lambda client: client.users.by_user_id(OMAR).member_of.get()).value
    assert "Finance" in [item.display_name for item in found]
    members = graph.run(lambda client: client.groups.by_group_id(finance.id).members.get()).value
    assert [member.id for member in members] == [omar]


def test_a_deleted_user_is_found_and_restored(graph):
    """https://learn.microsoft.com/graph/api/directory-deleteditems-restore"""
    made = graph.run(lambda client: client.users.post(somebody()))
    graph.run(lambda client: client.users.by_user_id(made.id).delete())
    gone = graph.run(lambda client: client.directory.deleted_items.graph_user.get()).value
    assert made.id in [user.id for user in gone]
    back = graph.run(lambda client: client.directory.deleted_items.by_directory_object_id(made.id).restore.post())
    assert back.id == made.id
    assert (
        graph.run(lambda client: client.users.by_user_id(made.id).get()).user_principal_name == "wei.zhang@acme.example"
    )


def test_changes_since_last_time(graph):
    """https://learn.microsoft.com/graph/delta-query-users"""

    async def last(client, page):
        while page.odata_next_link:
            page = await client.users.delta.with_url(page.odata_next_link).get()
        return page.odata_delta_link

    async def walk(client):
        query = DeltaRequestBuilder.DeltaRequestBuilderGetQueryParameters(select=["displayName", "jobTitle"])
        link = await last(client, await client.users.delta.get(RequestConfiguration(query_parameters=query)))
        made = await client.users.post(somebody())
        await client.users.by_user_id(OMAR).delete()
        return made.id, await client.users.delta.with_url(link).get()

    made, page = graph.run(walk)
    changed = {item.id: item for item in page.value}
    assert changed[made].display_name == "Wei Zhang"
    removed = [item for item in page.value if "@removed" in (item.additional_data or {})]
    assert len(removed) == 1
    assert page.odata_delta_link


def test_several_calls_in_one(graph):
    """https://learn.microsoft.com/graph/json-batching"""

    async def batch(client):
        content = BatchRequestContent()
        for number, path in enumerate(("organization", "users/nobody@acme.example", "domains")):
            item = BatchRequestItem(client.users.to_get_request_information(), id=str(number))
            item.url, item.method = f"/{path}", Method.GET.value
            content.add_request(item.id, item)
        return await client.batch.post(content)

    answers = graph.run(batch).get_response_status_codes()
    assert answers == {"0": 200, "1": 404, "2": 200}


def test_being_throttled_is_waited_for_by_the_client_itself(graph, tls_sandbox):
    """https://learn.microsoft.com/graph/throttling"""
    tls_sandbox.fault(method="GET", path="/v1.0/organization$", status=429, retry_after=0)
    assert graph.run(lambda client: client.organization.get()).value[0].display_name == "Acme"
    assert [line.status for line in tls_sandbox.requests(path="/organization")] == [429, 200]
