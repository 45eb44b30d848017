"""Longer words, and pages that are written from right to left, on a phone."""

import pytest

from portal.auth.models import User
from tests.languages import pseudo

PAGES = (
    "/home", "/people/employees", "/people/employees/add", "/provisioning", "/provisioning/day-one", "/account",
    "/settings/general", "/settings/users", "/settings/timelines", "/settings/add-ons", "/recruitment",
    "/settings/integrations",
)  # fmt: skip


@pytest.mark.parametrize(("language", "direction"), [("el", "ltr"), ("he", "rtl")])
def test_nothing_is_wider_than_a_phone(walk, alice, tmp_path, language, direction):
    with pseudo.spoken(tmp_path, language):
        walker, wide = walk(), {}
        page = walker.page
        page.set_viewport_size({"width": 360, "height": 780})
        User.update(language=language).execute()
        walker.come_in(alice.user, PAGES[0])
        for address in PAGES:
            page.goto(walker.address + address)
            assert page.locator("html").get_attribute("dir") == direction
            width = page.evaluate("document.documentElement.scrollWidth")
            wide |= {address: width} if width > 360 else {}
        assert wide == {}


def test_what_the_browser_says_by_itself_is_in_the_language_of_the_reader(walk, alice):
    User.update(language="de").execute()
    walker = walk()
    page = walker.page
    walker.come_in(alice.user, "/people/employees")
    page.route("**/people/employees?*", lambda route: route.abort())
    page.locator("input[type=search]").fill("Wei")
    page.get_by_text("Das Portal ist nicht erreichbar").wait_for()
    assert "Prüfen Sie Ihre Verbindung" in page.locator("#notice").inner_text()
    page.unroute("**/people/employees?*")
    page.route("**/people/employees?*", lambda route: route.fulfill(body="<html>A proxy</html>", status=502))
    page.locator("input[type=search]").fill("Zoe")
    page.get_by_text("Das Portal hat nicht wie erwartet geantwortet").wait_for()
