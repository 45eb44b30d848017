"""The tenants every sandbox begins with: Acme, which owns Business plans, and Globex, which does not."""

import random
import uuid
from typing import Any

BUSINESS_BASIC = "3b555118-da6a-4418-894f-7df1e2096870"
BUSINESS_STANDARD = "f245ecc8-75af-4f8e-b61f-27d8114de5f3"
BUSINESS_PREMIUM = "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"
APPS_FOR_BUSINESS = "cdd28e44-67e3-425e-be4c-737fab2899d3"
POWER_BI_FREE = "a403ebcc-fae0-4ca2-8c8c-7a907fd6c235"
SPACE = uuid.UUID("6f2f1d1e-0000-4000-8000-5a4d5b0c0001")
PASSWORD = "Sandbox-Password-1"
ROLES = {
    "Global Administrator": "62e90394-69f5-4237-9190-012177145e10",
    "User Administrator": "fe930be7-5e62-47db-91af-98c3a49a38b1",
}
FIRST = (
    "Ada Bo Chloe Dev Elif Femi Gita Hugo Ines Jonas Kira Luca "
    "Mina Noah Olga Pia Quinn Ravi Sara Tom Uma Vera Wim Yara Zoe"
)
LAST = (
    "Abe Berg Costa Diaz Egan Fox Grau Hill Ito Jung Khan Lund "
    "Mora Nys Okoye Park Quist Rao Silva Toth Urban Vogt Wolf Yang Zhu"
)


def sku(sku_id: str, part_number: str, seats: int, plans: list[str]) -> dict[str, Any]:
    return {
        "skuId": sku_id,
        "skuPartNumber": part_number,
        "capabilityStatus": "Enabled",
        "appliesTo": "User",
        "prepaidUnits": {"enabled": seats, "suspended": 0, "warning": 0, "lockedOut": 0},
        "servicePlans": [
            {
                "servicePlanId": str(uuid.uuid5(SPACE, name)),
                "servicePlanName": name,
                "provisioningStatus": "Success",
                "appliesTo": "User",
            }
            for name in plans
        ],
    }


def domain(name: str, *, default: bool = False, initial: bool = False, verified: bool = True) -> dict[str, Any]:
    return {
        "id": name,
        "isDefault": default,
        "isInitial": initial,
        "isVerified": verified,
        "isRoot": True,
        "isAdminManaged": True,
        "authenticationType": "Managed",
        "supportedServices": ["Email", "OfficeCommunicationsOnline"],
    }


def group(name: str, nickname: str) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid5(SPACE, f"group {name}")),
        "displayName": name,
        "mailNickname": nickname,
        "mailEnabled": False,
        "securityEnabled": True,
        "groupTypes": [],
        "description": None,
        "_members": [],
    }


def user(key: str, name: str, upn: str, **values: Any) -> dict[str, Any]:
    first, _, last = name.partition(" ")
    return {
        "id": str(uuid.uuid5(SPACE, key)),
        "accountEnabled": True,
        "displayName": name,
        "givenName": first,
        "surname": last,
        "userPrincipalName": upn,
        "mailNickname": upn.partition("@")[0].replace("#", "."),
        "mail": upn if "#" not in upn else None,
        "userType": "Member",
        "usageLocation": "GB",
        "createdDateTime": "2024-03-01T09:00:00Z",
        "signInSessionsValidFromDateTime": "2024-03-01T09:00:00Z",
        "proxyAddresses": [f"SMTP:{upn}"] if "#" not in upn else [],
        "assignedLicenses": [],
        "businessPhones": [],
        "_password": PASSWORD,
        "_mustChange": False,
        "_roles": [],
        "_manager": None,
        **values,
    }


def tenants(extra_users: int = 0) -> list[dict[str, Any]]:
    """The seed, with so many invented users besides the fixed cast in the first tenant."""
    licence = [{"skuId": BUSINESS_STANDARD, "disabledPlans": []}]
    a = "acme.example"
    acme: dict[str, Any] = {
        "id": str(uuid.uuid5(SPACE, "tenant acme")),
        "name": "Acme",
        "country": "GB",
        "domains": [domain(a, default=True), domain("acme.onmicrosoft.com", initial=True),
                    domain("new.acme.example", verified=False)],
        "skus": [
            sku(BUSINESS_STANDARD, "O365_BUSINESS_PREMIUM", 25 + extra_users,
                ["EXCHANGE_S_STANDARD", "SHAREPOINTSTANDARD"]),
            sku(BUSINESS_PREMIUM, "SPB", 10, ["EXCHANGE_S_STANDARD_PREMIUM", "SHAREPOINTSTANDARD_PREMIUM"]),
            sku(BUSINESS_BASIC, "O365_BUSINESS_ESSENTIALS", 0,
                ["EXCHANGE_S_STANDARD_BASIC", "SHAREPOINTSTANDARD_BASIC"]),
            sku(POWER_BI_FREE, "POWER_BI_STANDARD", 1000, ["BI_AZURE_P0"]),
        ],
        "groups": [group("All Staff", "all.staff"), group("Sales Team", "sales.team")],
        "users": [
            user("acme admin", "Grace Hopper", f"grace.hopper@{a}", _roles=["Global Administrator"],
                 jobTitle="Head of IT", assignedLicenses=licence),
            user("acme user admin", "Uri Admin", f"uri.admin@{a}", _roles=["User Administrator"],
                 assignedLicenses=licence),
            user("acme ordinary", "Omar Ordinary", f"omar.ordinary@{a}", jobTitle="Clerk", assignedLicenses=licence),
            user("acme synced", "Sy Synced", f"sy.synced@{a}", onPremisesSyncEnabled=True,
                 onPremisesImmutableId="c3luY2Vk"),
            user("acme guest", "Gus Guest", "gus_partner.example#EXT#@acme.onmicrosoft.com", userType="Guest",
                 mail="gus@partner.example"),
            user("acme deleted", "Dora Deleted", f"dora.deleted@{a}"),
        ],
    }  # fmt: skip
    gone = acme["users"][-1]
    gone["userPrincipalName"] = gone["id"].replace("-", "") + gone["userPrincipalName"]
    gone["deletedDateTime"] = "2026-11-20T09:00:00Z"
    acme["users"] += invented(extra_users, a)
    g = "globex.example"
    globex = {
        "id": str(uuid.uuid5(SPACE, "tenant globex")),
        "name": "Globex",
        "country": "US",
        "domains": [domain(g, default=True), domain("globex.onmicrosoft.com", initial=True)],
        "skus": [
            sku(APPS_FOR_BUSINESS, "O365_BUSINESS", 20, ["OFFICE_BUSINESS"]),
            sku(POWER_BI_FREE, "POWER_BI_STANDARD", 1000, ["BI_AZURE_P0"]),
        ],
        "users": [user("globex admin", "Hank Scorpio", f"hank.scorpio@{g}", _roles=["Global Administrator"])],
    }
    return [acme, globex]


def invented(count: int, domain_name: str) -> list[dict[str, Any]]:
    """So many invented users, the same ones each time."""
    dice = random.Random(365)
    firsts, lasts = FIRST.split(), LAST.split()
    found = []
    for number in range(1, count + 1):
        first, last = dice.choice(firsts), dice.choice(lasts)
        upn = f"{first}.{last}{number}@{domain_name}".lower()
        found.append(
            user(f"invented {number}", f"{first} {last}", upn, department=dice.choice(["Sales", "Finance", "IT"]))
        )
    return found
