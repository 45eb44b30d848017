"""Planning an interview in a browser with the keyboard alone, in a narrow and dark window; axe looks at each page."""

from portal.interviews.models import Interview
from portal.mail import lane
from tests.recruitment.conftest import applied, nurse  # noqa: F401


def test_an_interview_is_planned_with_the_keyboard_alone(walk, alice, nurse, mailbox):  # noqa: F811
    application = applied(nurse)
    walker = walk("dark")
    page = walker.page
    page.set_viewport_size({"width": 360, "height": 800})
    walker.come_in(alice.user, f"/recruitment/applications/{application.id}/interview")
    walker.look()
    page.get_by_role("radio", name="10:00").focus()
    page.keyboard.press("Space")
    page.get_by_label("Place").focus()
    page.keyboard.type("Room 5")
    page.get_by_role("button", name="Invite").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Interview with Zoë Łukasz").wait_for()
    walker.look()
    page.goto(f"{walker.address}/recruitment/interviews")
    walker.look()
    assert Interview.get().place == "Room 5"
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert not walker.complaints
    lane.join(10)
