import pytest

from portal.connectors import for_connection
from tests.google_workspace import conftest as google
from tests.provisioning.conftest import connect, impatient  # noqa: F401

workspace = google.workspace
MONA, OMAR = "mona.manager@acme.example", "omar.ordinary@acme.example"


class Site:
    """One of the applications: the people of its sandbox, and the portal's connection to it."""

    def __init__(self, connection, sandbox):
        self.connection, self.sandbox, self.key = connection, sandbox, connection.service
        self.connector = for_connection(connection)

    def id_of(self, username: str) -> str:
        return self.connector.find_by_username(username).id

    def group(self, name: str):
        return next(group for group in self.connector.groups() if group.name == name)

    def names_of(self, account_id: str) -> list[str]:
        """What the account is in itself."""
        return sorted(one.group.name for one in self.connector.groups_of(account_id) if one.member)


@pytest.fixture
def at_microsoft(alice, sandbox) -> Site:
    return Site(connect(sandbox, alice.user), sandbox)


@pytest.fixture
def at_google(alice, workspace) -> Site:
    return Site(google.connect(workspace, alice.user), workspace)


@pytest.fixture(params=["microsoft-365", "google-workspace"])
def site(request, acme) -> Site:
    """Acme connected to one application, then to the other."""
    return request.getfixturevalue("at_microsoft" if request.param == "microsoft-365" else "at_google")
