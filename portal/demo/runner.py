"""Starts the sandboxes, inbox, web server and worker as children, and stops them together."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple

import click

from portal.demo import clock, feeds, people
from portal.demo.ports import HOST, free_port
from portal.operating.server import start_child, stop_child
from portal.vault import new_key

READY_WITHIN = 60
# In the demo's folder: how far its time is ahead.
CLOCK = "ahead.txt"


def run(*, reset: bool, port: int) -> None:
    """Run the demo until Ctrl-C or SIGTERM. reset: forget what was done in it."""
    folder = (Path(os.environ.get("PORTAL_INSTANCE_DIR", "instance")) / "demo").absolute()
    if reset:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda *_: stop.set())
    children: list[subprocess.Popen] = []
    try:
        _start(folder, port, children, stop)
        while not stop.wait(0.5):
            ended = next((child for child in children if child.poll() is not None), None)
            if ended is not None:
                click.echo("A part of the demo has ended unexpectedly, so all of it stops.", err=True)
                sys.exit(1)
    finally:
        for child in reversed(children):
            stop_child(child)
    click.echo("The demo has stopped. `make demo` continues from here; `make demo RESET=1` starts again.")


class StandIns(NamedTuple):
    """What stands in for the systems around the portal, each as it said where it is. staff: people of the HR system."""

    sandbox: dict[str, Any]
    google: dict[str, Any]
    inbox: dict[str, Any]
    hr_system: dict[str, Any]
    systems: dict[str, Any]
    staff: Path


def _start(folder: Path, port: int, children: list[subprocess.Popen], stop: threading.Event) -> None:
    kept = _kept(folder)
    environment = _environment(folder, kept)
    others = _stand_ins(folder, kept, children, environment)
    chosen = free_port(port)
    if chosen != port:
        click.echo(f"Port {port} is taken, so the portal takes {chosen}.")
    address = f"http://{HOST}:{chosen}"
    environment |= {"PORTAL_PUBLIC_URL": address, **_where(others), "PORTAL_DEMO_CLOCK_FILE": str(folder / CLOCK)}
    subprocess.run([sys.executable, "-m", "portal", "init"], env=environment, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([sys.executable, "-m", "portal.demo.people"], env=environment, check=True)
    children.append(start_child("serve", "--port", str(chosen), "--with-worker", env=environment))
    _wait_until_ready(f"{address}/readyz", stop)
    if not stop.is_set():
        _say(address, others)


def _stand_ins(
    folder: Path, kept: dict[str, Any], children: list[subprocess.Popen], environment: dict[str, str]
) -> StandIns:
    """Start them all, with the data of the last time."""
    sandbox = _with_line(children, environment, "sandbox", "--port", free_port(kept["sandbox_port"]), "--data",
                         str(folder / "sandbox.sqlite3"), "--client-secret", kept["client_secret"])  # fmt: skip
    google = _with_line(children, environment, "sandbox", "--service", "google-workspace", "--port",
                        free_port(kept.get("google_port", 9090)), "--data", str(folder / "google.sqlite3"),
                        "--client-secret", kept["client_secret"])  # fmt: skip
    _align([sandbox, google], clock.read(folder / CLOCK).total_seconds())
    inbox = _with_line(
        children, environment, folder / "mails", free_port(kept["inbox_port"]), module="portal.demo.inbox"
    )
    staff = folder / "hr-system.json"
    if not staff.exists():
        staff.write_text(json.dumps(feeds.workers(), ensure_ascii=False, indent=1), encoding="utf-8")
    hr_system = _with_line(
        children, environment, staff, free_port(kept.get("hr_port", 9095)), module="portal.sandbox.hr"
    )
    systems = _with_line(children, environment, folder, free_port(kept.get("systems_port", 9055)),
                         module="portal.demo.systems")  # fmt: skip
    return StandIns(sandbox, google, inbox, hr_system, systems, staff)


def _where(others: StandIns) -> dict[str, str]:
    """The settings with which the portal finds the stand-ins."""
    sandbox, google, hr_system = others.sandbox, others.google, others.hr_system["url"]
    return {
        "PORTAL_M365_LOGIN_URL": sandbox["login_url"],
        "PORTAL_M365_GRAPH_URL": sandbox["graph_url"],
        "PORTAL_M365_CLIENT_ID": sandbox["client_id"],
        "PORTAL_M365_CLIENT_SECRET": sandbox["client_secret"],
        "PORTAL_M365_ADMIN_CENTRE_URL": sandbox["admin_centre_url"],
        "PORTAL_GOOGLE_CLIENT_ID": google["client_id"],
        "PORTAL_GOOGLE_CLIENT_SECRET": google["client_secret"],
        "PORTAL_GOOGLE_ACCOUNTS_URL": google["accounts_url"],
        "PORTAL_GOOGLE_TOKEN_URL": google["token_url"],
        "PORTAL_GOOGLE_API_URL": google["api_url"],
        "PORTAL_GOOGLE_LICENSING_URL": google["licensing_url"],
        "PORTAL_GOOGLE_ADMIN_CONSOLE_URL": google["admin_console_url"],
        "PORTAL_BAMBOOHR_URL": f"{hr_system}/bamboohr",
        "PORTAL_PERSONIO_URL": f"{hr_system}/personio",
        "PORTAL_HIBOB_URL": f"{hr_system}/hibob/v1",
        "PORTAL_EMPLOYMENT_HERO_URL": f"{hr_system}/employment-hero/api/v1",
        "PORTAL_EMPLOYMENT_HERO_LOGIN_URL": f"{hr_system}/employment-hero",
        "PORTAL_MAIL_URL": f"smtp://{HOST}:{others.inbox['smtp_port']}",
        "PORTAL_OUTGOING_ALLOWED": "localhost",
        "REQUESTS_CA_BUNDLE": others.systems["authority"],
        "PORTAL_DEMO_ADMIN_CENTRE_URL": sandbox["admin_centre_url"],
        "PORTAL_DEMO_ADMIN_CONSOLE_URL": f"{google['admin_console_url']}/ac/users",
        "PORTAL_DEMO_INBOX_URL": others.inbox["inbox_url"],
        "PORTAL_DEMO_OUTSIDE_URL": sandbox["outside_url"],
        "PORTAL_DEMO_SYSTEMS_URL": others.systems["page"],
        "PORTAL_DEMO_CONTROLS": ",".join((sandbox["control_url"], google["control_url"])),
    }


def _align(sandboxes: list[dict[str, Any]], ahead: float) -> None:
    """Give each sandbox the demo's time: one of them may be new. ahead: seconds."""
    for sandbox in sandboxes:
        with urllib.request.urlopen(f"{sandbox['control_url']}/clock", timeout=10) as answer:  # noqa: S310
            behind = ahead - json.load(answer)["ahead"]
        if behind > 0:
            clock.move_sandbox(sandbox["control_url"], behind)


