"""Every call of the connector, and every answer that is not as Google describes it: a ConnectorError, no crash."""

import os

import pytest
from pydantic import SecretStr

from portal.connectors import SERVICES, http, pace
from portal.connectors.errors import ConnectorError, TryLater
from portal.connectors.google_workspace import identity, quota, scopes, tokens
from portal.connectors.google_workspace.held import Held
from portal.connectors.google_workspace.settings import settings
from portal.connectors.pace import Pacer, Window
from portal.connectors.values import NewAccount, Wanted
from tests.connectors.conftest import stubborn  # noqa: F401
from tests.connectors.stubborn import always
from tests.connectors.test_malformed_answers import NEVER_RIGHT

TENANT, ID, OTHER, NAME = "C0123", "117", "118", "wei@acme.example"
NEW = NewAccount(NAME, "Wei Zhang", "Correct-Horse-7-twenty", "m" * 32)
CALLS = {
    "tenant": lambda it: it.tenant(),
    "licences": lambda it: it.licences(),
    "units": lambda it: it.units(),
    "granted": lambda it: it.granted(),
    "find": lambda it: it.find(ID),
    "find_by_username": lambda it: it.find_by_username(NAME),
    "holders": lambda it: it.holders(NAME),
    "search": lambda it: it.search("4711"),
    "alike": lambda it: it.alike(Wanted(names=("Wei",))),
    "protections": lambda it: it.protections(ID),
    "all_accounts": lambda it: list(it.all_accounts()),
    "deleted_accounts": lambda it: list(it.deleted_accounts()),
    "changes": lambda it: list(it.changes()),
    "create": lambda it: it.create(NEW),
    "update": lambda it: it.update(ID, {"department": "Sales"}),
    "set_manager": lambda it: it.set_manager(ID, OTHER),
    "assign_licences": lambda it: it.assign_licences(ID, add=["1010020028"], remove=[]),
    "restore": lambda it: it.restore(ID),
    "picture": lambda it: it.picture(ID),
    "set_picture": lambda it: it.set_picture(ID, b"jpeg"),
}
STATUSES = ("200 OK", "404 Not Found", "503 Busy")
if "SOAK" in os.environ:
    STATUSES += ("400 Bad Request", "403 Forbidden", "409 Conflict", "412 Precondition Failed", "429 Too Many Requests")


@pytest.fixture
def asks(monkeypatch):
    """asks(url): a connector whose APIs are there. Its sign-in has been renewed moments ago."""

    def at(url: str):
        for name in ("api_url", "licensing_url", "token_url", "accounts_url"):
            monkeypatch.setattr(settings(), name, url)
        return SERVICES["google-workspace"].connector(TENANT, credential=held.written(), patience=0.05)

    held = Held("1//refresh", frozenset(scopes.ASKED_FOR), ID, "grace@acme.example")
    monkeypatch.setattr(settings(), "client_id", "id")
    monkeypatch.setattr(settings(), "client_secret", SecretStr("secret"))
    unhurried = Pacer("licensing in tests", writes=Window(10_000, 1.0), units=Window(10_000, 1.0))
    monkeypatch.setattr(quota, "LICENSING", unhurried)
    # Many tests ask within one minute.
    monkeypatch.setattr(quota, "CALLS", 1_000_000)
    monkeypatch.setattr(quota, "_pacers", {})
    monkeypatch.setattr(pace, "_ledger", None)
    monkeypatch.setattr(http, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(identity, "PAUSE", 0.01)
    SERVICES["google-workspace"].forget(TENANT)
    identity.forget()
    access = tokens.Access("ya29.token", held.scopes, float("inf"))
    monkeypatch.setitem(tokens._known, tokens._key(TENANT, held), access)
    yield at
    SERVICES["google-workspace"].forget(TENANT)


@pytest.mark.parametrize("body", NEVER_RIGHT.values(), ids=NEVER_RIGHT)
def test_what_google_never_answers_is_trouble_and_no_crash(asks, stubborn, body):  # noqa: F811
    for status in STATUSES:
        server = stubborn(always(body, status))
        for name, call in CALLS.items():
            with pytest.raises(ConnectorError):
                print(name, status, call(asks(server.url)))  # noqa: T201


@pytest.mark.parametrize("body", NEVER_RIGHT.values(), ids=NEVER_RIGHT)
def test_a_renewal_that_is_not_as_described_is_asked_again_later(asks, stubborn, body):  # noqa: F811
    for status in ("200 OK", "400 Bad Request", "401 No"):
        connector = asks(stubborn(always(body, status)).url)
        tokens.forget(TENANT)
        with pytest.raises(TryLater):
            connector.granted()


USER = {"id": ID, "primaryEmail": NAME, "suspended": False}
ODD = {
    "no state": {"id": ID, "primaryEmail": NAME}, "state as a text": {**USER, "suspended": "false"},
    "no address": {"id": ID, "suspended": False}, "a number as id": {**USER, "id": 117},
    "entries that are none": {**USER, "externalIds": ["A1"]}, "a list as name": {**USER, "name": []},
    "a day that is none": {**USER, "creationTime": "yesterday"}, "somebody else": {**USER, "id": OTHER},
}  # fmt: skip


@pytest.mark.parametrize("user", ODD.values(), ids=ODD)
def test_a_user_that_is_not_as_described_is_no_user(asks, stubborn, user):  # noqa: F811
    with pytest.raises(ConnectorError):
        asks(stubborn(always(user)).url).find(ID)


def test_entries_of_odd_values_are_read_as_empty(asks, stubborn):  # noqa: F811
    odd = {
        **USER, "externalIds": [{"type": "organization", "value": 5}, {}], "phones": [{}],
        "organizations": [{"title": []}], "relations": [{"type": "manager"}], "name": {},
    }  # fmt: skip
    found = asks(stubborn(always(odd)).url).find(ID)
    assert (found.fields["employee_number"], found.fields["job_title"], found.display_name) == ("", "", "")


def test_a_list_without_end_is_left(asks, stubborn):  # noqa: F811
    connector = asks(stubborn(always({"users": [USER], "nextPageToken": "again"})).url)
    with pytest.raises(TryLater):
        list(connector.all_accounts())
