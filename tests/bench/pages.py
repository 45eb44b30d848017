"""Pages of a portal with few and with many employees, against the least that could show the same rows."""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import requests
from bs4 import BeautifulSoup

from tests.bench import staff
from tests.bench.portal_process import portal

SIZES = (1_000, 10_000, 100_000)
TIMES, WARM = 300, 30
# So many ask at once, each so often, when requests a second are counted.
CLIENTS, EACH = 4, 75
OWN = ("-m", "portal.cli", "serve")
FLOOR = (
    "-m", "granian", "--interface", "wsgi", "--factory", "--blocking-threads", "16", "--log-level", "error",
    "tests.bench.floor:create_app",
)  # fmt: skip
# So many of them have an account in the sandbox, which the tab and its floor ask for.
KNOWN = 500
# What is asked, and whether as htmx asks for a fragment.
PAGES = {
    "Employee List": ("/people/employees", False),
    "deep in the list": ("/people/employees?after={middle}", False),
    "search for one person": ("/people/employees?q=p777@acme.example", False),
    "employee": ("/people/employees/{middle}", False),
    "Account provisioning, the fragment": ("/people/employees/{known}/account-provisioning/microsoft-365", True),
}


@dataclass(frozen=True)
class Server:
    """host: with its port."""

    host: str
    process: subprocess.Popen


@contextmanager
def serving(*command: str, **environment: str) -> Iterator[Server]:
    """A server that is started by this command with a free port at its end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, *command, "--port", str(port)], stdout=subprocess.DEVNULL, env=os.environ | environment
    )
    try:
        for _ in range(400):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        yield Server(f"127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.wait(30)


def plain() -> requests.Session:
    """A session that minds no proxy."""
    session = requests.Session()
    session.trust_env = False
    return session


def signed_in(host: str) -> requests.Session:
    """The session of an Admin."""
    session = plain()
    page = BeautifulSoup(session.get(f"http://{host}/login").text, "html.parser")
    token = page.find("input", attrs={"name": "csrf_token"})["value"]  # type: ignore[index]
    values = {"csrf_token": token, "email": staff.EMAIL, "password": staff.PASSWORD}
    assert session.post(f"http://{host}/login", data=values, allow_redirects=False).status_code == 303
    return session


def cookie_of(session: requests.Session) -> str:
    return "; ".join(f"{name}={value}" for name, value in session.cookies.items())


class Asked:
    """A page of one server. times: milliseconds of each answer."""

    def __init__(self, host: str, path: str, headers: dict[str, str]):
        # A client that costs next to nothing: what it takes would count for both, and bring the ratio nearer to one.
        self.connection, self.path, self.headers = HTTPConnection(host), path, headers
        self.times: list[float] = []

    def ask(self) -> None:
        began = time.perf_counter()
        self.connection.request("GET", self.path, headers=self.headers)
        answer = self.connection.getresponse()
        answer.read()
        self.times.append(1000 * (time.perf_counter() - began))
        assert answer.status == 200, f"{self.path}: {answer.status}"

    def rate(self) -> float:
        """Answers a second to several who ask at once."""
        several = [
            Asked(self.connection.host + f":{self.connection.port}", self.path, self.headers) for _ in range(CLIENTS)
        ]
        began = time.perf_counter()
        with ThreadPoolExecutor(CLIENTS) as pool:
            for done in [pool.submit(lambda one=one: [one.ask() for _ in range(EACH)]) for one in several]:
                done.result()
        return CLIENTS * EACH / (time.perf_counter() - began)

    def middle_and_worst(self) -> tuple[float, float]:
        """The middle, and the worst of a hundred."""
        times = sorted(self.times[WARM:])
        return statistics.median(times), times[len(times) * 99 // 100]


def filled(folder: Path, sizes: tuple[int, ...]) -> dict[int, dict[str, int]]:
    """A database for each number of employees, as a file of that name; the numbers that addresses ask for."""
    from portal.database import database
    from portal.people.models import Employee

    numbers = {}
    connection, had = staff.connection_of(), 0
    for size in sizes:
        staff.hire(connection, had + 1, size)
        had, middle = size, Employee.select().order_by(Employee.sort_name).offset(size // 2).get()
        numbers[size] = {"middle": middle.id, "known": Employee.get(Employee.employee_number == f"E{KNOWN}").id}
        database.execute_sql("ANALYZE")
        database.execute_sql("VACUUM INTO ?", [str(folder / f"{size}.sqlite3")])
    return numbers


def compared(hosts: dict[int, tuple[str, str, str]], paths: dict[int, str], *, fragment: bool) -> dict[str, Any]:
    """One page of all portals and floors, asked in turns, so that whatever else the machine does meets all alike."""
    asked = {}
    for size, (own, bare, cookie) in hosts.items():
        headers = {"Cookie": cookie, "Accept-Encoding": "gzip", **({"HX-Request": "true"} if fragment else {})}
        asked[size] = Asked(own, paths[size], headers), Asked(bare, paths[size], headers)
    for _ in range(TIMES + WARM):
        for pair in asked.values():
            for one in pair:
                one.ask()
    found: dict[str, Any] = {}
    for size, (own, bare) in asked.items():
        (p50, p99), (floor, floor99) = own.middle_and_worst(), bare.middle_and_worst()
        rate, least = own.rate(), bare.rate()
        found[f"{size}"] = {
            "p50": p50, "p99": p99, "ratio": p50 / floor, "ratio99": p99 / floor99,
            "rate": rate, "rate ratio": rate / least,
        }  # fmt: skip
    first, last = found[str(min(asked))], found[str(max(asked))]
    return {"sizes": found, "growth": last["p50"] / first["p50"]}


def measure(*sizes: int) -> dict[str, Any]:
    """For each page and each number of employees: how long the portal takes, and how many floors that is."""
    sizes = sizes or SIZES
    with portal(users=KNOWN) as bench, bench.app.app_context(), ExitStack() as stack:
        bench.sandbox.grant_consent("Acme")
        numbers, hosts = filled(bench.folder, sizes), {}
        for size in sizes:
            url = f"sqlite:///{bench.folder / f'{size}.sqlite3'}"
            own = stack.enter_context(serving(*OWN, PORTAL_DATABASE_URL=url))
            bare = stack.enter_context(serving(*FLOOR, FLOOR_DATABASE=url))
            hosts[size] = own.host, bare.host, cookie_of(signed_in(own.host))
        return {
            name: compared(hosts, {size: path.format(**numbers[size]) for size in sizes}, fragment=fragment)
            for name, (path, fragment) in PAGES.items()
        }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(*map(int, sys.argv[1:]))) + "\n")
