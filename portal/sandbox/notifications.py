"""Tells those who subscribed that a user has changed.

https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
"""

import html
import json
import queue
import secrets
import threading
import urllib.error
import urllib.request
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from portal.sandbox.state import State
from portal.sandbox.state.models import Subscription

HANDSHAKE_SECONDS, DELIVERY_SECONDS = 10, 3
TRIES = 3
# Creation and soft delete of a user arrive as "updated".
TOLD_AS = {"created": "updated", "updated": "updated", "restored": "updated", "deleted": "updated", "purged": "deleted"}
# Notifications stay on this machine or go where they were asked to go, whatever proxy the environment names.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


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


class Courier:
    """Delivers from a thread of its own, in the order of the changes."""

    def __init__(self, state: State):
        self.state = state
        self.waiting: queue.Queue[tuple[str, dict[str, Any]] | None] = queue.Queue()
        self.thread: threading.Thread | None = None

    def tell(self, changes: Iterable[tuple[str, str, str]]) -> None:
        """changes: (tenant, user, kind as in Change)."""
        with self.state.lock:
            live = list(Subscription.select().where(Subscription.expires > self.state.clock.time()))
        if not live:
            return
        if self.thread is None:
            self.thread = threading.Thread(target=self._deliver, daemon=True)
            self.thread.start()
        for tenant, user, kind in dict.fromkeys(changes):
            for subscription in live:
                if subscription.tenant == tenant and _concerns(subscription.body, user, TOLD_AS[kind]):
                    self.waiting.put((subscription.body["notificationUrl"], _notice(subscription, user, TOLD_AS[kind])))

    def _deliver(self) -> None:
        while (item := self.waiting.get()) is not None:
            url, notice = item
            body = json.dumps({"value": [notice]}).encode()
            asked = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"})  # noqa: S310
            for _ in range(TRIES):
                try:
                    with OPENER.open(asked, timeout=DELIVERY_SECONDS):
                        break
                except (OSError, ValueError):
                    continue


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
