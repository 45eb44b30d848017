"""Pages of a portal with few and with many employees, against the least that could show the same rows."""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
from bs4 import BeautifulSoup

from tests.bench import company, staff
from tests.bench.portal_process import portal
from tests.ports import free_port

SIZES = (1_000, 100_000)
TIMES, WARM = 100, 20
# So many ask at once, each so often, when requests a second are counted.
CLIENTS, EACH = 4, 50
OWN = ("-m", "portal", "serve")
FLOOR = (
    "-m", "granian", "--interface", "wsgi", "--factory", "--blocking-threads", "16", "--log-level", "error",
    "tests.bench.floor:create_app",
)  # fmt: skip
# So many of them have an account in the sandbox, which the tab and its floor ask for.
KNOWN = 500
LIST = "/people/employees"
# Name -> what is asked of the portal, and of the floor: which page, and the value of its statement.
PAGES = {
    "Employee List": (LIST, "list", ""),
    "deep in the list": (f"{LIST}?after={{middle}}", "deep", "{middle}"),
    "search for one person": (f"{LIST}?q=p777@acme.example", "rare", '"p777@acme.example"'),
    "search for a common name": (f"{LIST}?q=grace", "common", "grace"),
    "employee to whom nobody reports": (f"{LIST}/{{last}}", "employee", "{last}"),
    "employee to whom 10 report": (f"{LIST}/{company.OF_10}", "employee", f"{company.OF_10}"),
    "employee to whom 500 report": (f"{LIST}/{company.OF_500}", "employee", f"{company.OF_500}"),
    "Account provisioning, the fragment": (
        f"{LIST}/{KNOWN}/account-provisioning/microsoft-365", "tab", f"{KNOWN}"
    ),
    "Activity": ("/provisioning", "activity", ""),
    "Day one": ("/provisioning/day-one", "day one", "{in_30_days}"),
    "Bulk actions": ("/provisioning/runs", "runs", ""),
    "Existing accounts": ("/provisioning/matching", "matching", ""),
    "Changed in Microsoft 365": ("/provisioning/differences", "differences", ""),
    "Audit log": ("/settings/audit-log", "audit log", ""),
}  # fmt: skip
# What of it Django's admin has over the same rows, without any page that somebody wrote.
ADMIN = (*FLOOR[:-1], "tests.bench.django_admin.site:create_app")
ADMIN_PAGES = {
    "Employee List": "/admin/django_admin/employee/",
    "deep in the list": "/admin/django_admin/employee/?p={middle_page}",
    "search for one person": "/admin/django_admin/employee/?q=p777@acme.example",
    "search for a common name": "/admin/django_admin/employee/?q=grace",
    "employee to whom 10 report": f"/admin/django_admin/employee/{company.OF_10}/change/",
    "Activity": "/admin/django_admin/operation/",
    "Audit log": "/admin/django_admin/auditentry/",
}
FRAGMENTS = {"Account provisioning, the fragment"}


@dataclass(frozen=True)
class Server:
    """host: with its port."""

    host: str
    process: subprocess.Popen


@contextmanager
def serving(*command: str, **environment: str) -> Iterator[Server]:
    """A server that is started by this command with a free port at its end."""
    port = free_port()
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
    # As a browser does next. The first page behind the sign-in gives the session its secret for the tokens of forms.
    assert session.get(f"http://{host}{LIST}").status_code == 200
    return session


def cookie_of(session: requests.Session) -> str:
    return "; ".join(f"{name}={value}" for name, value in session.cookies.items())


class Asked:
    """A page of one server. times: milliseconds of each answer. length: bytes of the last one."""

    def __init__(self, host: str, path: str, headers: dict[str, str]):
        # A client that costs next to nothing: what it takes would count for both, and bring the ratio nearer to one.
        self.connection, self.path, self.headers = HTTPConnection(host), path, headers
        self.times: list[float] = []
        self.length = 0

    def ask(self) -> None:
        began = time.perf_counter()
        self.connection.request("GET", self.path, headers=self.headers)
        answer = self.connection.getresponse()
        self.length = len(answer.read())
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


@dataclass(frozen=True)
class Pair:
    """A portal and a floor on one database. values: what the addresses ask for."""

    own: Server
    bare: Server
    cookie: str
    values: dict[str, Any]
    admin: Server
    admin_cookie: str

    def asked_of_admin(self, name: str) -> Asked | None:
        """The same page of Django's admin, where it has one."""
        path = ADMIN_PAGES.get(name, "").format(**self.values)
        return Asked(self.admin.host, path, _headers(self.admin_cookie, fragment=False)) if path else None

    def asked(self, name: str) -> tuple[Asked, Asked]:
        path, page, value = (words.format(**self.values) for words in PAGES[name])
        query = f"?value={quote(value)}" if value else ""
        return (
            Asked(self.own.host, path, _headers(self.cookie, fragment=name in FRAGMENTS)),
            Asked(self.bare.host, f"/{quote(page)}{query}", {"Accept-Encoding": "gzip"}),
        )


def _headers(cookie: str, *, fragment: bool) -> dict[str, str]:
    return {
        "Cookie": cookie,
        "Accept-Encoding": "gzip, deflate, br, zstd",
        **({"HX-Request": "true"} if fragment else {}),
    }


