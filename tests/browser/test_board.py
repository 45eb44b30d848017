"""The board of a vacancy in a real browser: by dragging, with the keyboard alone, and on a phone."""

from portal.recruitment.models import Application
from tests.recruitment.conftest import applied, nurse  # noqa: F401


def test_r35_a_card_is_dragged_or_moved_with_the_keyboard_alone(walk, alice, nurse, mailbox):  # noqa: F811
    application = applied(nurse)
    applied(nurse, "Ben", "Cole")
    walker = walk()
    page = walker.page
    walker.come_in(alice.user, f"/recruitment/vacancies/{nurse.id}")
    walker.look()
    column = page.get_by_role("region", name="Interview")
    page.locator(f"#card-{application.id}").drag_to(column)
    column.get_by_role("link", name="Zoë Łukasz").wait_for()
    assert page.evaluate("document.activeElement.id") == f"card-{application.id}"
    assert Application.get_by_id(application.id).stage.name == "Interview"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    walker.look()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("region", name="New").get_by_role("link", name="Zoë Łukasz").wait_for()
    assert page.get_by_text("Zoë Łukasz is now on the stage New.").count()
    page.goto(f"{walker.address}/recruitment/candidates/{application.candidate_id}")
    walker.look()
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{walker.address}/recruitment/vacancies/{nurse.id}")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert mailbox.messages == []
    assert not walker.complaints
