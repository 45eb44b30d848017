"""Writing to a candidate in a real browser: on a phone, in the dark, with the keyboard, and without a reload."""

from portal.messages.models import Message, MessageState
from tests.recruitment.conftest import applied, nurse  # noqa: F401


def test_r63_a_message_is_written_on_a_phone_in_the_dark_and_its_state_changes_in_place(walk, alice, nurse, mailbox):  # noqa: F811
    candidate = applied(nurse).candidate
    walker = walk("dark")
    page = walker.page
    page.set_viewport_size({"width": 360, "height": 800})
    walker.come_in(alice.user, f"/recruitment/candidates/{candidate.id}")
    page.get_by_role("link", name="Write", exact=True).press("Enter")
    page.get_by_label("Subject").fill("Hello")
    page.get_by_label("Text").fill("When suits you?")
    file = {"name": "A plan with a long name.txt", "mimeType": "text/plain", "buffer": b"Plan"}
    page.get_by_label("Files", exact=True).set_input_files([file])
    page.get_by_role("button", name="Preview").press("Enter")
    page.get_by_role("heading", name="Preview").wait_for()
    walker.look()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.locator("#preview").get_by_role("button", name="Send").press("Enter")
    page.locator("[id^=message-]").get_by_text("Sent", exact=True).wait_for()
    walker.look()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert (Message.get().state, len(mailbox.messages)) == (MessageState.SENT, 1)
    assert not walker.complaints
