"""What Exchange answers: mail and mailbox settings."""

import re

from flask import Response, request

from portal.sandbox import mailboxes
from portal.sandbox.graph.calls import answer, call, known_user, nothing, sent, state
from portal.sandbox.graph.shapes import CONTEXT
from portal.sandbox.refusals import Refusal, bad_request
from portal.sandbox.rules import permissions, replies
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state import User
from portal.sandbox.state.models import Mail, Mailbox

SETTINGS = {
    "archiveFolder": None, "timeZone": "UTC", "delegateMeetingMessageDeliveryOptions": "sendToDelegateOnly",
    "dateFormat": "dd/MM/yyyy", "timeFormat": "HH:mm", "userPurpose": "user",
    "automaticRepliesSetting": replies.NONE,
    "language": {"locale": "en-GB", "displayName": "English (United Kingdom)"},
    "workingHours": {
        "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"], "startTime": "08:00:00.0000000",
        "endTime": "17:00:00.0000000", "timeZone": {"name": "UTC"},
    },
}  # fmt: skip
READ_ONLY = {"archiveFolder", "userPurpose"}
REPLY = "automaticRepliesSetting"
SEND_AS_DENIED = (
    "The user account which was used to submit this request does not have the right to send mail on behalf of the "
    "specified sending account."
)


@call("POST", "/users/<name>/sendMail", needs=permissions.SEND_MAIL)
def send_mail(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/user-sendmail"""
    body = {key.casefold(): value for key, value in sent().items()}
    user, message = known_user(caller, name), body.get("message")
    mailboxes.open_of(caller.tenant, user)
    if not isinstance(message, dict):
        raise Refusal(400, "ErrorInvalidArgument", "The request is malformed: Message is required.")
    recipients = [*(message.get("toRecipients") or ()), *(message.get("ccRecipients") or ()),
                  *(message.get("bccRecipients") or ())]  # fmt: skip
    addresses = [((item or {}).get("emailAddress") or {}).get("address") or "" for item in recipients]
    if not addresses or not all(re.fullmatch(r"[^@\s]+@[^@\s]+", item) for item in addresses):
        raise Refusal(400, "ErrorInvalidRecipients", "At least one recipient is not valid.")
    foreign = ((message.get("from") or {}).get("emailAddress") or {}).get("address")
    own = {item.casefold().removeprefix("smtp:") for item in user.body.get("proxyAddresses") or ()}
    if foreign and foreign.casefold() not in own:
        raise Refusal(403, "ErrorSendAsDenied", SEND_AS_DENIED)
    Mail.create(tenant=caller.tenant.id, user=user.id, at=state().clock.time(), message=message)
    return nothing(202)


@call("GET", "/users/<name>/mailboxSettings", needs=permissions.READ_MAILBOX_SETTINGS)
def mailbox_settings(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/user-get-mailboxsettings"""
    user = known_user(caller, name)
    return settings_shown(user, mailboxes.open_of(caller.tenant, user))


@call("PATCH", "/users/<name>/mailboxSettings", needs=permissions.MAILBOX_SETTINGS)
def update_mailbox_settings(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/user-update-mailboxsettings"""
    changes = {key: value for key, value in sent().items() if "@odata." not in key}
    user = known_user(caller, name)
    mailbox = mailboxes.open_of(caller.tenant, user)
    wrong = [key for key in changes if key not in SETTINGS or key in READ_ONLY]
    if wrong:
        raise bad_request(f"Property '{wrong[0]}' of mailboxSettings cannot be set.", code="ErrorInvalidProperty")
    if REPLY in changes:
        changes[REPLY] = replies.changed(mailbox.settings.get(REPLY) or {}, changes[REPLY])
    if "timeZone" in changes:
        replies.zone_of(str(changes["timeZone"]))
    mailbox.settings = {**mailbox.settings, **changes}
    mailboxes.keep(mailbox)
    return settings_shown(user, mailbox)


def settings_shown(user: User, mailbox: Mailbox) -> Response:
    """https://learn.microsoft.com/graph/api/user-get-mailboxsettings: in UTC, unless another zone is preferred."""
    preferred = re.search(r'outlook\.timezone="([^"]+)"', request.headers.get("Prefer", ""))
    reply = replies.shown(mailbox.settings.get(REPLY) or {}, preferred.group(1) if preferred else "UTC")
    found = {**SETTINGS, **mailbox.settings, "userPurpose": mailbox.purpose, REPLY: reply}
    return answer({"@odata.context": f"{CONTEXT}users('{user.id}')/mailboxSettings", **found})
