"""Two people press at the same moment: one connects, the other is told, and nothing is left half done."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from portal.auth.models import AccessLevel
from portal.connections.models import Connection
from tests.addons.conftest import Elsewhere, alert_of, consent_page


@pytest.fixture
def second_browser():
    browser = Elsewhere()
    yield browser
    browser.session.close()


def come_back_at_once(*people_and_addresses):
    """The pages that these people see when they come back from the consent page together."""
    together = Barrier(len(people_and_addresses))

    def come_back(person, address):
        together.wait()
        return person.get(address)

    with ThreadPoolExecutor(len(people_and_addresses)) as pool:
        return list(pool.map(lambda pair: come_back(*pair), people_and_addresses))


def test_two_admins_of_one_organisation(cast, acme, alice, elsewhere, second_browser):
    anna = cast.person(acme, "Anna", AccessLevel.ADMIN)
    pages = come_back_at_once(
        (alice, elsewhere.accept(consent_page(alice, elsewhere))),
        (anna, second_browser.accept(consent_page(anna, second_browser))),
    )
    assert Connection.select().count() == 1
    assert sum("already connected to Microsoft 365: Acme" in alert_of(page) for page in pages) == 1


def test_two_organisations_that_claim_one_tenant(alice, mallory, elsewhere, second_browser):
    pages = come_back_at_once(
        (alice, elsewhere.accept(consent_page(alice, elsewhere))),
        (mallory, second_browser.accept(consent_page(mallory, second_browser))),
    )
    assert Connection.select().count() == 1
    assert sum("already connected to another organisation" in alert_of(page) for page in pages) == 1


def test_one_callback_that_arrives_twice(alice, elsewhere):
    back = elsewhere.accept(consent_page(alice, elsewhere))
    twin = type(alice)(alice.app, alice.user)
    twin.client.set_cookie("portal", alice.client.get_cookie("portal").value)
    come_back_at_once((alice, back), (twin, back))
    assert Connection.select().count() == 1
