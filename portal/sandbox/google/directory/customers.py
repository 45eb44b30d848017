"""The customer, its domains and org units.

https://developers.google.com/workspace/admin/directory/reference/rest/v1/customers
"""

from typing import Any

from portal.sandbox.google.calls import Asked, call
from portal.sandbox.google.refusals import Refusal, domain_not_found
from portal.sandbox.google.state import people
from portal.sandbox.google.state.models import OrgUnit


@call("directory.customers.get")
def get(asked: Asked) -> dict[str, Any]:
    customer = asked.caller.need_customer(asked.names["customerKey"])
    return {
        "kind": "admin#directory#customer", "id": customer.id, "etag": people.etag(customer.id, customer.name),
        "customerDomain": customer.domain, "alternateEmail": f"owner@{customer.name.lower()}-owner.example",
        "language": "en", "customerCreationTime": people.written(customer.created),
        "postalAddress": {"organizationName": customer.name, "countryCode": customer.country},
    }  # fmt: skip


@call("directory.domains.list")
def list_domains(asked: Asked) -> dict[str, Any]:
    """https://developers.google.com/workspace/admin/directory/reference/rest/v1/domains"""
    customer = asked.caller.need_customer(asked.names["customer"])
    found = [_domain(item) for item in customer.domains]
    return {"kind": "admin#directory#domains", "etag": people.etag(customer.id, customer.domains), "domains": found}


@call("directory.domains.get")
def get_domain(asked: Asked) -> dict[str, Any]:
    customer = asked.caller.need_customer(asked.names["customer"])
    for item in customer.domains:
        if item["domainName"] == asked.names["domainName"].lower():
            return _domain(item)
    raise domain_not_found()


def _domain(item: dict[str, Any]) -> dict[str, Any]:
    name = item["domainName"]
    shown = {"kind": "admin#directory#domain", "etag": people.etag(name), **item}
    aliases = [_domain_alias(alias) for alias in item.get("domainAliases", ())]
    return {**shown, "domainAliases": aliases} if aliases else shown


def _domain_alias(alias: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "admin#directory#domainAlias", "etag": people.etag(alias["domainAliasName"]), **alias}


@call("directory.domainAliases.list")
def list_domain_aliases(asked: Asked) -> dict[str, Any]:
    customer = asked.caller.need_customer(asked.names["customer"])
    parent = asked.options.get("parentDomainName", "")
    found = [
        _domain_alias(alias) for item in customer.domains if parent in ("", item["domainName"])
        for alias in item.get("domainAliases", ())
    ]  # fmt: skip
    answer: dict[str, Any] = {"kind": "admin#directory#domainAliases", "etag": people.etag(customer.id, "aliases")}
    return {**answer, "domainAliases": found} if found else answer


@call("directory.domainAliases.get")
def get_domain_alias(asked: Asked) -> dict[str, Any]:
    customer = asked.caller.need_customer(asked.names["customer"])
    for item in customer.domains:
        for alias in item.get("domainAliases", ()):
            if alias["domainAliasName"] == asked.names["domainAliasName"].lower():
                return _domain_alias(alias)
    raise Refusal(404, "notFound", "Domain alias does not exist")


@call("directory.orgunits.list")
def list_org_units(asked: Asked) -> dict[str, Any]:
    """https://developers.google.com/workspace/admin/directory/reference/rest/v1/orgunits/list"""
    customer = asked.caller.need_customer(asked.names["customerId"])
    top = "/" + asked.options.get("orgUnitPath", "/").strip("/")
    units = list(OrgUnit.select().where(OrgUnit.customer == customer.id).order_by(OrgUnit.path))
    if not any(top in (unit.path, unit.id) for unit in units):
        raise Refusal(404, "notFound", "Org unit not found")
    kind = asked.options.get("type", "children")
    found = [_org_unit(unit, units) for unit in units if _wanted(unit, top, kind)]
    answer: dict[str, Any] = {"kind": "admin#directory#orgUnits", "etag": people.etag(customer.id, len(units))}
    return {**answer, "organizationUnits": found} if found else answer


def _wanted(unit: OrgUnit, top: str, kind: str) -> bool:
    if unit.path == top:
        return kind in ("allIncludingParent", "all_including_parent")
    if kind == "children":
        return unit.parent == top
    return unit.path.startswith(top.rstrip("/") + "/")


@call("directory.orgunits.get")
def get_org_unit(asked: Asked) -> dict[str, Any]:
    customer, wanted = asked.caller.need_customer(asked.names["customerId"]), asked.names["orgUnitPath"]
    units = list(OrgUnit.select().where(OrgUnit.customer == customer.id))
    for unit in units:
        if wanted in (unit.id, unit.path) or unit.path == "/" + wanted.strip("/"):
            return _org_unit(unit, units)
    raise Refusal(404, "notFound", "Org unit not found")


def _org_unit(unit: OrgUnit, units: list[OrgUnit]) -> dict[str, Any]:
    shown = {
        "kind": "admin#directory#orgUnit", "etag": people.etag(unit.id, unit.path), "name": unit.name,
        "description": unit.description, "orgUnitPath": unit.path, "orgUnitId": unit.id, "blockInheritance": False,
    }  # fmt: skip
    parent = next((other for other in units if other.path == unit.parent and unit.path != "/"), None)
    if parent:
        shown.update(parentOrgUnitPath=parent.path, parentOrgUnitId=parent.id)
    return shown
