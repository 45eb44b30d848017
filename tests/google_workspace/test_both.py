"""Google Workspace and Microsoft 365 for the same people: what befalls one never disturbs the other."""

from datetime import timedelta

import pytest

from portal.account_page import card_page
from portal.accounts.models import Account, Status
from portal.connections.models import Connection
from portal.connectors.errors import ConnectorError
from portal.database import now
from portal.matching import reading
from portal.matching.models import Reading, ReadingState
from portal.operations.models import Operation, State
from portal.people.models import Employee
from portal.provisioning import updates
from portal.runs.models import RunState
from portal.sync import tenant as sync
from portal.sync.differences import Difference
from tests.google_workspace.conftest import KEY, WEI
from tests.pages import words
from tests.provisioning.conftest import created, tab
from tests.provisioning.worker import finish
from tests.runs.conftest import carried_out, plan_for, start
from tests.second_service.conftest import AppCard

MICROSOFT = "microsoft-365"


@pytest.fixture
def wei_at_both(app, alice, microsoft, wei_aboard):
    created(app, alice, wei_aboard, microsoft, WEI)
    assert {account.status for account in Account.select()} == {Status.ACTIVE}
    return wei_aboard


def down(key: str, workspace, sandbox) -> None:
    """From now on this application answers nothing but 503."""
    if key == KEY:
        workspace.fault(path="/v1/", status=503, times=None)
    else:
        sandbox.fault(path="/v1.0/", kind="status", status=503, times=None)


def at(key: str) -> Account:
    return Account.get(Account.connection == Connection.get(Connection.service == key))


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("broken", "other"), [(KEY, MICROSOFT), (MICROSOFT, KEY)])
def test_while_one_is_down_the_other_goes_on(alice, wei_at_both, workspace, sandbox, mailbox, broken, other):
    card = AppCard(alice, wei_at_both, f"#account-card-{broken}")
    card.press("Action")
    down(broken, workspace, sandbox)
    card.press("Confirm")
    assert Operation.get(Operation.state == State.WAITING).connection.service == broken
    card = AppCard(alice, wei_at_both, f"#account-card-{other}")
    card.press("Action", "Confirm")
    assert (at(other).status, at(broken).status) == (Status.DEACTIVATED, Status.ACTIVE)
    with pytest.raises(ConnectorError):
        sync.sync_changes(Connection.get(Connection.service == broken))
    sync.sync_changes(Connection.get(Connection.service == other))


def test_the_question_about_a_leaver_names_the_other_account(alice, wei_at_both):
    for key, others in ((KEY, "Microsoft 365"), (MICROSOFT, "Google Workspace")):
        page = AppCard(alice, wei_at_both, f"#account-card-{key}").press("Action")
        question = words(page.soup.select_one(f"#account-card-{key}"))
        assert f"The account in {others} stays active: deactivate it on its own card." in question


def test_leaving_and_its_undo_are_done_in_both_and_seen_on_both_cards(alice, wei_at_both):
    for presses, status in ((("Leave now", "Confirm"), "Deactivated"), (("Action", "Confirm"), "Active")):
        page = AppCard(alice, wei_at_both, f"#account-card-{MICROSOFT}").press(*presses)
        shown = [words(card) for card in page.soup.select("#account-cards .card-header .ms-2")]
        assert [word.split()[0] for word in shown] == [status, status]
        assert {account.status for account in Account.select()} == {status}


def test_a_leaving_that_has_ended_is_said_though_the_other_application_still_works(
    alice, wei_at_both, workspace, monkeypatch
):
    monkeypatch.setattr(card_page, "PATIENCE", 1.5)
    card = AppCard(alice, wei_at_both, f"#account-card-{MICROSOFT}")
    card.press("Leave now")
    workspace.fault(path="/v1/", kind="slow", seconds=2.5)
    page = alice.press("Confirm", within=card.at)
    assert "The sign-in is blocked. The portal has noted" in words(page.soup.select_one(card.at))
    assert at(MICROSOFT).status == Status.DEACTIVATED


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize(("first", "other"), [(KEY, MICROSOFT), (MICROSOFT, KEY)])
def test_the_page_says_which_application_did_not_take_the_leaver(
    alice, wei_at_both, workspace, sandbox, htmx, first, other
):
    down(other, workspace, sandbox)
    Operation.create(
        organisation=wei_at_both.organisation, employee=wei_at_both, connection=at(other).connection, account=at(other),
        verb="licence",
    )  # fmt: skip
    alice.htmx = htmx
    card = AppCard(alice, wei_at_both, f"#account-card-{first}")
    alice.get(f"{tab(wei_at_both)}/{first}/leave")
    page = alice.press("Confirm", within=card.at)
    assert (at(first).status, at(other).status) == (Status.DEACTIVATED, Status.ACTIVE)
    shown = words(page.soup.select_one(card.at))
    name = {KEY: "Google Workspace", MICROSOFT: "Microsoft 365"}[other]
    assert f"Nothing was done in {name}. Another change is under way for Wei Wang" in shown


