"""Google's products and their licences, and which of them count as a Business plan or above."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from portal.connectors.values import Licence
from portal.languages import gettext as _
from portal.languages import listed

REQUIREMENT = _("a Google Workspace Business Plan or above")
WORKSPACE, EDUCATION = "Google-Apps", "101031"
# Where a customer's edition is looked for, in this order: the others are add-ons, and are not given from here.
EDITION_PRODUCTS = (WORKSPACE, EDUCATION, "101005", "101001")


@dataclass(frozen=True)
class Sku:
    """One licence of Google's list. qualifies: it counts as a Business plan."""

    product: str
    id: str
    name: str
    qualifies: bool
    kind: str


@lru_cache(maxsize=1)
def known() -> dict[str, Sku]:
    """Licence id -> what is known of it, from skus.csv beside this file."""
    with (Path(__file__).parent / "skus.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {
            row["sku_id"]: Sku(
                row["product_id"], row["sku_id"], row["name"], row["business_plan"] == "yes", row["kind"]
            )
            for row in rows
        }


def name_of(sku_id: str) -> str:
    """What a licence is called; empty for one that is newer than our list."""
    sku = known().get(sku_id)
    return sku.name if sku else ""


def product_of(sku_id: str) -> str:
    """The product that a licence belongs to; Workspace itself for one that is newer than our list."""
    sku = known().get(sku_id)
    return sku.product if sku else WORKSPACE


def problem(licence_ids: Iterable[str]) -> str:
    """Why no account can have these together, as a sentence; empty when one can. Of one product nobody has two."""
    seen: dict[str, str] = {}
    for sku_id in sorted(licence_ids):
        other = seen.setdefault(product_of(sku_id), sku_id)
        if other != sku_id:
            names = listed(name_of(one) or one for one in (other, sku_id))
            return _("An account can have only one of %(names)s: tick one.", names=names)
    return ""


def licences_of(assignments: Iterable[Mapping[str, Any]], *, counted: bool = True) -> list[Licence]:
    """The licences that are in use. How many were bought is not told: so `total` is None.

    counted: these are all of them.

    https://developers.google.com/workspace/admin/licensing/reference/rest/v1/licenseAssignments
    """
    used: dict[str, int] = {}
    named: dict[str, str] = {}
    for assignment in assignments:
        sku_id = assignment["skuId"]
        used[sku_id] = used.get(sku_id, 0) + 1
        named[sku_id] = assignment.get("skuName") or sku_id
    found = [_licence(sku_id, named[sku_id], count if counted else None) for sku_id, count in used.items()]
    return sorted(found, key=lambda licence: licence.name)


def _licence(sku_id: str, name: str, used: int | None) -> Licence:
    sku = known().get(sku_id)
    return Licence(
        id=sku_id,
        name=sku.name if sku else name,
        part_number=sku_id,
        total=None,
        used=used,
        assignable=sku is None or sku.kind == "edition",
        # One that is newer than our list is a new edition of Workspace, as add-ons are products of their own.
        qualifies=sku.qualifies if sku else True,
    )
