"""Whether somebody has an account already, in a company of one page and in one that is too large to be read for it."""

import pytest

from portal.connections.models import Connection
from portal.connectors import for_connection
from portal.connectors.google_workspace import client
from portal.connectors.values import Wanted
from portal.theirs import looking

USERS = "/admin/directory/v1/users"
WANTED = {
    "employee number": Wanted(numbers=("A0046",)),
    "address": Wanted(addresses=("mona.manager@acme.example",)),
    "alias": Wanted(addresses=("office@acme.example",)),
    "name": Wanted(names=("Mona Manager",)),
    "beginning of a name": Wanted(words=("Mona Manag",)),
    "family name": Wanted(families=("Manager",)),
    "username": Wanted(usernames=("mona.m",)),
}


@pytest.fixture(params=["one page", "many pages"])
def size(request, monkeypatch):
    if request.param == "many pages":
        monkeypatch.setattr(client, "LARGEST_PAGE", 3)
    return request.param


@pytest.mark.parametrize("wanted", WANTED.values(), ids=WANTED)
def test_somebody_is_found_by_anything_of_theirs(connection, size, wanted):
    found = for_connection(connection).alike(wanted)
    assert "mona.manager@acme.example" in [account.username for account in found.accounts]
    assert found.unchecked == ""


def test_a_deleted_account_is_found_too(connection, size):
    found = for_connection(connection).alike(Wanted(names=("Dora Deleted",)))
    assert "dora.deleted@acme.example" in [account.username for account in found.accounts]


def test_a_look_at_one_person_costs_few_calls(connection, workspace, cast, acme, size):
    mona = cast.employee(acme, "Mona", "Manager", employee_number="A0046", personal_email="mona@home.example")
    workspace.clear_requests()
    look = looking.look(mona, Connection.get())
    assert [one.remote.username for one in look.candidates] == ["mona.manager@acme.example"]
    assert len(workspace.requests(path=USERS)) <= (2 if size == "one page" else 40)


def test_what_google_does_not_take_as_a_question_is_said(connection, workspace, monkeypatch):
    monkeypatch.setattr(client, "LARGEST_PAGE", 3)
    workspace.fault(path=f"{USERS}$", status=400, code="invalid", skip=1, times=1)
    found = for_connection(connection).alike(Wanted(numbers=("A0046",)))
    assert found.unchecked == "Google Workspace could not be searched by employee number."


@pytest.mark.parametrize("text", ["Mona", "mona.man", "A0046", "office@acme.example", "O'Neill", "\\", "*"])
def test_any_text_may_be_searched_for(connection, text):
    found = [account.username for account in for_connection(connection).search(text)]
    assert ("mona.manager@acme.example" in found) == (text not in ("O'Neill", "\\", "*"))
