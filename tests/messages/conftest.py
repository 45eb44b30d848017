import pytest

from portal.messages.models import Message
from tests.mailboxes.conftest import (  # noqa: F401
    allowed,
    elsewhere,
    microsoft,
    no_waiting,
    nurse,
    omars,
    outlook,
)
from tests.recruitment.conftest import applied

ZOE = "zoe@outside.example"


@pytest.fixture
def zoe(nurse):  # noqa: F811
    """Zoë has applied for Night nurse."""
    return applied(nurse, email=ZOE).candidate


def page_of(candidate):
    return f"/recruitment/candidates/{candidate.id}"


def write(person, candidate, text="Hello Zoë", subject="Your application", button="Send", **fields):
    """Write to the candidate on their page."""
    person.get(page_of(candidate))
    person.press("Write")
    person.press(button, {"Subject": subject, "Text": text, **fields})
    return Message.select().order_by(Message.id.desc()).first()
