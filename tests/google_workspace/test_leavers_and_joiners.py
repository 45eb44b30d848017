"""What Google Workspace can do on a last day and on a first one: leave and undo, another username, ahead, deleted."""

from datetime import timedelta

import pytest

from portal.auth.models import AccessLevel
from portal.connections import settings_actions
from portal.connectors import for_connection
from portal.database import now
from portal.operations.models import Operation, State
from portal.people.models import Employee
from tests.cast import account_of
from tests.google_workspace.conftest import KEY, WEI
from tests.provisioning.conftest import at
from tests.provisioning.worker import password_in

DAYS = 86_400


@pytest.fixture
def in_sales(connection, wei_aboard):
    """Wei's account is in the group Sales; what the test reads there is as new."""
    connector = for_connection(connection)
    sales = next(group for group in connector.groups() if group.name == "Sales")
    connector.add_to_group(account_of(wei_aboard).remote_id, sales.id)
    return lambda: [one.group.name for one in for_connection(connection).groups_of(account_of(wei_aboard).remote_id)]


def test_leave_now_blocks_signs_out_and_takes_out_of_groups_in_that_order(at_google, wei_aboard, in_sales, workspace):
    card = at_google(wei_aboard)
    card.press("Leave now")
    assert "shared mailbox" not in card.text
    assert "Groups that give a licence" not in card.text
    workspace.clear_requests()
    card.press("Confirm", **{"Take out of groups": True})
    done = [(one.method, one.path.split("/")[5]) for one in workspace.requests() if one.method != "GET"]
    assert [call[0] for call in done] == ["PUT", "POST", "PUT", "DELETE"]
    assert (workspace.user(WEI).suspended, in_sales()) == (True, [])


def test_undo_leaving_gives_back_the_sign_in_with_a_fresh_password_and_the_groups(
    at_google, wei_aboard, in_sales, workspace, mailbox
):
    before = password_in(mailbox)
    at_google(wei_aboard).press("Leave now", "Confirm", **{"Take out of groups": True})
    at_google(wei_aboard).press("Action", "Confirm")
    assert (workspace.user(WEI).suspended, in_sales()) == (False, ["Sales"])
    assert workspace.sign_in(WEI, before) == "wrong password"
    assert workspace.sign_in(WEI, password_in(mailbox)) == "must change password"


def test_another_username_keeps_the_old_one_as_an_alias(at_google, wei_aboard, alice, workspace):
    alice.post(f"{at(wei_aboard, KEY)}/rename", {
        "username": "wei.chen", "domain": "acme.example", "update_company_email": "y",
    })  # fmt: skip
    assert workspace.user("wei.chen@acme.example").properties["aliases"] == [WEI]
    assert Employee.get_by_id(wei_aboard.id).company_email == "wei.chen@acme.example"
    assert f"Mail to {WEI} still arrives" in alice.page.text


def test_an_account_made_ahead_is_blocked_until_the_sign_in_is_allowed(at_google, wei, alice, workspace, mailbox):
    Employee.update(start_date=(now() + timedelta(days=10)).date()).where(Employee.id == wei.id).execute()
    alice.post(f"{at(wei, KEY)}/create", {
        "username": "wei.wang", "domain": "acme.example", "licence_id": "none", "unit": "/",
        "send_immediately": "ahead",
    })  # fmt: skip
    assert (workspace.user(WEI).suspended, len(mailbox.messages)) == (True, 0)
    alice.post(f"{at(wei, KEY)}/allow", {"send_immediately": "y"})
    assert workspace.user(WEI).suspended is False
    assert workspace.sign_in(WEI, password_in(mailbox)) == "must change password"


def test_two_admins_delete_an_account_and_it_can_be_restored_for_twenty_days(
    at_google, wei_aboard, alice, cast, acme, connection, workspace
):
    settings_actions.choose(connection, by=alice.user, may_delete=True)
    ada, remote_id = cast.person(acme, "Ada", AccessLevel.ADMIN), account_of(wei_aboard).remote_id
    at_google(wei_aboard).press("Action", "Confirm")
    assert "shared mailbox" not in alice.get(f"{at(wei_aboard, KEY)}/delete").text
    alice.press("Ask a second Admin")
    ada.get(f"{at(wei_aboard, KEY)}/delete")
    ada.press("Approve and delete")
    assert (Operation.select().order_by(Operation.id.desc()).get().state, workspace.user(remote_id).deleted) == (
        State.DONE, True,
    )  # fmt: skip
    workspace.advance(19 * DAYS)
    card = at_google(wei_aboard)
    card.press("Restore the deleted account", "Confirm")
    assert (account_of(wei_aboard).remote_id, workspace.user(remote_id).deleted) == (remote_id, False)
    assert "no licence" not in card.text


def test_after_twenty_days_nothing_is_offered_to_restore(at_google, wei_aboard, workspace):
    workspace.delete_user(WEI)
    workspace.advance(21 * DAYS)
    page = at_google(wei_aboard).text
    assert "Restore the deleted account" not in page
