"""What a new user must have, and what a change may do.

https://learn.microsoft.com/graph/api/user-post-users and https://learn.microsoft.com/graph/api/user-update
"""

import re
from typing import Any

from portal.sandbox.refusals import bad_request, bad_value, conflict, missing_value
from portal.sandbox.rules.properties import PROPERTIES, check_kind
from portal.sandbox.state import people
from portal.sandbox.state.models import Tenant, User

REQUIRED = ("accountEnabled", "displayName", "mailNickname", "userPrincipalName", "passwordProfile")
NEVER_EMPTY = ("displayName", "accountEnabled", "mailNickname", "userPrincipalName", "mail", "userType")
POLICIES = {"None", "DisablePasswordExpiration", "DisableStrongPassword"}
USER_TYPES = {"Member", "Guest"}


def check_new(tenant: Tenant, body: dict[str, Any]) -> None:
    """Everything that POST /users must hold. Raises Refusal."""
    for name in REQUIRED:
        if body.get(name) in (None, ""):
            raise missing_value(name)
    if not isinstance(body["passwordProfile"], dict) or not body["passwordProfile"].get("password"):
        raise missing_value("passwordProfile")
    _check(tenant, body, None)


def check_changes(tenant: Tenant, changes: dict[str, Any], user: User) -> None:
    """Everything that a change must hold. Raises Refusal."""
    for name in NEVER_EMPTY:
        if name in changes and changes[name] in (None, ""):
            raise bad_value(name)
    _check(tenant, changes, user)


def _check(tenant: Tenant, body: dict[str, Any], user: User | None) -> None:
    for name, value in body.items():
        if "@odata." in name:
            continue
        if name not in PROPERTIES:
            raise bad_request(f"Invalid property '{name}'.")
        if not PROPERTIES[name].writable:
            raise bad_request(f"Property '{name}' is read-only and cannot be set.")
        check_kind(name, value)
    _check_values(body)
    if "userPrincipalName" in body:
        check_name(tenant, body["userPrincipalName"], user)
    if body.get("mail") and (user is None or body["mail"].casefold() != (user.mail or "")):
        check_address(tenant, body["mail"], user)
    password = (body.get("passwordProfile") or {}).get("password")
    if password is not None:
        check_password(password, body.get("userPrincipalName") or (user.body["userPrincipalName"] if user else ""))


def _check_values(body: dict[str, Any]) -> None:
    """What holds for single properties beyond their kind."""
    if body.get("usageLocation") and not re.fullmatch(r"[A-Z]{2}", body["usageLocation"]):
        raise bad_value("usageLocation")
    if re.search(r'[\s@()\\\[\]";:<>,]', body.get("mailNickname") or ""):
        raise bad_value("mailNickname")
    if body.get("userType") and body["userType"] not in USER_TYPES:
        raise bad_value("userType")
    policies = body.get("passwordPolicies")
    if policies and not {part.strip() for part in policies.split(",")} <= POLICIES:
        raise bad_value("passwordPolicies")
    for name in ("mail", "otherMails"):
        values = body.get(name) or []
        for address in [values] if isinstance(values, str) else values:
            if not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
                raise bad_value(name)


def check_name(tenant: Tenant, name: Any, user: User | None) -> None:
    """A user principal name: its shape, its domain, and that no other user has it. Raises Refusal."""
    local_part, _, domain = str(name or "").rpartition("@")
    if not re.fullmatch(r"[A-Za-z0-9'.\-_!#^~]{1,64}", local_part) or re.search(r"^\.|\.$|\.\.", local_part):
        raise bad_request("Property userPrincipalName is invalid.",
                          details=[{"code": "InvalidValue", "message": "Property userPrincipalName is invalid.",
                                    "target": "userPrincipalName"}])  # fmt: skip
    if domain.lower() not in {item["id"] for item in tenant.domains if item["isVerified"]}:
        message = (
            "The domain portion of the userPrincipalName property is invalid. "
            "You must use one of the verified domain names in your organization."
        )
        detail = {"code": "InvalidValue", "message": message, "target": "userPrincipalName"}
        raise bad_request(message, details=[detail])
    holder = people.find(tenant, name)
    if holder is not None and (user is None or holder.id != user.id):
        raise conflict("userPrincipalName")
    check_address(tenant, name, user)


def check_address(tenant: Tenant, address: str, user: User | None) -> None:
    """That no other user and no group has the address. Raises Refusal."""
    holder = people.holder_of_address(tenant, f"smtp:{address}")
    if holder is not None and (user is None or holder != user.id):
        raise conflict("proxyAddresses")


def check_password(password: str, name: str) -> None:
    """https://learn.microsoft.com/entra/identity/authentication/concept-sspr-policy

    8 to 256 characters, of three kinds out of four, and not the name itself.
    """
    kinds = sum(bool(re.search(kind, password)) for kind in (r"[a-z]", r"[A-Z]", r"\d", r"[^a-zA-Z0-9]"))
    own = name.partition("@")[0].lower()
    if not 8 <= len(password) <= 256 or kinds < 3 or (own and own in password.lower()):
        raise bad_request(
            "The specified password does not comply with password complexity requirements. "
            "Please provide a different password."
        )
