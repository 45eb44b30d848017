"""Which products count as a Business plan or above, and what they are called in plain words."""

import csv
from functools import lru_cache
from pathlib import Path
from typing import Any

from portal.connectors.base import Plan

REQUIREMENT = "a Microsoft 365 Business Plan or above"
USABLE = ("Enabled", "Warning")
# https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference
MAILBOXES = ("EXCHANGE_S_STANDARD", "EXCHANGE_S_ENTERPRISE")


@lru_cache(maxsize=1)
def _products() -> dict[str, tuple[str, bool]]:
    """skuId -> (name, qualifies), from skus.csv beside this file."""
    with (Path(__file__).parent / "skus.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {row["sku_id"]: (row["name"], row["business_plan"] == "yes") for row in rows}


def plan_of(sku: dict[str, Any]) -> Plan:
    """A subscribedSku as a Plan. Seats left are enabled and warning ones, less those in use.

    https://learn.microsoft.com/graph/api/resources/subscribedsku
    """
    sku_id, units = sku["skuId"].lower(), sku.get("prepaidUnits") or {}
    total = (units.get("enabled") or 0) + (units.get("warning") or 0)
    usable = sku.get("capabilityStatus") in USABLE
    known = _products().get(sku_id)
    name, listed = known if known else (sku.get("skuPartNumber", sku_id), _looks_like_business(sku))
    return Plan(
        id=sku_id,
        name=name,
        part_number=sku.get("skuPartNumber", ""),
        total=total,
        used=sku.get("consumedUnits") or 0,
        assignable=usable and sku.get("appliesTo", "User") == "User",
        qualifies=listed and usable and total > 0,
    )


def _looks_like_business(sku: dict[str, Any]) -> bool:
    """For products newer than our table: a full mailbox together with SharePoint."""
    names = [plan.get("servicePlanName", "").upper() for plan in sku.get("servicePlans") or []]
    return any(name.startswith(MAILBOXES) for name in names) and any(name.startswith("SHAREPOINT") for name in names)
