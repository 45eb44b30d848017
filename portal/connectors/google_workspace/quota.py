"""What a call to Google costs, and the pacers that keep below its limits.

https://developers.google.com/workspace/admin/directory/v1/limits
https://developers.google.com/workspace/admin/licensing/v1/limits
"""

import threading

from portal.connectors.pace import Pacer, Window

# Google allows 2,400 calls a minute for one administrator; a little is left over, as clocks never agree quite.
CALLS, CALL_SECONDS = 2_340, 60.0
# How many of these are kept for single presses while Runs take what they can.
KEPT_CALLS = 240
# What is changed is looked at before or after it, as a rule.
CALLS_FOR_A_CHANGE = 2
# New users for one domain; here for one customer, which is stricter.
CREATES, CREATE_SECONDS = 10, 1.0
# Calls about licences, for all customers of this portal together.
LICENCE_CALLS, LICENCE_SECONDS = 1, 1.0
# Nothing of this pacer counts by units.
WITHOUT_END = 1_000_000


class DirectoryPacer(Pacer):
    """The calls of one connection, and among them, counted apart, the creates of its customer.

    Every call is one write of the base class, so that all processes share the count. units: creates, none or one.
    """

    def __init__(self, tenant_id: str):
        super().__init__(
            f"google-workspace {tenant_id}",
            writes=Window(CALLS, CALL_SECONDS), kept=KEPT_CALLS, units=Window(WITHOUT_END, CALL_SECONDS),
        )  # fmt: skip
        self._creates = Pacer(
            f"google-workspace creates {tenant_id}",
            writes=Window(CREATES, CREATE_SECONDS), units=Window(WITHOUT_END, CREATE_SECONDS),
        )  # fmt: skip

    def reserve(self, *, writes: int = 0, units: int = 1, many: bool = False) -> float:
        wait = super().reserve(writes=writes, units=units, many=many)
        return wait or (self._creates.reserve(writes=1, units=0) if units else 0.0)

    def busy_for(self, writes: int = 1) -> float:
        return max(super().busy_for(writes), self._creates.busy_for())


_pacers: dict[str, DirectoryPacer] = {}
_lock = threading.Lock()
LICENSING = Pacer(
    "google-workspace licensing",
    writes=Window(LICENCE_CALLS, LICENCE_SECONDS), units=Window(WITHOUT_END, LICENCE_SECONDS),
)  # fmt: skip


def pacer_of(tenant_id: str) -> DirectoryPacer:
    """The pacer that all calls of this process to the customer share."""
    with _lock:
        if tenant_id not in _pacers:
            _pacers[tenant_id] = DirectoryPacer(tenant_id)
        return _pacers[tenant_id]


def forget(tenant_id: str) -> None:
    """Somebody has reason to ask this customer again. The quota of licences is everybody's, and is not touched."""
    pacer_of(tenant_id).reopen()
