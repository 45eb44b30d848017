"""Products, seats, and who holds a licence.

https://learn.microsoft.com/graph/api/user-assignlicense
"""

from typing import Any

from flask import jsonify

from portal.sandbox import query
from portal.sandbox.graph import CONTEXT, READ_USERS, WRITE_USERS, blueprint, body, need, user_of
from portal.sandbox.identity import state
from portal.sandbox.refusals import bad_request
from portal.sandbox.state import Tenant


@blueprint.post("/users/<name>/assignLicense")
def assign_licence(name: str):
    """https://learn.microsoft.com/graph/api/user-assignlicense"""
    tenant, wanted = need("LicenseAssignment.ReadWrite.All", *WRITE_USERS), body()
    for part in ("addLicenses", "removeLicenses"):
        if part not in wanted:
            raise bad_request(
                "One or more parameters of the operation 'assignLicense' are missing from the request payload. "
                f"The missing parameters are: {part}."
            )
    with state().lock:
        user = user_of(tenant, name)
        held = [item for item in user["assignedLicenses"] if item["skuId"] not in wanted["removeLicenses"]]
        for item in wanted["addLicenses"]:
            _check_licence(tenant, user, item["skuId"], held)
            if item["skuId"] not in [other["skuId"] for other in held]:
                held.append({"skuId": item["skuId"], "disabledPlans": item.get("disabledPlans", [])})
        user["assignedLicenses"] = held
        if held and not user.get("mail"):
            user["mail"] = user["userPrincipalName"]
            user["proxyAddresses"] = [f"SMTP:{user['userPrincipalName']}"]
        state().keep(tenant, user)
    return jsonify({"@odata.context": f"{CONTEXT}users/$entity", **query.selected(user, None)})


def _check_licence(tenant: Tenant, user: dict[str, Any], sku_id: str, held: list[dict]) -> None:
    sku = tenant.sku(sku_id)
    if not user.get("usageLocation"):
        raise bad_request("License assignment cannot be done for user with invalid usage location.")
    if sku is None:
        raise bad_request(f"License {sku_id} does not correspond to a valid company License.")
    has = any(item["skuId"] == sku_id for item in held)
    if not has and consumed(tenant, sku_id) >= sku["prepaidUnits"]["enabled"]:
        raise bad_request(f"Subscription with SKU {sku_id} does not have any available licenses.")


def consumed(tenant: Tenant, sku_id: str) -> int:
    """Seats in use."""
    return sum(any(item["skuId"] == sku_id for item in user["assignedLicenses"]) for user in tenant.live())


@blueprint.get("/users/<name>/licenseDetails")
def licence_details(name: str):
    """https://learn.microsoft.com/graph/api/user-list-licensedetails"""
    tenant = need("LicenseAssignment.Read.All", "LicenseAssignment.ReadWrite.All", *READ_USERS)
    user = user_of(tenant, name)
    skus = [tenant.sku(item["skuId"]) for item in user["assignedLicenses"]]
    value = [
        {"id": sku["skuId"], **{name: sku[name] for name in ("skuId", "skuPartNumber", "servicePlans")}}
        for sku in skus if sku
    ]  # fmt: skip
    return jsonify({"@odata.context": f"{CONTEXT}users('{user['id']}')/licenseDetails", "value": value})
