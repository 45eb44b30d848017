"""Ours <-> Graph's JSON. Pure functions.

https://learn.microsoft.com/graph/api/resources/user
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from portal.connectors.capabilities import field_words
from portal.connectors.errors import Refused
from portal.connectors.microsoft365.moments import moment
from portal.connectors.values import NOBODY, Domain, Manager, NewAccount, Protection, RemoteAccount, Tenant
from portal.languages import gettext as _

# The portal's field -> Graph's property and its longest value.
# A country is kept as usageLocation: the only place where Microsoft has the two-letter code, and licences depend on it.
# The personal email is the first of otherMails; any others there do not come from the portal.
FIELDS: dict[str, tuple[str, int]] = {
    "display_name": ("displayName", 256),
    "first_name": ("givenName", 64),
    "last_name": ("surname", 64),
    "job_title": ("jobTitle", 128),
    "department": ("department", 64),
    "employee_number": ("employeeId", 16),
    "mobile": ("mobilePhone", 64),
    "company_name": ("companyName", 64),
    "location": ("officeLocation", 128),
    "employment_type": ("employeeType", 64),
    "country": ("usageLocation", 2),
    "personal_email": ("otherMails", 250),
    "company_email": ("mail", 256),
    "start_date": ("employeeHireDate", 10),
    "end_date": ("employeeLeaveDateTime", 10),
}
# Microsoft refuses to empty these.
NEVER_EMPTY = frozenset({"display_name", "country", "company_email"})
# Half a number would be another number.
NEVER_CUT = frozenset({"employee_number", "country", "personal_email", "company_email", "start_date", "end_date"})
ADDRESSES = frozenset({"personal_email", "company_email"})
DAYS = frozenset({"start_date", "end_date"})
MIDNIGHT = "T00:00:00Z"
# Microsoft shows it only to those who have a permission for it, and refuses everything to those who ask without.
LEAVE_DATE = FIELDS["end_date"][0]
# Names of Microsoft's that can be refused, beside those in FIELDS.
OTHER_NAMES = {
    "userPrincipalName": "username",
    "mailNickname": "username",
    "proxyAddresses": "username",
    "passwordProfile": "password",
    "password": "password",
}
MARKER = "extensionAttribute15"
SELECT = ",".join((
    "id", "userPrincipalName", "accountEnabled", "mail", "proxyAddresses", "createdDateTime", "userType",
    "onPremisesSyncEnabled", "onPremisesExtensionAttributes", "assignedLicenses", "licenseAssignmentStates",
    "signInSessionsValidFromDateTime", *(name for name, _ in FIELDS.values() if name not in ("mail", LEAVE_DATE)),
))  # fmt: skip
SELECT_ALL = f"{SELECT},{LEAVE_DATE}"
# The change query tracks what is selected: only what may differ between the portal and the tenant.
IN_CHANGES = frozenset(FIELDS) - ADDRESSES - DAYS
SELECT_CHANGES = ",".join((
    "id", "userPrincipalName", "accountEnabled", "mail", "userType", "onPremisesSyncEnabled", "assignedLicenses",
    *(graph_name for name, (graph_name, _) in FIELDS.items() if name in IN_CHANGES),
))  # fmt: skip
SELECT_DELETED = f"{SELECT},deletedDateTime"
NOT_IN_NICKNAME = re.compile(r"[^A-Za-z0-9._-]")


def label_of(graph_name: str) -> tuple[str, str]:
    """The portal's name of a property, and its name in a sentence: ("job_title", "the job title")."""
    known = {name: ours for ours, (name, _) in FIELDS.items()} | OTHER_NAMES
    name = known.get(graph_name, "")
    if not name:
        unknown = _("a value (“%(graph_name)s”) that is not on the Profile", graph_name=graph_name)
        return "", unknown if graph_name else _("a value")
    return name, _("the %(field)s", field=field_words(name))


def new_user(new: NewAccount) -> dict[str, Any]:
    """The body of POST /users. Raises Refused as changed_user does."""
    fields = changed_user({**new.fields, "display_name": new.display_name, "country": new.country})
    return {
        **{name: value for name, value in fields.items() if value is not None},
        "accountEnabled": new.enabled,
        "mailNickname": NOT_IN_NICKNAME.sub("", new.username.partition("@")[0])[:64] or "user",
        "userPrincipalName": new.username,
        "passwordProfile": password_profile(new.password),
        "onPremisesExtensionAttributes": {MARKER: new.marker},
    }


def password_profile(password: str) -> dict[str, Any]:
    """A temporary password: it must be changed at the next sign-in."""
    return {"password": password, "forceChangePasswordNextSignIn": True}


