import os
import threading
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from portal import config
from portal.auth.models import User
from tests.cast import PASSWORD, Person
from tests.find_chromium import installed

# Of what a browser does for somebody who stays for hours, the tests need nothing: it was a third of its time.
ARGUMENTS = [
    "--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
    "--disable-extensions", "--disable-gpu", "--in-process-gpu", "--process-per-site", "--renderer-process-limit=1",
    "--disable-site-isolation-trials", "--disable-features=SpareRendererForSitePerProcess",
]  # fmt: skip

# Of what is right axe then names one place, not each: that is a tenth of a test's work.
FINDINGS = {"resultTypes": ["violations"]}
# The rules of axe that look at colours.
COLOURS = ["color-contrast", "link-in-text-block"]

Scheme = Literal["light", "dark"]


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_arguments):
        pass


@pytest.fixture
def address(app, tables, monkeypatch):
    """The portal at a real address of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setitem(os.environ, "PORTAL_PUBLIC_URL", f"http://127.0.0.1:{server.port}")
    config.forget()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
    monkeypatch.undo()
    config.forget()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=ARGUMENTS)
        yield browser
        browser.close()


class Walker:
    """A person who uses the portal in a real browser. axe checks every page they look at."""

    def __init__(self, page: Page, app: Any, address: str, schemes: tuple[Scheme, ...]):
        self.page, self.app, self.address, self.schemes = page, app, address, schemes
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)

    def come_in(self, user: User, to: str) -> None:
        """Be somebody who has signed in and opens this page: the form is for the tests whose subject it is."""
        person = Person(self.app, user)
        person.come_in()
        self.page.context.add_cookies(
            [{"name": name, "value": value, "url": self.address} for name, value in person.cookies.items()]
        )
        self.page.goto(self.address + to)

    def sign_in(self, email: str) -> None:
        self.page.goto(self.address)
        self.look()
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()

    def look(self) -> None:
        """What axe finds serious on the page as it is, in each colour scheme of this window.

        Another scheme has other colours and nothing else, so there axe looks at those alone.
        """
        options: dict[str, Any] = FINDINGS
        for scheme in self.schemes:
            if len(self.schemes) > 1:
                self.page.emulate_media(color_scheme=scheme)
                self.page.wait_for_function("scheme => document.documentElement.dataset.bsTheme === scheme", arg=scheme)
            if not self.page.evaluate("'axe' in window"):
                self.page.evaluate(AXE_SCRIPT)
            found = self.page.evaluate("options => axe.run(options)", options)["violations"]
            serious = [item for item in found if item["impact"] in ("serious", "critical")]
            self.complaints += [
                f"{self.page.url}, {scheme}: {item['id']} {item['nodes'][0]['html'][:200]}" for item in serious
            ]
            options = FINDINGS | {"runOnly": COLOURS}

    def open_tab(self, name: str) -> None:
        self.page.get_by_role("link", name="People").click()
        self.page.get_by_role("link", name=name).first.click()
        self.page.get_by_role("link", name="Account provisioning").click()


@pytest.fixture
def walk(browser, app, address):
    """walk(javascript=True) opens a fresh browser window.

    With several schemes each look is one at each of them, at once: colours that change slowly would be in between.
    """
    windows = []

    def open_window(*schemes: Scheme, javascript: bool = True) -> Walker:
        schemes = schemes or ("light",)
        window = browser.new_context(
            java_script_enabled=javascript, color_scheme=schemes[0], reduced_motion="reduce" if schemes[1:] else None
        )
        window.set_default_timeout(15_000)
        windows.append(window)
        return Walker(window.new_page(), app, address, schemes)

    yield open_window
    for window in windows:
        window.close()
