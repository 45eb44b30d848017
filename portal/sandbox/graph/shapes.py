"""Users, groups and roles as Graph shows them.

https://learn.microsoft.com/graph/api/user-get: without $select eleven properties; what was not asked for is not there.
"""

import uuid
from typing import Any

from portal.sandbox.odata.options import Options
from portal.sandbox.refusals import Refusal, malformed, not_permitted
from portal.sandbox.rules import licences
from portal.sandbox.rules.permissions import BASIC_PROPERTIES, READ_LEAVE_DATE, READ_SIGN_INS, Caller
from portal.sandbox.rules.properties import PROFILE_ONLY, PROPERTIES
from portal.sandbox.state import catalogue, roles
from portal.sandbox.state.models import Tenant, User

CONTEXT = "https://graph.microsoft.com/v1.0/$metadata#"
DEFAULTS = (
    "businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation",
    "preferredLanguage", "surname", "userPrincipalName", "id",
)  # fmt: skip
GROUP_DEFAULTS = (
    "id", "deletedDateTime", "classification", "createdDateTime", "description", "displayName",
    "expirationDateTime", "groupTypes", "isAssignableToRole", "mail", "mailEnabled", "mailNickname", "membershipRule",
    "membershipRuleProcessingState", "onPremisesDomainName", "onPremisesLastSyncDateTime", "onPremisesNetBiosName",
    "onPremisesSamAccountName", "onPremisesSecurityIdentifier", "onPremisesSyncEnabled", "preferredDataLocation",
    "preferredLanguage", "proxyAddresses", "renewedDateTime", "resourceBehaviorOptions", "resourceProvisioningOptions",
    "securityEnabled", "securityIdentifier", "theme", "uniqueName", "visibility", "onPremisesProvisioningErrors",
    "serviceProvisioningErrors",
)  # fmt: skip
LISTS = frozenset({
    "businessPhones", "proxyAddresses", "otherMails", "assignedLicenses", "licenseAssignmentStates", "assignedPlans",
    "provisionedPlans", "imAddresses", "identities", "onPremisesProvisioningErrors", "serviceProvisioningErrors",
    "interests", "pastProjects", "responsibilities", "schools", "skills", "groupTypes",
    "resourceBehaviorOptions", "resourceProvisioningOptions", "assignedLabels",
})  # fmt: skip
NOT_ON_COLLECTIONS = PROFILE_ONLY | {"mailboxSettings"}
NOT_PREMIUM = "Neither tenant is B2C or tenant doesn't have premium license"
LINKS = frozenset({"manager", "memberOf", "directReports"})


def check_select(options: Options, caller: Caller, *, collection: bool) -> None:
    """Raises Refusal for names that are not there, cannot be read in a list, or may not be seen."""
    for name in options.select:
        known = name.partition("/")[0]
        if known not in PROPERTIES and known not in LINKS:
            raise malformed(
                "Parsing OData Select and Expand failed: "
                f"Could not find a property named '{name}' on type 'microsoft.graph.user'."
            )
    if collection and NOT_ON_COLLECTIONS & set(options.select):
        raise Refusal(501, "NotImplemented", "This operation target is not yet supported.")
    if caller.sees_basics_only and set(options.select) - BASIC_PROPERTIES:
        raise not_permitted()
    if "employeeLeaveDateTime" in options.select:
        caller.need(READ_LEAVE_DATE)
    if "signInActivity" in options.select:
        caller.need(READ_SIGN_INS)
        if not licences.is_premium(caller.tenant):
            raise Refusal(403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", NOT_PREMIUM)


def user_shape(body: dict[str, Any], options: Options, caller: Caller) -> dict[str, Any]:
    """The properties that were asked for."""
    if options.select:
        names: Any = [name for name in options.select if name not in LINKS]
    elif caller.sees_basics_only:
        names = [name for name in DEFAULTS if name in BASIC_PROPERTIES]
    else:
        names = DEFAULTS
    return {name: _value(body, name, caller.tenant) for name in names}


def _value(body: dict[str, Any], name: str, tenant: Tenant) -> Any:
    found = body.get(name)
    if found is not None:
        return _whole(name, found)
    if name in COMPUTED:
        return COMPUTED[name](body, tenant)
    return [] if name in LISTS else None


def _whole(name: str, value: Any) -> Any:
    """All fifteen extension attributes are shown, and both members of employeeOrgData."""
    if name == "onPremisesExtensionAttributes":
        return {key: value.get(key) for key in EXTENSION_ATTRIBUTES}
    if name == "employeeOrgData":
        return {"division": value.get("division"), "costCenter": value.get("costCenter")}
    return value


EXTENSION_ATTRIBUTES = tuple(f"extensionAttribute{number}" for number in range(1, 16))


def _assigned_plans(body: dict[str, Any], tenant: Tenant) -> list[dict[str, Any]]:
    """https://learn.microsoft.com/graph/api/resources/assignedplan"""
    states = body.get("licenseAssignmentStates") or []
    return [
        {
            "assignedDateTime": states[0]["lastUpdatedDateTime"], "capabilityStatus": "Enabled",
            "service": catalogue.service_of(plan["servicePlanName"]), "servicePlanId": plan["servicePlanId"],
        }
        for plan in licences.plans_in_use(tenant, states)
    ]  # fmt: skip


def _provisioned_plans(body: dict[str, Any], tenant: Tenant) -> list[dict[str, Any]]:
    """https://learn.microsoft.com/graph/api/resources/provisionedplan"""
    services = {plan["service"] for plan in _assigned_plans(body, tenant)}
    return [
        {"capabilityStatus": "Enabled", "provisioningStatus": "Success", "service": service}
        for service in sorted(services)
    ]


def _identities(body: dict[str, Any], _tenant: Tenant) -> list[dict[str, Any]]:
    """https://learn.microsoft.com/graph/api/resources/objectidentity"""
    name = body["userPrincipalName"]
    return [{"signInType": "userPrincipalName", "issuer": name.partition("@")[2], "issuerAssignedId": name}]


COMPUTED = {
    "assignedPlans": _assigned_plans,
    "provisionedPlans": _provisioned_plans,
    "identities": _identities,
    "onPremisesExtensionAttributes": lambda _body, _tenant: dict.fromkeys(EXTENSION_ATTRIBUTES),
    "authorizationInfo": lambda _body, _tenant: {"certificateUserIds": []},
}


def linked_user(user: User, options: Options, caller: Caller) -> dict[str, Any]:
    """A user at the end of a link: it names its type."""
    return {"@odata.type": "#microsoft.graph.user", **user_shape(user.body, options, caller)}


def group_shape(body: dict[str, Any], options: Options) -> dict[str, Any]:
    names = options.select or GROUP_DEFAULTS
    return {name: body.get(name, [] if name in LISTS else None) for name in names}


def role_shape(tenant: Tenant, role: str) -> dict[str, Any]:
    """https://learn.microsoft.com/graph/api/resources/directoryrole"""
    return {
        "id": str(uuid.uuid5(uuid.UUID(tenant.id), role)), "deletedDateTime": None,
        "description": f"Holds the role {role}.", "displayName": role, "roleTemplateId": roles.TEMPLATES.get(role),
    }  # fmt: skip
