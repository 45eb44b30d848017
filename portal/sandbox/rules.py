"""What Graph accepts of a user.

https://learn.microsoft.com/graph/api/resources/user and https://learn.microsoft.com/graph/api/user-post-users
"""

import re
from typing import Any

from portal.sandbox.refusals import bad_request, conflict
from portal.sandbox.state import Tenant

LENGTHS = {
    "displayName": 256, "givenName": 64, "surname": 64, "mailNickname": 64, "department": 64, "companyName": 64,
    "mobilePhone": 64, "jobTitle": 128, "city": 128, "country": 128, "state": 128, "officeLocation": 128,
    "postalCode": 40, "streetAddress": 1024, "employeeId": 16, "userPrincipalName": 113, "employeeType": 64,
    "preferredLanguage": 64, "faxNumber": 64, "ageGroup": 64,
}  # fmt: skip
WRITABLE = {
    *LENGTHS, "accountEnabled", "usageLocation", "businessPhones", "otherMails", "passwordProfile", "passwordPolicies",
    "onPremisesExtensionAttributes", "employeeHireDate", "employeeLeaveDateTime", "employeeOrgData", "mail", "userType",
    "onPremisesImmutableId", "consentProvidedForMinor", "showInAddressList", "identities",
}  # fmt: skip
REQUIRED = ("accountEnabled", "displayName", "mailNickname", "userPrincipalName", "passwordProfile")


def check_new(tenant: Tenant, body: dict[str, Any]) -> None:
    """Everything that POST /users must hold. Raises Refusal."""
    for name in REQUIRED:
        if body.get(name) in (None, ""):
            raise bad_request(f"A value is required for property '{name}' of resource 'User'.")
    if not (body["passwordProfile"] or {}).get("password"):
        raise bad_request("A value is required for property 'passwordProfile' of resource 'User'.")
    check_changes(tenant, body, None)


def check_changes(tenant: Tenant, body: dict[str, Any], user: dict[str, Any] | None) -> None:
    """Everything that a change must hold. user: None for a new one. Raises Refusal."""
    for name, value in body.items():
        if name.startswith("@odata."):
            continue
        if name not in WRITABLE:
            raise bad_request(f"Invalid property '{name}'.")
        if name in LENGTHS and value is not None and (not isinstance(value, str) or len(value) > LENGTHS[name]):
            raise bad_request(f"Invalid value specified for property '{name}' of resource 'User'.")
    if "accountEnabled" in body and not isinstance(body["accountEnabled"], bool):
        raise bad_request("Invalid value specified for property 'accountEnabled' of resource 'User'.")
    if "displayName" in body and not body["displayName"]:
        raise bad_request("Invalid value specified for property 'displayName' of resource 'User'.")
    if body.get("usageLocation") and not re.fullmatch(r"[A-Z]{2}", str(body["usageLocation"])):
        raise bad_request("Invalid value specified for property 'usageLocation' of resource 'User'.")
    if "mailNickname" in body and re.search(r'[\s@()\\\[\]";:<>,]', body["mailNickname"] or " "):
        raise bad_request("Invalid value specified for property 'mailNickname' of resource 'User'.")
    if "userPrincipalName" in body:
        _check_name(tenant, body["userPrincipalName"], user)
    if body.get("passwordProfile") and body["passwordProfile"].get("password"):
        name = body.get("userPrincipalName") or (user or {}).get("userPrincipalName", "")
        _check_password(body["passwordProfile"]["password"], name)


def _check_name(tenant: Tenant, name: str, user: dict[str, Any] | None) -> None:
    local_part, _, domain = (name or "").rpartition("@")
    if (
        not re.fullmatch(r"[A-Za-z0-9'.\-_!#^~]{1,64}", local_part)
        or local_part.startswith(".")
        or local_part.endswith(".")
    ):
        raise bad_request("Property userPrincipalName is invalid.")
    verified = {item["id"] for item in tenant.domains if item["isVerified"]}
    if domain.lower() not in verified:
        message = (
            "The domain portion of the userPrincipalName property is invalid. "
            "You must use one of the verified domain names in your organization."
        )
        raise bad_request(
            message, details=[{"code": "InvalidValue", "message": message, "target": "userPrincipalName"}]
        )
    holder = tenant.find(name)
    if holder is not None and holder is not user:
        raise conflict("userPrincipalName")
    address = f"smtp:{name}".lower()
    for other in tenant.live():
        if other is not user and address in (item.lower() for item in other.get("proxyAddresses", [])):
            raise conflict("proxyAddresses")


def _check_password(password: str, name: str) -> None:
    kinds = sum(bool(re.search(kind, password)) for kind in (r"[a-z]", r"[A-Z]", r"\d", r"[^a-zA-Z0-9]"))
    own = name.partition("@")[0].lower()
    if not 8 <= len(password) <= 256 or kinds < 3 or (own and own in password.lower()):
        raise bad_request(
            "The specified password does not comply with password complexity requirements. "
            "Please provide a different password."
        )
