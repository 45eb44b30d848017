"""What a Graph call costs, and the pacer that keeps each tenant below Microsoft's limits.

https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits
"""

import math
import re
import threading
from collections.abc import Mapping

from portal.connectors.http import Cost
from portal.connectors.pace import Bucket, Pacer, Window

# Microsoft allows 3,000 writes in any 150 seconds for one application in one tenant. A little is left over, because the
# clocks of several machines never agree quite; and a second, because Microsoft counts a write as it arrives, which may
# be later than the portal booked it.
WRITES, WRITE_SECONDS = 2_950, 151.0
# How many of these are kept for single presses while Runs take what they can.
KEPT_WRITES = 50
# The limit of the smallest tenants; larger ones have more, but how large a tenant is costs a call to find out.
# Microsoft counts in a bucket that holds so many and fills evenly: "Pattern" on the page above.
UNITS, UNIT_SECONDS = 3_400, 10.0
EASE_OFF_FROM = 0.8
# No single answer costs more, whatever it says.
MOST_UNITS = 100

BASE_COSTS = (
    (re.compile(r"/users/[^/?]+/(memberOf|licenseDetails)"), 2),
    (re.compile(r"/users/[^/?]+/manager"), 1),
    (re.compile(r"/users"), 2),
    (re.compile(r"/subscribedSkus"), 3),
)

_pacers: dict[str, "GraphPacer"] = {}
_lock = threading.Lock()


class GraphPacer(Pacer):
    """A Pacer that reads Graph's own throttling headers."""

    def heard(self, status: int, headers: Mapping[str, str], *, units: int = 1) -> None:
        super().heard(status, headers, units=units)
        self.also_spent(min(int(_number(headers, "x-ms-resource-unit", units)), MOST_UNITS) - units)
        used = _number(headers, "x-ms-throttle-limit-percentage", 0.0)
        if used >= EASE_OFF_FROM:
            self.close_for((used - EASE_OFF_FROM) * 2)

    def concerns_everybody(self, headers: Mapping[str, str]) -> bool:
        return headers.get("x-ms-throttle-scope", "").startswith(("Tenant", "Application"))


def _number(headers: Mapping[str, str], name: str, otherwise: float) -> float:
    try:
        found = float(headers[name])
    except (KeyError, ValueError):
        return otherwise
    return found if math.isfinite(found) else otherwise


def pacer_of(tenant_id: str) -> GraphPacer:
    """The pacer that all calls of this process to the tenant share."""
    with _lock:
        if tenant_id not in _pacers:
            _pacers[tenant_id] = GraphPacer(
                f"microsoft-365 {tenant_id}",
                writes=Window(WRITES, WRITE_SECONDS),
                kept=KEPT_WRITES,
                units=Bucket(UNITS, UNIT_SECONDS),
            )
        return _pacers[tenant_id]


def cost_of(method: str, path: str) -> Cost:
    """The writes and resource units of a call; path: as after /v1.0, with its query."""
    if method != "GET":
        return Cost(writes=1, units=1)
    base = next((units for pattern, units in BASE_COSTS if pattern.match(path)), 1)
    top = re.search(r"[?&]\$top=(\d+)", path)
    base -= "$select=" in path
    base -= top is not None and int(top.group(1)) < 20
    base += "$expand=" in path
    return Cost(units=max(base, 1))
