from urllib.parse import parse_qsl, urlsplit

import pytest
from bs4 import BeautifulSoup

from portal.mailboxes import connecting
from portal.mailboxes.models import Mailbox
from tests.addons.conftest import Elsewhere, as_connected, elsewhere, no_waiting  # noqa: F401
from tests.cast import Person
from tests.recruitment.conftest import nurse  # noqa: F401

ADD_ON, OWN = "/settings/add-ons/outlook", "/account"
BACK = "http://localhost/back"
SCOPES = ("Mail.Send", "Mail.ReadWrite", "Calendars.ReadWrite", "User.Read")
GRACE, OMAR, MONA = "grace.hopper@acme.example", "omar.ordinary@acme.example", "mona.manager@acme.example"
UMA, HANK = "uma.unlicensed@acme.example", "hank.scorpio@globex.example"


@pytest.fixture
def microsoft(alice, sandbox):
    """Acme connected to its Microsoft 365."""
    return as_connected(alice, sandbox)


@pytest.fixture
def allowed(microsoft, alice, elsewhere):  # noqa: F811
    """Acme lets the portal into mailboxes."""
    url, browser = connecting.begin_allowing(alice.user, BACK)
    connecting.finish_allowing(alice.user, answer_in(agreed(elsewhere, url)), browser=browser)


def agreed(elsewhere: Elsewhere, url: str) -> str:  # noqa: F811
    """Grace signs in there and accepts; returns where the browser is sent back to."""
    elsewhere.sign_in(url, GRACE)
    return elsewhere.accept(url)


def answer_in(address: str) -> dict[str, str]:
    """What comes back with the browser from the application."""
    return dict(parse_qsl(urlsplit(address).query))


def leave(person: Person, address: str, button: str) -> str:
    """Press the button; returns where the application is visited."""
    person.get(address)
    url = person.press(button).url
    assert url.startswith("http"), person.page.text
    return url


def outlook(person: Person, elsewhere: Elsewhere, username: str = OMAR) -> Mailbox | None:  # noqa: F811
    """The whole way of connecting one's own Outlook; the mailbox, if it is connected now."""
    person.get(elsewhere.sign_in(leave(person, OWN, "Connect Outlook"), username))
    return Mailbox.of(person.user)


@pytest.fixture
def omars(allowed, app, alice, elsewhere):  # noqa: F811
    """Alice's Outlook is that of Omar."""
    with app.app_context():
        url, browser, _service = connecting.begin(alice.user, BACK)
        return connecting.finish(alice.user, answer_in(elsewhere.sign_in(url, OMAR)), browser=browser)


def card(person: Person) -> str:
    """What the card Outlook of "Your sign-in" says."""
    found = BeautifulSoup(person.get(OWN).html, "html.parser").select_one("#outlook")
    return " ".join(found.get_text(" ", strip=True).split()) if found else ""
