"""Ours <-> Google's JSON. Pure functions.

https://developers.google.com/workspace/admin/directory/reference/rest/v1/users
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from portal.connectors.capabilities import field_words
from portal.connectors.errors import Refused
from portal.connectors.google_workspace import entries
from portal.connectors.google_workspace.moments import moment
from portal.connectors.values import Domain, NewAccount, Protection, RemoteAccount, Tenant
from portal.languages import gettext as _

FIELDS_OF_ONE = ",".join((
    "id", "primaryEmail", "name", "suspended", "archived", "suspensionReason", "isAdmin", "isDelegatedAdmin",
    "isGuestUser", "isMailboxSetup", "customerId", "aliases", "nonEditableAliases", "creationTime", "deletionTime",
    "orgUnitPath", "recoveryEmail", "externalIds", "organizations", "phones", "relations", "addresses",
))  # fmt: skip
# The portal's field -> its longest value. https://support.google.com/a/answer/9193374
LONGEST = {
    "display_name": 256, "first_name": 60, "last_name": 60, "job_title": 256, "department": 256,
    "employee_number": 256, "mobile": 100, "personal_email": 320, "country": 2,
    "location": 256, "employment_type": 256,
}  # fmt: skip
NEVER_EMPTY = frozenset({"display_name", "first_name", "last_name"})
# Half a number or address would be another one.
NEVER_CUT = frozenset({"employee_number", "mobile", "personal_email", "country"})
NAMES = {"first_name": "givenName", "last_name": "familyName", "display_name": "displayName"}
MARKER = {"type": "custom", "customType": "hr-portal"}
EMPLOYEE_ID, MOBILE, WORK, MANAGER = "organization", "mobile", "work", "manager"
# Google insists on both names; of somebody who has one, the other is a space that nobody sees.
NO_NAME = "\u200b"
ROOT = "/"
# https://developers.google.com/workspace/admin/directory/reference/rest/v1/users#User, suspensionReason
ADMIN = "ADMIN"


def is_marker(entry: entries.Entry) -> bool:
    return entry.get("type") == MARKER["type"] and entry.get("customType") == MARKER["customType"]


def _primary(found: Sequence[entries.Entry] | None) -> Any:
    """Which of the organisations is ours: the primary one, else the first."""
    chosen = next((one for one in found or () if one.get("primary")), next(iter(found or ()), None))
    return lambda entry: chosen is not None and entry == chosen


def new_user(new: NewAccount) -> dict[str, Any]:
    """The body of an insert. Raises Refused as changed_user does."""
    first, last = _both_names(new)
    fields = {name: value for name, value in new.fields.items() if name not in NAMES and value}
    if new.country:
        fields["country"] = new.country
    body = changed_user({}, fields)
    name = {"givenName": first, "familyName": last}
    if new.display_name and new.display_name != f"{first} {last}":
        name["displayName"] = kept("display_name", new.display_name)
    return {
        **{key: value for key, value in body.items() if value is not None},
        "primaryEmail": new.username,
        "name": name,
        **password_of(new.password),
        "orgUnitPath": new.unit or ROOT,
        **({} if new.enabled else {"suspended": True}),
        "externalIds": [*(body.get("externalIds") or ()), {**MARKER, "value": new.marker}],
    }


def _both_names(new: NewAccount) -> tuple[str, str]:
    """First and last name: of the record, else of the display name, whose last word is taken for the last name."""
    words = new.display_name.split()
    first = new.fields.get("first_name") or " ".join(words[:-1]) or new.display_name
    last = new.fields.get("last_name") or (words[-1] if len(words) > 1 else "")
    return kept("first_name", first) or NO_NAME, kept("last_name", last) or NO_NAME


def password_of(password: str) -> dict[str, Any]:
    """A temporary password: it must be changed at the next sign-in."""
    return {"password": password, "changePasswordAtNextLogin": True}


def changed_user(user: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """What a PUT has to send so that the user, as it was read, has these values of the portal's fields.

    An empty value clears it. Raises Refused for a value that Google cannot hold, and KeyError for an unknown field.
    """
    body: dict[str, Any] = {}
    texts = {name: kept(name, value) for name, value in fields.items()}
    if name := {key: texts[ours] for ours, key in NAMES.items() if texts.get(ours)}:
        held = user.get("name") or {}
        body["name"] = {key: held[key] for key in NAMES.values() if held.get(key)} | name
    organisation = {key: texts[ours] for ours, key in OF_ORGANISATION.items() if ours in texts}
    if organisation:
        found = user.get("organizations")
        new = {"primary": True, "type": WORK}
        body["organizations"] = entries.changed(found, _primary(found), new, organisation)
    for ours, (array, kind, key) in ENTRIES.items():
        if ours in texts:
            body[array] = entries.changed(user.get(array), entries.typed(kind), {"type": kind}, {key: texts[ours]})
    if "personal_email" in texts:
        body["recoveryEmail"] = texts["personal_email"] or None
    return body


# The portal's field -> its name in Google's entry of the organisation. The Admin console calls the description
# "Type of employee". https://support.google.com/a/answer/1710338
OF_ORGANISATION = {
    "job_title": "title", "department": "department", "location": "location", "employment_type": "description",
}  # fmt: skip
# The portal's field -> Google's array, the type of our entry in it, and the name of the value.
ENTRIES = {
    "employee_number": ("externalIds", EMPLOYEE_ID, "value"),
    "mobile": ("phones", MOBILE, "value"),
    "country": ("addresses", WORK, "countryCode"),
}


def with_manager(user: Mapping[str, Any], address: str | None) -> dict[str, Any]:
    """What a PUT has to send so that this address is the manager's; None for nobody."""
    new = {"type": MANAGER}
    return {"relations": entries.changed(user.get("relations"), entries.typed(MANAGER), new, {"value": address or ""})}


