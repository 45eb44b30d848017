"""The portal's processes: how long until the first answer, what memory they hold, and their own time in a create."""

import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from bs4 import BeautifulSoup

from tests.bench import staff
from tests.bench.pages import FLOOR, OWN, plain, serving, signed_in
from tests.bench.portal_process import Bench, portal
from tests.bench.run import LATENCY, prepared

STARTS, ASKED, CREATES, PEOPLE = 5, 300, 30, 300
EMPLOYEES = 1_000


def family(process: int) -> list[int]:
    """The process and those that it has started, and they."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(one for child in children for one in family(int(child)))]


def held(process: int, what: str = "VmRSS") -> float:
    """Memory of the largest process of the family, in MB (Linux): the one that answers or works."""
    kept = [re.search(rf"{what}:\s+(\d+)", Path(f"/proc/{one}/status").read_text()) for one in family(process)]
    return max(int(found[1]) for found in kept if found) / 1024


def alone(process: int) -> float:
    """Memory that no other process has, in MB (Linux), of the last of the family: the one that answers.

    What it was forked with is shared with the process that started it until either changes it.
    """
    rollup = Path(f"/proc/{family(process)[-1]}/smaps_rollup").read_text()
    return sum(int(kilobytes) for kilobytes in re.findall(r"Private_\w+:\s+(\d+)", rollup)) / 1024


def first_answer(*command: str, path: str, **environment: str) -> float:
    """Seconds from the start of the command to its first answer."""
    began = time.perf_counter()
    with serving(*command, **environment) as server:
        plain().get(f"http://{server.host}{path}", timeout=30)
        return time.perf_counter() - began


def web_memory(*command: str, path: str, **environment: str) -> tuple[float, float]:
    """What the web process holds after it has answered many times, and what of it is its own alone, in MB."""
    with serving(*command, **environment) as server:
        session = signed_in(server.host) if command == OWN else plain()
        for _ in range(ASKED):
            assert session.get(f"http://{server.host}{path}", timeout=30).status_code == 200
        return held(server.process.pid), alone(server.process.pid)


@contextmanager
def worker() -> Iterator[subprocess.Popen]:
    process = subprocess.Popen([sys.executable, "-m", "portal", "worker"], stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def worker_memory() -> tuple[float, float]:
    """What a worker holds before a Run of creates, and the most it held until its end, in MB."""
    from portal.runs import actions
    from portal.runs.models import Run, RunState

    with portal() as bench, bench.app.app_context():
        run, _, _ = prepared(bench, PEOPLE)
        with worker() as process:
            time.sleep(5)
            before = held(process.pid)
            actions.start(Run.get_by_id(run.id), by=run.by)
            while Run.get_by_id(run.id).state == RunState.RUNNING:
                time.sleep(0.2)
            return before, held(process.pid, "VmHWM")


def created(session: requests.Session, host: str, employee: int) -> float:
    """Seconds that the press of Create takes, as the browser's script makes it."""
    address = f"http://{host}/people/employees/{employee}/account-provisioning/microsoft-365/create"
    form = BeautifulSoup(session.get(address).text, "html.parser").select_one('form[method=post][action$="/create"]')
    values = {field["name"]: field.get("value", "") for field in form.select("input[name]:not([type=checkbox])")}  # type: ignore[union-attr]
    values |= {"domain": "acme.example", "licence_id": "none", "date": "2099-01-01", "time": "08:00"}
    began = time.perf_counter()
    answer = session.post(address, data=values)
    seconds = time.perf_counter() - began
    assert answer.status_code == 200, answer.text
    return seconds


def own_time(bench: Bench) -> dict[str, float]:
    """Milliseconds of one interactive create: all of it, and what of it was not spent waiting for the sandbox."""
    from portal.operations.models import Operation, State
    from portal.people.models import Employee

    head = Employee.select().order_by(Employee.id).first()
    for number in range(CREATES):
        Employee.create(
            organisation=head.organisation, employee_number=f"new{number}", first_name=f"New{number}",
            last_name="Person", personal_email=f"new{number}@home.example", country="GB", manager=head,
        )  # fmt: skip
    new = [employee.id for employee in Employee.select().where(Employee.employee_number.startswith("new"))]
    bench.sandbox.set_latency(LATENCY)
    with serving(*OWN) as server:
        session = signed_in(server.host)
        session.headers["HX-Request"] = "true"
        times = [1000 * created(session, server.host, employee) for employee in new]
    waited = []
    for operation in Operation.select().where(Operation.verb == "create"):
        assert operation.state == State.DONE
        waited.append(1000 * sum(call["seconds"] for step in operation.steps for call in step.calls))
    return {
        "all": statistics.median(times),
        "own": statistics.median(taken - waits for taken, waits in zip(times, waited, strict=True)),
    }


def measure() -> dict[str, Any]:
    """Cold start, memory of a web process and of a worker, and the portal's own time in a create."""
    before, most = worker_memory()
    with portal(users=EMPLOYEES) as bench, bench.app.app_context():
        bench.sandbox.grant_consent("Acme")
        staff.hire(staff.connection_of(), 1, EMPLOYEES)
        floor = {"FLOOR_DATABASE": f"sqlite:///{bench.folder / 'portal.sqlite3'}"}
        starts = [
            (first_answer(*OWN, path="/healthz"), first_answer(*FLOOR, path="/list", **floor)) for _ in range(STARTS)
        ]
        web, more = web_memory(*OWN, path="/people/employees")
        bare, bare_more = web_memory(*FLOOR, path="/list", **floor)
        create = own_time(bench)
    own, least = (statistics.median(times) for times in zip(*starts, strict=True))
    return {
        "start": round(own, 2), "floor start": round(least, 2), "start ratio": round(own / least, 1),
        "web": round(web), "floor web": round(bare), "web ratio": round(web / bare, 1),
        "more": round(more), "floor more": round(bare_more), "more ratio": round(more / bare_more, 1),
        "people": PEOPLE, "worker": round(before), "worker most": round(most),
        "create": round(create["all"]), "own": round(create["own"]),
        "own share": round(100 * create["own"] / create["all"]),
    }  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure()) + "\n")
