import re
from datetime import timedelta

import pytest
import time_machine

from portal.auth import links
from portal.auth.models import User
from portal.database import now
from tests.provisioning.conftest import connect

LINK = re.compile(r"http://localhost(/set-password\?token=[\w-]+)")
NEW = "tulips over cold gravel"


@pytest.fixture
def later():
    """later(minutes=11): the clock moves on and stays there."""
    travellers = []

    def move(**how_far):
        travellers.append(time_machine.travel(now() + timedelta(**how_far), tick=True))
        travellers[-1].start()

    yield move
    for traveller in reversed(travellers):
        traveller.stop()


@pytest.fixture
def connection(alice, sandbox):
    return connect(sandbox, alice.user)


def link_in(message) -> str:
    """The path of the mailed link."""
    found = LINK.search(message.get_body(("plain",)).get_content())
    assert found, message
    return found[1]


def mailed_reset(app, user: User, mailbox) -> str:
    """What the worker does after a user asked for a new password; the path of the link."""
    with app.app_context():
        assert links.send_reset(user)
    return link_in(mailbox.messages[-1])
