from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from portal.addons import actions
from portal.connections.models import Connection
from portal.connections.settings import AddOnSettings
from portal.connectors import for_connection
from tests.cast import Person
from tests.pages import Page
from tests.provisioning.conftest import connect

ADD_ONS = "/settings/add-ons"
CARD = f"{ADD_ONS}/microsoft-365"
GRACE, URI, OMAR = "grace.hopper@acme.example", "uri.admin@acme.example", "omar.ordinary@acme.example"
HANK = "hank.scorpio@globex.example"


class Elsewhere:
    """The same person's browser on the application's own pages. Each step returns where it is sent next."""

    def __init__(self):
        self.session = requests.Session()
        self.session.trust_env = False

    def sign_in(self, url: str, username: str) -> str:
        return self._send(url, pick=username)

    def accept(self, url: str) -> str:
        return self._send(url, answer="accept")

    def cancel(self, url: str) -> str:
        return self._send(url, answer="cancel")

    def _send(self, url: str, **values: str) -> str:
        shown = self.session.get(url)
        assert shown.status_code == 200, shown.text
        response = self.session.post(url, data=values, allow_redirects=False)
        assert response.is_redirect, response.text
        return response.headers["Location"]


@pytest.fixture
def elsewhere(sandbox):
    browser = Elsewhere()
    yield browser
    browser.session.close()


@pytest.fixture
def no_waiting(monkeypatch):
    """Permissions that are missing are not waited for."""
    monkeypatch.setattr(actions, "GRANT_PAUSES", ())


def started(person: Person) -> str:
    """Press the button; returns the address of the application's sign-in page."""
    person.get(ADD_ONS)
    return person.press("Sign in with Microsoft").url


def consent_page(person: Person, elsewhere: Elsewhere, username: str = GRACE) -> str:
    """Sign in there and come back; returns the address of the consent page the portal sends on to."""
    person.get(elsewhere.sign_in(started(person), username))
    assert "/adminconsent?" in person.page.url, person.page.alerts()
    return person.page.url


def connected(person: Person, elsewhere: Elsewhere, username: str = GRACE) -> Page:
    """The whole way: sign in, Accept, back in the portal."""
    return person.get(elsewhere.accept(consent_page(person, elsewhere, username)))


def as_connected(person: Person, sandbox) -> Connection:
    """What the whole way leads to, for the tests of what comes later."""
    connection = connect(sandbox, person.user)
    # Licences as the pages leave them, and the token with which these were read.
    AddOnSettings.delete().execute()
    for_connection(connection).granted()
    person.turn_to(ADD_ONS)
    return connection


def state_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["state"][0]


def alert_of(page: Page) -> str:
    """What the failure on the card says."""
    found = [alert.get_text(" ", strip=True) for alert in page.soup.select("[role=alert]")]
    return " ".join(" ".join(found).split())
