"""Inbox rules.

https://learn.microsoft.com/graph/api/resources/messagerule
"""

import re
import secrets
from typing import Any

from flask import Response

from portal.sandbox import mailboxes
from portal.sandbox.graph.calls import answer, call, known_user, nothing, sent
from portal.sandbox.graph.shapes import CONTEXT
from portal.sandbox.refusals import Refusal
from portal.sandbox.rules import permissions
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state import User
from portal.sandbox.state.models import Mailbox

RECIPIENTS = ("forwardTo", "forwardAsAttachmentTo", "redirectTo")
ACTIONS = {
    "assignCategories", "copyToFolder", "delete", "markAsRead", "markImportance", "moveToFolder", "permanentDelete",
    "stopProcessingRules", *RECIPIENTS,
}  # fmt: skip
WRITABLE = {"displayName", "sequence", "isEnabled", "actions", "conditions", "exceptions"}
ALL, ONE = "/users/<name>/mailFolders/<folder>/messageRules", "/users/<name>/mailFolders/<folder>/messageRules/<rule>"


def _inbox(caller: Caller, name: str, folder: str) -> tuple[User, Mailbox]:
    user = known_user(caller, name)
    mailbox = mailboxes.open_of(caller.tenant, user)
    if folder.casefold() != "inbox":
        raise Refusal(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    return user, mailbox


def _rule(mailbox: Mailbox, rule_id: str) -> dict[str, Any]:
    found = next((item for item in mailbox.rules if item["id"] == rule_id), None)
    if found is None:
        raise Refusal(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    return found


def _writable(mailbox: Mailbox, rule_id: str) -> dict[str, Any]:
    """Raises Refusal for a rule that has parts which Graph does not know."""
    found = _rule(mailbox, rule_id)
    if found["isReadOnly"]:
        raise Refusal(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
    return found


@call("GET", ALL, needs=permissions.READ_MAILBOX_SETTINGS)
def rules(caller: Caller, name: str, folder: str) -> Response:
    """https://learn.microsoft.com/graph/api/mailfolder-list-messagerules"""
    user, mailbox = _inbox(caller, name, folder)
    found = [_shown(item) for item in sorted(mailbox.rules, key=lambda item: item["sequence"])]
    return answer({"@odata.context": f"{_context(user)}", "value": found})


@call("GET", ONE, needs=permissions.READ_MAILBOX_SETTINGS)
def rule(caller: Caller, name: str, folder: str, rule: str) -> Response:
    """https://learn.microsoft.com/graph/api/messagerule-get"""
    user, mailbox = _inbox(caller, name, folder)
    return answer({"@odata.context": f"{_context(user)}/$entity", **_shown(_rule(mailbox, rule))})


@call("POST", ALL, needs=permissions.MAILBOX_SETTINGS)
def add_rule(caller: Caller, name: str, folder: str) -> Response:
    """https://learn.microsoft.com/graph/api/mailfolder-post-messagerules; no conditions means every message."""
    user, mailbox = _inbox(caller, name, folder)
    wanted = _checked(sent())
    if not wanted.get("displayName") or not wanted.get("actions"):
        raise _invalid()
    made = {
        "id": secrets.token_urlsafe(9), "sequence": 1, "isEnabled": True, "hasError": False, "isReadOnly": False,
        "conditions": None, "exceptions": None, **wanted,
    }  # fmt: skip
    mailbox.rules = [*mailbox.rules, made]
    mailboxes.keep(mailbox)
    return answer({"@odata.context": f"{_context(user)}/$entity", **_shown(made)}, 201)


@call("PATCH", ONE, needs=permissions.MAILBOX_SETTINGS)
def change_rule(caller: Caller, name: str, folder: str, rule: str) -> Response:
    """https://learn.microsoft.com/graph/api/messagerule-update"""
    user, mailbox = _inbox(caller, name, folder)
    found = _writable(mailbox, rule)
    found.update(_checked(sent()))
    mailboxes.keep(mailbox)
    return answer({"@odata.context": f"{_context(user)}/$entity", **_shown(found)})


@call("DELETE", ONE, needs=permissions.MAILBOX_SETTINGS)
def delete_rule(caller: Caller, name: str, folder: str, rule: str) -> Response:
    """https://learn.microsoft.com/graph/api/messagerule-delete"""
    _, mailbox = _inbox(caller, name, folder)
    found = _writable(mailbox, rule)
    mailbox.rules = [item for item in mailbox.rules if item is not found]
    mailboxes.keep(mailbox)
    return nothing()


def _checked(body: dict[str, Any]) -> dict[str, Any]:
    """Raises Refusal for what Exchange does not take."""
    wanted = {key: value for key, value in body.items() if "@odata." not in key}
    actions = wanted.get("actions", {})
    if wanted.keys() - WRITABLE or not isinstance(actions, dict) or actions.keys() - ACTIONS:
        raise Refusal(400, "RequestBodyRead", "The request body is not as described, so that it cannot be read.")
    for item in (item for name in RECIPIENTS for item in actions.get(name) or ()):
        address = ((item or {}).get("emailAddress") or {}).get("address") or ""
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
            raise _invalid()
    return wanted


def _invalid() -> Refusal:
    return Refusal(400, "ErrorInvalidRequest", "The OData request is not supported.")


def _shown(rule: dict[str, Any]) -> dict[str, Any]:
    """One that Graph cannot show whole comes without what it does and when."""
    return {**rule, "conditions": None, "actions": None} if rule["isReadOnly"] else rule


def _context(user: User) -> str:
    return f"{CONTEXT}users('{user.id}')/mailFolders('inbox')/messageRules"
