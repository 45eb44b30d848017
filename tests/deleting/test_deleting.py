"""Delete the account: off by default, two Admins, never with a shared mailbox, and restored from the same page."""

import pytest

from portal.auth.models import AccessLevel
from portal.connections.settings import AddOnSettings
from portal.controls.models import PendingChange
from portal.deleting.models import Deletion
from portal.operations.models import Operation, State
from tests.cast import account_of
from tests.provisioning.conftest import at
from tests.provisioning.worker import finish

SETTINGS = "/settings/add-ons/microsoft-365/licences"


@pytest.fixture
def ada(cast, acme):
    return cast.person(acme, "Ada", AccessLevel.ADMIN)


@pytest.fixture
def gone(alice, wei_active):
    """Wei with a deactivated account, and whether accounts may be deleted is still off."""
    alice.press("Action")
    alice.press("Confirm")
    return wei_active


@pytest.fixture
def allowed(gone):
    AddOnSettings.update(may_delete=True).execute()
    return gone


def test_l22_it_is_off_by_default_and_a_second_admin_lets_it_be_switched_on(alice, ada, gone):
    page = alice.get(f"{at(gone)}/delete")
    assert page.status == 409
    assert "does not let accounts be deleted" in page.text
    assert not page.has_button("Ask a second Admin")
    alice.get(SETTINGS)
    alice.press("Allow it")
    assert not AddOnSettings.get().may_delete
    ada.post(f"/settings/approvals/{PendingChange.get().id}/approve")
    assert AddOnSettings.get().may_delete


def test_l22_one_admin_alone_deletes_nothing(alice, allowed, sandbox):
    alice.get(f"{at(allowed)}/delete")
    alice.press("Ask a second Admin")
    assert not alice.get(f"{at(allowed)}/delete").has_button("Approve and delete")
    assert alice.post(f"{at(allowed)}/delete/approve").status == 403
    assert not sandbox.user(account_of(allowed).username).deleted


def test_l22_a_second_admin_deletes_it_and_it_is_restored_from_the_same_page(alice, ada, allowed, sandbox):
    remote_id = account_of(allowed).remote_id
    alice.get(f"{at(allowed)}/delete")
    alice.press("Ask a second Admin")
    ada.get(f"{at(allowed)}/delete")
    ada.press("Approve and delete")
    assert sandbox.user(remote_id).deleted
    assert account_of(allowed) is None
    alice.post(f"{at(allowed)}/restore", {"remote_id": remote_id, "seen": remote_id})
    assert not sandbox.user(remote_id).deleted
    assert account_of(allowed).remote_id == remote_id


def test_l22_an_account_with_a_shared_mailbox_is_never_deleted(alice, ada, allowed, sandbox):
    remote_id = account_of(allowed).remote_id
    sandbox.change_mailbox(remote_id, purpose="shared")
    alice.get(f"{at(allowed)}/delete")
    alice.press("Ask a second Admin")
    ada.post(f"{at(allowed)}/delete/approve")
    assert not sandbox.user(remote_id).deleted
    assert "shared mailbox" in Operation.select().order_by(Operation.id.desc()).first().message
    assert not sandbox.requests(method="DELETE", path="/users/")


def test_l22_a_mailbox_that_becomes_shared_while_the_deletion_waits_is_kept(alice, ada, allowed, sandbox, impatient):
    remote_id = account_of(allowed).remote_id
    alice.get(f"{at(allowed)}/delete")
    alice.press("Ask a second Admin")
    sandbox.fault(method="DELETE", path="/users/", status=503, times=None)
    ada.post(f"{at(allowed)}/delete/approve")
    sandbox.clear_faults()
    sandbox.change_mailbox(remote_id, purpose="shared")
    assert finish().state == State.FAILED
    assert not sandbox.user(remote_id).deleted


def test_l22_a_deletion_that_failed_is_not_tried_again_by_one_admin(alice, ada, allowed, sandbox):
    remote_id = account_of(allowed).remote_id
    sandbox.change_mailbox(remote_id, purpose="shared")
    alice.get(f"{at(allowed)}/delete")
    alice.press("Ask a second Admin")
    ada.post(f"{at(allowed)}/delete/approve")
    sandbox.change_mailbox(remote_id, purpose="user")
    failed = Operation.select().order_by(Operation.id.desc()).first()
    page = alice.post(f"/provisioning/operations/{failed.id}/retry")
    assert "Two Admins agreed to one try" in page.text
    assert not sandbox.user(remote_id).deleted


def test_l22_where_the_portal_may_not_see_the_mailbox_nothing_is_deleted(alice, ada, allowed, sandbox):
    remote_id = account_of(allowed).remote_id
    alice.get(f"{at(allowed)}/delete")
    alice.press("Ask a second Admin")
    sandbox.fault(method="GET", path="mailboxSettings", status=403, times=None)
    ada.post(f"{at(allowed)}/delete/approve")
    assert not sandbox.user(remote_id).deleted
    assert "may not see" in Operation.select().order_by(Operation.id.desc()).first().message


def test_an_active_account_is_not_deleted_and_a_declined_one_stays(alice, ada, allowed, sandbox):
    alice.get(f"{at(allowed)}/delete")
    alice.press("Ask a second Admin")
    ada.get(f"{at(allowed)}/delete")
    ada.press("Decline")
    assert Deletion.get().state == "declined"
    assert ada.post(f"{at(allowed)}/delete/approve").status == 404
    alice.post(f"{at(allowed)}/reactivate")
    assert alice.post(f"{at(allowed)}/delete").status == 409


def test_a_lost_answer_deletes_once_and_ends_well(alice, ada, allowed, sandbox):
    remote_id = account_of(allowed).remote_id
    alice.get(f"{at(allowed)}/delete")
    alice.press("Ask a second Admin")
    sandbox.fault(method="DELETE", path="/users/", kind="lost answer")
    ada.post(f"{at(allowed)}/delete/approve")
    assert sandbox.user(remote_id).deleted
    assert account_of(allowed) is None


def test_nobody_of_another_company_asks_or_approves(mallory, alice, allowed):
    alice.get(f"{at(allowed)}/delete")
    alice.press("Ask a second Admin")
    for address in ("delete", "delete/approve", "delete/decline"):
        assert mallory.post(f"{at(allowed)}/{address}").status == 404


def test_an_approval_counts_still_when_another_change_was_under_way(alice, ada, allowed, connection, sandbox):
    remote_id = account_of(allowed).remote_id
    alice.get(f"{at(allowed)}/delete")
    alice.press("Ask a second Admin")
    other = Operation.create(
        organisation=alice.user.organisation, employee=allowed, connection=connection, account=account_of(allowed),
        verb="update",
    )  # fmt: skip
    ada.get(f"{at(allowed)}/delete")
    assert "Another change is under way" in ada.press("Approve and delete").text
    Operation.update(state=State.DONE).where(Operation.id == other.id).execute()
    ada.get(f"{at(allowed)}/delete")
    ada.press("Approve and delete")
    assert sandbox.user(remote_id).deleted
