"""A Google whose answers leave out what is false: the portal asks who is suspended, and guesses nothing."""

import pytest

from portal.accounts.models import Account, Status
from portal.connections.models import Connection
from portal.connectors import for_connection
from portal.connectors.errors import Unreadable
from portal.connectors.google_workspace.suspended import FEW
from portal.hand_over.models import LoginMail
from portal.operations.models import Operation, State
from portal.sync import tenant as sync
from tests.google_workspace.conftest import WEI
from tests.google_workspace.test_changes import lists
from tests.provisioning.worker import carry_on, finish


@pytest.fixture
def terse(workspace):
    """A Google Workspace that says nothing of what is false."""
    workspace.policy(says_false=False)
    return workspace


def test_an_account_is_created_deactivated_and_reactivated(at_google, wei, terse, mailbox):
    card = at_google(wei)
    card.press("Action", "Create")
    assert (Operation.get().state, Account.get().status) == (State.DONE, Status.ACTIVE)
    assert LoginMail.select().count() == 1
    for status in (Status.DEACTIVATED, Status.ACTIVE):
        at_google(wei).press("Action", "Confirm")
        assert finish().state == State.DONE
        assert Account.get().status == status


def test_everybody_is_read_with_few_more_lists(wei_aboard, connection, terse):
    for number in range(30):
        terse.make_user(f"p{number}@acme.example", "Pat", f"No{number}")
    terse.patch_user("p3@acme.example", suspended=True)
    before = lists(terse)
    shown = {account.username: account.enabled for account in for_connection(connection).all_accounts()}
    assert (shown["p3@acme.example"], shown["p4@acme.example"], shown[WEI]) == (False, True, True)
    assert lists(terse) - before == 1 + 2 * FEW + 2


def test_one_who_is_left_out_is_asked_about_alone(wei_aboard, connection, workspace):
    workspace.patch_user(WEI, _unsaid={"list": ["suspended"]})
    before = lists(workspace)
    assert {one.username: one.enabled for one in for_connection(connection).all_accounts()}[WEI] is True
    assert lists(workspace) - before == 1 + 2


@pytest.mark.usefixtures("impatient")
def test_no_status_is_shown_while_google_answers_neither_question(at_google, wei, terse, mailbox):
    terse.timing(search=3600)
    at_google(wei).press("Action", "Create")
    assert carry_on().state == State.WAITING
    assert Account.get().status == Status.NO_ACCESS
    terse.advance(3700)
    assert finish().state == State.DONE
    assert Account.get().status == Status.ACTIVE


def test_an_account_that_is_suspended_never_counts_as_active(wei_aboard, connection, terse):
    """Google leaves it out of the answer although it is true, and its searches trail behind."""
    terse.patch_user(WEI, suspended=True, _unsaid={"get": ["suspended"], "list": ["suspended"]})
    sync.sync_changes(Connection.get())
    assert Account.get().status == Status.DEACTIVATED
    terse.patch_user(WEI, _unsaid={place: ["suspended"] for place in ("get", "list", "search")})
    with pytest.raises(Unreadable, match="not answering properly"):
        for_connection(connection).find(Account.get().remote_id)
