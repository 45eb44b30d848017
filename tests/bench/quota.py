"""A Run longer than Microsoft's quota of writes: how much of it is used in five minutes, and is any call refused."""

import json
import sys
import threading
import time
from typing import Any

from tests.bench.portal_process import Bench, portal
from tests.bench.run import LATENCY, prepared

# https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits: 3,000 in 150 seconds.
DOCUMENTED = 20.0
# The sandbox's journal keeps the latest calls only, so it is looked at so often.
LOOK_EVERY = 10.0


class Watch(threading.Thread):
    """Gathers what the sandbox has answered, by request id, until it is told to stop."""

    def __init__(self, bench: Bench):
        super().__init__(daemon=True)
        self.sandbox, self.calls, self.over = bench.sandbox, {}, threading.Event()

    def run(self) -> None:
        while not self.over.wait(LOOK_EVERY):
            self.look()

    def look(self) -> None:
        for call in self.sandbox.requests(path="/v1.0/"):
            self.calls.setdefault(call.request_id, call)

    def stop(self) -> None:
        self.over.set()
        self.join()
        self.look()


def measure(seconds: float = 300.0) -> dict[str, Any]:
    """The writes that were carried out in so many seconds, and those that were refused for their number."""
    from portal.runs import actions, carrying
    from portal.runs.models import Run

    with portal() as bench, bench.app.app_context():
        # More people than could be done in the time, of three writes each.
        run, _, _ = prepared(bench, int(seconds * DOCUMENTED / 2))
        bench.sandbox.set_latency(LATENCY)
        bench.sandbox.throttle()
        bench.sandbox.clear_requests()
        watch = Watch(bench)
        watch.start()
        actions.start(Run.get_by_id(run.id), by=run.by)
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            pause = carrying.carry_on(Run.get_by_id(run.id))
            time.sleep(min(pause or 0.05, max(left, 0.0)))
        watch.stop()
    # The last turn ends later than the time is up: it waits for more quota.
    end = min(call.at for call in watch.calls.values()) + seconds
    in_time = [call for call in watch.calls.values() if call.at < end]
    writes = [call for call in in_time if call.method != "GET" and not call.path.endswith("/$batch")]
    carried_out = sum(call.status < 300 for call in writes)
    return {
        "seconds": round(seconds), "writes": carried_out, "refused": sum(call.status == 429 for call in writes),
        "share": round(100 * carried_out / (DOCUMENTED * seconds), 1),
    }  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(*map(float, sys.argv[1:]))) + "\n")
