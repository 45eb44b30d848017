"""The first reading of a whole tenant, against Microsoft's client listing the same, and a reading without a change."""

import json
import resource
import sys
import time
from typing import Any

from tests.bench.portal_process import portal
from tests.bench.sdk import listed_per_second


def measure(users: int = 100_000) -> dict[str, Any]:
    """Users a second of both, seconds of an empty reading, and the peak memory (MB) of a portal that read them all."""
    from portal.addons.models import Connection
    from portal.organisations.models import Organisation
    from portal.provisioning import sync

    with portal(users=users) as bench, bench.app.app_context():
        bench.sandbox.grant_consent("Acme")
        connection = Connection.create(
            organisation=Organisation.create(name="Acme"), service="microsoft-365", tenant_name="Acme",
            tenant_id=bench.sandbox.tenants[0]["id"],
        )  # fmt: skip
        began = time.perf_counter()
        sync.bring_in_step(connection)
        first = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        connection = Connection.get_by_id(connection.id)
        began = time.perf_counter()
        sync.bring_in_step(connection)
        empty = time.perf_counter() - began
        listed, count = listed_per_second(bench.sandbox)
    return {
        "users": count, "portal per second": round(count / first), "sdk per second": round(listed),
        "ratio": round(count / first / listed, 1), "empty seconds": round(empty, 3), "peak MB": peak,
    }  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(*map(int, sys.argv[1:]))) + "\n")
