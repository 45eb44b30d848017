"""Tells those who subscribed that a user has changed.

https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
"""

import html
import json
import secrets
import urllib.request
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from portal.sandbox.courier import OPENER, Courier
from portal.sandbox.state import State
from portal.sandbox.state.models import Subscription

HANDSHAKE_SECONDS = 10
# Creation and soft delete of a user arrive as "updated".
TOLD_AS = {"created": "updated", "updated": "updated", "restored": "updated", "deleted": "updated", "purged": "deleted"}


def shakes_hands(url: str) -> bool:
    """Whether the address gives back, as plain text, what it is sent."""
    challenge = f"Validation: Testing client application reachability {secrets.token_hex(8)}"
    sign = "&" if "?" in url else "?"
    asked = urllib.request.Request(  # noqa: S310
        f"{url}{sign}validationToken={quote(challenge)}",
        data=b"",
        headers={"Content-Type": "text/plain; charset=utf-8"},
    )
    try:
        with OPENER.open(asked, timeout=HANDSHAKE_SECONDS) as answer:
            text = answer.read(4096).decode("utf-8", "replace")
            plain = answer.headers.get_content_type() == "text/plain"
            return answer.status == 200 and plain and html.unescape(text) == challenge
    except (OSError, ValueError):
        return False


class Notifier:
    """tell() returns at once."""

    def __init__(self, state: State):
        self.state, self.courier = state, Courier()

    def tell(self, changes: Iterable[tuple[str, str, str]]) -> None:
        """changes: (tenant, user, kind as in Change)."""
        with self.state.lock:
            live = list(Subscription.select().where(Subscription.expires > self.state.clock.time()))
        for tenant, user, kind in dict.fromkeys(changes):
            for subscription in live:
                if subscription.tenant == tenant and _concerns(subscription.body, user, TOLD_AS[kind]):
                    body = json.dumps({"value": [_notice(subscription, user, TOLD_AS[kind])]}).encode()
                    self.courier.send(subscription.body["notificationUrl"], body, {"Content-Type": "application/json"})


def _concerns(body: dict[str, Any], user: str, change: str) -> bool:
    kinds = {part.strip() for part in body["changeType"].split(",")}
    return change in kinds and body["resource"].strip("/") in ("users", f"users/{user}")


def _notice(subscription: Subscription, user: str, change: str) -> dict[str, Any]:
    body = subscription.body
    return {
        "changeType": change, "clientState": body["clientState"], "resource": f"Users/{user}",
        "resourceData": {"@odata.type": "#Microsoft.Graph.User", "@odata.id": f"Users/{user}", "id": user},
        "subscriptionExpirationDateTime": body["expirationDateTime"], "subscriptionId": body["id"],
        "tenantId": subscription.tenant,
    }  # fmt: skip
