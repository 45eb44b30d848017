"""Licences, usernames and the add-on's settings, in a real browser."""

import pytest

from portal.auth.models import AccessLevel
from portal.connections.settings import AddOnSettings
from tests.addons.conftest import ADD_ONS
from tests.provisioning.conftest import connect, tab


@pytest.fixture
def admin(walk, cast, acme, sandbox, mailbox):
    """An Admin in a browser, whose organisation is connected; on the tab of Wei."""
    user = cast.user(acme, "Alice", AccessLevel.ADMIN)
    connect(sandbox, user)
    # Licences as the pages of connecting leave them.
    AddOnSettings.delete().execute()
    person = walk()
    person.come_in(user, tab(cast.employee(acme, "Wei", "Zhang")))
    return person


def test_a_proposal_fills_the_field_and_licences_are_changed_in_place(admin, sandbox):
    page = admin.page
    page.evaluate("window.stillHere = true")
    page.get_by_role("switch", name="Action").click()
    page.get_by_label("Username").fill("omar.ordinary")
    page.get_by_text("is the account of Omar Ordinary").wait_for()
    admin.look()
    page.get_by_role("button", name="Use wei.zhang").click()
    page.get_by_text("wei.zhang@acme.example is free.").wait_for()
    assert page.get_by_label("Username").input_value() == "wei.zhang"
    page.get_by_role("button", name="Create").click()
    page.get_by_text("The account has been created").wait_for()
    page.get_by_text("More", exact=False).first.click()
    page.get_by_role("link", name="Change licences").click()
    page.get_by_label("Microsoft 365 Business Premium").check()
    page.get_by_label("Microsoft 365 Business Standard").uncheck()
    admin.look()
    page.get_by_role("button", name="Change licences").click()
    page.get_by_text("The licences have been changed.").wait_for()
    assert page.evaluate("window.stillHere") is True
    assert len(sandbox.user("wei.zhang@acme.example").plans) == 1
    assert admin.complaints == []


def test_a_deleted_account_is_restored_from_the_field(admin, sandbox):
    page = admin.page
    page.get_by_role("switch", name="Action").click()
    page.get_by_label("Username").fill("dora.deleted")
    page.get_by_role("button", name="Restore the deleted account").click()
    page.get_by_role("button", name="Confirm").click()
    page.get_by_text("The deleted account has been restored and linked.").wait_for()
    assert not sandbox.user("dora.deleted@acme.example").deleted
    assert sandbox.user("wei.zhang@acme.example") is None
    assert admin.complaints == []


def test_the_settings_answer_in_place(admin):
    page = admin.page
    page.goto(admin.address + ADD_ONS)
    page.get_by_text("Actions").click()
    page.locator("details").get_by_role("link", name="Settings").click()
    admin.look()
    page.get_by_role("button", name="Test connection").click()
    page.get_by_text("The portal tested the connection: all is well").wait_for()
    page.get_by_role("link", name="Licences", exact=True).click()
    page.get_by_label("Department or country").select_option("country:IE")
    page.get_by_role("button", name="Add rule").click()
    page.get_by_text("The rule is added.").wait_for()
    admin.look()
    page.get_by_role("link", name="Usernames", exact=True).click()
    page.get_by_label("Pattern").select_option("flast")
    page.get_by_role("cell", name="wzhang", exact=True).wait_for()
    admin.look()
    assert admin.complaints == []
