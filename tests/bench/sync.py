"""The first reading of a tenant's changes, which is all of its users, against Microsoft's client listing the same."""

import json
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench import staff
from tests.bench.portal_process import Bench, portal
from tests.bench.sdk import Sdk


@contextmanager
def peak() -> Iterator[Callable[[], float]]:
    """Yields what tells how much memory more than at the beginning was held at some time since, in MB (Linux)."""

    def held(name: str) -> float:
        return int(re.search(rf"{name}:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024  # type: ignore[index]

    Path("/proc/self/clear_refs").write_text("5")
    before = held("VmRSS")
    yield lambda: held("VmHWM") - before


def listed_by_sdk(bench: Bench, names: Iterable[str], people: int) -> float:
    """Users a second with which Microsoft's client walks through the same change query; it stops after so many."""
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph.generated.users.delta.delta_request_builder import DeltaRequestBuilder

    async def all_of_them(client: Any) -> float:
        query = DeltaRequestBuilder.DeltaRequestBuilderGetQueryParameters(select=list(names))
        began = time.perf_counter()
        page = await client.users.delta.get(RequestConfiguration(query_parameters=query))
        listed = len(page.value)
        while page.odata_next_link and listed < people:
            page = await client.users.delta.with_url(page.odata_next_link).get()
            listed += len(page.value)
        return listed / (time.perf_counter() - began)

    return Sdk(bench.sandbox).run(all_of_them)


def measure(people: int = 100_000, compared: int = 5_000) -> dict[str, Any]:
    """Users a second by the portal, which compares and writes, and by Microsoft's client, which only lists."""
    from portal.accounts.models import Account
    from portal.connections.models import Connection
    from portal.connectors.microsoft365.payloads import SELECT_CHANGES
    from portal.sync import tenant as sync

    with portal(users=people) as bench, bench.app.app_context():
        bench.sandbox.grant_consent("Acme")
        connection = staff.connection_of()
        staff.hire(connection, 1, people)
        with peak() as memory:
            began = time.perf_counter()
            sync.sync_changes(connection)
            seconds, more = time.perf_counter() - began, memory()
        written = Account.select().where(Account.display_name != "").count()
        began = time.perf_counter()
        sync.sync_changes(Connection.get_by_id(connection.id))
        empty = time.perf_counter() - began
        Connection.update(changes_link="").execute()
        began = time.perf_counter()
        sync.sync_changes(Connection.get_by_id(connection.id))
        known = time.perf_counter() - began
        # Its modules are loaded before anything is measured.
        listed_by_sdk(bench, ("id",), 1)
        with peak() as memory:
            sdk = listed_by_sdk(bench, SELECT_CHANGES.split(","), compared)
            sdk_more = memory()
    return {
        "people": people, "written": written, "seconds": round(seconds, 1), "per second": round(people / seconds),
        "sdk per second": round(sdk), "ratio": round(people / seconds / sdk, 1),
        "known per second": round(people / known), "empty": round(empty, 3),
        "memory": round(more), "sdk memory": round(sdk_more),
    }  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(*map(int, sys.argv[1:]))) + "\n")
