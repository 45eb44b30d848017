"""Automatic replies and inbox rules at Exchange Online, through Graph.

https://learn.microsoft.com/graph/api/resources/mailboxsettings and
https://learn.microsoft.com/graph/api/resources/messagerule
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from portal.connectors.errors import NoMailbox, NotFound, Refused
from portal.connectors.mailboxes import NO_MAILBOX, Audience, Forward, Mailbox, Purpose, Reply, ReplyStatus
from portal.connectors.microsoft365 import shapes
from portal.connectors.microsoft365.client import GraphClient, user_path
from portal.connectors.microsoft365.fresh import FRESH
from portal.connectors.microsoft365.holders import holders_of
from portal.connectors.microsoft365.moments import moment
from portal.connectors.values import Permission, Protection
from portal.languages import gettext as _

PERMISSION = Permission(
    ("MailboxSettings.ReadWrite",),
    _("switch automatic replies on and forward mail to a colleague"),
    required=False,
    only_if_used=True,
)
# By its name the portal finds a rule again whose making was not answered.
RULE = _("Sent on by your HR portal")
# https://learn.microsoft.com/graph/api/user-get-mailboxsettings: without it the zone of times is not promised.
IN_UTC = {"Prefer": 'outlook.timezone="UTC"'}
STATUS = {
    ReplyStatus.OFF: "disabled",
    ReplyStatus.ON: "alwaysEnabled",
    ReplyStatus.SCHEDULED: "scheduled",
}
AUDIENCE = {Audience.NOBODY: "none", Audience.CONTACTS: "contactsOnly", Audience.EVERYBODY: "all"}
PURPOSE = {
    "user": Purpose.PERSON,
    "linked": Purpose.PERSON,
    "shared": Purpose.SHARED,
    "room": Purpose.ROOM,
    "equipment": Purpose.EQUIPMENT,
}
SENDS_ON = ("redirectTo", "forwardTo", "forwardAsAttachmentTo")
OUTSIDE = _("Mail can only be forwarded to a colleague with an account in your Microsoft 365.")
WHY_NOT_OUTSIDE = _(
    "Choose a colleague. Microsoft 365 itself stops mail that a rule forwards to an address outside the company."
)


class GraphMailboxes:
    """The Mailboxes of a Microsoft 365 tenant."""

    graph: GraphClient

    def mailbox(self, account_id: str) -> Mailbox:
        """https://learn.microsoft.com/graph/api/user-get-mailboxsettings"""
        path = f"{user_path(account_id)}/mailboxSettings"
        try:
            with FRESH.known(account_id):
                settings = self.graph.call("GET", path, headers=IN_UTC, shape=shapes.MailboxSettings)
                rules = self._rules(account_id)
        except NoMailbox:
            return NO_MAILBOX
        return Mailbox(
            exists=True,
            purpose=PURPOSE.get(settings.get("userPurpose") or "user", Purpose.OTHER),
            reply=_reply(settings.get("automaticRepliesSetting") or {}),
            forwards=tuple(_forward(rule) for rule in rules if _recipients(rule)),
        )

    def set_reply(self, account_id: str, reply: Reply) -> None:
        """https://learn.microsoft.com/graph/api/user-update-mailboxsettings: what is left out keeps its old value."""
        setting: dict[str, Any] = {
            "status": STATUS[reply.status],
            "externalAudience": AUDIENCE[reply.audience],
            "internalReplyMessage": reply.inside,
            "externalReplyMessage": reply.outside,
        }
        if reply.status is ReplyStatus.SCHEDULED:
            setting |= {
                "scheduledStartDateTime": _written(reply.begins),
                "scheduledEndDateTime": _written(reply.ends),
            }
        body = {"automaticRepliesSetting": setting}
        path = f"{user_path(account_id)}/mailboxSettings"
        with FRESH.known(account_id):
            self.graph.call("PATCH", path, body, headers=IN_UTC, shape=shapes.MailboxSettings)

    def set_forward(self, account_id: str, address: str) -> str:
        """https://learn.microsoft.com/graph/api/mailfolder-post-messagerules; redirected mail keeps its sender."""
        colleague = self._colleague(account_id, address)
        ours = [_forward(rule) for rule in self._rules(account_id) if rule.get("displayName") == RULE]
        for rule in ours:
            if rule.works and rule.to.casefold() == colleague.casefold():
                return rule.id
        for rule in ours:
            self.clear_forward(account_id, rule.id)
        body = {
            "displayName": RULE,
            "sequence": 1,
            "isEnabled": True,
            "actions": {"redirectTo": [{"emailAddress": {"address": colleague}}], "stopProcessingRules": True},
        }
        return self.graph.call("POST", _rules_path(account_id), body, shape=shapes.Rule)["id"]

    def clear_forward(self, account_id: str, rule_id: str) -> None:
        """https://learn.microsoft.com/graph/api/messagerule-delete"""
        try:
            self.graph.call("DELETE", f"{_rules_path(account_id)}/{quote(rule_id, safe='')}")
        except NoMailbox:
            return
        except NotFound:
            # The rule is gone, which is what was wanted; unless the account itself is.
            self.graph.get_user(account_id)

    def _rules(self, account_id: str) -> list[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/mailfolder-list-messagerules"""
        return list(self.graph.items(_rules_path(account_id), shapes.Rule))

    def _colleague(self, account_id: str, address: str) -> str:
        """The address that mail is sent on to: that of an account of the tenant, on a domain of its own.

        A guest's account has an address outside, and so may any other account without a mailbox. Raises Refused.
        """
        found = [holder.account for holder in holders_of(self.graph, [address])[address] if holder.account]
        live = [account for account in found if account.deleted_at is None]
        if any(account.id == account_id for account in live):
            raise Refused(
                _("Mail cannot be forwarded to the mailbox that it comes from."),
                next_step=_("Choose another colleague."),
                target="forward_to",
            )
        own = {domain["id"].casefold() for domain in self.graph.domains() if domain.get("isVerified")}
        for account in live:
            domain = (account.email or "").rpartition("@")[2].casefold()
            if domain in own and Protection.GUEST not in account.protections:
                return account.email or ""
        raise Refused(OUTSIDE, next_step=WHY_NOT_OUTSIDE, target="forward_to")


def _rules_path(account_id: str) -> str:
    return f"{user_path(account_id)}/mailFolders/inbox/messageRules"


def _recipients(rule: Mapping[str, Any]) -> list[str]:
    """Everybody whom the rule sends mail on to. One that Graph cannot show comes without its actions."""
    actions = rule.get("actions") or {}
    found = [(item.get("emailAddress") or {}).get("address") for name in SENDS_ON for item in actions.get(name) or ()]
    return [address for address in found if address]


def _forward(rule: Mapping[str, Any]) -> Forward:
    return Forward(
        id=rule["id"],
        to=", ".join(_recipients(rule)),
        ours=rule.get("displayName") == RULE,
        works=rule.get("isEnabled") is not False and not rule.get("hasError"),
    )


def _reply(setting: Mapping[str, Any]) -> Reply:
    statuses = {theirs: ours for ours, theirs in STATUS.items()}
    audiences = {theirs: ours for ours, theirs in AUDIENCE.items()}
    return Reply(
        status=statuses[setting.get("status") or "disabled"],
        audience=audiences[setting.get("externalAudience") or "none"],
        inside=setting.get("internalReplyMessage") or "",
        outside=setting.get("externalReplyMessage") or "",
        begins=_read(setting.get("scheduledStartDateTime")),
        ends=_read(setting.get("scheduledEndDateTime")),
    )


def _written(when: datetime | None) -> dict[str, str]:
    """https://learn.microsoft.com/graph/api/resources/datetimetimezone. Raises ValueError for none."""
    if when is None:
        raise ValueError("A scheduled reply needs both its ends.")
    return {"dateTime": when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": "UTC"}


def _read(when: Mapping[str, Any] | None) -> datetime | None:
    return moment(when["dateTime"]) if when else None
