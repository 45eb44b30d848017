"""The tenant itself, and its domains."""

from flask import Response

from portal.sandbox.graph.calls import answer, asked, call
from portal.sandbox.graph.shapes import CONTEXT
from portal.sandbox.refusals import not_found
from portal.sandbox.rules import permissions
from portal.sandbox.rules.permissions import Caller


@call("GET", "/organization", needs=permissions.READ_ORGANISATION)
def organisation(caller: Caller) -> Response:
    """https://learn.microsoft.com/graph/api/organization-list"""
    tenant, select = caller.tenant, asked().select
    domains = [
        {"capabilities": "Email, OfficeCommunicationsOnline", "isDefault": item["isDefault"],
         "isInitial": item["isInitial"], "name": item["id"], "type": item["authenticationType"]}
        for item in tenant.domains if item["isVerified"]
    ]  # fmt: skip
    found = {
        "id": tenant.id, "deletedDateTime": None, "businessPhones": [], "city": None, "country": None,
        "countryLetterCode": tenant.country, "createdDateTime": "2024-03-01T09:00:00Z",
        "defaultUsageLocation": tenant.country, "displayName": tenant.name, "onPremisesLastSyncDateTime": None,
        "onPremisesSyncEnabled": None, "partnerTenantType": None, "postalCode": None, "preferredLanguage": "en",
        "state": None, "street": None, "technicalNotificationMails": [], "tenantType": "AAD",
        "assignedPlans": [], "provisionedPlans": [], "verifiedDomains": domains,
    }  # fmt: skip
    value = {name: found.get(name) for name in select} if select else found
    return answer({"@odata.context": f"{CONTEXT}organization", "value": [value]})


@call("GET", "/domains", needs=permissions.READ_DOMAINS)
def list_domains(caller: Caller) -> Response:
    """https://learn.microsoft.com/graph/api/domain-list"""
    return answer({"@odata.context": f"{CONTEXT}domains", "value": caller.tenant.domains})


@call("GET", "/domains/<name>", needs=permissions.READ_DOMAINS)
def get_domain(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/domain-get"""
    found = next((item for item in caller.tenant.domains if item["id"] == name.lower()), None)
    if found is None:
        raise not_found(name)
    return answer({"@odata.context": f"{CONTEXT}domains/$entity", **found})
