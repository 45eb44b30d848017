"""A message to a candidate, from the user's own Outlook: in their Sent Items once, confirmed, with a receipt."""

from portal.messages.models import Delivery, MessageState
from tests.mailboxes.conftest import OMAR
from tests.messages.conftest import ZOE, write


def test_r42_a_message_is_in_sent_items_once_confirmed_and_has_a_receipt(omars, alice, zoe, sandbox):
    message = write(alice, zoe)
    assert message.state == MessageState.CONFIRMED
    assert [(item["folder"], item["subject"]) for item in sandbox.messages(OMAR)] == [("sentitems", "Your application")]
    assert [mail["text"] for mail in sandbox.outside(ZOE)] == ["Hello Zoë"]
    assert "Sent" in alice.page.text
    assert "Your application" in alice.page.text
    alice.press("Receipt of Your application")
    assert "request id" in alice.page.text
    assert "Hello" not in alice.page.html
    assert "Hello" not in str([step.calls for step in Delivery.get().steps])
