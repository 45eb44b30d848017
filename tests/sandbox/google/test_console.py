"""The Admin console: what an administrator does by hand, in the pages."""

import pytest
from bs4 import BeautifulSoup

OMAR = "omar.ordinary@acme.example"


@pytest.fixture
def console(google):
    """console("/ac/users") is a page; console("/ac/users", first="Ada") presses a button and follows."""

    def visit(path, **form):
        address = google.admin_console_url + path
        answer = google.session.post(address, data=form) if form else google.session.get(address)
        return BeautifulSoup(answer.text, "html.parser")

    return visit


def rows(page):
    return {row.find_all("td")[1].text: row.find_all("td")[2].text for row in page.select("tbody tr")}


def test_the_list_shows_who_is_suspended(console):
    found = rows(console("/ac/users"))
    assert (found[OMAR], found["bea.blocked@acme.example"], found["arlo.archived@acme.example"]) == (
        "Active", "Suspended", "Archived",
    )  # fmt: skip
    assert list(rows(console("/ac/users?q=omar"))) == [OMAR]
    assert list(rows(console("/ac/users?customer=Globex"))) == [
        "fay.wright@globex.example",
        "hank.scorpio@globex.example",
    ]


def test_somebody_is_made_suspended_renamed_deleted_and_recovered_by_hand(google, console):
    typed = {"first": "Ada", "last": "Byron", "address": "ada@acme.example", "password": "Correct-7"}
    page = console("/ac/users", customer="Acme", unit="/Sales", **typed)
    assert page.h1.text == "Ada Byron"
    own = f"/ac/users/{google.user('ada@acme.example').id}"
    assert "Suspended" in console(f"{own}/suspend", x="x").text
    page = console(f"{own}/rename", first="Ada", last="King", address="ada.king@acme.example", unit="/")
    assert (page.h1.text, "ada@acme.example" in page.text) == ("Ada King", True)
    assert "Ada King" in console(f"{own}/delete", x="x").text
    assert console(f"/ac/deleted/{own[10:]}/restore", customer="Acme").h1.text == "Ada King"
    names = [line["name"] for line in google.events()]
    assert names == ["CREATE_USER", "SUSPEND_USER", "CHANGE_LAST_NAME", "MOVE_USER_TO_ORG_UNIT", "RENAME_USER",
                     "DELETE_USER", "UNDELETE_USER"]  # fmt: skip


def test_what_is_refused_is_said_and_what_was_typed_stays(console):
    page = console("/ac/users", customer="Acme", first="Ada", last="Byron", address=OMAR, password="Correct-7")
    assert page.find(role="alert").text == "Entity already exists."
    assert page.find("input", {"name": "first"})["value"] == "Ada"
