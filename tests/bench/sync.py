"""The first reading of a tenant's changes, which is everybody, against Microsoft's client listing the same."""

import json
import re
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from peewee import chunked

from tests.bench.portal_process import Bench, portal
from tests.bench.sdk import Sdk

AT_ONCE = 1_000


def linked(bench: Bench, people: int) -> Any:
    """A connection at which everybody whom the sandbox invented is an employee's account, of which little is known."""
    from portal.addons.models import Connection
    from portal.auth import actions as auth
    from portal.auth.models import AccessLevel
    from portal.database import now, transaction
    from portal.organisations.models import Organisation
    from portal.people.models import Employee
    from portal.provisioning.models import Account

    bench.sandbox.grant_consent("Acme")
    tenant = bench.sandbox.tenants[0]
    organisation = Organisation.create(name="Acme", country="GB")
    admin = auth.create_user(organisation, "ada@acme.example", "a long enough password", AccessLevel.ADMIN)
    connection = Connection.create(
        organisation=organisation, service="microsoft-365", tenant_id=tenant["id"], tenant_name="Acme",
        domains=["acme.example"], connected_by=admin,
    )  # fmt: skip
    for numbers in chunked(range(1, people + 1), AT_ONCE):
        staff = [
            {"organisation": organisation, "employee_number": f"S{number}", "first_name": f"P{number}",
             "last_name": "Person", "search_text": f" p{number} person", "sort_name": f"p{number}"}
            for number in numbers
        ]  # fmt: skip
        with transaction():
            Employee.insert_many(staff).execute()
            added: Any = Employee.select(Employee.id).order_by(Employee.id.desc()).limit(len(staff)).tuples()
            accounts = [
                {"organisation": organisation, "employee": employee, "connection": connection,
                 "remote_id": _id(number), "username": f"p{number}@acme.example", "enabled": number % 20 != 7,
                 "read_at": now(), "fields_at": now()}
                for number, (employee,) in zip(numbers, reversed(list(added)), strict=True)
            ]  # fmt: skip
            Account.insert_many(accounts).execute()
    return connection


def _id(number: int) -> str:
    from portal.sandbox.state.seed import SPACE

    return str(uuid.UUID(int=SPACE.int + (1 << 64) + number))


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
    from portal.addons.models import Connection
    from portal.connectors.microsoft365.payloads import SELECT_CHANGES
    from portal.provisioning import sync
    from portal.provisioning.models import Account

    with portal(users=people) as bench, bench.app.app_context():
        connection = linked(bench, people)
        with peak() as memory:
            began = time.perf_counter()
            sync.bring_in_step(connection)
            seconds, more = time.perf_counter() - began, memory()
        written = Account.select().where(Account.display_name != "").count()
        began = time.perf_counter()
        sync.bring_in_step(Connection.get_by_id(connection.id))
        empty = time.perf_counter() - began
        Connection.update(changes_link="").execute()
        began = time.perf_counter()
        sync.bring_in_step(Connection.get_by_id(connection.id))
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
