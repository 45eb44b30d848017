import pytest
from bs4 import BeautifulSoup

from portal.mailboxes.models import Allowance, Mailbox
from tests.addons.conftest import Elsewhere, connected, elsewhere, no_waiting  # noqa: F401
from tests.cast import Person
from tests.recruitment.conftest import nurse  # noqa: F401

ADD_ON, OWN = "/settings/add-ons/outlook", "/account"
SCOPES = ("Mail.Send", "Mail.ReadWrite", "Calendars.ReadWrite", "User.Read")
GRACE, OMAR, MONA = "grace.hopper@acme.example", "omar.ordinary@acme.example", "mona.manager@acme.example"
UMA, HANK = "uma.unlicensed@acme.example", "hank.scorpio@globex.example"


@pytest.fixture
def microsoft(alice, elsewhere):  # noqa: F811
    """Acme connected to its Microsoft 365."""
    connected(alice, elsewhere)
    assert "Health Working" in alice.page.text


@pytest.fixture
def allowed(microsoft, alice, elsewhere, sandbox):  # noqa: F811
    """Acme lets the portal into mailboxes."""
    alice.get(elsewhere.accept(leave(alice, ADD_ON, "Allow for the organisation")))
    assert Allowance.select().count() == 1


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
def omars(allowed, alice, elsewhere):  # noqa: F811
    """Alice's Outlook is that of Omar."""
    mailbox = outlook(alice, elsewhere)
    assert mailbox is not None, alice.page.alerts()
    return mailbox


def card(person: Person) -> str:
    """What the card Outlook of "Your sign-in" says."""
    found = BeautifulSoup(person.get(OWN).html, "html.parser").select_one("#outlook")
    return " ".join(found.get_text(" ", strip=True).split()) if found else ""
