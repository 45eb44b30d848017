import pytest

from portal.guard import addresses
from portal.webhooks import actions, delivering
from portal.webhooks.models import Delivery, Receiver
from tests.api.conftest import payroll, system  # noqa: F401
from tests.provisioning.conftest import connection, impatient  # noqa: F401
from tests.receiver import Receiver as Listening
from tests.receiver import allowed, authority  # noqa: F401


@pytest.fixture
def listening(authority, allowed):  # noqa: F811
    """Another system on this machine, which the operator lets the portal call."""
    allowed("localhost")
    with Listening(authority) as receiver:
        yield receiver


@pytest.fixture
def receiver(alice, listening):
    """A webhook of Acme to that system, which is told everything."""
    made, _ = actions.make(
        alice.user.organisation, name="Payroll", address=addresses.read(listening.url), kinds=(), by=alice.user
    )
    return Receiver.get_by_id(made.id)


@pytest.fixture
def deliver(app):
    """deliver(receiver): what the worker does once it hears that something is due; how many messages are left."""

    def send(receiver):
        with app.app_context():
            delivering.send_all(receiver.id)
        return Delivery.select().where(Delivery.receiver == receiver.id, Delivery.state == "waiting").count()

    return send