def test_leaving_is_undone_in_the_other_application_only_where_that_is_ticked(alice, wei_at_both):
    card = AppCard(alice, wei_at_both, f"#account-card-{MICROSOFT}")
    card.press("Leave now", "Confirm")
    card.press("Action")
    alice.press("Confirm", {"Google Workspace (wei.wang@acme.example)": False}, within=f"#account-card-{MICROSOFT}")
    assert (at(MICROSOFT).status, at(KEY).status) == (Status.ACTIVE, Status.DEACTIVATED)


def test_each_verb_has_its_own_receipt(alice, wei_at_both):
    for key in (KEY, MICROSOFT):
        AppCard(alice, wei_at_both, f"#account-card-{key}").press("Action", "Confirm")
    done = Operation.select().where(Operation.verb == "deactivate")
    assert {operation.connection.service for operation in done} == {KEY, MICROSOFT}
    assert all(operation.state == State.DONE for operation in done)


def test_a_run_is_of_one_application(app, alice, cast, acme, microsoft, workspace, mailbox):
    people = [cast.employee(acme, "Ann", f"Annson{n}", personal_email=f"a{n}@home.example") for n in range(3)]
    plan_for(app, alice, people)
    start(alice)
    assert carried_out(app).state == RunState.DONE
    assert {account.connection.service for account in Account.select()} == {KEY}
    assert workspace.user("ann.annson2@acme.example")


def test_existing_accounts_are_found_and_linked(app, alice, cast, acme, microsoft, workspace):
    mona = cast.employee(acme, "Mona", "Manager", employee_number="A0046")
    alice.get("/provisioning/matching")
    alice.press("Find existing accounts")
    with app.app_context():
        reading.read(Reading.get(Reading.state == ReadingState.READING))
    alice.get("/provisioning/matching")
    alice.press("Link mona.manager@acme.example to Mona Manager")
    assert Account.get(Account.employee == mona).connection.service == KEY


def test_what_was_changed_in_the_console_is_a_difference_and_can_be_pushed(app, wei_at_both, workspace, alice):
    google = Connection.get(Connection.service == KEY)
    sync.sync_changes(google)
    jobs = [{"title": "King", "department": "Sales", "primary": True, "type": "work"}]
    workspace.patch_user(WEI, organizations=jobs)
    sync.sync_changes(Connection.get_by_id(google.id))
    assert [(row.what, row.theirs) for row in Difference.select()] == [("job_title", "King")]


def test_the_page_of_changes_opens_at_the_application_that_has_some(alice, acme, wei_at_both):
    Difference.create(organisation=acme, account=at(MICROSOFT), what="job_title", ours="Buyer", theirs="King")
    alice.get("/home")
    page = alice.press("1 difference from the HR record needs a decision")
    assert (page.title, "King" in page.text) == ("Changed in Microsoft 365", True)
    assert "No differences" in alice.press("Google Workspace").text


def test_day_one_shows_each_application(alice, cast, acme, microsoft, wei):
    Employee.update(start_date=now().date() + timedelta(days=3)).where(Employee.id == wei.id).execute()
    for key in (KEY, MICROSOFT):
        assert "Wei" in alice.get(f"/provisioning/day-one?app={key}").text


def test_a_changed_record_flows_to_both(wei_at_both, workspace, sandbox, app):
    Employee.update(job_title="Head of Buying", changed_at=now() + timedelta(seconds=1)).execute()
    for account in list(updates.changed()):
        finish(updates.request_update(account))
    assert workspace.user(WEI).entries("organizations")[0]["title"] == "Head of Buying"
    assert sandbox.user(at(MICROSOFT).username).properties["jobTitle"] == "Head of Buying"


def test_the_tab_has_a_card_for_each(alice, wei_at_both):
    page = alice.get(tab(wei_at_both))
    assert [words(title) for title in page.soup.select("section.card h2")] == ["Google Workspace", "Microsoft 365"]
