"""A hostile mail in a real browser: it shows harmlessly, and the browser asks nobody but the portal for anything."""

from urllib.parse import urlsplit

from tests.addons.conftest import elsewhere, no_waiting  # noqa: F401
from tests.mailboxes.conftest import OMAR, allowed, microsoft, omars  # noqa: F401
from tests.reading.conftest import ZOE, look, zoe  # noqa: F401
from tests.reading.test_pages import HOSTILE
from tests.recruitment.conftest import nurse  # noqa: F401


def test_r57_no_request_leaves_the_browser_for_the_text_or_the_formatted_view(walk, alice, zoe, sandbox):  # noqa: F811
    hostile = "".join(HOSTILE.values()) + '<video poster="https://track.example/3"><img srcset="//track.example/4 1x">'
    sandbox.write_from_outside(sender=ZOE, to=OMAR, subject="Hi", text="", html=hostile)
    look()
    walker = walk()
    page, asked = walker.page, []
    page.context.on("request", lambda request: asked.append(urlsplit(request.url).netloc))
    walker.come_in(alice.user, f"/recruitment/candidates/{zoe.candidate_id}")
    page.locator(".mail-text").get_by_text("Hello").first.wait_for()
    walker.look()
    page.get_by_role("link", name="Formatted").click()
    page.locator(".mail-formatted").get_by_text("Hello").first.wait_for()
    page.wait_for_load_state("networkidle")
    walker.look()
    assert set(asked) == {urlsplit(walker.address).netloc}
    assert not page.get_by_role("button", name="Sign in").count()
    assert not walker.complaints
