"""`portal demo` for real: it starts, it serves, it keeps what was done, it leaves nothing running."""

import os
import signal
import socket
import subprocess
import sys
from datetime import date, datetime, timedelta
from urllib.parse import urljoin

import pytest
import requests
from bs4 import BeautifulSoup

from portal.demo.people import ADMIN, PASSWORD
from tests import pages
from tests.pages import Page
from tests.ports import free_port


class Demo:
    """The demo as a process; `address` once it said that it is ready."""

    def __init__(self, folder, port: int, *options: str):
        command = [sys.executable, "-m", "portal", "demo", "--port", str(port), *options]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
        environment["PYTHONPATH"] = os.getcwd()
        self.process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True, env=environment)
        self.lines: list[str] = []
        for line in self.process.stdout or ():
            self.lines.append(line.strip())
            if line.startswith("Portal is ready at"):
                break
        self.address = self.lines[-1].split()[-1]
        self.session = requests.Session()

    def sign_in(self) -> BeautifulSoup:
        """The Employee List, which is one press from where an Admin arrives."""
        page = BeautifulSoup(self.session.get(f"{self.address}/login").text, "html.parser")
        token = page.find("input", attrs={"name": "csrf_token"})["value"]
        answer = self.session.post(
            f"{self.address}/login", data={"csrf_token": token, "email": ADMIN, "password": PASSWORD}
        )
        assert "This week" in answer.text
        return BeautifulSoup(self.session.get(f"{self.address}/people/employees").text, "html.parser")

    def see(self, address: str) -> Page:
        return self._page(self.session.get(urljoin(self.address, address)))

    def press(self, page: Page, label: str, **typed: str) -> Page:
        """Press the button whose label begins so, here or at the sandbox. typed: by the names of the fields."""
        button = next(tag for tag in pages.buttons(page.tree) if pages.label_of(tag).startswith(label))
        form = next(button.iterancestors("form"), None)
        if form is None:
            form = pages.by_id(page.tree, button.get("form"))
        values = {**dict(pages.form_values(form, button)), **typed}
        address = urljoin(page.url, form.get("action") or page.url)
        if form.get("method") != "post":
            return self._page(self.session.get(address, params=values))
        return self._page(self.session.post(address, data=values))

    def leaver(self, last_day: date) -> str:
        """Connect Microsoft 365, and give an employee an account and a last day. Returns their address."""
        page = self.press(self.see("/settings/add-ons"), "Sign in with Microsoft")
        self.press(self.press(page, "Grace Hopper"), "Accept")
        employee = "/people/employees/7"
        self.press(self.press(self.see(f"{employee}/account-provisioning/microsoft-365"), "Action"), "Create")
        self.press(self.see(f"{employee}/edit"), "Save", end_date=last_day.isoformat())
        return employee

    def _page(self, answer: requests.Response) -> Page:
        page = Page(answer.url, answer.status_code, answer.text, answer.headers)
        assert answer.ok, f"{answer.url}: {page.alerts()}"
        return page

    def move_on(self, by: str) -> BeautifulSoup:
        """Move the demo on by an hour, a day or a week."""
        page = BeautifulSoup(self.session.get(f"{self.address}/people/employees").text, "html.parser")
        token = page.find("input", attrs={"name": "csrf_token"})["value"]
        answer = self.session.post(f"{self.address}/demo/clock", data={"csrf_token": token, "by": by})
        assert "The demo has moved on" in answer.text
        return BeautifulSoup(answer.text, "html.parser")

    def test_of(self, receiver: int, others: str) -> str:
        """What the demo's other systems have got once the test of the receiver was pressed."""
        place = f"{self.address}/settings/integrations/receivers/{receiver}"
        token = BeautifulSoup(self.session.get(place).text, "html.parser").find("input", attrs={"name": "csrf_token"})
        assert "The test was accepted" in self.session.post(f"{place}/test", data={"csrf_token": token["value"]}).text
        return self.session.get(others).text

    def children(self) -> list[int]:
        found = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True)
        return [int(word) for word in found.stdout.split()]

    def stop(self, how: int = signal.SIGINT) -> int:
        self.session.close()
        self.process.send_signal(how)
        self.process.wait(30)
        if self.process.stdout:
            self.process.stdout.close()
        return self.process.returncode


def shown_time(page: BeautifulSoup) -> datetime:
    return datetime.fromisoformat(page.select_one(".demo-clock time")["datetime"])


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def start(tmp_path):
    """Starts demos in one folder. What a test that fails leaves running is stopped."""
    started = []

    def begin(port: int) -> Demo:
        started.append(Demo(tmp_path, port))
        return started[-1]

    yield begin
    for demo in started:
        if demo.process.poll() is None:
            demo.stop()


def test_it_starts_moves_on_stops_with_all_its_children_and_continues_where_it_stopped(start):
    port = free_port()
    demo = start(port)
    assert demo.address == f"http://127.0.0.1:{port}"
    assert sum(line.startswith("Portal is ready at") for line in demo.lines) == 1
    page = demo.sign_in()
    before = shown_time(page)
    assert "60 employees" in page.text
    assert demo.session.get(next(line for line in demo.lines if "Inbox" in line).split()[-1]).ok
    outside = page.find("a", string="World outside")["href"]
    assert "outside" in demo.session.get(outside).text
    others = next(line for line in demo.lines if "Other systems" in line).split()[-1]
    assert "Payroll (webhook)" in demo.test_of(1, others)
    leaver = demo.leaver(before.date() + timedelta(days=1))
    demo.move_on("week")
    # Each day had its turn, so the leaver's was not days late.
    assert "Last change here Leaving" in demo.see(f"{leaver}/account-provisioning/microsoft-365").text
    assert shown_time(demo.move_on("day")) - before >= timedelta(days=8)
    children = demo.children()
    # Two sandboxes, inbox, the invented HR system, other systems, and the server with its worker.
    assert len(children) == 6
    assert demo.stop() == 0
    assert not any(is_running(child) for child in children)
    with socket.create_server(("127.0.0.1", port)):
        again = start(port)
        assert any(f"Port {port} is taken" in line for line in again.lines)
        again.session.cookies = demo.session.cookies
        page = BeautifulSoup(again.session.get(f"{again.address}/people/employees").text, "html.parser")
        assert "60 employees" in page.text
        assert shown_time(page) - before >= timedelta(days=8)
        again.stop(signal.SIGTERM)