def _say(address: str, others: StandIns) -> None:
    click.echo(f"Sign in as {people.ADMIN} with the password {people.PASSWORD}")
    click.echo(f"Others: {people.MANAGER} (Manager), {people.EMPLOYEE} (Employee), {people.STANDARD} (plan Standard)")
    click.echo(f"A second Admin, who approves what Alice may not decide alone: {people.SECOND_ADMIN}")
    click.echo(f"Admin Centre of the sandbox: {others.sandbox['admin_centre_url']}")
    click.echo(f"Admin console of the sandbox for Google Workspace: {others.google['admin_console_url']}/ac/users")
    click.echo(f"Inbox of the demo: {others.inbox['inbox_url']}")
    click.echo(f"The world outside, where you read and answer as a candidate: {others.sandbox['outside_url']}")
    click.echo(f"Other systems of the demo (webhook, Teams, Slack, SIEM): {others.systems['page']}")
    click.echo(f"People of the invented HR system, for the feed under Settings > Integrations: {others.staff}")
    click.echo("Nothing leaves this machine. Ctrl-C stops everything.")
    click.echo(f"Portal is ready at {address}")


def _kept(folder: Path) -> dict[str, Any]:
    """Keys and ports that stay the same from one start to the next."""
    file = folder / "kept.json"
    if not file.exists():
        values = {
            "secret_key": secrets.token_urlsafe(32), "encryption_key": new_key(),
            "client_secret": secrets.token_urlsafe(24), "sandbox_port": 9080, "google_port": 9090, "inbox_port": 9025,
        }  # fmt: skip
        file.touch(mode=0o600)
        file.write_text(json.dumps(values))
    return json.loads(file.read_text())


def _environment(folder: Path, kept: dict[str, Any]) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return {
        **own,
        "PORTAL_INSTANCE_DIR": str(folder),
        "PORTAL_SECRET_KEY": kept["secret_key"],
        "PORTAL_ENCRYPTION_KEYS": kept["encryption_key"],
        "PORTAL_LOG_LEVEL": "WARNING",
    }


def _with_line(
    children: list[subprocess.Popen], environment: dict[str, str], *arguments: Any, module: str = "portal"
) -> Any:
    """Start a child that says its addresses in one JSON line once it listens; returns what the line says."""
    words = [str(argument) for argument in arguments]
    child = start_child(*words, module=module, env=environment, stdout=subprocess.PIPE, text=True)
    children.append(child)
    line = child.stdout.readline() if child.stdout else ""
    if not line:
        raise OSError(f"{module} {words[0]} did not start")
    return json.loads(line)


def _wait_until_ready(url: str, stop: threading.Event) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while not stop.is_set():
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except OSError:
            if time.monotonic() > deadline:
                raise OSError("the portal did not become ready") from None
            stop.wait(0.1)
