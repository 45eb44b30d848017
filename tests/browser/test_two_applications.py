"""The tab with two applications, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.provisioning.conftest import connect, tab


@pytest.fixture
def wei(cast, acme):
    return cast.employee(acme, "Wei", "Zhang", personal_email="wei@home.example", job_title="Buyer")


def test_both_cards_are_used_side_by_side(walk, alice, harbour_connection, sandbox, wei, mailbox):
    connect(sandbox, alice.user)
    admin = walk()
    admin.come_in(alice.user, tab(wei))
    cards = [admin.page.locator(f"#account-card-{key}") for key in ("harbour", "microsoft-365")]
    for card in cards:
        card.get_by_role("switch").click()
        expect(card.get_by_label("Username")).to_have_value("wei.zhang")
    admin.look()
    cards[1].get_by_label("Username").fill("wei")
    expect(cards[1].locator(".username-advice")).to_contain_text("wei@acme.example is free")
    expect(cards[0].get_by_label("Username")).to_have_value("wei.zhang")
    cards[1].get_by_role("button", name="Create").click()
    expect(cards[1]).to_contain_text("The account has been created")
    expect(cards[0].get_by_label("Username")).to_be_visible()
    cards[0].get_by_role("button", name="Create").click()
    expect(cards[0]).to_contain_text("Active")
    admin.look()
    assert admin.complaints == []


def test_with_letters_twice_as_large_no_page_is_wider_than_the_window(walk, alice, sandbox, wei):
    connect(sandbox, alice.user)
    admin = walk()
    page = admin.page
    page.set_viewport_size({"width": 640, "height": 800})
    admin.come_in(alice.user, tab(wei))
    for address in (tab(wei), f"/people/employees/{wei.id}", "/settings/add-ons", "/settings/integrations"):
        page.goto(admin.address + address)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") == 640, address


def test_a_name_of_one_long_word_makes_no_page_wider_than_a_phone(walk, alice, cast, acme, sandbox):
    connect(sandbox, alice.user)
    long = cast.employee(acme, "Hubert", "Wolfeschlegelsteinhausenbergerdorff" * 2, personal_email="h@home.example")
    admin = walk()
    page = admin.page
    page.set_viewport_size({"width": 360, "height": 800})
    admin.come_in(alice.user, tab(long))
    card = f"{tab(long)}/microsoft-365"
    for address in (tab(long), f"{card}/create", f"{card}/link", f"/people/employees/{long.id}/timeline", "/home"):
        page.goto(admin.address + address)
        assert page.evaluate("document.documentElement.scrollWidth") == 360, address
