"""What Exchange answers: mail and mailbox settings."""

import re
from typing import Any

from flask import Response

from portal.sandbox.graph.calls import answer, call, known_user, nothing, sent, state
from portal.sandbox.graph.shapes import CONTEXT
from portal.sandbox.refusals import Refusal, bad_request
from portal.sandbox.rules import licences, permissions
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state import User, people
from portal.sandbox.state.models import Mail

SETTINGS = {
    "archiveFolder": None, "timeZone": "UTC", "delegateMeetingMessageDeliveryOptions": "sendToDelegateOnly",
    "dateFormat": "dd/MM/yyyy", "timeFormat": "HH:mm", "userPurpose": "user",
    "automaticRepliesSetting": {
        "status": "disabled", "externalAudience": "all", "internalReplyMessage": "", "externalReplyMessage": "",
        "scheduledStartDateTime": None, "scheduledEndDateTime": None,
    },
    "language": {"locale": "en-GB", "displayName": "English (United Kingdom)"},
    "workingHours": {
        "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"], "startTime": "08:00:00.0000000",
        "endTime": "17:00:00.0000000", "timeZone": {"name": "UTC"},
    },
}  # fmt: skip
READ_ONLY = {"archiveFolder", "userPurpose"}
SEND_AS_DENIED = (
    "The user account which was used to submit this request does not have the right to send mail on behalf of the "
    "specified sending account."
)
READS = (*permissions.MAILBOX_SETTINGS, "MailboxSettings.Read")


def mailbox_of(caller: Caller, name: str) -> User:
    """The user, if Exchange has a mailbox for them. Raises Refusal."""
    user = known_user(caller, name)
    held = user.body.get("licenseAssignmentStates") or []
    if not licences.has_mailbox(caller.tenant, held) or user.mailbox_due is not None:
        raise Refusal(
            404, "MailboxNotEnabledForRESTAPI", "The mailbox is either inactive, soft-deleted, or is hosted on-premise."
        )
    return user


@call("POST", "/users/<name>/sendMail", needs=permissions.SEND_MAIL)
def send_mail(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/user-sendmail"""
    body = {key.casefold(): value for key, value in sent().items()}
    user, message = mailbox_of(caller, name), body.get("message")
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


@call("GET", "/users/<name>/mailboxSettings", needs=READS)
def mailbox_settings(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/user-get-mailboxsettings"""
    return _shown(mailbox_of(caller, name))


@call("PATCH", "/users/<name>/mailboxSettings", needs=permissions.MAILBOX_SETTINGS)
def update_mailbox_settings(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/user-update-mailboxsettings"""
    changes = {key: value for key, value in sent().items() if "@odata." not in key}
    user = mailbox_of(caller, name)
    wrong = [key for key in changes if key not in SETTINGS or key in READ_ONLY]
    if wrong:
        raise bad_request(f"Property '{wrong[0]}' of mailboxSettings cannot be set.", code="ErrorInvalidProperty")
    user.body["mailboxSettings"] = {**_settings(user), **changes}
    people.save(state(), user, ())
    return _shown(user)


def _settings(user: User) -> dict[str, Any]:
    return {**SETTINGS, **(user.body.get("mailboxSettings") or {})}


def _shown(user: User) -> Response:
    return answer({"@odata.context": f"{CONTEXT}users('{user.id}')/mailboxSettings", **_settings(user)})
