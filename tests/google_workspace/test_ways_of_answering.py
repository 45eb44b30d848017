"""What Google may answer in another way than it usually does, and what the portal makes of it."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.accounts.models import Account, Status
from portal.connections.models import Connection
from portal.connectors import for_connection
from portal.connectors.errors import AlreadyExists, NotPermitted, OutOfSeats, Refused, TryLater
from portal.connectors.google_workspace.fresh import FRESH
from portal.connectors.google_workspace.refusals import from_google
from portal.hand_over.models import LoginMail
from portal.operations.models import Operation, State, Step
from portal.provisioning.licence_steps import ENOUGH
from portal.provisioning.steps import CLOSED_AFTER, JUST_MADE
from portal.sync import tenant as sync
from portal.sync.differences import Difference
from tests.google_workspace.conftest import PLUS, STANDARD, WEI
from tests.provisioning.worker import carry_on, finish

USERS = "/admin/directory/v1/users"
INSERT = "/apps/licensing/v1/.*/user$"

# The same refusal with and without reasons, as older and newer services of Google's write it.
SPELLINGS = {
    "no reason": ({"code": 409, "message": "Entity already exists."}, AlreadyExists),
    "a name alone": ({"code": 409, "message": "Requested entity", "status": "ALREADY_EXISTS"}, AlreadyExists),
    "under way": ({"code": 409, "message": "The operation was aborted.", "status": "ABORTED"}, TryLater),
    "a box was unticked": ({"code": 403, "message": "Request had insufficient authentication scopes.",
                            "status": "PERMISSION_DENIED"}, NotPermitted),
    "automatic": ({"code": 412, "message": "Automatic licensing is on for this user."}, Refused),
}  # fmt: skip


@pytest.mark.parametrize(("error", "kind"), SPELLINGS.values(), ids=SPELLINGS)
def test_a_refusal_is_known_in_each_spelling(error, kind):
    found = from_google(error["code"], {"error": error}, method="POST")
    assert type(found) is kind
    assert (found.target == "scope") == ("scopes" in error["message"])


@pytest.mark.parametrize("manager", ["The Boss", "boss@@acme.example", "boss@elsewhere.example"])
def test_a_manager_who_is_no_address_of_the_company_stops_nothing(at_google, wei_aboard, workspace, manager):
    workspace.patch_user(WEI, relations=[{"type": "manager", "value": manager}])
    card = at_google(wei_aboard)
    assert manager in card.text
    card.press("Action", "Confirm")
    assert workspace.user(WEI).suspended


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("alias", [True, False])
def test_an_account_that_was_renamed_before_its_answer_came_is_known_by_its_marker(
    at_google, wei, workspace, mailbox, alias
):
    workspace.fault(method="POST", path=f"{USERS}$", times=1, kind="lost answer")
    card = at_google(wei)
    card.press("Action")
    workspace.fault(method="GET", path=f"{USERS}/{WEI}", times=None)
    card.press("Create")
    workspace.patch_user(WEI, primaryEmail="wei.married@acme.example")
    workspace.clear_faults()
    if alias:
        workspace.hold(WEI, of="wei.married@acme.example")
    operation = finish()
    assert operation.state == State.DONE, operation.message
    assert [one.address for one in workspace.users() if one.name == "Wei Wang"] == ["wei.married@acme.example"]
    assert Account.get().username == "wei.married@acme.example"


def test_answers_that_go_back_and_forth_change_no_status(at_google, wei_aboard, connection, workspace):
    sync.sync_changes(Connection.get())
    workspace.timing(flips=600)
    card = at_google(wei_aboard)
    card.press("Action", "Confirm")
    assert finish().state == State.DONE
    for _ in range(3):
        sync.sync_changes(Connection.get())
        assert Account.get().status == Status.DEACTIVATED
        at_google(wei_aboard)
        assert Account.get().status == Status.DEACTIVATED
    assert not Difference.select().exists()


def test_an_account_that_is_denied_once_is_still_there(at_google, wei_aboard, workspace):
    Account.update(read_at=datetime.now(UTC) - timedelta(hours=1)).execute()
    FRESH.clear()
    workspace.fault(method="GET", path=f"{USERS}/", status=404, code="notFound", times=1)
    at_google(wei_aboard)
    assert Account.get().status == Status.ACTIVE


@pytest.mark.usefixtures("impatient")
def test_an_account_is_new_from_the_moment_it_was_made_and_not_from_when_it_was_asked_for(
    at_google, wei, workspace, mailbox
):
    workspace.timing(new_user=60)
    at_google(wei).press("Action", "Create")
    # Google was in trouble for long before it made the account, and another process carries on.
    Operation.update(created_at=datetime.now(UTC) - 3 * JUST_MADE).execute()
    FRESH.clear()
    assert carry_on().state == State.WAITING
    workspace.advance(120)
    assert finish().state == State.DONE


@pytest.mark.parametrize("trouble", [{"status": 503}, {"kind": "reset"}, {"status": 400, "code": "invalid"}])
def test_while_the_log_is_in_trouble_everybody_is_read(wei_aboard, workspace, trouble):
    sync.sync_changes(Connection.get())
    workspace.fault(path="/admin/reports/", times=None, **trouble)
    workspace.patch_user(WEI, suspended=True)
    sync.sync_changes(Connection.get())
    assert Account.get().status == Status.DEACTIVATED


WORDS = "Precondition Failed"


def test_a_licence_that_is_held_is_one_that_was_given_whatever_google_says_of_it(connection, workspace):
    omar = workspace.user("omar.ordinary@acme.example")
    workspace.fault(method="POST", path=INSERT, status=412, code="conditionNotMet", message=WORDS, times=None)
    for_connection(connection).assign_licences(omar.id, add=[STANDARD], remove=[])
    workspace.fault(method="PUT", path="/apps/licensing/", status=412, code="conditionNotMet", message=WORDS)
    with pytest.raises(OutOfSeats):
        for_connection(connection).assign_licences(omar.id, add=[PLUS], remove=[STANDARD])


@pytest.mark.usefixtures("impatient")
def test_a_licence_that_google_never_takes_from_the_portal_holds_up_nothing(at_google, wei, workspace, mailbox):
    workspace.policy(automatic_licence="")
    workspace.fault(method="POST", path=INSERT, status=503, code="backendError", times=None)
    at_google(wei).press("Action", "Create", Licence=PLUS)
    assert carry_on().state == State.WAITING
    Operation.update(attempts=ENOUGH).execute()
    assert carry_on().state == State.DONE
    assert "it seems to give this licence by its own rules" in Operation.get().message
    assert LoginMail.select().exists()


@pytest.mark.usefixtures("impatient")
def test_a_name_that_google_gave_and_refused_is_given(at_google, alice, wei_aboard, workspace, mailbox):
    workspace.timing(rename=60)
    workspace.fault(method="PUT", path=USERS, kind="done but refused", status=409, code="duplicate", times=1)
    at_google(wei_aboard).press("Change the username")
    alice.press("Change the username", {"New username": "wei.smith"}, within=".account-body")
    assert finish().state == State.DONE
    assert Account.get().username == "wei.smith@acme.example"
    workspace.fault(method="PUT", path=USERS, status=409, code="duplicate", times=1)
    with pytest.raises(TryLater, match="still carrying out another change"):
        for_connection(Connection.get()).block(Account.get().remote_id)


def test_an_account_that_google_restored_and_refused_is_restored(connection, workspace):
    dora = workspace.user("dora.deleted@acme.example")
    workspace.fault(path="/undelete$", kind="done but refused", status=412, code="conditionNotMet",
                    message="Cannot undelete user", times=1)  # fmt: skip
    assert for_connection(connection).restore(dora.id).username == "dora.deleted@acme.example"


@pytest.mark.usefixtures("impatient")
def test_a_new_account_that_google_itself_suspends_is_told_and_not_waited_for(at_google, wei, workspace, mailbox):
    workspace.timing(new_user=60)
    at_google(wei).press("Action", "Create")
    workspace.patch_user(WEI, suspended=True, suspensionReason="WEB_LOGIN_REQUIRED")
    workspace.advance(120)
    assert carry_on().state == State.WAITING
    Operation.update(attempts=CLOSED_AFTER).execute()
    assert carry_on().state == State.DONE
    text = at_google(wei).text
    assert "Suspended by Google itself, not by an administrator: WEB_LOGIN_REQUIRED." in text
    assert (Account.get().status, "itself has suspended this account" in Step.get(Step.name == "read back").note) == (
        Status.DEACTIVATED, True,
    )  # fmt: skip


def test_what_google_says_of_the_state_is_on_the_card(at_google, wei_aboard, workspace):
    workspace.patch_user(WEI, archived=True)
    assert "State in Google Workspace Archived. It needs a full licence" in at_google(wei_aboard).text
    workspace.patch_user(WEI, archived=False)
    assert "State in Google Workspace" not in at_google(wei_aboard).text


def test_the_beginning_of_a_name_finds_it(connection, workspace):
    workspace.make_user("kk@acme.example", "Katarzyna", "Kowalska")
    for text in ("Kata", "kowal", "Katarzyna Kow"):
        assert [found.username for found in for_connection(connection).search(text)] == ["kk@acme.example"]


def test_who_is_in_a_group_without_an_account_is_passed_over(connection, workspace, monkeypatch):
    client = for_connection(connection).client
    monkeypatch.setattr(client, "_pages", lambda *args: iter([{"members": [{"role": "MEMBER"}, {"id": "1"}]}]))
    assert [one["id"] for one in client.members("g")] == ["1"]
