"""The quotas of the directory, as token buckets, and of mailboxes; switched off until a test asks for them.

https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits
"""

import re
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.sandbox.buckets import Bucket
from portal.sandbox.refusals import Refusal
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state import State, User

BASE_COST = (
    (r"^/v1\.0/users(/[^/]+)?$", 2), (r"/memberOf", 2), (r"/transitiveMemberOf$", 5), (r"/licenseDetails$", 2),
    (r"^/v1\.0/subscribedSkus$", 3), (r"^/v1\.0/groups/[^/]+/members$", 3),
)  # fmt: skip
SMALL_TOP = 20
# https://learn.microsoft.com/graph/throttling-limits#outlook-service-limits
OF_MAILBOX = re.compile(r"^/v1\.0/(?:users/([^/]+)|me)/(mailboxSettings|mailFolders|messages|sendMail|events|calendar)")
WARN_FROM = 0.8


@dataclass
class Limits:
    """Each: how much, and in how many seconds. units: by the size of the tenant, below which each holds."""

    units: list[tuple[float, float]] = field(default_factory=lambda: [(50, 3500), (500, 5000), (float("inf"), 8000)])
    unit_seconds: float = 10
    writes: float = 3000
    write_seconds: float = 150
    all_tenants_units: float = 150_000
    all_tenants_unit_seconds: float = 20
    all_tenants_writes: float = 70_000
    all_tenants_write_seconds: float = 300
    all_applications_writes: float = 18_000
    all_applications_write_seconds: float = 300
    mailbox_calls_at_once: int = 4
    mailbox_calls: float = 10_000
    mailbox_call_seconds: float = 600
    # How long one takes, so that several are under way at the same time.
    mailbox_seconds: float = 0


@dataclass
class Throttle:
    """on: whether calls are refused at all."""

    on: bool = False
    limits: Limits = field(default_factory=Limits)
    buckets: dict[tuple[str, ...], Bucket] = field(default_factory=dict)
    under_way: Counter[tuple[str, str]] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def switch(self, *, on: bool, **limits: Any) -> None:
        """Begin with full buckets. limits: other figures than Microsoft's. Raises TypeError for unknown ones."""
        with self.lock:
            if isinstance(limits.get("units"), int | float):
                limits["units"] = [(float("inf"), limits["units"])]
            self.on, self.limits = on, Limits(**limits)
            self.buckets.clear()

    @staticmethod
    def cost(method: str, path: str, arguments: Mapping[str, str]) -> int:
        """Resource units of a request."""
        if method != "GET":
            return 1
        cost = next((units for pattern, units in BASE_COST if re.search(pattern, path)), 1)
        cost -= "$select" in arguments
        top = arguments.get("$top", "")
        cost -= top.isdigit() and int(top) < SMALL_TOP
        cost += "$expand" in arguments
        return max(1, cost)

    def take(self, state: State, caller: Caller, method: str, cost: int) -> dict[str, str]:
        """Take the cost out of the buckets; headers about how full they are. Raises Refusal when one is empty."""
        if not self.on:
            return {}
        with self.lock:
            wanted = [
                (bucket, amount, scope, why)
                for bucket, amount, scope, why in self._buckets(state, caller, method, cost)
                if amount
            ]
            for bucket, amount, scope, why in wanted:
                wait = bucket.wait_for(amount)
                if wait > 0:
                    raise self._refusal(wait, scope, why, caller)
            for bucket, amount, _, _ in wanted:
                bucket.level -= amount
            used = max(1 - bucket.level / bucket.size for bucket, _, _, _ in wanted)
        return {"x-ms-throttle-limit-percentage": f"{used:.1f}"} if used >= WARN_FROM else {}

    def enter_mailbox(self, state: State, caller: Caller, path: str) -> tuple[str, str] | None:
        """Count a call to a mailbox; what to give to `leave_mailbox`. Raises Refusal for one too many."""
        found = OF_MAILBOX.match(path) if self.on else None
        if found is None:
            return None
        key, moment = (caller.app_id, (found.group(1) or caller.person).casefold()), state.clock.time()
        size, seconds = self.limits.mailbox_calls, self.limits.mailbox_call_seconds
        with self.lock:
            bucket = self.buckets.setdefault(("mailbox", *key), Bucket(size, seconds, size, moment))
            bucket.fill(moment)
            if bucket.wait_for(1) > 0:
                raise _over("MailboxRequests", bucket.wait_for(1))
            if self.under_way[key] >= self.limits.mailbox_calls_at_once:
                raise _over("MailboxConcurrency", 1)
            bucket.level -= 1
            self.under_way[key] += 1
        return key

    def leave_mailbox(self, key: tuple[str, str]) -> None:
        with self.lock:
            self.under_way[key] -= 1

    def _buckets(self, state: State, caller: Caller, method: str, cost: int) -> list[tuple[Bucket, float, str, str]]:
        limits, tenant, app = self.limits, caller.tenant.id, caller.app_id
        writes = 0 if method == "GET" else 1
        kind = "Write" if writes else "Read"
        units = self._units_of(caller)
        moment = state.clock.time()
        named = [
            (("units", app, tenant), units, limits.unit_seconds, cost, f"Tenant_Application/{kind}", "ResourceUnit"),
            (("writes", app, tenant), limits.writes, limits.write_seconds, writes, "Tenant_Application/Write", "Write"),
            (("units", app), limits.all_tenants_units, limits.all_tenants_unit_seconds, cost, f"Application/{kind}",
             "ResourceUnit"),
            (("writes", app), limits.all_tenants_writes, limits.all_tenants_write_seconds, writes, "Application/Write",
             "Write"),
            (("writes", "", tenant), limits.all_applications_writes, limits.all_applications_write_seconds, writes,
             "Tenant/Write", "Write"),
        ]  # fmt: skip
        found = []
        for key, size, seconds, amount, scope, why in named:
            bucket = self.buckets.setdefault(key, Bucket(size, seconds, size, moment))
            bucket.fill(moment)
            found.append((bucket, float(amount), scope, f"{why}LimitExceeded"))
        return found

    def _units_of(self, caller: Caller) -> float:
        if len(self.limits.units) == 1:
            return self.limits.units[0][1]
        people = User.select().where(User.tenant == caller.tenant.id).limit(501).count()
        return next(units for below, units in self.limits.units if people < below or below == float("inf"))

    @staticmethod
    def _refusal(wait: float, scope: str, why: str, caller: Caller) -> Refusal:
        headers = {
            "Retry-After": str(max(1, round(wait + 0.499))),
            "x-ms-throttle-scope": f"{scope}/{caller.app_id}/{caller.tenant.id}",
            "x-ms-throttle-information": why,
        }
        inner = {"code": "429", "message": "Please retry after", "status": "429"}
        return Refusal(429, "TooManyRequests", "Please retry again later.", headers=headers, inner=inner)


def _over(limit: str, wait: float) -> Refusal:
    headers = {"Retry-After": str(max(1, round(wait + 0.499)))}
    return Refusal(429, "ApplicationThrottled", f"Application is over its {limit} limit.", headers=headers)
