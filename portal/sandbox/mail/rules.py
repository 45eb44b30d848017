"""Where a mail comes to lie: the rules of the mailbox decide.

https://learn.microsoft.com/graph/api/resources/messagerule
"""

from typing import Any

from portal.sandbox import mailboxes
from portal.sandbox.mail.items import FOLDERS, address_of, folded
from portal.sandbox.mail.shapes import folder_id
from portal.sandbox.state import User


def folder_for(user: User, body: dict[str, Any]) -> str:
    """The folder of a mail that arrives: the first rule that is about it, else the inbox."""
    for rule in sorted(mailboxes.of(user).rules, key=lambda item: item["sequence"]):
        actions = rule.get("actions") or {}
        if not rule["isEnabled"] or not _is_about(rule.get("conditions") or {}, body):
            continue
        if actions.get("delete"):
            return "deleteditems"
        if actions.get("moveToFolder"):
            return _named(user, actions["moveToFolder"])
    return "inbox"


def _is_about(conditions: dict[str, Any], body: dict[str, Any]) -> bool:
    """All conditions hold. Of those that are not known here, none does."""
    sender, subject = folded(address_of(body.get("from"))), folded(body.get("subject") or "")
    tests = {
        "subjectContains": lambda wanted: any(folded(word) in subject for word in wanted),
        "senderContains": lambda wanted: any(folded(word) in sender for word in wanted),
        "fromAddresses": lambda wanted: sender in [folded(address_of(item)) for item in wanted],
    }
    return all(name in tests and tests[name](wanted) for name, wanted in conditions.items() if wanted is not None)


def _named(user: User, folder: str) -> str:
    """A folder by its id, else one of this name."""
    return next((name for name in FOLDERS if folder_id(user, name) == folder), folder)
