"""Products and the service plans in them, by Microsoft's own names and ids.

https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference
"""

from typing import Any

PLANS = {
    "EXCHANGE_S_STANDARD": "9aaf7827-d63c-4b61-89c3-182f06f82e5c",
    "EXCHANGE_S_ENTERPRISE": "efb87545-963c-4e0d-99df-69c6916d9eb0",
    "EXCHANGE_S_ARCHIVE_ADDON": "176a09a6-7ec5-4039-ac02-b2791c6ba793",
    "SHAREPOINTSTANDARD": "c7699d2e-19aa-44de-8edf-1736da088ca1",
    "TEAMS1": "57ff2da0-773e-42df-b2af-ffb7a2317929",
    "MCOSTANDARD": "0feaeb32-d00e-4d66-bd5a-43b5b83db82c",
    "OFFICE_BUSINESS": "094e7854-93fc-4d55-b2c0-3ab5369ebdc1",
    "INTUNE_A": "c1ec4a95-1f05-45b3-a911-aa3fa01094f5",
    "AAD_PREMIUM": "41781fb2-bc02-4b7c-bd55-b576c07bb09d",
    "BI_AZURE_P0": "2049e525-b859-401b-b2a0-e0a31c4b1fe4",
}
SERVICES = {
    "EXCHANGE": "exchange", "SHAREPOINT": "SharePoint", "TEAMS1": "TeamspaceAPI", "INTUNE": "SCO", "BI": "PowerBI",
    "MCO": "MicrosoftCommunicationsOnline", "OFFICE": "MicrosoftOffice", "AAD": "AADPremiumService",
}  # fmt: skip
# A mailbox comes with one of these.
MAILBOX_PLANS = frozenset({PLANS["EXCHANGE_S_STANDARD"], PLANS["EXCHANGE_S_ENTERPRISE"]})
# Only one plan of each set can be in use by one person.
EXCLUSIVE = (MAILBOX_PLANS,)
# A plan on the left needs one of those on the right.
DEPENDS = {PLANS["EXCHANGE_S_ARCHIVE_ADDON"]: MAILBOX_PLANS}

BUSINESS_BASIC = "3b555118-da6a-4418-894f-7df1e2096870"
BUSINESS_STANDARD = "f245ecc8-75af-4f8e-b61f-27d8114de5f3"
BUSINESS_PREMIUM = "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"
EXCHANGE_PLAN_2 = "19ec0d23-8335-4cbd-94ac-6050e30712fa"
EXCHANGE_ARCHIVING = "ee02fd1b-340e-4a4b-b355-4a514e4c8943"
APPS_FOR_BUSINESS = "cdd28e44-67e3-425e-be4c-737fab2899d3"
POWER_BI_FREE = "a403ebcc-fae0-4ca2-8c8c-7a907fd6c235"

OFFICE = ("EXCHANGE_S_STANDARD", "SHAREPOINTSTANDARD", "TEAMS1", "MCOSTANDARD")
PRODUCTS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    BUSINESS_BASIC: ("O365_BUSINESS_ESSENTIALS", "Microsoft 365 Business Basic", OFFICE),
    BUSINESS_STANDARD: ("O365_BUSINESS_PREMIUM", "Microsoft 365 Business Standard", (*OFFICE, "OFFICE_BUSINESS")),
    BUSINESS_PREMIUM: (
        "SPB", "Microsoft 365 Business Premium", (*OFFICE, "OFFICE_BUSINESS", "INTUNE_A", "AAD_PREMIUM"),
    ),
    EXCHANGE_PLAN_2: ("EXCHANGEENTERPRISE", "Exchange Online (Plan 2)", ("EXCHANGE_S_ENTERPRISE",)),
    EXCHANGE_ARCHIVING: (
        "EXCHANGEARCHIVE_ADDON", "Exchange Online Archiving for Exchange Online", ("EXCHANGE_S_ARCHIVE_ADDON",),
    ),
    APPS_FOR_BUSINESS: ("O365_BUSINESS", "Microsoft 365 Apps for Business", ("OFFICE_BUSINESS",)),
    POWER_BI_FREE: ("POWER_BI_STANDARD", "Power BI (free)", ("BI_AZURE_P0",)),
}  # fmt: skip


def product_name(sku_id: str) -> str:
    """What people call a product; its id when it is not in the catalogue."""
    return PRODUCTS[sku_id][1] if sku_id in PRODUCTS else sku_id


def sku_of(name: str) -> str:
    """The id of a product, given by its id or its part number. Raises KeyError."""
    numbers = {part_number: sku_id for sku_id, (part_number, _, _) in PRODUCTS.items()}
    return name if name in PRODUCTS else numbers[name]


def service_of(plan_name: str) -> str:
    """The service a plan belongs to, as assignedPlans names it."""
    return next((service for start, service in SERVICES.items() if plan_name.startswith(start)), "exchange")


def subscribed(sku_id: str, seats: int) -> dict[str, Any]:
    """A subscribedSku with so many seats, without its use.

    https://learn.microsoft.com/graph/api/resources/subscribedsku
    """
    part_number, _, plans = PRODUCTS[sku_id]
    return {
        "skuId": sku_id,
        "skuPartNumber": part_number,
        "capabilityStatus": "Enabled",
        "appliesTo": "User",
        "prepaidUnits": {"enabled": seats, "suspended": 0, "warning": 0, "lockedOut": 0},
        "servicePlans": [
            {
                "servicePlanId": PLANS[name],
                "servicePlanName": name,
                "provisioningStatus": "Success",
                "appliesTo": "User",
            }
            for name in plans
        ],
    }
