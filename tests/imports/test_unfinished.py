"""Files that somebody uploaded and left: the page says that they can come back, and Import says where to."""

import pytest

from portal.auth.models import AccessLevel
from portal.imports import uploads
from portal.imports.uploads import Import, ImportState
from tests.pages import buttons, label_of

IMPORT = "/people/employees/import"


def state_of(page):
    return page.soup.select_one("#unfinished td:nth-child(3)").get_text()


@pytest.fixture
def left(upload, monkeypatch):
    """A file that a worker has yet to read."""
    monkeypatch.setattr(uploads, "SHORT", 0)
    page = upload("employee_number,first_name\nE1,Wei\n")
    assert "Import employees lists the file" in page.text
    return Import.get()


def test_a_file_that_somebody_left_is_found_again_under_import(cast, acme, alice, left):
    assert state_of(alice.get(IMPORT)) == "Reading the file"
    assert alice.page.soup.select_one("#unfinished a")["href"] == f"{IMPORT}/{left.token}"
    left.become(ImportState.READ)
    assert state_of(alice.get(IMPORT)) == "Check before importing"
    assert cast.person(acme, "Ada", AccessLevel.ADMIN).get(IMPORT).soup.select_one("#unfinished") is None


def test_it_can_be_discarded_there(alice, left):
    page = alice.get(IMPORT)
    discard = next(label_of(button) for button in buttons(page.tree) if label_of(button).startswith("Discard"))
    alice.press(discard)
    assert not Import.select().exists()
    assert alice.get(IMPORT).soup.select_one("#unfinished") is None


def test_what_is_imported_is_not_listed(alice, left):
    left.become(ImportState.DONE)
    assert alice.get(IMPORT).soup.select_one("#unfinished") is None


@pytest.mark.parametrize(
    "text",
    [
        "employee_number,first_name\nE1,Wei\nE2,Mo\n", "employee_number,first_name\nE1,Wei\nE2,Mo",
        'employee_number,first_name\nE1,"Wei\nLi"\nE2,Mo\n',
    ],
)  # fmt: skip
def test_the_heading_is_not_counted_among_the_lines(alice, upload, text):
    upload(text)
    assert alice.get(IMPORT).soup.select_one("#unfinished td:nth-child(2)").get_text() == "2"


def test_the_heading_is_not_counted_before_the_file_is_read(alice, left):
    assert alice.get(IMPORT).soup.select_one("#unfinished td:nth-child(2)").get_text() == "1"
