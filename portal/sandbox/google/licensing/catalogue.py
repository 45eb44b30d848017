"""Products and SKUs, by Google's own names and ids: skus.csv beside this file.

https://developers.google.com/workspace/admin/licensing/v1/how-tos/products
"""

import csv
from pathlib import Path

WORKSPACE, VAULT, ARCHIVED = "Google-Apps", "Google-Vault", "101034"
STARTER, STANDARD, PLUS = "1010020027", "1010020028", "1010020025"
ENTERPRISE_STANDARD, ENTERPRISE_PLUS, IDENTITY_FREE = "1010020026", "1010020020", "1010010001"
BUSINESS_ARCHIVED = "1010340006"
with (Path(__file__).parent / "skus.csv").open(encoding="utf-8", newline="") as stream:
    LINES = list(csv.DictReader(stream))
PRODUCTS = {line["product_id"]: line["product_name"] for line in LINES}
# Each SKU: its product, and what people call it.
SKUS = {line["sku_id"]: (line["product_id"], line["sku_name"]) for line in LINES}
# The Archived User licence that goes with each edition.
ARCHIVE_OF = {
    STARTER: "1010340005", STANDARD: BUSINESS_ARCHIVED, PLUS: "1010340003", ENTERPRISE_STANDARD: "1010340004",
    ENTERPRISE_PLUS: "1010340001",
}  # fmt: skip


def product_of(sku: str) -> str:
    """Raises KeyError."""
    return SKUS[sku][0]
