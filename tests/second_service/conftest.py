from datetime import timedelta

import pytest

from portal.accounts.models import Account
from portal.database import now
from tests.cast import Person
from tests.pages import Page, words
from tests.provisioning.conftest import connect, created, impatient, tab  # noqa: F401


class AppCard:
    """A user at the card of one application on an employee's tab."""

    def __init__(self, person: Person, employee, at: str):
        self.person, self.employee, self.at = person, employee, at
        person.get(tab(employee))

    def press(self, *labels: str, **fields) -> Page:
        """Press one button of the card after another; fields: filled in before the last one."""
        for label in labels[:-1]:
            self.person.press(label, within=self.at)
        return self.person.press(labels[-1], fields, within=self.at)

    @property
    def text(self) -> str:
        return words(self.person.page.soup.select_one(self.at))

    def fresh(self) -> str:
        """What it says once the page is loaded again."""
        self.person.get(tab(self.employee))
        return self.text


@pytest.fixture(params=["alone", "beside Microsoft 365"])
def beside(request, alice, harbour_connection):
    """Harbour is the only application, or Microsoft 365 is connected as well."""
    if request.param != "alone":
        connect(request.getfixturevalue("sandbox"), alice.user)


@pytest.fixture
def at_harbour(alice, harbour_connection):
    """at_harbour(employee): Alice looks at their card there."""
    return lambda employee: AppCard(alice, employee, "#account-card-harbour")


@pytest.fixture
def wei(cast, acme):
    """Wei, of no country, in a company of none."""
    acme.country = None
    acme.save()
    return cast.employee(acme, "Wei", "Zhang", personal_email="wei@home.example", job_title="Buyer", country="")


@pytest.fixture
def wei_aboard(app, alice, wei, harbour_connection, mailbox):
    """Wei with an account at Harbour that the portal created. Alice is on the tab."""
    return created(app, alice, wei, harbour_connection, "wei.zhang@acme-harbour.example")


@pytest.fixture
def time_passes():
    """An account is not new any more, so that its absence means something."""
    return lambda: Account.update(read_at=now() - timedelta(hours=1)).execute()
