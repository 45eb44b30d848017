import pytest

from portal.accounts.place import Place
from portal.connections import offer
from tests.provisioning import conftest as provisioning

linked = provisioning.linked
connection, wei, impatient = provisioning.connection, provisioning.wei, provisioning.impatient
OMAR, MONA = "omar.ordinary@acme.example", "mona.manager@acme.example"


@pytest.fixture
def mona(alice, cast, acme, connection):
    return linked(alice, cast.employee(acme, "Mona", "Manager"), MONA)


@pytest.fixture
def omar(alice, cast, acme, connection, mona):
    """An employee with a mailbox, a licence of his own, one from a group, and a manager."""
    return linked(alice, cast.employee(acme, "Omar", "Ordinary", manager=mona), OMAR)


@pytest.fixture
def place(omar, connection):
    offer.read(connection)
    return Place.of(omar, connection)


def changes(sandbox):
    """What was changed on the wire, in order: method and the end of the path. A batch only asks here."""
    calls = [(call.method, call.path.rpartition("/")[2]) for call in sandbox.requests() if call.method != "GET"]
    return [call for call in calls if call[1] != "$batch"]


@pytest.fixture
def inside(app, place):
    """What the worker has around it: mails go out in threads that need the application."""
    with app.app_context():
        yield
