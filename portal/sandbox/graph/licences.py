"""Licences of a user, and the products of the tenant."""

from flask import Response

from portal.sandbox import directory
from portal.sandbox.graph.calls import answer, asked, call, known_user, sent, state
from portal.sandbox.graph.shapes import CONTEXT, user_shape
from portal.sandbox.odata.options import Options
from portal.sandbox.rules import licences, permissions
from portal.sandbox.rules.permissions import Caller


@call("POST", "/users/<name>/assignLicense", needs=permissions.ASSIGN_LICENCES)
def assign_licence(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/user-assignlicense"""
    body = sent()
    user = known_user(caller, name)
    directory.assign_licences(state(), caller.tenant, user, body)
    return answer({"@odata.context": f"{CONTEXT}users/$entity", **user_shape(user.body, Options(), caller)})


@call("GET", "/users/<name>/licenseDetails", needs=permissions.READ_LICENCES)
def licence_details(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/user-list-licensedetails"""
    user = known_user(caller, name)
    value = []
    for item in user.body.get("assignedLicenses") or ():
        product = caller.tenant.product(item["skuId"])
        if product:
            plans = [
                {
                    **plan,
                    "provisioningStatus": "Disabled" if plan["servicePlanId"] in item["disabledPlans"] else "Success",
                }
                for plan in product["servicePlans"]
            ]
            details = {"skuId": product["skuId"], "skuPartNumber": product["skuPartNumber"], "servicePlans": plans}
            value.append({"id": f"{user.id}_{product['skuId']}", **details})
    return answer({"@odata.context": f"{CONTEXT}users('{user.id}')/licenseDetails", "value": value})


@call("GET", "/subscribedSkus", needs=permissions.READ_PRODUCTS)
def subscribed_skus(caller: Caller) -> Response:
    """https://learn.microsoft.com/graph/api/subscribedsku-list"""
    tenant, select = caller.tenant, asked().select
    value = [
        {
            "accountId": tenant.id, "accountName": tenant.name, "id": f"{tenant.id}_{product['skuId']}",
            "consumedUnits": licences.consumed(tenant, product["skuId"]), "subscriptionIds": [], **product,
        }
        for product in tenant.products
    ]  # fmt: skip
    if select:
        value = [{name: item[name] for name in select if name in item} for item in value]
    return answer({"@odata.context": f"{CONTEXT}subscribedSkus", "value": value})
