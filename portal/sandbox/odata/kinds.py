"""What the directory can find users and groups by, and with which operators.

https://learn.microsoft.com/graph/aad-advanced-queries lists each property; "advanced" operators need the header
ConsistencyLevel and $count=true.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from peewee import fn

from portal.sandbox.rules.properties import PROPERTIES
from portal.sandbox.state.models import Address, Group, IndexedUser, Licence, User, database
from portal.sandbox.state.people import COLUMNS

TEXT_PLAIN = frozenset({"eq", "in", "startswith", "ge", "le"})
TEXT_ADVANCED = TEXT_PLAIN | {"ne", "not", "null"}
ENDS = frozenset({"endswith"})


@dataclass(frozen=True)
class Findable:
    """column: a field of the model, else the value is read out of the body. plain, advanced: operators that work."""

    kind: str = "text"
    column: str = ""
    plain: frozenset[str] = TEXT_PLAIN
    advanced: frozenset[str] = TEXT_ADVANCED


@dataclass(frozen=True)
class Kind:
    """A type of the directory. sorted_plain: what $orderby takes without advanced parameters."""

    name: str
    model: Any
    indexed_model: Any
    properties: dict[str, Findable]
    known: frozenset[str]
    searched: tuple[str, ...]
    sorted_plain: frozenset[str]
    sorted_advanced: frozenset[str]
    # Collections: how to find out whether one of the values matches. (model, property, operator, value) -> expression
    collections: Mapping[str, Callable[[Any, str, str, Any], Any]] = field(default_factory=dict)


def fold(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def value_of(model: Any, path: str, findable: Findable) -> Any:
    """The SQL expression of a property, texts folded."""
    if findable.column:
        return getattr(model, findable.column)
    raw = fn.json_extract(model.body, "$." + path.replace("/", "."))
    return fn.fold(raw) if findable.kind == "text" else raw


def _text(*names: str, plain: frozenset[str] = TEXT_PLAIN, advanced: frozenset[str] = TEXT_ADVANCED) -> dict:
    return {name: Findable(column=COLUMNS.get(name, ""), plain=plain, advanced=advanced) for name in names}


NOTHING: frozenset[str] = frozenset()
EQUALITY = frozenset({"eq", "in"})
USER_PROPERTIES: dict[str, Findable] = {
    **_text("city", "country", "department", "displayName", "givenName", "jobTitle", "mailNickname", "postalCode",
            "preferredLanguage", "state", "streetAddress", "surname", "usageLocation", "onPremisesImmutableId"),
    **_text("userPrincipalName", "mail", advanced=TEXT_ADVANCED | ENDS),
    **_text("employeeId", plain=frozenset({"eq", "in", "startswith"})),
    **_text("companyName", "employeeType", "officeLocation", "faxNumber", "mobilePhone", plain=NOTHING),
    **_text("onPremisesSamAccountName", "onPremisesDomainName", "onPremisesUserPrincipalName", "creationType",
            "externalUserState", "onPremisesSecurityIdentifier", plain=EQUALITY),
    **_text("userType", "ageGroup", "consentProvidedForMinor", "legalAgeGroupClassification", plain=EQUALITY,
            advanced=EQUALITY | {"ne", "not", "null"}),
    "id": Findable(column="id", plain=EQUALITY, advanced=EQUALITY | {"ne", "not"}),
    "accountEnabled": Findable("bool", "enabled", EQUALITY, EQUALITY | {"ne", "not", "ge", "le"}),
    "onPremisesSyncEnabled": Findable("bool", "", EQUALITY, EQUALITY | {"ne", "not", "null"}),
    "createdDateTime": Findable("moment", "created", frozenset({"eq", "in", "ge", "le"}),
                                frozenset({"eq", "in", "ge", "le", "ne", "not"})),
    "employeeHireDate": Findable("moment", "", NOTHING, frozenset({"eq", "in", "ge", "le", "ne", "not", "null"})),
    "deletedDateTime": Findable("moment", "", frozenset({"eq", "ge", "le"}),
                                frozenset({"eq", "ge", "le", "ne", "not"})),
    **{f"onPremisesExtensionAttributes/extensionAttribute{number}": Findable() for number in range(1, 16)},
    **{f"employeeOrgData/{name}": Findable(plain=NOTHING) for name in ("division", "costCenter")},
}  # fmt: skip


def _having_address(model: Any, _path: str, operator: str, value: Any) -> Any:
    key = Address.key
    if operator == "eq":
        fits = key == value
    elif operator == "startswith":
        fits = (key >= value) & (key < value + "\U0010ffff")
    else:
        fits = fn.substr(key, -len(value)) == value
    return model.id.in_(Address.select(Address.user).where(fits))


def _having_product(model: Any, _path: str, _operator: str, value: Any) -> Any:
    return model.id.in_(Licence.select(Licence.user).where(Licence.sku == value))


def _having_text(model: Any, path: str, operator: str, value: Any) -> Any:
    return fn.has_text(model.body, path, operator, value) == 1


@database.func("fold", 1)
def _fold(value: Any) -> Any:
    return fold(value)


@database.func("has_text", 4)
def _has_text(body: str, path: str, operator: str, value: str) -> int:
    """Whether one of several texts of a user matches."""
    texts = [item.casefold() for item in json.loads(body).get(path) or ()]
    if operator == "eq":
        return int(value in texts)
    return int(any(text.startswith(value) if operator == "startswith" else text.endswith(value) for text in texts))


Fits = Callable[[Any, str, str, Any], Any]
USER_COLLECTIONS: dict[str, Fits] = {
    "proxyAddresses": _having_address, "assignedLicenses/skuId": _having_product, "otherMails": _having_text,
    "businessPhones": _having_text, "imAddresses": _having_text,
}  # fmt: skip
GROUP_PROPERTIES: dict[str, Findable] = {
    "displayName": Findable(column="display_name"),
    "mail": Findable(column="mail", advanced=TEXT_ADVANCED | ENDS),
    "mailNickname": Findable(column="mail_nickname"),
    "id": Findable(column="id", plain=EQUALITY, advanced=EQUALITY | {"ne", "not"}),
    "description": Findable(plain=frozenset({"eq", "startswith"})),
    "createdDateTime": Findable("moment", "created", NOTHING, frozenset({"eq", "ge", "le", "ne", "not"})),
    **{name: Findable("bool", "", EQUALITY, EQUALITY | {"ne", "not", "null"})
       for name in ("mailEnabled", "securityEnabled", "isAssignableToRole", "onPremisesSyncEnabled")},
}  # fmt: skip
GROUP_KNOWN = frozenset({
    "id", "deletedDateTime", "classification", "createdDateTime", "description", "displayName",
    "expirationDateTime", "groupTypes", "isAssignableToRole", "mail", "mailEnabled", "mailNickname", "membershipRule",
    "membershipRuleProcessingState", "onPremisesDomainName", "onPremisesLastSyncDateTime", "onPremisesNetBiosName",
    "onPremisesSamAccountName", "onPremisesSecurityIdentifier", "onPremisesSyncEnabled", "preferredDataLocation",
    "preferredLanguage", "proxyAddresses", "renewedDateTime", "resourceBehaviorOptions", "resourceProvisioningOptions",
    "securityEnabled", "securityIdentifier", "theme", "visibility", "onPremisesProvisioningErrors",
    "serviceProvisioningErrors", "assignedLicenses", "assignedLabels", "uniqueName", "isManagementRestricted",
})  # fmt: skip

USERS = Kind(
    "user", User, IndexedUser, USER_PROPERTIES, frozenset(PROPERTIES), ("mail", "userPrincipalName", "givenName",
    "surname", "mailNickname", "jobTitle", "department"), frozenset({"displayName", "userPrincipalName"}),
    frozenset({"displayName", "userPrincipalName", "createdDateTime", "surname", "givenName", "mail", "jobTitle",
               "department", "employeeId"}), USER_COLLECTIONS,
)  # fmt: skip
GROUPS = Kind(
    "group", Group, Group, GROUP_PROPERTIES, GROUP_KNOWN, ("mail", "mailNickname"), frozenset({"displayName"}),
    frozenset({"displayName", "createdDateTime", "mail"}), {"groupTypes": _having_text, "proxyAddresses": _having_text},
)  # fmt: skip
