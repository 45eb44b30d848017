"""The quotas, as token buckets; switched off until somebody asks for them.

https://developers.google.com/workspace/admin/directory/v1/limits and
https://developers.google.com/workspace/admin/licensing/v1/limits
"""

import threading
from dataclasses import dataclass, field
from typing import Any

from portal.sandbox.buckets import Bucket
from portal.sandbox.google.refusals import Refusal
from portal.sandbox.google.state import State

RATE = "Request rate higher than configured."


@dataclass
class Limits:
    """Each: how much, and in how many seconds. account: of all that ask about one customer.

    plain: refuse with plain text instead of JSON.
    """

    queries: float = 2400
    query_seconds: float = 60
    account: float = 24_000
    account_seconds: float = 60
    creates: float = 10
    create_seconds: float = 1
    licensing: float = 1
    licensing_seconds: float = 1
    plain: bool = False


@dataclass
class Quotas:
    """on: whether calls are refused at all."""

    on: bool = False
    limits: Limits = field(default_factory=Limits)
    buckets: dict[tuple[str, ...], Bucket] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def switch(self, *, on: bool, **limits: Any) -> None:
        """Begin with full buckets. limits: other figures than Google's. Raises TypeError for unknown ones."""
        with self.lock:
            self.on, self.limits = on, Limits(**limits)
            self.buckets.clear()

    def take(self, state: State, method: str, asked: Any) -> None:
        """One query. Raises Refusal when there is no room for it."""
        if not self.on:
            return
        caller, limits = asked.caller, self.limits
        with self.lock:
            if method.startswith("licensing."):
                self._take(state, ("licensing",), limits.licensing, limits.licensing_seconds, self._unavailable)
                return
            owner = asked.options.get("quotaUser") or caller.user.id
            self._take(state, ("user", owner), limits.queries, limits.query_seconds, self._too_fast)
            self._take(state, ("account", caller.user.customer), limits.account, limits.account_seconds, _exhausted)
            if method == "directory.users.insert":
                domain = str(asked.body.get("primaryEmail", "")).rpartition("@")[2]
                self._take(state, ("create", domain), limits.creates, limits.create_seconds, self._too_fast)

    def _take(self, state: State, key: tuple[str, ...], size: float, seconds: float, refusal: Any) -> None:
        moment = state.clock.time()
        bucket = self.buckets.setdefault(key, Bucket(size, seconds, size, moment))
        bucket.fill(moment)
        if bucket.wait_for(1) > 0:
            raise refusal()
        bucket.level -= 1

    def _too_fast(self) -> Refusal:
        return Refusal(403, "quotaExceeded", RATE, plain=RATE if self.limits.plain else "")

    def _unavailable(self) -> Refusal:
        return Refusal(503, "quotaExceeded", RATE)


def _exhausted() -> Refusal:
    """Of the whole customer: https://developers.google.com/workspace/admin/directory/v1/limits"""
    return Refusal(429, "rateLimitExceeded", "Rate Limit Exceeded", more={"status": "RESOURCE_EXHAUSTED"})
