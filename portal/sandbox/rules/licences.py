"""Which products a user can be given, and what then follows.

https://learn.microsoft.com/graph/api/user-assignlicense and
https://learn.microsoft.com/entra/identity/users/licensing-groups-resolve-problems
"""

from typing import Any
from uuid import UUID

from portal.sandbox.refusals import bad_request
from portal.sandbox.state import catalogue
from portal.sandbox.state.models import Licence, Tenant, User

ASSIGNABLE = ("Enabled", "Warning")
State = dict[str, Any]


def is_guid(text: Any) -> bool:
    try:
        UUID(str(text))
    except ValueError:
        return False
    return isinstance(text, str)


def read_request(body: dict[str, Any]) -> tuple[list[State], list[str]]:
    """AddLicenses and removeLicenses of the body. Raises Refusal when one is missing or malformed."""
    missing = [name for name in ("addLicenses", "removeLicenses") if not isinstance(body.get(name), list)]
    if missing:
        raise bad_request(
            "One or more parameters of the operation 'assignLicense' are missing from the request payload. "
            f"The missing parameters are: {', '.join(missing)}."
        )
    added = [item if isinstance(item, dict) else {} for item in body["addLicenses"]]
    ids = [item.get("skuId") for item in added] + body["removeLicenses"]
    ids += [plan for item in added for plan in item.get("disabledPlans") or []]
    if not all(is_guid(item) for item in ids):
        raise bad_request("Invalid GUID value specified for property 'skuId' of resource 'AssignedLicense'.")
    wanted = [
        {"skuId": item["skuId"].lower(), "disabledPlans": [plan.lower() for plan in item.get("disabledPlans") or []]}
        for item in added
    ]
    return wanted, [item.lower() for item in body["removeLicenses"]]


def after(tenant: Tenant, user: User, add: list[State], remove: list[str], moment: str) -> list[State]:
    """The user's licenseAssignmentStates after the change. Raises Refusal."""
    if add and not user.body.get("usageLocation"):
        raise bad_request("License assignment cannot be done for user with invalid usage location.")
    held = list(user.body.get("licenseAssignmentStates") or [])
    for sku_id in remove:
        held = _without(held, sku_id)
    for item in add:
        _check_product(tenant, item, {state["skuId"] for state in held})
        held = [state for state in held if state["skuId"] != item["skuId"] or state["assignedByGroup"]]
        held.append(direct_state(item, moment))
    _check_plans(tenant, held)
    return held


def direct_state(item: State, moment: str, group: str | None = None) -> State:
    """https://learn.microsoft.com/graph/api/resources/licenseassignmentstate"""
    return {
        "skuId": item["skuId"], "disabledPlans": item["disabledPlans"], "assignedByGroup": group, "state": "Active",
        "error": "None", "lastUpdatedDateTime": moment,
    }  # fmt: skip


def _without(held: list[State], sku_id: str) -> list[State]:
    own = [state for state in held if state["skuId"] == sku_id]
    if not own:
        raise bad_request(f"User does not have a corresponding license: {sku_id}.")
    if all(state["assignedByGroup"] for state in own):
        raise bad_request(
            "User license is inherited from a group membership and it cannot be removed directly from the user."
        )
    return [state for state in held if state["skuId"] != sku_id or state["assignedByGroup"]]


def _check_product(tenant: Tenant, item: State, held: set[str]) -> None:
    sku_id = item["skuId"]
    product = tenant.product(sku_id)
    if product is None:
        raise bad_request(f"License {sku_id} does not correspond to a valid company License.")
    if product["appliesTo"] != "User" or product["capabilityStatus"] not in ASSIGNABLE:
        raise bad_request(f"License {sku_id} does not correspond to a valid company License.")
    unknown = set(item["disabledPlans"]) - {plan["servicePlanId"] for plan in product["servicePlans"]}
    if unknown:
        raise bad_request(f"License {sku_id} does not contain service plan(s) {', '.join(sorted(unknown))}.")
    if sku_id not in held and seats_left(tenant, product) < 1:
        raise bad_request(f"Subscription with SKU {sku_id} does not have any available licenses.")


def consumed(tenant: Tenant, sku_id: str) -> int:
    """Seats in use."""
    own = (Licence.tenant == tenant.id) & (Licence.sku == sku_id)
    return Licence.select(Licence.user).where(own).distinct().count()


def seats_left(tenant: Tenant, product: dict[str, Any]) -> int:
    units = product["prepaidUnits"]
    return units["enabled"] + units["warning"] - consumed(tenant, product["skuId"])


def plans_in_use(tenant: Tenant, held: list[State]) -> list[dict[str, Any]]:
    """The service plans that are switched on, without doubles."""
    found: dict[str, dict[str, Any]] = {}
    for state in held:
        product = tenant.product(state["skuId"]) or {"servicePlans": []}
        for plan in product["servicePlans"]:
            if plan["servicePlanId"] not in state["disabledPlans"]:
                found[plan["servicePlanId"]] = plan
    return list(found.values())


def _check_plans(tenant: Tenant, held: list[State]) -> None:
    """Raises Refusal when plans exclude each other, or one lacks what it builds on."""
    names = {plan["servicePlanId"]: plan["servicePlanName"] for plan in plans_in_use(tenant, held)}
    for group in catalogue.EXCLUSIVE:
        clash = sorted(group & names.keys())
        if len(clash) > 1:
            message = (
                f"License assignment cannot be done because service plans {', '.join(clash)} are mutually exclusive."
            )
            raise bad_request(
                message,
                details=[{"code": "MutuallyExclusiveViolation", "message": message, "target": "assignedLicenses"}],
            )
    for plan, needed in catalogue.DEPENDS.items():
        if plan in names and not needed & names.keys():
            message = (
                f"License assignment failed because service plan {plan} depends on the service plan(s) "
                f"{', '.join(sorted(needed))}"
            )
            raise bad_request(
                message, details=[{"code": "DependencyViolation", "message": message, "target": "assignedLicenses"}]
            )


def has_mailbox(tenant: Tenant, held: list[State]) -> bool:
    return any(plan["servicePlanId"] in catalogue.MAILBOX_PLANS for plan in plans_in_use(tenant, held))


def is_premium(tenant: Tenant) -> bool:
    """Whether the tenant owns Entra ID P1, with whatever product it comes."""
    owned = [item for item in tenant.products if item["prepaidUnits"]["enabled"]]
    plans = [plan["servicePlanName"] for item in owned for plan in item["servicePlans"]]
    return any(name.startswith("AAD_PREMIUM") for name in plans)