def manager_address(user: Mapping[str, Any]) -> str:
    """The address that stands for the manager; empty when there is none."""
    return _text(entries.first(user.get("relations"), entries.typed(MANAGER)).get("value")).strip()


def kept(name: str, value: Any) -> str:
    """The value of a field of the portal as Google will show it afterwards. Raises Refused as changed_user does."""
    longest = LONGEST[name]
    text = str(value or "").strip()
    if name in ("first_name", "last_name"):
        text = re.sub(r"[<>]", "", text).strip()
    if name == "personal_email" and text and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        raise _not_taken(name, _("The personal email “%(text)s” is not one that Google accepts.", text=text))
    if name == "country" and text and not re.fullmatch(r"[A-Za-z]{2}", text):
        raise _not_taken(name, _("The country “%(text)s” is not a two-letter code.", text=text))
    if len(text) <= longest:
        return text
    if name in NEVER_CUT:
        raise _not_taken(
            name,
            _(
                "The %(field)s is longer than the %(longest)s characters that Google Workspace accepts.",
                field=field_words(name),
                longest=longest,
            ),
        )
    return text[:longest].rstrip()


def _not_taken(name: str, message: str) -> Refused:
    next_step = _("Correct it on the employee’s Profile, or leave this field out.")
    return Refused(message, next_step=next_step, target=name)


def remote_account(user: Mapping[str, Any], *, own_id: str = "", deleted: bool = False) -> RemoteAccount:
    """A user as Google shows it. own_id: of the administrator who connected. deleted: it came from the deleted ones."""
    name = user.get("name") or {}
    shown = {ours: _text(name.get(key)).replace(NO_NAME, "") for ours, key in NAMES.items()}
    whole = " ".join(part for part in (shown["first_name"], shown["last_name"]) if part)
    display_name = shown["display_name"] or _text(name.get("fullName")).replace(NO_NAME, "").strip() or whole
    organisation = entries.first(user.get("organizations"), _primary(user.get("organizations")))
    country = _of_entry(user, "country")
    return RemoteAccount(
        id=user["id"],
        username=user.get("primaryEmail") or "",
        display_name=display_name,
        enabled=None if deleted else not (user.get("suspended") or user.get("archived")),
        email=user.get("primaryEmail"),
        aliases=(*(user.get("aliases") or ()), *(user.get("nonEditableAliases") or ())),
        marker=_text(entries.first(user.get("externalIds"), is_marker).get("value")) or None,
        country=country or None,
        created_at=moment(user.get("creationTime")),
        deleted_at=moment(user.get("deletionTime")) if deleted else None,
        protections=_protections(user, own_id, deleted),
        licence_ids=None,
        unit=user.get("orgUnitPath"),
        state_note="" if deleted else _state_note(user),
        closed_by_itself=_closed_by_google(user),
        fields={
            "display_name": display_name,
            "first_name": shown["first_name"],
            "last_name": shown["last_name"],
            **{ours: _text(organisation.get(key)) for ours, key in OF_ORGANISATION.items()},
            "employee_number": _of_entry(user, "employee_number"),
            "mobile": _of_entry(user, "mobile"),
            "personal_email": _text(user.get("recoveryEmail")),
            "country": country,
        },
    )


def _closed_by_google(user: Mapping[str, Any]) -> bool:
    """Google names why an account is suspended: ADMIN stands for somebody of the company."""
    return bool(user.get("suspended")) and (user.get("suspensionReason") or ADMIN) != ADMIN


def _state_note(user: Mapping[str, Any]) -> str:
    if user.get("archived"):
        return _("Archived. It needs a full licence before it can be used again.")
    if _closed_by_google(user):
        return _(
            "Suspended by Google itself, not by an administrator: %(reason)s.", reason=user["suspensionReason"][:40]
        )
    if user.get("isMailboxSetup") is False and not user.get("suspended"):
        return _("The mailbox is being set up.")
    return ""


def _of_entry(user: Mapping[str, Any], ours: str) -> str:
    array, kind, key = ENTRIES[ours]
    return _text(entries.first(user.get(array), entries.typed(kind)).get(key))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _protections(user: Mapping[str, Any], own_id: str, deleted: bool) -> frozenset[Protection]:
    found = set()
    if own_id and user["id"] == own_id:
        found.add(Protection.OURSELVES)
    if user.get("isAdmin") or user.get("isDelegatedAdmin"):
        found.add(Protection.ADMINISTRATOR)
    if user.get("isGuestUser"):
        found.add(Protection.GUEST)
    if deleted:
        found.add(Protection.DELETED)
    return frozenset(found)


def tenant(customer: Mapping[str, Any], domains: Sequence[Mapping[str, Any]]) -> Tenant:
    """The customer with its verified domains. Domain aliases hold no users, so they are left out.

    https://developers.google.com/workspace/admin/directory/reference/rest/v1/domains
    """
    address = customer.get("postalAddress") or {}
    return Tenant(
        id=customer["id"],
        name=address.get("organizationName") or customer.get("customerDomain") or customer["id"],
        domains=tuple(
            Domain(domain["domainName"].lower(), bool(domain.get("isPrimary")))
            for domain in domains
            if domain.get("verified")
        ),
        country=address.get("countryCode"),
    )
