"""How lines of the audit log read on the page. What is stored stays as it was written: the lines are hashed."""

import re
from functools import lru_cache

from portal.audit_actions import ACTIONS
from portal.languages import N_, Said, begun, gettext, joined

# Who acted, where it was no user.
NOBODY = {
    "command line": N_("Set up by IT"), "mailed link": N_("By the emailed link"),
    "link in the mail": N_("By the emailed link"),
    "nobody": N_("Not signed in"), "careers page": N_("On the careers page"), "own page": N_("The candidate"),
}  # fmt: skip
AUTOMATIC = N_("Automatic")
# The name of a token that acted begins with this. It is shown as it is.
TOKENS = "API token "
# The names of other systems that act begin with one of these. They are shown as they are.
SYSTEMS = (TOKENS, "SCIM client ", "Feed ", "Group ")
# What was written before, or for developers -> what people call it.
CALLED = (
    ("read tenant for matching", "look for existing accounts"), ("for matching", "for existing accounts"),
    ("decline match", "decline proposed account"), ("propose match again", "propose account again"),
    ("begin import", "start import"), ("go on with", "resume"), ("take back start of", "take back the start of"),
    ("retry failed of", "try again what failed in"), ("weaken setting", "weaken a setting"),
    ("add-on settings", "settings of an application"), ("add-on", "application"), ("login mail", "login email"),
    ("of the tenant", "of the application"), ("from the tenant", "from the application"),
    ("in the tenant", "in the application"), ("trail", "audit log"), ("slack", "Slack"), ("teams", "Teams"),
)  # fmt: skip
KINDS = {
    "Run": N_("Bulk action"), "Connection": N_("Application"), "MailSettings": N_("Email settings"),
    "LoginMail": N_("Login email"),
    "LicenceRule": N_("Licence rule"), "GroupRule": N_("Group rule"), "AuditEntry": N_("Audit log"),
    "Operation": N_("Account"), "RecruitmentSettings": N_("Settings of recruitment"),
}  # fmt: skip


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
