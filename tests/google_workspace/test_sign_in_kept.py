"""The lasting sign-in of a connection: replaced by Google, taken over by another administrator, given up."""

import json
import threading
from datetime import timedelta

import pytest

from portal import background, vault
from portal.addons import disconnecting
from portal.connections.models import Connection
from portal.connectors import SERVICES, for_connection
from portal.connectors.google_workspace import identity
from portal.database import connection as database_connection
from portal.database import now
from tests.google_workspace.conftest import ADD_ONS, GRACE, KEY, SAM, come_back, press_continue

SETTINGS = f"{ADD_ONS}/{KEY}"


def held() -> dict:
    return json.loads(vault.decrypt(Connection.get().encrypted_credential))


@pytest.fixture
def rotating(connection, workspace):
    """Google gives a new lasting sign-in with each renewal, and ends the old one. No token is known yet."""
    workspace.application(rotates=True)
    SERVICES[KEY].forget(connection.tenant_id)
    return connection


def test_a_lasting_sign_in_that_google_replaces_is_stored_encrypted(rotating):
    before = held()
    for_connection(rotating).tenant()
    after = held()
    assert after["refresh_token"] not in (before["refresh_token"], Connection.get().encrypted_credential)
    assert {**after, "refresh_token": ""} == {**before, "refresh_token": ""}
    SERVICES[KEY].forget(rotating.tenant_id)
    assert for_connection(Connection.get()).granted()


def test_a_process_that_holds_the_old_one_goes_on_with_the_new_one(rotating):
    other_process = for_connection(Connection.get())
    for_connection(rotating).tenant()
    SERVICES[KEY].forget(rotating.tenant_id)
    assert other_process.tenant().name == "Acme"
    assert Connection.get().problem == ""


def test_of_two_that_want_a_token_at_the_same_time_one_renews_for_both(rotating, workspace):
    workspace.fault(path="/token", kind="slow", seconds=0.1, times=2)
    workspace.clear_requests()
    connectors, found, both = [for_connection(Connection.get()) for _ in range(2)], [], threading.Barrier(2)

    def ask(connector):
        with database_connection():
            both.wait()
            found.append(connector.tenant().name)

    threads = [threading.Thread(target=ask, args=(connector,)) for connector in connectors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["Acme", "Acme"]
    assert len(workspace.requests("POST", "/token")) == 1
    SERVICES[KEY].forget(rotating.tenant_id)
    assert for_connection(Connection.get()).granted()


def test_one_that_comes_after_disconnect_is_not_stored(rotating):
    connector = for_connection(rotating)
    Connection.update(disconnected_at=rotating.connected_at, encrypted_credential="").execute()
    connector.tenant()
    assert Connection.get().encrypted_credential == ""


def test_one_that_is_replaced_while_connecting_is_the_one_that_is_kept(alice, workspace):
    workspace.application(rotates=True)
    assert "Google Workspace is connected" in come_back(workspace, alice, press_continue(alice)).text
    SERVICES[KEY].forget(Connection.get().tenant_id)
    assert for_connection(Connection.get()).granted()


def lives(workspace, who: str) -> int:
    return workspace.grants().get(who, {}).get("refresh_tokens", 0)


def take_over(alice, workspace, who: str = SAM) -> None:
    alice.get(SETTINGS)
    Connection.update(problem="x").execute()
    come_back(workspace, alice, press_continue(alice), who)
    background.join()


def test_after_a_take_over_the_old_sign_in_is_given_up(alice, connection, workspace):
    take_over(alice, workspace)
    assert (lives(workspace, GRACE), lives(workspace, SAM)) == (0, 1)
    assert for_connection(Connection.get()).granted()


def test_the_same_person_who_signs_in_again_keeps_the_grant(alice, connection, workspace):
    take_over(alice, workspace, GRACE)
    SERVICES[KEY].forget(connection.tenant_id)
    assert for_connection(Connection.get()).granted()


def test_a_take_over_does_not_wait_for_google_to_hear_of_it(alice, connection, workspace, monkeypatch):
    monkeypatch.setattr(identity, "PAUSE", 0.01)
    workspace.fault(path="/revoke", status=503, times=None)
    take_over(alice, workspace)
    assert (Connection.get().problem, "Sam Second" in Connection.get().connected_as) == ("", True)


def test_a_late_word_to_google_does_not_end_a_quick_reconnect(alice, connection, workspace, monkeypatch):
    monkeypatch.setattr(identity, "PAUSE", 0.01)
    workspace.fault(path="/revoke", status=503, times=identity.TRIES)
    before = Connection.get()
    alice.get(f"{SETTINGS}/disconnect")
    alice.press("Disconnect")
    background.join()
    come_back(workspace, alice, press_continue(alice))
    disconnecting.give_up_credential(before)
    SERVICES[KEY].forget(connection.tenant_id)
    assert for_connection(Connection.get(Connection.disconnected_at.is_null())).granted()


def test_who_connects_again_while_google_ends_the_old_sign_in_keeps_the_new_one(alice, connection, workspace):
    workspace.fault(path="/revoke", kind="slow", seconds=1.0)
    alice.get(f"{SETTINGS}/disconnect")
    alice.press("Disconnect")
    come_back(workspace, alice, press_continue(alice))
    background.join()
    SERVICES[KEY].forget(connection.tenant_id)
    assert for_connection(Connection.get(Connection.disconnected_at.is_null())).granted()


def test_a_sign_in_that_comes_back_while_the_old_one_is_being_ended_is_not_used(
    alice, connection, workspace, monkeypatch
):
    monkeypatch.setattr(disconnecting, "PATIENCE", 0.0)
    Connection.update(problem="x").execute()
    url = press_continue(alice)
    Connection.update(ending_until=now() + disconnecting.ENDED_WITHIN).execute()
    told = come_back(workspace, alice, url, SAM).text
    assert "still ending the sign-in that the portal used before" in told
    assert lives(workspace, SAM) == 0
    Connection.update(ending_until=now()).execute()
    come_back(workspace, alice, url, SAM)
    assert "Sam Second" in Connection.get().connected_as


def test_a_sign_in_that_google_will_end_names_the_day(alice, workspace):
    workspace.policy(grant_life=7 * 86400)
    come_back(workspace, alice, press_continue(alice))
    alice.get(SETTINGS)
    page = alice.press("Test connection")
    day = (now() + timedelta(days=7)).strftime("%-d %B %Y")
    assert (f"Google ends this sign-in on {(now() + timedelta(days=7)):%A}" in page.text, day in page.text) == (
        True,
        True,
    )
    # As the portal's own renewals do, it keeps the day.
    assert for_connection(Connection.get()).signs_in_as().endswith("again before that day.")
