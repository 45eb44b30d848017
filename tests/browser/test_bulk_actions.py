"""Bulk actions in a browser: the filter acts while typing, buttons count who is ticked, and axe finds nothing."""

from playwright.sync_api import expect

from tests.runs.conftest import connection, latest, planned, staff  # noqa: F401


def test_people_are_found_ticked_planned_and_skipped(app, alice, cast, acme, connection, staff, walk):  # noqa: F811
    walker = walk("dark")
    page = walker.page
    walker.come_in(alice.user, "/people/employees")
    selected = page.get_by_role("button", name="Bulk action for selected")
    expect(selected).to_be_disabled()
    page.get_by_label("Search").type("rita")
    page.get_by_text("9 employees found").wait_for()
    expect(page.get_by_label("Search")).to_be_focused()
    assert page.url.endswith("?q=rita")
    for number in range(3):
        page.get_by_label(f"Tick Rita{number} Report").check()
    expect(page.get_by_role("button", name="Bulk action for selected (3)")).to_be_enabled()
    walker.look()
    selected.click()
    page.get_by_role("button", name="Show the plan").click()
    planned(app)
    page.get_by_role("button", name="Create 3 accounts").wait_for()
    page.get_by_label("Reason").fill("Season")
    expect(page.get_by_role("button", name="Skip")).to_be_disabled()
    page.get_by_label("Tick Rita1 Report").check()
    walker.look()
    page.get_by_role("button", name="Skip (1)").click()
    page.get_by_role("button", name="Create 2 accounts").wait_for()
    expect(page.get_by_label("Reason")).to_have_value("Season")
    page.get_by_role("button", name="Create 2 accounts").click()
    page.get_by_text("Running").wait_for()
    walker.look()
    assert latest().reason == "Season"
    assert walker.complaints == []


def test_a_printed_list_has_nothing_to_tick(walk, alice, cast, acme):
    wei = cast.employee(acme, "Wei", "Zhang")
    admin = walk()
    admin.come_in(alice.user, "/people/employees")
    admin.page.emulate_media(media="print")
    expect(admin.page.get_by_role("link", name=wei.name)).to_be_visible()
    expect(admin.page.get_by_role("checkbox")).to_have_count(0)
