"""Runs in several tenants at once: what two workers carry out against one, and whether each tenant gets its share."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests import postgresql
from tests.bench.portal_process import Bench, portal
from tests.bench.processes import family, worker
from tests.bench.quota import DOCUMENTED
from tests.bench.run import LATENCY, prepared

TENANTS, PEOPLE = 4, 150
# An application that is slow, in milliseconds, so that a worker waits for it with all the people that it takes at a
# time, and not for a processor; and so many people of each tenant that most of the time it has as many.
SLOW, PEOPLE_OF_SLOW = 2_000, 900
MANY, SECONDS = 10, 300.0
# A worker is ready by then.
READY = 6.0
WRITES = ("create", "licence", "manager")
TICKS = os.sysconf("SC_CLK_TCK")


def spent(*processes: int) -> float:
    """Seconds of the processor that these processes, and those that they started, have used (Linux)."""
    found = [Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in processes]
    return sum(int(fields[11]) + int(fields[12]) for fields in found) / TICKS


def busy() -> tuple[float, float]:
    """Seconds of all processors that were used, and that there were (Linux)."""
    fields = [int(part) / TICKS for part in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(fields) - fields[3] - fields[4], sum(fields)


@contextmanager
def at_work(bench: Bench, runs: list[Any], workers: int) -> Iterator[list[int]]:
    """The Runs under way at so many workers, all started at the same time; their process numbers."""
    from portal import database
    from portal.runs import actions
    from portal.runs.models import Run

    def start(run: Any) -> None:
        with bench.app.app_context(), database.connection():
            actions.start(Run.get_by_id(run.id), by=run.by)

    with ExitStack() as stack:
        mine = [stack.enter_context(worker()).pid for _ in range(workers)]
        time.sleep(READY)
        with ThreadPoolExecutor(len(runs)) as pool:
            list(pool.map(start, runs))
        yield [one for process in mine for one in family(process)]


def runs_of(bench: Bench, tenants: int, people: int, latency: int = LATENCY) -> list[Any]:
    """A planned Run of so many people in each of so many new tenants."""
    names = [f"Tenant{number}" for number in range(tenants)]
    for name in names:
        bench.sandbox.add_tenant(name)
    found = [prepared(bench, people, name)[0] for name in names]
    bench.sandbox.set_latency(latency)
    return found


def speed(workers: int, people: int, kind: str, latency: int) -> dict[str, float]:
    """People a second of several Runs, and what of the processor each takes."""
    from portal.runs.models import Run, RunState

    url = postgresql.new_database(durable=True) if kind == "PostgreSQL" else ""
    with portal(database_url=url) as bench, bench.app.app_context():
        runs = runs_of(bench, TENANTS, people, latency)
        with at_work(bench, runs, workers) as processes:
            began, used, service = time.perf_counter(), spent(*processes), spent(bench.sandbox.process.pid)
            all_used, all_there = busy()
            while Run.select().where(Run.state == RunState.RUNNING).exists():
                time.sleep(0.1)
            seconds, total = time.perf_counter() - began, TENANTS * people
            all_used, all_there = busy()[0] - all_used, busy()[1] - all_there
            return {
                "per second": round(total / seconds, 1),
                "middle": in_the_middle(),
                "cpu": round(1000 * (spent(*processes) - used) / total, 1),
                "sandbox cpu": round(1000 * (spent(bench.sandbox.process.pid) - service) / total, 1),
                "busy": round(100 * all_used / all_there),
            }


def in_the_middle() -> float:
    """People a second, without the tenth that ended first and the tenth that ended last.

    In these a Run tries its first people, and waits for its last ones: they take as long however many people it has.
    """
    from peewee import fn

    from portal.operations.models import Step

    last: Any = Step.select(fn.MAX(Step.ended_at)).group_by(Step.operation)
    ends = sorted(moment.timestamp() for (moment,) in last.tuples())
    middle = ends[len(ends) // 10 : -len(ends) // 10]
    return round((len(middle) - 1) / (middle[-1] - middle[0]), 1)


def workers() -> dict[str, Any]:
    """What one worker carries out on PostgreSQL, and what two do: at a slow application, and at a fast one."""
    found = {"slow": compared(PEOPLE_OF_SLOW, SLOW), "fast": compared(PEOPLE, LATENCY)}
    numbers = {"people": TENANTS * PEOPLE_OF_SLOW, "people of fast": TENANTS * PEOPLE}
    return {"tenants": TENANTS, "latency": SLOW, **numbers, **found}


def compared(people: int, latency: int) -> dict[str, Any]:
    """One worker and two at an application of this latency."""
    one, two = (alone("speed", number, people, "PostgreSQL", latency) for number in (1, 2))
    middle = round(two["middle"] / one["middle"], 2)
    return {"one": one, "two": two, "ratio": round(two["per second"] / one["per second"], 2), "middle": middle}


def shares(tenants: int = MANY, seconds: float = SECONDS) -> dict[str, Any]:
    """How much of its quota each of the tenants had in so many seconds, in percent."""
    from peewee import fn

    from portal.operations.models import Operation, Step, StepState

    with portal() as bench, bench.app.app_context():
        runs = runs_of(bench, tenants, int(seconds * DOCUMENTED / len(WRITES)))
        bench.sandbox.throttle()
        with at_work(bench, runs, 1) as processes:
            used, (all_used, all_there) = spent(*processes), busy()
            time.sleep(seconds)
            used = spent(*processes) - used
            all_used, all_there = busy()[0] - all_used, busy()[1] - all_there
        written = Step.select(Operation.connection, fn.COUNT(Step.id)).join(Operation)
        written = written.where(Step.name.in_(WRITES), Step.state == StepState.DONE)
        counts = dict(written.group_by(Operation.connection).tuples())
        refused = Step.select().where(Step.calls.cast("text").contains('"status": 429')).count()
    found = sorted(round(100 * counts.get(run.connection_id, 0) / (DOCUMENTED * seconds), 1) for run in runs)
    return {
        "tenants": tenants, "seconds": round(seconds), "least": found[0], "most": found[-1], "refused": refused,
        "per second": round(sum(counts.values()) / len(WRITES) / seconds, 1),
        "cpu": round(1000 * used / max(1, sum(counts.values()) / len(WRITES)), 1),
        "busy": round(100 * all_used / all_there),
    }  # fmt: skip


def alone(*part: Any) -> dict[str, Any]:
    """What is measured in a process of its own: a process has one queue, that of its first database."""
    command = [sys.executable, "-m", "tests.bench.several", *map(str, part)]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(ended.stdout.splitlines()[-1])


def measure(part: str, *arguments: str) -> dict[str, Any]:
    """A part of it: "speed" with workers, people, the database and its latency, "workers", or "shares"."""
    if part == "speed":
        number, people, kind, latency = arguments
        return speed(int(number), int(people), kind, int(latency))
    return shares() if part == "shares" else workers()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(*sys.argv[1:])) + "\n")
