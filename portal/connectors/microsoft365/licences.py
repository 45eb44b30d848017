"""Which products count as a Business plan or above, and what they are called in plain words."""

import csv
from functools import lru_cache
from pathlib import Path
from typing import Any

from portal.connectors.values import Licence
from portal.languages import gettext as _

REQUIREMENT = _("a Microsoft 365 Business Plan or above")
KNOWN = {"yes": True, "no": False, "": None}
USABLE = ("Enabled", "Warning")
# https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference
MAILBOXES = ("EXCHANGE_S_STANDARD", "EXCHANGE_S_ENTERPRISE")


@lru_cache(maxsize=1)
def _products() -> dict[str, tuple[str, bool | None]]:
    """SkuId -> (name, qualifies or not known), from skus.csv beside this file."""
    with (Path(__file__).parent / "skus.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {row["sku_id"]: (row["name"], KNOWN[row["business_plan"]]) for row in rows}


def name_of(sku_id: str) -> str:
    """What a product is called; empty for one that is newer than our table."""
    return _products().get(sku_id.lower(), ("", None))[0]


def licence_of(sku: dict[str, Any]) -> Licence:
    """A subscribedSku as a Licence. Seats left are enabled and warning ones, less those in use.

    https://learn.microsoft.com/graph/api/resources/subscribedsku
    """
    sku_id, units = sku["skuId"].lower(), sku.get("prepaidUnits") or {}
    total = (units.get("enabled") or 0) + (units.get("warning") or 0)
    usable = sku.get("capabilityStatus") in USABLE
    name, listed = _products().get(sku_id, (sku.get("skuPartNumber", sku_id), None))
    return Licence(
        id=sku_id,
        name=name,
        part_number=sku.get("skuPartNumber", ""),
        total=total,
        used=sku.get("consumedUnits") or 0,
        assignable=usable and sku.get("appliesTo", "User") == "User",
        qualifies=(_looks_like_business(sku) if listed is None else listed) and usable and total > 0,
    )


def _looks_like_business(sku: dict[str, Any]) -> bool:
    """For products newer than our table: a full mailbox together with SharePoint."""
    names = [(plan.get("servicePlanName") or "").upper() for plan in sku.get("servicePlans") or []]
    return any(name.startswith(MAILBOXES) for name in names) and any(name.startswith("SHAREPOINT") for name in names)
