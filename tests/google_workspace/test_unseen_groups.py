"""An address that a group has, where the administrator did not let the portal look at groups."""

import pytest

from portal.operations.models import Operation, State
from portal.provisioning.steps import SHOWS_WHOLE_BY_THEN
from tests.google_workspace.conftest import KEY, connect
from tests.pages import words
from tests.provisioning.worker import carry_on
from tests.second_service.conftest import AppCard

TOLD = "This address is taken, and Google does not say by whom. Most likely it belongs to a group"


@pytest.fixture
def card(alice, wei, workspace, mailbox, impatient):
    """Wei's card, where Alice has just pressed Create for the address of the group Sales."""
    connect(workspace, alice.user, untick=("admin.directory.group.readonly",))
    card = AppCard(alice, wei, f"#account-card-{KEY}")
    card.press("Action", "Create", Username="sales")
    return card


def test_the_group_is_named_as_the_likely_holder_at_once(card):
    operation = Operation.get()
    assert (operation.state, TOLD in operation.message) == (State.WAITING, True)
    shown = words(card.person.page.soup.select_one(card.at))
    assert (TOLD in shown, "Choose another username." in shown) == (True, True)


def test_and_the_portal_asks_no_more_once_an_account_of_its_own_would_show(card, workspace):
    assert carry_on().state == State.WAITING
    Operation.update(attempts=SHOWS_WHOLE_BY_THEN).execute()
    operation = carry_on()
    assert (operation.state, TOLD in operation.message) == (State.FAILED, True)
    assert not [user for user in workspace.users() if user.name == "Wei Wang"]


def test_an_account_of_ours_behind_the_refusal_is_found(alice, wei, workspace, mailbox, impatient):
    """Done, and answered as if the address was taken: the account shows later, and is the one that was made."""
    connect(workspace, alice.user, untick=("admin.directory.group.readonly",))
    path = "/admin/directory/v1/users$"
    workspace.fault(method="POST", path=path, kind="done but refused", status=409, code="duplicate", times=1)
    workspace.timing(new_user=2.0)
    AppCard(alice, wei, f"#account-card-{KEY}").press("Action", "Create")
    workspace.advance(5)
    assert carry_on().state == State.DONE
    assert len([user for user in workspace.users() if user.name == "Wei Wang"]) == 1
