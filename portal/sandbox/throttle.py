"""Microsoft's documented write quota, as a switch.

https://learn.microsoft.com/graph/throttling-limits: 3,000 writes in any 150 seconds per application and tenant.
"""

import threading
from collections import deque

WRITES, SECONDS = 3_000, 150.0


class Throttle:
    """Counts writes while it is on."""

    def __init__(self) -> None:
        self.on = False
        self._writes: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def wait(self, tenant_id: str, method: str, moment: float) -> float:
        """Seconds to wait before this call is allowed; 0 lets it pass and counts it."""
        if not self.on or method == "GET":
            return 0.0
        with self._lock:
            sent = self._writes.setdefault(tenant_id, deque())
            while sent and sent[0] <= moment - SECONDS:
                sent.popleft()
            if len(sent) >= WRITES:
                return max(1.0, sent[0] + SECONDS - moment)
            sent.append(moment)
        return 0.0

    def reset(self) -> None:
        with self._lock:
            self.on = False
            self._writes.clear()
