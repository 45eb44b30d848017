"""Searching for an account to link: what is exactly the text comes first, however many only begin with it."""

import pytest

from portal.connectors import for_connection
from portal.connectors.google_workspace import alike


@pytest.fixture
def many(workspace):
    """Thirty people whose names and addresses begin with Ann."""
    for number in range(30):
        workspace.make_user(f"ann.{number:02}@acme.example", "Ann", f"Aronson {number:02}")
    return workspace


def first_of(connection, text: str, limit: int = 20) -> str:
    found = for_connection(connection).search(text, limit=limit)
    assert len(found) == limit
    return found[0].username


def test_the_employee_number_is_not_hidden_by_names_that_begin_so(connection, many):
    many.make_user("zoe@acme.example", "Zoe", "Zeller", values={
        "externalIds": [{"type": "organization", "value": "Ann"}],
    })  # fmt: skip
    assert first_of(connection, "Ann") == "zoe@acme.example"


def test_nor_is_the_part_before_the_at_sign_or_the_whole_name(connection, many):
    many.make_user("ann@acme-shop.example", "Zita", "Zander")
    assert first_of(connection, "ann") == "ann@acme-shop.example"
    many.make_user("zz@acme.example", "Ann", "Aronson")
    assert first_of(connection, "Ann Aronson", limit=1) == "zz@acme.example"


def test_what_google_divides_between_pages_is_found_all_the_same(connection, many, monkeypatch):
    monkeypatch.setattr(alike, "MOST_FOUND", 20)
    # The first page of the search by name comes without its twenty, and says that there are more.
    many.fault(path="/admin/directory/v1/users$", kind="empty page", skip=1, times=1)
    assert len(for_connection(connection).search("Aronson", limit=5)) == 5


def test_so_it_is_when_the_portal_looks_for_accounts_without_being_asked(connection, many):
    many.fault(path="/admin/directory/v1/users$", kind="empty page", times=1)
    assert len(alike.matching(for_connection(connection).client, "name:'Ann'", 25)) == 5