def filled(url: str, size: int) -> dict[str, Any]:
    """A database with a company of so many; the values that addresses ask for."""
    from portal import database

    database.initialise(url)
    with database.connection():
        database.upgrade()
        company.fill(size)
        sql = f"SELECT id FROM employee WHERE organisation_id = 1 ORDER BY sort_name, id LIMIT 1 OFFSET {size // 2}"
        middle = database.database.execute_sql(sql).fetchone()[0]
    day = datetime.now(UTC).date() + timedelta(days=30)
    return {"middle": middle, "last": size, "in_30_days": day.isoformat(), "middle_page": size // 2 // 25}


@contextmanager
def pair(folder: Path, url: str, values: dict[str, Any]) -> Iterator[Pair]:
    """A portal and its floor on this database, whose pages are as long as the portal's."""
    lengths = folder / "lengths.json"
    with ExitStack() as stack:
        own = stack.enter_context(serving(*OWN, PORTAL_DATABASE_URL=url))
        cookie = cookie_of(signed_in(own.host))
        lengths.write_text(json.dumps({
            page: _length(own.host, path.format(**values), cookie, fragment=name in FRAGMENTS)
            for name, (path, page, _) in PAGES.items()
        }))  # fmt: skip
        bare = stack.enter_context(serving(*FLOOR, FLOOR_DATABASE=url, FLOOR_LENGTHS=str(lengths)))
        own_tables = folder / f"admin-{uuid.uuid4().hex}.sqlite3"
        places = {"ADMIN_DATABASE": str(own_tables), "ADMIN_PORTAL_DATABASE": url}
        prepared = subprocess.run(
            [sys.executable, "-m", "tests.bench.django_admin.site"], env=os.environ | places, stdout=subprocess.PIPE,
            text=True, check=True,
        )  # fmt: skip
        admin = stack.enter_context(serving(*ADMIN, **places))
        yield Pair(own, bare, cookie, values, admin, prepared.stdout.strip())


def _length(host: str, path: str, cookie: str, *, fragment: bool) -> int:
    """Bytes of the page before it is compressed."""
    asked = Asked(host, path, _headers(cookie, fragment=fragment) | {"Accept-Encoding": "identity"})
    asked.ask()
    return asked.length


def spent(server: Server) -> float:
    """Milliseconds of processor that the server and what it has started have used (Linux)."""
    ticks = 0
    for process in _family(server.process.pid):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return 1000 * ticks / os.sysconf("SC_CLK_TCK")


def _family(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(one for child in children for one in _family(int(child)))]


def compared(pairs: dict[int, Pair], name: str, *, times: int = TIMES) -> dict[str, Any]:
    """One page of all portals and floors, asked in turns, so that whatever else the machine does meets all alike."""
    asked = {size: pair.asked(name) for size, pair in pairs.items()}
    admins = {size: admin for size, pair in pairs.items() if (admin := pair.asked_of_admin(name))}
    for _ in range(times + WARM):
        for size, both in asked.items():
            for one in (*both, *([admins[size]] if size in admins else [])):
                one.ask()
    found: dict[str, Any] = {}
    for size, (own, bare) in asked.items():
        (p50, p99), (floor, floor99) = own.middle_and_worst(), bare.middle_and_worst()
        before = spent(pairs[size].own), spent(pairs[size].bare)
        rate, least = own.rate(), bare.rate()
        used = spent(pairs[size].own) - before[0], spent(pairs[size].bare) - before[1]
        found[f"{size}"] = {
            "p50": p50, "p99": p99, "ratio": p50 / floor, "ratio99": p99 / floor99,
            "rate": rate, "rate ratio": rate / least, "cpu": used[0] / (CLIENTS * EACH),
            "cpu ratio": used[0] / max(used[1], 1),
            "admin": admins[size].middle_and_worst()[0] if size in admins else None,
        }  # fmt: skip
    first, last = found[str(min(asked))], found[str(max(asked))]
    return {"sizes": found, "growth": last["p50"] / first["p50"]}


def address_of(kind: str, folder: Path, size: int) -> str:
    """The address of a new database of this kind."""
    if kind == "SQLite":
        return f"sqlite:///{folder / f'{size}.sqlite3'}"
    from tests import postgresql

    return postgresql.new_database()


def measure(*sizes: int, kinds: tuple[str, ...] = ("SQLite", "PostgreSQL")) -> dict[str, Any]:
    """For each database, page and number of employees: how long the portal takes, and how many floors that is."""
    sizes = sizes or SIZES
    found: dict[str, Any] = {}
    with portal(users=KNOWN) as bench, bench.app.app_context():
        bench.sandbox.grant_consent("Acme")
        for kind in kinds:
            with ExitStack() as stack:
                pairs = {}
                for size in sizes:
                    url = address_of(kind, bench.folder, size)
                    pairs[size] = stack.enter_context(pair(bench.folder, url, filled(url, size)))
                found[kind] = {name: compared(pairs, name) for name in PAGES}
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(*map(int, sys.argv[1:]))) + "\n")
