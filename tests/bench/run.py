"""A Run of many creates with licence and manager, against Microsoft's client doing the same one by one."""

import json
import sys
import time
from typing import Any

from peewee import chunked

from portal.sandbox.state.seed import fixed_id
from tests.bench.portal_process import Bench, portal
from tests.bench.sdk import people_per_second

LATENCY = 100
PRODUCT = "SPB"


def prepared(bench: Bench, people: int, tenant_name: str = "Acme") -> tuple[Any, str, str]:
    """A planned Run of so many people who all report to one manager; the licence's id and the manager's."""
    from portal.accounts.models import Account
    from portal.auth import actions as auth
    from portal.auth.models import AccessLevel
    from portal.connections.models import Connection
    from portal.connectors import SERVICES
    from portal.database import transaction
    from portal.operations.requests import Verb
    from portal.organisations.models import Organisation
    from portal.people.models import Employee
    from portal.runs import actions, planning

    bench.sandbox.grant_consent(tenant_name)
    domain, tenant_id = f"{tenant_name.lower()}.example", fixed_id(f"tenant {tenant_name.lower()}")
    organisation = Organisation.create(name=tenant_name, country="GB", approval_above=1_000_000)
    admin = auth.create_user(organisation, f"ada@{domain}", "a long enough password", AccessLevel.ADMIN)
    connection = Connection.create(
        organisation=organisation, service="microsoft-365", tenant_id=tenant_id, tenant_name=tenant_name,
        domains=[domain], connected_by=admin,
    )  # fmt: skip
    product = next(
        plan for plan in SERVICES["microsoft-365"].connector(tenant_id).licences() if plan.part_number == PRODUCT
    )
    bench.sandbox.set_seats(product.id, 1_000_000, tenant=tenant_name)
    head = Employee.create(organisation=organisation, employee_number="head", first_name="Helen", last_name="Head")
    boss = bench.sandbox.user(f"grace.hopper@{domain}", tenant=tenant_name).id
    Account.create(
        organisation=organisation, employee=head, connection=connection, remote_id=boss, enabled=True,
        username=f"grace.hopper@{domain}", read_at=organisation.created_at, fields_at=organisation.created_at,
    )  # fmt: skip
    rows = [
        {"organisation": organisation, "employee_number": str(number), "first_name": f"P{number}",
         "last_name": "Person", "personal_email": f"p{number}@home.example", "country": "GB", "manager": head}
        for number in range(people)
    ]  # fmt: skip
    with transaction():
        for some in chunked(rows, 500):
            Employee.insert_many(some).execute()
    options = {"domain": domain, "licence": product.id, "send": "2099-01-01T08:00:00+00:00"}
    chosen = Employee.select().where(Employee.organisation == organisation, Employee.id != head.id)
    run = actions.plan_run(connection, Verb.CREATE, [chosen], by=admin, source="bench", options=options)
    planning.plan(run)
    return run, product.id, boss


def measure(people: int = 900, compared: int = 20, *, database_url: str = "") -> dict[str, Any]:
    """People a second by a Run and by Microsoft's client, and how many round trips a write takes."""
    from portal.runs import actions, carrying
    from portal.runs.models import LineState, Run, RunLine, RunState

    with portal(database_url=database_url) as bench, bench.app.app_context():
        run, product, boss = prepared(bench, people)
        bench.sandbox.set_latency(LATENCY)
        sdk = people_per_second(bench.sandbox, product, boss, compared)
        bench.sandbox.clear_requests()
        actions.start(Run.get_by_id(run.id), by=run.by)
        began, worked = time.perf_counter(), time.process_time()
        while Run.get_by_id(run.id).state == RunState.RUNNING:
            if carrying.carry_on(Run.get_by_id(run.id)) != 0:
                time.sleep(0.05)
        seconds, cpu = time.perf_counter() - began, time.process_time() - worked
        done = RunLine.select().where(RunLine.run == run, RunLine.state == LineState.DONE).count()
        # The journal of the sandbox keeps the latest calls only, so the share is that of these.
        calls = bench.sandbox.requests(path="/v1.0/")
        batches = sum(call.path.endswith("/$batch") for call in calls)
        writes = sum(call.method != "GET" for call in calls) - batches
    return {
        "people": people, "done": done, "seconds": round(seconds, 2), "run per second": round(people / seconds, 1),
        "cpu": round(1000 * cpu / people, 1), "sdk per second": round(sdk, 2),
        "ratio": round(people / seconds / sdk, 1), "round trips per write": round(batches / max(writes, 1), 3),
    }  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(*map(int, sys.argv[1:]))) + "\n")
