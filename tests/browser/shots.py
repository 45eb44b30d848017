"""`make shots`: walks the demo in a real browser and writes the pictures of the README to docs/images."""

import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Error, Page, sync_playwright

from portal.demo.people import ADMIN, PASSWORD
from tests.find_chromium import installed

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars"]


def shoot(page: Page, name: str) -> None:
    """Write one picture. A freshly started browser may need a second try."""
    for last in (False, False, False, True):
        try:
            page.screenshot(path=FOLDER / f"{name}.png")
            return
        except Error:
            if last:
                raise
            page.wait_for_load_state("load")


def walk(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Email").fill(ADMIN)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="This week").wait_for()
    page.goto(f"{address}/settings/add-ons")
    page.get_by_role("button", name="Sign in with Microsoft").click()
    page.get_by_role("button", name="Grace Hopper").click()
    page.get_by_role("button", name="Accept").click()
    page.wait_for_url("**/settings/add-ons")
    shoot(page, "add-ons")
    page.goto(f"{address}/people/employees?q=Zoë")
    page.get_by_role("link", name="Zoë").click()
    page.get_by_role("link", name="Account provisioning").click()
    page.get_by_role("switch", name="Action").click()
    page.get_by_role("button", name="Create").wait_for()
    shoot(page, "create")
    page.get_by_role("button", name="Create").click()
    page.get_by_text("The account has been created").wait_for()
    shoot(page, "account-light")
    page.emulate_media(color_scheme="dark")
    page.reload()
    shoot(page, "account-dark")
    page.set_viewport_size({"width": 360, "height": 780})
    shoot(page, "account-phone")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1200, "height": 800})
    page.goto(f"{address}/people/employees")
    shoot(page, "employee-list")
    page.goto(f"{address}/provisioning/day-one")
    shoot(page, "day-one")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "portal.cli", "demo", "--port", "8090"]
        demo = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
        try:
            lines = iter(demo.stdout or ())
            address = next(line.split()[-1] for line in lines if line.startswith("Portal is ready at"))
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=installed(), args=ARGUMENTS)
                walk(browser.new_page(viewport={"width": 1200, "height": 800}), address)
                browser.close()
        finally:
            demo.terminate()
            demo.wait(20)


if __name__ == "__main__":
    main()
