"""`make shots`: walks the demo in a real browser and writes the pictures of the README to docs/images."""

import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Error, Page, ViewportSize, sync_playwright

from portal.demo.people import ADMIN, PASSWORD
from tests.find_chromium import installed

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
WINDOW: ViewportSize = {"width": 1200, "height": 800}
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars"]


def shoot(page: Page, name: str) -> None:
    """Write one picture. A freshly started browser may need a second try."""
    for last in (False, False, False, True):
        try:
            # What was pressed last has scrolled to its answer.
            page.evaluate("window.scrollTo(0, 0)")
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
    connect_both(page, address)
    one_account(page, address)
    many_accounts(page, address)
    for name, path in (("employee-list", "/people/employees"), ("day-one", "/provisioning/day-one"), ("home", "/home")):
        page.goto(f"{address}{path}")
        shoot(page, name)


def connect_both(page: Page, address: str) -> None:
    page.goto(f"{address}/settings/add-ons")
    page.get_by_role("button", name="Hide").click()
    page.get_by_text("The notice is hidden.").wait_for(state="attached")
    page.get_by_role("button", name="Sign in with Microsoft").click()
    page.get_by_role("button", name="Grace Hopper").click()
    page.get_by_role("button", name="Accept").click()
    page.wait_for_url("**/settings/add-ons")
    page.get_by_role("button", name="Continue with Google").click()
    page.get_by_text("Grace Hopper").click()
    page.get_by_text("Select all").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/settings/add-ons")
    page.reload()
    shoot(page, "add-ons")


def one_account(page: Page, address: str) -> None:
    """The tab of somebody with two applications: a form, an account, in the dark, on a phone."""
    page.goto(f"{address}/people/employees?q=Zoë")
    page.get_by_role("link", name="Zoë").click()
    page.get_by_role("link", name="Account provisioning").click()
    card = page.locator("#account-card-microsoft-365")
    card.get_by_role("switch", name="Action").click()
    card.get_by_role("button", name="Create", exact=True).wait_for()
    shoot(page, "create")
    card.get_by_role("button", name="Create", exact=True).click()
    page.get_by_text("The account has been created").wait_for()
    shoot(page, "account-light")
    page.emulate_media(color_scheme="dark")
    page.reload()
    shoot(page, "account-dark")
    page.set_viewport_size({"width": 360, "height": 780})
    shoot(page, "account-phone")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WINDOW)


def many_accounts(page: Page, address: str) -> None:
    """A bulk action: accounts for a department, then the plan to deactivate some of them."""
    for verb, wait_for in (("Create accounts", "Finished"), ("Deactivate accounts", "will be signed out")):
        page.goto(f"{address}/people/employees?department=Engineering")
        page.get_by_role("button", name="Bulk action for all").click()
        page.get_by_label(verb).check()
        page.get_by_role("button", name="Show the plan").click()
        page.locator("#start-plan").wait_for()
        if verb == "Create accounts":
            page.locator("#start-plan").click()
        page.get_by_text(wait_for).first.wait_for()
        if verb == "Create accounts":
            page.get_by_role("heading", name="What next").wait_for()
    shoot(page, "bulk-plan")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "portal", "demo", "--port", "8090"]
        demo = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
        try:
            lines = iter(demo.stdout or ())
            address = next(line.split()[-1] for line in lines if line.startswith("Portal is ready at"))
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=installed(), args=ARGUMENTS)
                walk(browser.new_page(viewport=WINDOW), address)
                browser.close()
        finally:
            demo.terminate()
            demo.wait(20)


if __name__ == "__main__":
    main()
