from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from portal.addons import actions as addons
from portal.auth.models import User
from portal.connections.models import Connection
from portal.connectors import SERVICES, pace
from portal.connectors.google_workspace import identity, quota
from portal.connectors.google_workspace.fresh import FRESH
from portal.connectors.google_workspace.settings import settings
from portal.connectors.pace import Pacer, Window
from tests.cast import Person
from tests.pages import Page
from tests.provisioning.conftest import connect as connect_microsoft
from tests.provisioning.conftest import created, impatient, tab  # noqa: F401
from tests.sandbox.google.process import GoogleProcess
from tests.second_service.conftest import AppCard

KEY = "google-workspace"
GRACE, SAM, URI = "grace.hopper@acme.example", "sam.second@acme.example", "uri.admin@acme.example"
ADD_ONS = "/settings/add-ons"
CARD = f"#add-on-card-{KEY}"
STANDARD, PLUS = "1010020028", "1010020025"


@pytest.fixture
def workspace(app, tables, google, monkeypatch) -> GoogleProcess:
    """A Google Workspace as new, with which the portal is registered. Licences and accounts are made without pauses.

    Its quotas are as new too: what the test before has taken of them would make this one wait.
    """
    values = {name: getattr(google, name) for name in ("accounts_url", "token_url", "api_url", "licensing_url")}
    for name, value in {**values, "client_id": google.client_id, "admin_console_url": google.admin_console_url}.items():
        monkeypatch.setattr(settings(), name, value)
    monkeypatch.setattr(settings(), "client_secret", SecretStr(google.client_secret))
    unhurried = Pacer("licensing in tests", writes=Window(10_000, 1.0), units=Window(10_000, 1.0))
    monkeypatch.setattr(quota, "LICENSING", unhurried)
    monkeypatch.setattr(quota, "CREATES", 10_000)
    monkeypatch.setattr(quota, "_pacers", {})
    FRESH.clear()
    identity.forget()
    for customer in google.customers:
        SERVICES[KEY].forget(customer["id"])
    return google


def signed_in(google: GoogleProcess, url: str, person: str = GRACE, **how) -> dict[str, str]:
    """Go through Google's pages; what comes back with the browser."""
    back = google.consent(url, person, **how)
    return {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}


def connect(google: GoogleProcess, user: User, person: str = GRACE, **how) -> Connection:
    """Connect as the pages do, without the pages."""
    url, flow = SERVICES[KEY].begin_sign_in("http://localhost/callback", to_connect=True)
    return addons.connect(
        SERVICES[KEY], SERVICES[KEY].finish_sign_in(flow, signed_in(google, url, person, **how)), user
    )


@pytest.fixture
def connection(acme, alice, workspace) -> Connection:
    """Acme connected to its Google Workspace by Grace."""
    return connect(workspace, alice.user)


@pytest.fixture
def microsoft(alice, connection, sandbox):
    """Acme connected to both, Google first."""
    return connect_microsoft(sandbox, alice.user)


@pytest.fixture
def wei(cast, acme):
    return cast.employee(acme, "Wei", "Wang", personal_email="wei@home.example", job_title="Buyer", department="Sales")


WEI = "wei.wang@acme.example"


@pytest.fixture
def at_google(alice, connection):
    """at_google(employee): Alice looks at their card there."""
    return lambda employee: AppCard(alice, employee, f"#account-card-{KEY}")


@pytest.fixture
def wei_aboard(app, alice, connection, wei, mailbox):
    """Wei with an account that the portal created. Alice is on the tab."""
    return created(app, alice, wei, connection, "wei.wang@acme.example")


def press_continue(person: Person) -> str:
    """Press the button on the card; returns where Google's page is."""
    person.get(ADD_ONS)
    return person.press("Continue with Google", within=CARD).url


def come_back(google: GoogleProcess, person: Person, url: str, who: str = GRACE, **how) -> Page:
    """Go through Google's pages as somebody there, and come back to the portal."""
    return person.get(google.consent(url, who, **how))


@pytest.fixture
def alone(monkeypatch):
    """Quotas are this process's own."""
    monkeypatch.setattr(pace, "_ledger", None)