def changed_user(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The body of PATCH /users/{id} for these fields of the portal; an empty value clears the property.

    Values that are too long are cut as `kept` says. Raises Refused for a number that would have to be cut, and
    KeyError for a field that is not in FIELDS.
    """
    body = {}
    for name, value in fields.items():
        graph_name, _ = FIELDS[name]
        text = kept(name, value)
        if text or name not in NEVER_EMPTY:
            body[graph_name] = _written(name, text)
    return body


def _written(name: str, text: str) -> Any:
    """The value of a field as Graph's JSON has it."""
    if name == "personal_email":
        return [text] if text else []
    return f"{text}{MIDNIGHT}" if text and name in DAYS else text or None


def _read(name: str, value: Any) -> str:
    """Graph's value as ours."""
    if isinstance(value, list):
        return value[0] if value else ""
    return (value or "")[:10] if name in DAYS else value or ""


def kept(name: str, value: Any) -> str:
    """The value of a field of the portal as Microsoft will show it afterwards. Raises Refused as changed_user does."""
    longest = FIELDS[name][1]
    text = str(value or "").strip()
    if name in ADDRESSES and text and not (text.isascii() and re.fullmatch(r"[^@\s]+@[^@\s]+", text)):
        raise Refused(
            _(
                "The %(field)s “%(text)s” is not possible in Microsoft 365: use letters without accents.",
                field=field_words(name),
                text=text,
            ),
            next_step=_("Correct it on the employee’s Profile, or leave this field out."),
            target=name,
        )
    if name == "country" and text and not re.fullmatch(r"[A-Za-z]{2}", text):
        raise Refused(
            _("The country “%(text)s” is not a two-letter code.", text=text),
            next_step=_("Correct it on the employee’s Profile, or leave this field out."),
            target=name,
        )
    # Microsoft counts in units of UTF-16, of which an emoji has two.
    units = text.encode("utf-16-le")
    if len(units) <= 2 * longest:
        return text
    if name in NEVER_CUT:
        raise Refused(
            _(
                "The %(field)s is longer than the %(longest)s characters that Microsoft 365 accepts.",
                field=field_words(name),
                longest=longest,
            ),
            next_step=_("Correct it on the employee’s Profile, or leave this field out."),
            target=name,
        )
    return units[: 2 * longest].decode("utf-16-le", "ignore").rstrip()


def remote_account(user: Mapping[str, Any], *, deleted: bool = False) -> RemoteAccount:
    """A user as Graph shows it, as a RemoteAccount. deleted: it came from the recycle bin."""
    own, inherited = _licences(user.get("licenseAssignmentStates"))
    return RemoteAccount(
        id=user["id"],
        username=old_username(user) if deleted else user.get("userPrincipalName") or "",
        display_name=user.get("displayName") or "",
        enabled=None if deleted else bool(user.get("accountEnabled")),
        email=user.get("mail"),
        aliases=tuple(address.partition(":")[2] for address in user.get("proxyAddresses") or []),
        marker=(user.get("onPremisesExtensionAttributes") or {}).get(MARKER),
        country=user.get("usageLocation"),
        created_at=moment(user.get("createdDateTime")),
        deleted_at=moment(user.get("deletedDateTime")) if deleted else None,
        protections=_protections(user, deleted),
        licence_ids=frozenset(licence["skuId"] for licence in user.get("assignedLicenses") or []),
        own_licence_ids=own,
        group_licence_ids=inherited,
        switched_off=_switched_off(user.get("licenseAssignmentStates")),
        sessions_valid_from=moment(user.get("signInSessionsValidFromDateTime")),
        manager=_manager(user.get("manager")),
        fields={name: _read(name, user.get(graph_name)) for name, (graph_name, _) in FIELDS.items()},
    )


def _manager(found: Any) -> Manager | None:
    """https://learn.microsoft.com/graph/api/user-list-manager; an empty text means no manager."""
    if not found:
        return NOBODY if found == "" else None
    return manager_of(found)


def manager_of(found: Mapping[str, Any]) -> Manager:
    """https://learn.microsoft.com/graph/api/user-list-manager"""
    return Manager(found["id"], found.get("displayName") or "", found.get("userPrincipalName") or "")


def _licences(
    states: Sequence[Mapping[str, Any]] | None,
) -> tuple[frozenset[str], frozenset[str]] | tuple[None, None]:
    """The account's own licences and those of its groups; nothing is known where the answer leaves them out.

    https://learn.microsoft.com/graph/api/resources/licenseassignmentstate
    """
    if states is None:
        return None, None
    own = frozenset(state["skuId"] for state in states if not state.get("assignedByGroup"))
    return own, frozenset(state["skuId"] for state in states if state.get("assignedByGroup"))


def _switched_off(states: Sequence[Mapping[str, Any]] | None) -> dict[str, list[str]]:
    """Of the account's own licences, the service plans that they are given without."""
    own = [state for state in states or () if not state.get("assignedByGroup") and state.get("disabledPlans")]
    return {state["skuId"]: sorted(state["disabledPlans"]) for state in own}


def old_username(user: Mapping[str, Any]) -> str:
    """The sign-in name before the deletion: in the recycle bin, the object id without dashes is in front of it."""
    name, mark = user.get("userPrincipalName") or "", user["id"].replace("-", "")
    return name[len(mark) :] if name.casefold().startswith(mark.casefold()) else name


def _protections(user: Mapping[str, Any], deleted: bool) -> frozenset[Protection]:
    found = set()
    if user.get("onPremisesSyncEnabled"):
        found.add(Protection.SYNCED)
    if user.get("userType") == "Guest" or "#EXT#" in (user.get("userPrincipalName") or "").upper():
        found.add(Protection.GUEST)
    if deleted:
        found.add(Protection.DELETED)
    return frozenset(found)


def tenant(organization: Mapping[str, Any], domains: Sequence[Mapping[str, Any]]) -> Tenant:
    """The tenant from GET /organization and GET /domains: only verified domains, which can hold users."""
    return Tenant(
        id=organization["id"],
        name=organization.get("displayName") or organization["id"],
        domains=tuple(
            Domain(domain["id"], bool(domain.get("isDefault")), domain.get("authenticationType") == "Federated")
            for domain in domains
            if domain.get("isVerified")
        ),
        country=organization.get("countryLetterCode"),
    )
