"""What a person's resource says about the record of an employee."""

from collections.abc import Mapping
from typing import Any

from portal.incoming.said import Said
from portal.scim.models import Key, ScimClient, ScimPerson
from portal.scim_protocol.words import DATES, ENTERPRISE

# What a client has said once and says no more is emptied. The others stay: a person has a name.
EMPTIED = frozenset({"preferred_name", "job_title", "department", "personal_email", "mobile", "country"})
PRIVATE = frozenset({"personal_email", "mobile"})


def number_of(resource: Mapping[str, Any], key: str) -> str:
    """The employee number: employeeNumber or else externalId, or externalId alone. Never an email address."""
    external = str(resource.get("externalId") or "").strip()
    if key == Key.EXTERNAL:
        return external
    return str((resource.get(ENTERPRISE) or {}).get("employeeNumber") or "").strip() or external


def manager_of(resource: Mapping[str, Any]) -> str:
    """The manager as the client names them, "" for nobody."""
    return str(((resource.get(ENTERPRISE) or {}).get("manager") or {}).get("value") or "").strip()


def values_of(resource: Mapping[str, Any]) -> dict[str, str]:
    """Field of the record -> text, for what the resource has."""
    name, more, dates = (resource.get(part) or {} for part in ("name", ENTERPRISE, DATES))
    found = {
        "first_name": name.get("givenName"), "last_name": name.get("familyName"),
        "preferred_name": resource.get("nickName"), "job_title": resource.get("title"),
        "department": more.get("department"), "start_date": dates.get("startDate"), "end_date": dates.get("endDate"),
        "company_email": _of_type(resource.get("emails"), "work"),
        "personal_email": _of_type(resource.get("emails"), "home"),
        "mobile": _of_type(resource.get("phoneNumbers"), "mobile"),
        "country": _of_type(resource.get("addresses"), "work", "country"),
    }  # fmt: skip
    return {field: str(text) for field, text in found.items() if text}


def _of_type(several: Any, kind: str, part: str = "value") -> str:
    """The value of this type, the primary one first."""
    mine = [one for one in several or () if str(one.get("type") or "").casefold() == kind]
    return next((str(one[part]) for one in sorted(mine, key=lambda one: not one.get("primary")) if one.get(part)), "")


def said_by(person: ScimPerson, client: ScimClient, *, private: bool) -> Said:
    """What the client says about the person. private: whether its token may change private contact details."""
    values = values_of(person.resource)
    values |= {field: "" for field in person.said if field in EMPTIED and field not in values}
    if not private:
        values = {field: text for field, text in values.items() if field not in PRIVATE}
    manager = _number_of_manager(client, person.manager_said) if "manager" in person.said else None
    active = False if person.deleted_at is not None else person.resource.get("active")
    return Said(person.number, values, manager, active, person.inactive_since, person.employee_id, person.resource_id)


def _number_of_manager(client: ScimClient, named: str) -> str:
    """The employee number of the person whom the client names: by our id, their externalId, or that very number."""
    if not named:
        return ""
    mine = (ScimPerson.client == client) & ScimPerson.deleted_at.is_null()
    for column in (ScimPerson.resource_id, ScimPerson.external_id):
        found = ScimPerson.select().where(mine, column == named).first()
        if found is not None:
            return str(found.employee.employee_number if found.employee_id is not None else found.number) or named
    return named
