"""How the detail of a line of the audit log reads: what changed, and how. What is stored stays as it was written."""

import re
from datetime import date
from typing import Any

from portal.languages import Said, day, gettext, joined
from portal.languages import gettext as _

# What was written for developers -> what people call it.
NAMES = {
    "part_value": _("which part"), "break_glass": _("always with the password"), "factors": _("with"),
    "held": _("waits for an Admin"), "ended_at": _("ended"), "by": _("done by"), "at": _("when"), "old": _("before"),
    "new": _("after"), "place": _("position"), "unit": _("organisational unit"), "group_name": _("group"),
    "verb": _("action"), "tenant_name": _("connected to"), "connected_as": _("signed in as"),
    "now_allowed": _("the portal may now"), "accounts_detached": _("accounts set aside"), "mails": _("emails"),
    "mails_going_on": _("emails that continue"), "mails_paused": _("emails paused"),
    "mails_cancelled": _("emails cancelled"), "licences_go_on_deactivate": _("take licences away on Deactivate"),
    "default_unit": _("default organisational unit"), "naming": _("usernames"),
    "collision": _("when a username is taken"), "hand_over": _("hand-over"), "keep_months": _("months kept"),
    "talent_months": _("months in the talent pool"), "former": _("former record"), "values": _("with values"),
    "types": _("events"), "credentials": _("new credentials"), "urgent": _("urgent emails"), "run": _("bulk action"),
    "operation": _("activity"), "operations_cancelled": _("activities cancelled"), "service": _("application"),
    "tenant_id": _("id of the application"), "remote_id": _("id at the application"), "sha256": _("SHA-256"),
}  # fmt: skip
# All others are shown as they are stored. These are marked here, so that each can be translated.
_MARKED = (
    _("access level"),
    _("account"),
    _("accounts found again"),
    _("accounts looked for"),
    _("added"),
    _("address"),
    _("after"),
    _("applications ended"),
    _("arrived"),
    _("as usual"),
    _("asked by"),
    _("before"),
    _("candidates moved"),
    _("careers page"),
    _("changed"),
    _("changes"),
    _("client"),
    _("columns"),
    _("company email"),
    _("company email from"),
    _("country"),
    _("currency"),
    _("cyrillic"),
    _("dates"),
    _("day"),
    _("days"),
    _("default licence"),
    _("delivery"),
    _("department"),
    _("digest"),
    _("email"),
    _("employee"),
    _("employee number"),
    _("employees"),
    _("end"),
    _("end date"),
    _("field"),
    _("fields"),
    _("fingerprint"),
    _("first name"),
    _("format"),
    _("group"),
    _("host"),
    _("hour"),
    _("introduction"),
    _("job title"),
    _("key"),
    _("kind"),
    _("language"),
    _("last name"),
    _("leavers"),
    _("let in by"),
    _("letters"),
    _("licence"),
    _("lines"),
    _("location"),
    _("manager"),
    _("may delete"),
    _("message"),
    _("messages"),
    _("mobile"),
    _("name"),
    _("networks"),
    _("new start"),
    _("nobody else can approve"),
    _("organisation"),
    _("overtaken"),
    _("part"),
    _("people"),
    _("personal email"),
    _("plan"),
    _("preferred name"),
    _("prices"),
    _("privacy notice"),
    _("problem"),
    _("reason"),
    _("recipient"),
    _("reply to"),
    _("rule"),
    _("rules"),
    _("scopes"),
    _("seats bought"),
    _("sender name"),
    _("separator"),
    _("session"),
    _("sessions"),
    _("sessions ended"),
    _("setting"),
    _("shared mailbox"),
    _("shown as"),
    _("signs in elsewhere"),
    _("source"),
    _("stage"),
    _("start"),
    _("start date"),
    _("state"),
    _("step"),
    _("steps"),
    _("successor"),
    _("texts"),
    _("time zone"),
    _("timeline"),
    _("times"),
    _("token"),
    _("token made by"),
    _("until"),
    _("use preferred name"),
    _("user"),
    _("username"),
    _("users kept"),
    _("vacancy"),
    _("value"),
    _("version"),
    _("waits for approval"),
    _("what"),
    _("when"),
    _("whole log"),
    _("why"),
    _("within the hour from"),
)
# What somebody signed in with, besides a connected application.
FACTORS = (_("password"), _("password and app"), _("password and recovery code"))
# Whose values are words of the portal, and not what somebody typed.
IN_OUR_WORDS = frozenset((
    "access_level", "after", "before", "factors", "kind", "now_allowed", "problem", "reason", "setting", "state",
    "step", "timeline", "verb", "why",
))  # fmt: skip
# For IT: shown behind Details only.
TECHNICAL = frozenset((
    "operation", "operations_cancelled", "service", "tenant_id", "remote_id", "session", "sha256", "lines", "source",
    "key", "token", "let_in_by",
))  # fmt: skip
# Permissions by the names that the application gives them: in the exported file only.
EXPORTED_ONLY = {"grant permissions": frozenset(("before", "after"))}
DAY = re.compile(r"\d{4}-\d\d-\d\d")
NOTHING = "–"


def plain(detail: dict[str, Any], action: str = "") -> Said:
    """What changed, for everybody: "before: Standard; after: Platinum". action: as it is stored."""
    elsewhere = TECHNICAL | EXPORTED_ONLY.get(action, frozenset())
    return told({
        name: value for name, value in detail.items()
        if name not in elsewhere and (value or isinstance(value, bool) or name in ("before", "after"))
    })  # fmt: skip


def technical(detail: dict[str, Any]) -> Said:
    """The rest of it, for IT."""
    return told({name: value for name, value in detail.items() if name in TECHNICAL})


def told(detail: dict[str, Any]) -> Said:
    """The detail of a line in words."""
    # PostgreSQL keeps no order of the names.
    in_order = sorted(detail.items(), key=lambda pair: pair[0] == "after")
    said = {_name(name): _said(name, value) for name, value in in_order if value not in (None, {}, [], "")}
    return joined(*(joined(name, value, by=": ") for name, value in said.items()), by="; ")


def _name(stored: str) -> str:
    return NAMES.get(stored) or gettext(stored.replace("_", " "))


def _said(name: str, value: Any) -> str:
    """The value as people read it. name: whose value it is."""
    if isinstance(value, dict):
        return joined(*(joined(_name(part), _said(part, inner)) for part, inner in value.items()), by=", ")
    if isinstance(value, list):
        parts = [_said(name, part) for part in value]
        from_to = len(value) == 2 and not any(isinstance(part, dict | list) for part in value)
        return joined(*parts, by=" → " if from_to else ", ")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value is None or value == "":
        return NOTHING
    text = str(value)
    if DAY.fullmatch(text):
        return day(date.fromisoformat(text))
    return gettext(text) if name in IN_OUR_WORDS else text
