"""How lines of the audit log read on the page. What is stored stays as it was written: the lines are hashed."""

import re
from functools import lru_cache
from typing import Any

from portal.audit_actions import ACTIONS
from portal.languages import N_, Said, begun, gettext, joined

# Who acted, where it was no user.
NOBODY = {
    "command line": N_("Set up by IT"), "mailed link": N_("By the emailed link"),
    "link in the mail": N_("By the emailed link"),
    "nobody": N_("Not signed in"), "careers page": N_("On the careers page"), "own page": N_("The candidate"),
}  # fmt: skip
AUTOMATIC = N_("Automatic")
# How the name of a token begins that acted. It is shown as it is.
TOKENS = "API token "
# How the names of all other systems begin that act: they are shown as they are.
SYSTEMS = (TOKENS, "SCIM client ", "Feed ", "Group ")
# What was written before, or for developers -> what people call it.
CALLED = (
    ("read tenant for matching", "look for existing accounts"), ("for matching", "for existing accounts"),
    ("decline match", "decline proposed account"), ("propose match again", "propose account again"),
    ("begin import", "start import"), ("go on with", "resume"), ("take back start of", "take back the start of"),
    ("retry failed of", "try again what failed in"), ("weaken setting", "weaken a setting"),
    ("add-on settings", "settings of an application"), ("add-on", "application"), ("login mail", "login email"),
    ("of the tenant", "of the application"), ("from the tenant", "from the application"),
    ("in the tenant", "in the application"), ("trail", "audit log"),
)  # fmt: skip
KINDS = {
    "Run": N_("Bulk action"), "Connection": N_("Application"), "MailSettings": N_("Email settings"),
    "LoginMail": N_("Login email"),
    "LicenceRule": N_("Licence rule"), "GroupRule": N_("Group rule"), "AuditEntry": N_("Audit log"),
    "Operation": N_("Account"),
}  # fmt: skip
NAMES = {
    "tenant_name": "connected to", "connected_as": "signed in as", "factors": "with", "by": "done by",
    "mails_going_on": "emails that continue", "mails_paused": "emails paused", "mails_cancelled": "emails cancelled",
    "mails": "emails", "accounts_detached": "accounts set aside", "tenant_id": "id of the application",
    "operation": "activity", "operations_cancelled": "activities cancelled",
    "now_allowed": "the portal may now",
}  # fmt: skip
# For IT: shown behind Details only.
TECHNICAL = frozenset((
    "operation", "operations_cancelled", "service", "tenant_id", "remote_id", "session", "sha256", "lines", "source",
    "key", "token", "let_in_by",
))  # fmt: skip
# Permissions by the names that the application gives them: in the exported file only.
EXPORTED_ONLY = {"grant permissions": frozenset(("before", "after"))}


def actor(name: str, user_id: int | None) -> str:
    """Who acted. user_id: None where it was no user but the portal, IT or a token."""
    return name if user_id is not None or name.startswith(SYSTEMS) else NOBODY.get(name, AUTOMATIC)


def called(part: str) -> tuple[list[str], bool]:
    """Stored names of actors whose words on the page have this part in them, and whether all others have it."""
    part = part.casefold()
    return [name for name, words in NOBODY.items() if part in words.casefold()], part in AUTOMATIC.casefold()


@lru_cache(maxsize=1_000)
def action(stored: str) -> Said:
    """What was done: "Start bulk action", "Create account: done"."""
    words = re.sub(r"\brun\b", "bulk action", stored)
    for old, new in CALLED:
        words = words.replace(old, new)
    return begun(joined(*(ACTIONS.get(part) or gettext(part) for part in words.split(": ")), by=": "))


def kind(stored: str) -> str:
    """What a line is about, where it has no name: "Bulk action"."""
    return KINDS.get(stored, stored)


def plain(detail: dict[str, Any], stored: str = "") -> str:
    """What changed, for everybody: "before: Standard; after: Platinum". stored: the action."""
    elsewhere = TECHNICAL | EXPORTED_ONLY.get(stored, frozenset())
    return told({
        name: value for name, value in detail.items()
        if name not in elsewhere and (value or isinstance(value, bool) or name in ("before", "after"))
    })  # fmt: skip


def technical(detail: dict[str, Any]) -> str:
    """The rest of it, for IT."""
    return told({name: value for name, value in detail.items() if name in TECHNICAL})


def told(detail: dict[str, Any]) -> str:
    """The detail of a line in words."""
    # PostgreSQL keeps no order of the names.
    in_order = sorted(detail.items(), key=lambda pair: pair[0] == "after")
    said = {_name(name): value for name, value in in_order if value not in (None, {}, [], "")}
    return "; ".join(f"{name}: {_plain(value)}" for name, value in said.items())


def _name(stored: str) -> str:
    return NAMES.get(stored, stored.replace("_", " "))


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{_name(name)} {_plain(part)}" for name, part in value.items())
    if isinstance(value, list):
        if len(value) == 2 and not any(isinstance(part, dict | list) for part in value):
            return f"{_plain(value[0])} → {_plain(value[1])}"
        return ", ".join(map(_plain, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None or value == "" else str(value)
