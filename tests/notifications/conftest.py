import pytest

from portal.guard import addresses
from portal.webhooks import actions, delivering
from portal.webhooks.models import Kind, Receiver
from tests.provisioning.conftest import connection, impatient  # noqa: F401
from tests.receiver import Receiver as Listening
from tests.receiver import Reply, allowed, authority  # noqa: F401


@pytest.fixture
def listening(authority, allowed):  # noqa: F811
    """Teams, or Slack, on this machine."""
    allowed("localhost")
    with Listening(authority) as receiver:
        receiver.reply = Reply(202)
        yield receiver


@pytest.fixture
def channel(alice, listening):
    """channel(kind, *what): a channel of Acme, which is told all when nothing is named."""

    def make(kind, *what):
        made, _ = actions.make(
            alice.user.organisation, kind=Kind(kind), name=f"HR in {kind}", address=addresses.read(listening.url),
            kinds=what, by=alice.user,
        )  # fmt: skip
        return Receiver.get_by_id(made.id)

    return make


@pytest.fixture
def deliver(app):
    """What the worker does for a channel."""

    def send(receiver):
        with app.app_context():
            delivering.send_all(receiver.id)

    return send
