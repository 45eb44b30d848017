"""The choice when the login email goes out, in a real browser: the sentence follows it."""

from playwright.sync_api import expect

from tests.browser.test_licences_and_usernames import admin  # noqa: F401 - a fixture


def test_a_date_chooses_at_another_choice_clears_it_and_the_sentence_follows(admin):  # noqa: F811
    page = admin.page
    page.get_by_role("link", name="Create account").click()
    sentence = page.locator(".consequence.needs-js")
    expect(sentence).to_contain_text("@home.example now.")
    page.get_by_label("Date", exact=True).fill("2099-01-05")
    page.get_by_label("Time", exact=True).fill("08:30")
    expect(page.get_by_label("At", exact=True)).to_be_checked()
    expect(sentence).to_contain_text("on 5 Jan 2099, 08:30 GMT.")
    admin.look()
    page.get_by_label("Send immediately").check()
    expect(page.get_by_label("Date", exact=True)).to_have_value("")
    expect(sentence).to_contain_text("@home.example now.")
    page.get_by_label("Licence", exact=True).select_option("No licence")
    expect(sentence).to_contain_text("We’ll create wei.zhang@acme.example without a licence, and email")
    page.get_by_role("button", name="Create").click()
    page.get_by_text("The account has been created and an email has been sent to the employee.").wait_for()
    admin.look()
    assert admin.complaints == []


def test_undo_asks_before_it_reactivates(admin):  # noqa: F811
    page = admin.page
    page.get_by_role("link", name="Create account").click()
    page.get_by_role("button", name="Create").click()
    page.get_by_text("The account has been created").wait_for()
    page.get_by_role("switch", name="Action: deactivate the Microsoft 365 account of Wei Zhang").click()
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("link", name="Undo").click()
    page.get_by_text("Reactivate the account of Wei Zhang?").wait_for()
    page.get_by_role("button", name="Confirm").click()
    page.get_by_text("They may have forgotten their password:").wait_for()
    admin.look()
    assert admin.complaints == []
