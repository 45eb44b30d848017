"""Each way a connection can fail has its own sentence, and leaves nothing connected."""

import pytest

from portal import config
from portal.connections.models import Connection
from portal.connectors import SERVICES
from tests.addons.conftest import ADD_ONS, CARD, HANK, alert_of, connected, consent_page, started, state_of


@pytest.fixture(autouse=True)
def _nothing_was_connected(tables):
    yield
    assert Connection.select().count() == 0


@pytest.fixture
def fresh_service(sandbox):
    """Nothing of an earlier test is remembered by the application's client."""
    SERVICES["microsoft-365"].forget("organizations")
    yield sandbox
    sandbox.clear_faults()
    SERVICES["microsoft-365"].forget("organizations")


def test_declined_at_the_sign_in(alice, sandbox):
    state = state_of(started(alice))
    page = alice.get(f"{CARD}/callback?error=access_denied&error_description=AADSTS65004%3A+No&state={state}")
    assert page.url == ADD_ONS
    assert "declined on Microsoft’s page" in alert_of(page)
    assert "AADSTS65004" in alert_of(page)
    assert page.has_button("Sign in with Microsoft")


def test_declined_at_the_consent(alice, elsewhere):
    page = alice.get(elsewhere.cancel(consent_page(alice, elsewhere)))
    assert "declined on Microsoft’s page" in alert_of(page)


def test_a_consent_page_left_by_its_back_button(alice, elsewhere):
    state = state_of(consent_page(alice, elsewhere))
    assert "declined" in alert_of(alice.get(f"{CARD}/callback?state={state}"))


def test_a_tenant_without_a_qualifying_plan_is_told_by_name(alice, elsewhere):
    page = connected(alice, elsewhere, HANK)
    assert "In Globex you have" in alert_of(page)
    assert "Microsoft 365 Apps for Business" in alert_of(page)
    assert "you need a Microsoft 365 Business Plan or above" in alert_of(page)


def test_a_plan_without_seats_does_not_count(alice, elsewhere, sandbox):
    for sku in ("O365_BUSINESS_PREMIUM", "SPB"):
        sandbox.set_seats(sku, 0)
    assert "(no active seats)" in alert_of(connected(alice, elsewhere))


def test_an_expired_secret(alice, elsewhere, sandbox):
    back = elsewhere.sign_in(started(alice), HANK)
    sandbox.expire_secret()
    page = alice.get(back)
    assert "client secret has expired" in alert_of(page)
    assert "AADSTS7000222" in alert_of(page)


def test_the_application_is_down_when_the_sign_in_starts(alice, fresh_service):
    fresh_service.fault(path="openid-configuration", status=503, times=None)
    alice.get(ADD_ONS)
    page = alice.press("Sign in with Microsoft")
    assert page.status == 502
    assert "not answering" in alert_of(page)
    assert "Wait a minute, then try again." in alert_of(page)


def test_the_application_goes_down_before_the_sign_in_is_redeemed(alice, elsewhere, fresh_service):
    back = elsewhere.sign_in(started(alice), HANK)
    fresh_service.fault(path="/token", status=503, times=None)
    assert "not answering" in alert_of(alice.get(back))


def test_the_application_goes_down_after_the_consent_and_comes_back(alice, acme, elsewhere, fresh_service):
    back = elsewhere.accept(consent_page(alice, elsewhere))
    fresh_service.fault(path="/token", status=503, times=None)
    assert "not answering" in alert_of(alice.get(back))
    fresh_service.clear_faults()
    alice.press("Check again")
    assert "Health Working" in alice.page.text
    Connection.delete().execute()


def test_a_portal_that_is_not_registered_says_what_is_missing(alice, monkeypatch):
    monkeypatch.setenv("PORTAL_M365_CLIENT_ID", "")
    config.forget()
    try:
        alice.get(ADD_ONS)
        page = alice.press("Sign in with Microsoft")
        assert page.status == 503
        assert "not registered with Microsoft 365" in alert_of(page)
        assert "PORTAL_M365_CLIENT_ID" in alert_of(page)
    finally:
        monkeypatch.undo()
        config.forget()


def test_an_add_on_nobody_knows_is_not_found(alice):
    assert alice.get(f"{ADD_ONS}/lotus-notes/connect").status == 404
