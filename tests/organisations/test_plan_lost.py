"""An organisation that was connected and whose plan no longer has account provisioning."""

import pytest

from portal.organisations import setup
from portal.provisioning.updates import changed
from tests.provisioning.conftest import at, connect, created, tab


@pytest.fixture
def employee(app, cast, acme, alice, sandbox, mailbox):
    """An employee with an account from before."""
    connection = connect(sandbox, alice.user)
    wei = cast.employee(acme, "Wei", "Zhang", personal_email="wei@home.example")
    created(app, alice, wei, connection, "wei.zhang@acme.example")
    setup.set_plan(acme, "Standard")
    return wei


def test_accounts_and_history_stay_readable_and_the_page_says_so(alice, employee):
    page = alice.get(tab(employee))
    assert "no longer in your plan" in page.text
    assert "Active" in page.text
    assert page.has_button("Upgrade")
    assert not page.has_button("Action")
    activity = alice.get("/provisioning")
    assert "Wei Zhang" in activity.text
    assert not activity.has_button("Check Microsoft 365 now")
    receipt = activity.soup.select_one("a[href^='/provisioning/operations/']")["href"]
    assert alice.get(receipt).status == 200


@pytest.mark.parametrize("verb", ["create", "deactivate", "resend", "unlink", "link", "update", "show-password"])
def test_nothing_can_be_changed(alice, employee, sandbox, verb):
    before = len(sandbox.requests(path="/v1.0/"))
    alice.get(tab(employee))
    read = len(sandbox.requests(path="/v1.0/"))
    assert alice.post(f"{at(employee)}/{verb}").status == 403
    assert len(sandbox.requests(path="/v1.0/")) == read >= before


def test_changed_records_do_not_flow_any_more(alice, employee):
    alice.get(f"/people/employees/{employee.id}/edit")
    alice.press("Save", {"Job title": "Director"})
    assert not list(changed())


def test_a_manager_sees_nothing_of_it(bob, employee):
    assert bob.get(tab(employee)).status in (403, 404)
    assert bob.get("/provisioning").status == 403
