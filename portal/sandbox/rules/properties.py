"""The properties of a user: kind, longest value, and who may write them.

https://learn.microsoft.com/graph/api/resources/user
"""

import re
from dataclasses import dataclass
from typing import Any

from portal.sandbox import clock
from portal.sandbox.refusals import bad_value


@dataclass(frozen=True)
class Property:
    """kind: text, texts, bool, moment, object or objects. longest: of a text, or of each of several."""

    kind: str = "text"
    longest: int = 1024
    writable: bool = True
    most: int = 250


def _texts(longest: int, *names: str) -> dict[str, Property]:
    return {name: Property(longest=longest) for name in names}


def _read_only(kind: str, *names: str) -> dict[str, Property]:
    return {name: Property(kind, writable=False) for name in names}


PROPERTIES: dict[str, Property] = {
    **_texts(256, "displayName"),
    **_texts(64, "givenName", "surname", "mailNickname", "department", "companyName", "mobilePhone", "faxNumber",
             "employeeType", "preferredLanguage"),
    **_texts(128, "jobTitle", "city", "country", "state", "officeLocation"),
    **_texts(40, "postalCode"), **_texts(1024, "streetAddress"), **_texts(16, "employeeId"),
    **_texts(2, "usageLocation"),
    **_texts(113, "userPrincipalName"), **_texts(256, "mail", "passwordPolicies", "onPremisesImmutableId"),
    **_texts(64, "ageGroup", "consentProvidedForMinor", "userType", "preferredDataLocation"),
    "accountEnabled": Property("bool"), "showInAddressList": Property("bool"),
    "businessPhones": Property("texts", 64, most=1), "otherMails": Property("texts", 250),
    "employeeHireDate": Property("moment"), "employeeLeaveDateTime": Property("moment"),
    "passwordProfile": Property("object"), "employeeOrgData": Property("object"),
    "onPremisesExtensionAttributes": Property("object"), "identities": Property("objects"),
    **_read_only("text", "id", "creationType", "externalUserState", "legalAgeGroupClassification",
                 "onPremisesDistinguishedName", "onPremisesDomainName", "onPremisesSamAccountName",
                 "onPremisesSecurityIdentifier", "onPremisesUserPrincipalName", "securityIdentifier",
                 "identityParentId"),
    **_read_only("bool", "onPremisesSyncEnabled", "isResourceAccount", "isManagementRestricted"),
    **_read_only("moment", "createdDateTime", "deletedDateTime", "externalUserStateChangeDateTime",
                 "lastPasswordChangeDateTime", "onPremisesLastSyncDateTime", "signInSessionsValidFromDateTime"),
    **_read_only("texts", "proxyAddresses", "imAddresses"),
    **_read_only("objects", "assignedLicenses", "assignedPlans", "licenseAssignmentStates", "provisionedPlans",
                 "onPremisesProvisioningErrors", "serviceProvisioningErrors"),
    **_read_only("object", "authorizationInfo", "customSecurityAttributes", "signInActivity", "print",
                 "mailboxSettings"),
    "deviceEnrollmentLimit": Property("number", writable=False),
    # These live in SharePoint, and can only be read one user at a time.
    **_texts(1024, "aboutMe", "mySite", "preferredName"),
    "birthday": Property("moment"), "hireDate": Property("moment"),
    **{name: Property("texts") for name in ("interests", "pastProjects", "responsibilities", "schools", "skills")},
}  # fmt: skip
PROFILE_ONLY = frozenset({
    "aboutMe", "birthday", "hireDate", "interests", "mySite", "pastProjects", "preferredName", "responsibilities",
    "schools", "skills",
})  # fmt: skip
ATTRIBUTES = frozenset(f"extensionAttribute{number}" for number in range(1, 16))
MEMBERS = {
    "passwordProfile": frozenset({
        "password", "forceChangePasswordNextSignIn", "forceChangePasswordNextSignInWithMfa",
    }),
    "employeeOrgData": frozenset({"costCenter", "division"}),
    "onPremisesExtensionAttributes": ATTRIBUTES,
}  # fmt: skip
FLAGS = {"forceChangePasswordNextSignIn", "forceChangePasswordNextSignInWithMfa"}


def check_kind(name: str, value: Any) -> None:
    """Raises Refusal when the value is not of the property's kind, or too long. None clears a property."""
    if value is None:
        return
    known = PROPERTIES[name]
    if not _CHECKS[known.kind](name, value, known):
        raise bad_value(name)


def _is_text(_name: str, value: Any, known: Property) -> bool:
    return isinstance(value, str) and 0 < len(value) <= known.longest


def _is_texts(name: str, value: Any, known: Property) -> bool:
    return isinstance(value, list) and len(value) <= known.most and all(_is_text(name, item, known) for item in value)


def _is_bool(_name: str, value: Any, _known: Property) -> bool:
    return isinstance(value, bool)


def _is_moment(_name: str, value: Any, _known: Property) -> bool:
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", value):
        return False
    try:
        clock.read(value)
    except ValueError:
        return False
    return True


def _is_object(name: str, value: Any, _known: Property) -> bool:
    if not isinstance(value, dict):
        return False
    own = {key: item for key, item in value.items() if not key.startswith("@odata.")}
    if own.keys() - MEMBERS.get(name, own.keys()):
        return False
    return all(item is None or isinstance(item, bool if key in FLAGS else str) for key, item in own.items())


def _is_objects(_name: str, value: Any, _known: Property) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _is_number(_name: str, value: Any, _known: Property) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_CHECKS = {
    "text": _is_text, "texts": _is_texts, "bool": _is_bool, "moment": _is_moment, "object": _is_object,
    "objects": _is_objects, "number": _is_number,
}  # fmt: skip
