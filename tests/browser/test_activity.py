"""The Activity page and a receipt in a real browser: an operation under way shows its end without a reload."""

from portal.operations.models import Operation
from tests.provisioning.conftest import at, connection, impatient, tab, wei  # noqa: F401
from tests.provisioning.worker import finish


def wait_for_permission(alice, employee, sandbox):
    sandbox.fault(method="GET", path="/v1.0/users/", kind="revoked consent", times=None)
    alice.get(tab(employee))
    alice.post(f"{at(employee)}/create", {"username": "wei", "domain": "acme.example", "send_immediately": "y"})
    sandbox.clear_faults()


def test_what_is_under_way_shows_its_end_by_itself(walk, alice, wei, connection, sandbox, mailbox, impatient):  # noqa: F811
    wait_for_permission(alice, wei, sandbox)
    person = walk()
    person.come_in(alice.user, "/provisioning")
    person.page.get_by_text("Waiting for: A permission").wait_for()
    person.look()
    person.page.get_by_label("Waiting for").select_option("A permission")
    person.page.wait_for_url("**waiting=permission*")
    finish()
    person.page.get_by_text("No matches").wait_for()
    person.page.get_by_role("link", name="Show everything").click()
    person.page.locator("#activity-table tbody").get_by_role("link").first.click()
    person.page.get_by_text(f"Receipt {Operation.get().id}").wait_for()
    person.look()
    assert not person.complaints
