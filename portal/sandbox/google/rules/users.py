"""What a user may look like.

https://support.google.com/a/answer/9193374 and the description's schemas UserExternalId, UserRelation …
"""

import json
import re
from typing import Any

from portal.sandbox.google.description import document
from portal.sandbox.google.refusals import invalid, invalid_input
from portal.sandbox.google.state import Customer
from portal.sandbox.google.state.models import OrgUnit, Schema

LONGEST_NAME, LONGEST_DISPLAY_NAME, LONGEST_PASSWORD = 60, 256, 100
KB = 1024
# Each list: the schema of an entry, and how many bytes all of them may take.
LISTS: dict[str, tuple[str, int]] = {
    "addresses": ("UserAddress", 10 * KB), "emails": ("UserEmail", 10 * KB), "locations": ("UserLocation", 10 * KB),
    "organizations": ("UserOrganization", 10 * KB), "externalIds": ("UserExternalId", 2 * KB),
    "relations": ("UserRelation", 2 * KB), "ims": ("UserIm", 2 * KB), "websites": ("UserWebsite", 2 * KB),
    "phones": ("UserPhone", KB), "keywords": ("UserKeyword", KB), "languages": ("UserLanguage", KB),
    "posixAccounts": ("UserPosixAccount", 10 * KB), "sshPublicKeys": ("UserSshPublicKey", 10 * KB),
}  # fmt: skip
KINDS: dict[str, set[str]] = {
    "externalIds": {"account", "custom", "customer", "login_id", "network", "organization"},
    "relations": {"admin_assistant", "assistant", "brother", "child", "custom", "domestic_partner",
                  "dotted_line_manager", "exec_assistant", "father", "friend", "manager", "mother", "parent",
                  "partner", "referred_by", "relative", "sister", "spouse"},
    "addresses": {"custom", "home", "other", "work"},
    "emails": {"custom", "home", "other", "work"},
    "locations": {"custom", "default", "desk"},
    "organizations": {"domain_only", "school", "unknown", "work", "custom", ""},
    "phones": {"assistant", "callback", "car", "company_main", "custom", "grand_central", "home", "home_fax", "isdn",
               "main", "mobile", "other", "other_fax", "pager", "radio", "telex", "tty_tdd", "work", "work_fax",
               "work_mobile", "work_pager"},
}  # fmt: skip
HASHES = {"MD5": r"[0-9a-fA-F]{32}", "SHA-1": r"[0-9a-fA-F]{40}", "crypt": r"\$[156]\$.+"}
PHONE = re.compile(r"\+[1-9][0-9]{6,14}")


def check_names(name: Any) -> dict[str, str]:
    """Both parts are there, short enough, and free of angle brackets. Raises Refusal."""
    name = name if isinstance(name, dict) else {}
    kept = {part: value for part, value in name.items() if part in ("givenName", "familyName", "displayName") and value}
    for part, label in (("givenName", "GivenName"), ("familyName", "FamilyName")):
        value = kept.get(part, "")
        if not value.strip() or len(value) > LONGEST_NAME or "<" in value or ">" in value:
            raise invalid(f"Invalid Given/Family Name: {label}")
    if len(kept.get("displayName", "")) > LONGEST_DISPLAY_NAME:
        raise invalid("Invalid Given/Family Name: DisplayName")
    return kept


def check_password(customer: Customer, body: dict[str, Any]) -> str:
    """Raises Refusal."""
    password, kind = body.get("password"), body.get("hashFunction")
    if kind:
        if kind not in HASHES or not re.fullmatch(HASHES[kind], password or ""):
            raise invalid("Invalid Password")
        return f"{kind}:{password}"
    shortest = customer.rule("shortest_password")
    if not isinstance(password, str) or not shortest <= len(password) <= LONGEST_PASSWORD or not password.isascii():
        raise invalid("Invalid Password")
    return password


def check_org_unit(customer: Customer, path: Any) -> str:
    """The path, with a slash in front. Raises Refusal."""
    wanted = str(path or "/")
    if wanted.startswith("id:"):
        found = OrgUnit.get_or_none((OrgUnit.customer == customer.id) & (OrgUnit.id == wanted))
    else:
        wanted = "/" + wanted.strip("/")
        found = OrgUnit.get_or_none((OrgUnit.customer == customer.id) & (OrgUnit.path == wanted))
    if found is None:
        raise invalid_input("INVALID_OU_ID")
    return found.path


def check_lists(body: dict[str, Any]) -> None:
    """Raises Refusal for entries that the schema does not have, unknown types, and too much of it."""
    schemas = document("admin.directory_v1.json")["schemas"]
    for name, (schema, most) in LISTS.items():
        value = body.get(name)
        if value is None:
            continue
        known = schemas[schema]["properties"]
        if not isinstance(value, list) or not all(isinstance(item, dict) and set(item) <= set(known) for item in value):
            raise invalid_input(name)
        if len(json.dumps(value, ensure_ascii=False).encode()) > most:
            raise invalid(f"Invalid Input: {name} is too large")
        for item in value:
            _check_kind(name, item)


def _check_kind(name: str, item: dict[str, Any]) -> None:
    kind = item.get("type")
    if name in KINDS and kind is not None and kind not in KINDS[name]:
        raise invalid_input(name)
    if kind == "custom" and not item.get("customType"):
        raise invalid_input(name)
    if name in ("externalIds", "relations", "phones") and not isinstance(item.get("value"), str):
        raise invalid_input(name)


def check_recovery(body: dict[str, Any]) -> None:
    """https://support.google.com/a/answer/9193374: the phone is in E.164. Raises Refusal."""
    if body.get("recoveryPhone") and not PHONE.fullmatch(body["recoveryPhone"]):
        raise invalid_input("recoveryPhone")
    if body.get("recoveryEmail") and body["recoveryEmail"].count("@") != 1:
        raise invalid_input("recoveryEmail")


def check_schemas(customer: Customer, values: Any) -> None:
    """Each custom field is one of the customer's own. Raises Refusal."""
    for name, inner in (values or {}).items():
        schema = Schema.get_or_none((Schema.customer == customer.id) & (Schema.name == name))
        known = {field["fieldName"] for field in schema.body.get("fields", ())} if schema else set()
        if schema is None or not isinstance(inner, dict) or not set(inner) <= known:
            raise invalid_input("custom_schema")
