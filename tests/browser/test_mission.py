"""The way of an HR administrator through the portal, by its visible labels, in a real browser."""

import pytest

from portal.auth.models import AccessLevel


@pytest.fixture
def acme_people(cast, acme, sandbox, mailbox):
    user = cast.user(acme, "Alice", AccessLevel.ADMIN)
    cast.employee(acme, "Wei", "Zhang", personal_email="wei@home.example")
    return user


def connect(page):
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Add-ons").first.click()
    page.get_by_role("button", name="Sign in with Microsoft").click()
    page.get_by_role("button", name="Grace Hopper").click()
    page.get_by_role("button", name="Accept").click()
    page.wait_for_url("**/settings/add-ons")


def test_from_connecting_to_disconnecting_without_a_page_load_on_the_way(walk, acme_people, sandbox, mailbox):
    person = walk("light", "dark")
    page = person.page
    person.sign_in(acme_people.email)
    person.look()
    connect(page)
    assert page.get_by_text("Connected", exact=True).is_visible()
    person.look()

    person.open_tab("Wei Zhang")
    person.look()
    page.evaluate("window.stillHere = true")
    page.get_by_role("switch", name="Action").click()
    page.get_by_role("button", name="Create").wait_for()
    person.look()
    assert page.get_by_label("Username").input_value() == "wei.zhang"
    page.get_by_role("button", name="Create").click()
    page.get_by_text("The account has been created and an email has been sent to the employee.").wait_for()
    person.look()
    assert page.get_by_text("Active", exact=True).is_visible()
    assert len(mailbox.messages) == 1

    switch = page.get_by_role("switch", name="Action")
    switch.press("Enter")
    page.get_by_role("button", name="Confirm").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Confirm").wait_for(state="detached")
    assert page.evaluate("document.activeElement.role") == "switch"
    page.get_by_text("More").click()
    page.get_by_role("link", name="Resend").click()
    page.get_by_role("heading", name="Send the login information again?").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("heading", name="Send the login information again?").wait_for(state="detached")
    switch.press("Enter")
    page.get_by_role("button", name="Confirm").wait_for()
    person.look()
    page.get_by_role("button", name="Confirm").click()
    page.get_by_text("The account has been deactivated").wait_for()
    assert page.get_by_text("Deactivated", exact=True).is_visible()
    assert sandbox.user("wei.zhang@acme.example").sign_in_blocked
    assert page.evaluate("window.stillHere") is True

    page.get_by_role("link", name="Provisioning", exact=True).click()
    person.look()
    page.get_by_role("link", name="Settings").click()
    person.look()
    page.get_by_role("link", name="Add-ons").first.click()
    page.get_by_text("Actions").click()
    page.get_by_role("link", name="Disconnect").click()
    page.get_by_role("button", name="Disconnect").wait_for()
    person.look()
    page.get_by_role("button", name="Disconnect").click()
    page.get_by_role("button", name="Sign in with Microsoft").wait_for()
    assert person.complaints == []


def test_without_javascript_the_same_way_works_by_plain_forms(walk, acme_people, sandbox, mailbox):
    person = walk(javascript=False)
    page = person.page
    page.goto(person.address)
    page.get_by_label("Email").fill(acme_people.email)
    page.get_by_label("Password").fill("a long enough password")
    page.get_by_role("button", name="Sign in").click()
    connect(page)
    person.open_tab("Wei Zhang")
    page.get_by_role("switch", name="Action").click()
    page.get_by_role("button", name="Create").click()
    assert page.get_by_text("The account has been created and an email has been sent to the employee.").is_visible()
    page.get_by_role("switch", name="Action").click()
    page.get_by_role("button", name="Confirm").click()
    assert page.get_by_text("The account has been deactivated").is_visible()
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Add-ons").first.click()
    page.get_by_text("Actions").click()
    page.get_by_role("link", name="Disconnect").click()
    page.get_by_role("button", name="Disconnect").click()
    assert page.get_by_role("button", name="Sign in with Microsoft").is_visible()
    assert sandbox.user("wei.zhang@acme.example").sign_in_blocked
