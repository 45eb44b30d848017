"""Ours <-> Graph's JSON. Pure functions.

https://learn.microsoft.com/graph/api/resources/user
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.connectors.base import Domain, NewAccount, Protection, RemoteAccount, Tenant

# The portal's field -> Graph's property and its longest value.
FIELDS: dict[str, tuple[str, int]] = {
    "first_name": ("givenName", 64),
    "last_name": ("surname", 64),
    "job_title": ("jobTitle", 128),
    "department": ("department", 64),
    "employee_number": ("employeeId", 16),
    "mobile": ("mobilePhone", 64),
    "company_name": ("companyName", 64),
    "office_location": ("officeLocation", 128),
    "country": ("country", 128),
}
SELECT = (
    "id,userPrincipalName,displayName,accountEnabled,mail,proxyAddresses,otherMails,usageLocation,createdDateTime,"
    "userType,onPremisesSyncEnabled,onPremisesExtensionAttributes,assignedLicenses,licenseAssignmentStates,"
    "signInSessionsValidFromDateTime,givenName,surname,jobTitle,department,employeeId,mobilePhone,companyName,"
    "officeLocation,country"
)
MARKER = "extensionAttribute15"
LONGEST_LOCAL_PART = 64
LONGEST_DISPLAY_NAME = 256
NOT_IN_NICKNAME = re.compile(r"[^A-Za-z0-9._-]")


def local_part_problem(local_part: str) -> str | None:
    """What is wrong with the part before the @, as a sentence; None when Microsoft accepts it."""
    if not local_part:
        return "Enter a username."
    if len(local_part) > LONGEST_LOCAL_PART:
        return f"The username has {len(local_part)} characters; at most {LONGEST_LOCAL_PART} are possible."
    bad = re.search(r"[^A-Za-z0-9'.\-_!#^~]", local_part)
    if bad:
        shown = "a space" if bad.group().isspace() else f"“{bad.group()}”"
        return f"The username cannot have {shown}. Use letters without accents, digits, and . - _ '."
    if local_part.startswith(".") or local_part.endswith(".") or ".." in local_part:
        return "The username cannot begin or end with a full stop, nor have two in a row."
    return None


def new_user(new: NewAccount) -> dict[str, Any]:
    """The body of POST /users."""
    body = {
        "accountEnabled": True,
        "displayName": new.display_name[:LONGEST_DISPLAY_NAME],
        "mailNickname": NOT_IN_NICKNAME.sub("", new.username.partition("@")[0])[:64] or "user",
        "userPrincipalName": new.username,
        "passwordProfile": {"password": new.password, "forceChangePasswordNextSignIn": True},
        "onPremisesExtensionAttributes": {MARKER: new.marker},
        **changed_user(new.fields),
    }
    if new.country:
        body["usageLocation"] = new.country
    return body


def changed_user(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The body of PATCH /users/{id} for these fields of the portal. An empty value clears the property."""
    body = {}
    for name, value in fields.items():
        graph_name, longest = FIELDS[name]
        body[graph_name] = value[:longest] if value else None
    return body


def remote_account(user: Mapping[str, Any], *, deleted: bool = False) -> RemoteAccount:
    """A user as Graph shows it, as a RemoteAccount."""
    states = user.get("licenseAssignmentStates") or []
    aliases = [address.partition(":")[2] for address in user.get("proxyAddresses") or []]
    return RemoteAccount(
        id=user["id"],
        username=user.get("userPrincipalName") or "",
        display_name=user.get("displayName") or "",
        enabled=None if deleted else bool(user.get("accountEnabled")),
        email=user.get("mail"),
        aliases=tuple(aliases),
        marker=(user.get("onPremisesExtensionAttributes") or {}).get(MARKER),
        country=user.get("usageLocation"),
        created_at=moment(user.get("createdDateTime")),
        protections=_protections(user, deleted),
        plan_ids=frozenset(licence["skuId"] for licence in user.get("assignedLicenses") or []),
        group_plan_ids=frozenset(state["skuId"] for state in states if state.get("assignedByGroup")),
        sessions_valid_from=moment(user.get("signInSessionsValidFromDateTime")),
        fields={name: user.get(graph_name) or "" for name, (graph_name, _) in FIELDS.items()},
    )


def _protections(user: Mapping[str, Any], deleted: bool) -> frozenset[Protection]:
    found = set()
    if user.get("onPremisesSyncEnabled"):
        found.add(Protection.SYNCED)
    if user.get("userType") == "Guest" or "#EXT#" in (user.get("userPrincipalName") or "").upper():
        found.add(Protection.GUEST)
    if deleted:
        found.add(Protection.DELETED)
    return frozenset(found)


def tenant(organization: Mapping[str, Any], domains: list[Mapping[str, Any]]) -> Tenant:
    """The tenant from GET /organization and GET /domains: only verified domains that can hold users."""
    return Tenant(
        id=organization["id"],
        name=organization.get("displayName") or organization["id"],
        domains=tuple(
            Domain(domain["id"], bool(domain.get("isDefault")), domain.get("authenticationType") == "Federated")
            for domain in domains
            if domain.get("isVerified", True)
        ),
        country=organization.get("countryLetterCode"),
    )


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None
