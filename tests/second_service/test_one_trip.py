"""Connecting an application whose sign-in gives consent as well, and renewing its credential in the same way."""

from urllib.parse import parse_qs, urlsplit

import pytest

from portal import vault
from portal.connections.models import Connection
from portal.connectors import SERVICES
from tests.connectors.second_service import HarbourBySignIn

ADD_ONS = "/settings/add-ons"
CALLBACK = f"{ADD_ONS}/harbour/callback"


@pytest.fixture
def by_sign_in(harbour, monkeypatch):
    monkeypatch.setitem(SERVICES, HarbourBySignIn.key, HarbourBySignIn(harbour.url))
    return harbour


def started(person) -> str:
    """Press the button; returns the state that is to come back."""
    person.get(ADD_ONS)
    url = person.press("Sign in with Harbour").url
    return parse_qs(urlsplit(url).query)["state"][0]


def test_one_trip_connects_and_brings_the_credential(alice, by_sign_in):
    page = alice.get(f"{CALLBACK}?state={started(alice)}&code={by_sign_in.key}")
    assert "Harbour is connected: Acme Harbour." in page.text
    assert vault.decrypt(Connection.get().encrypted_credential) == by_sign_in.key


def test_a_sign_in_of_somebody_else_connects_nothing(alice, bob, by_sign_in):
    state = started(alice)
    bob.get(f"{CALLBACK}?state={state}&code={by_sign_in.key}")
    assert not Connection.select().exists()
    alice.get(f"{CALLBACK}?state={state}&error=access_denied")
    assert "Harbour was told no." in alice.page.text
    assert not Connection.select().exists()


def test_a_further_sign_in_renews_the_credential_of_the_same_company_alone(alice, by_sign_in):
    alice.get(f"{CALLBACK}?state={started(alice)}&code={by_sign_in.key}")
    by_sign_in.keys.append("another key")
    Connection.update(permissions=[]).execute()
    for tenant, expected in (("berth-8", by_sign_in.key), ("berth-7", "another key")):
        first = vault.decrypt(Connection.get().encrypted_credential)
        assert first == by_sign_in.key
        by_sign_in.id = tenant
        Connection.update(problem="Harbour no longer accepts this.").execute()
        alice.get(f"{ADD_ONS}/harbour")
        state = parse_qs(urlsplit(alice.press("Grant the permissions again").url).query)["state"][0]
        page = alice.get(f"{CALLBACK}?state={state}&code=another key")
        assert vault.decrypt(Connection.get().encrypted_credential) == expected
        if tenant == "berth-8":
            assert "belongs to another Harbour than the connected one" in page.text
