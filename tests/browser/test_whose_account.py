"""An account that may be the employee's already, asked about in a real browser: in place, and by the keyboard."""

import pytest

from portal.auth.models import AccessLevel
from tests.provisioning.conftest import at, connect, tab


@pytest.fixture
def alice_user(cast, acme, sandbox, mailbox):
    user = cast.user(acme, "Alice", AccessLevel.ADMIN)
    connect(sandbox, user)
    return user


def test_another_account_is_created_only_by_choice_and_without_a_page_load(walk, cast, acme, alice_user):
    mona = cast.employee(acme, "Mona", "Manager", department="Operations")
    person = walk()
    page = person.page
    person.come_in(alice_user, tab(mona))
    page.get_by_text("Mona Manager may have an account already").wait_for()
    person.look()
    page.evaluate("window.stillHere = true")
    page.get_by_role("link", name="Create another").click()
    page.get_by_role("button", name="Create", exact=True).click()
    page.get_by_text("tick this to create another one").wait_for()
    person.look()
    page.get_by_label("Create another account").check()
    page.get_by_role("button", name="Create", exact=True).click()
    page.get_by_text("The account has been created").wait_for()
    assert page.evaluate("window.stillHere") is True
    # The browser itself notes the form that was refused.
    assert not [words for words in person.complaints if "422" not in words]


def test_a_deleted_account_is_restored_from_the_form_after_the_question(walk, cast, acme, alice_user, sandbox):
    isla = cast.employee(acme, "Isla", "Byrne")
    person = walk()
    page = person.page
    person.come_in(alice_user, f"{at(isla)}/create")
    page.evaluate("window.stillHere = true")
    page.get_by_label("Username").fill("dora.deleted")
    page.get_by_role("button", name="Restore the deleted account").click()
    page.get_by_text("Was this the account of Isla Byrne?").wait_for()
    person.look()
    assert sandbox.user("dora.deleted@acme.example") is None
    page.get_by_role("button", name="Confirm").click()
    page.get_by_text("restored and linked").wait_for()
    assert page.evaluate("window.stillHere") is True
    assert sandbox.user("dora.deleted@acme.example") is not None
    assert not person.complaints
