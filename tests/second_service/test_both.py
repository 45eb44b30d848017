"""Both applications connected at once: what befalls one never disturbs the other."""

import pytest

from portal.accounts.models import Account, Status
from portal.addons import disconnecting
from portal.connections.models import Connection
from portal.connectors.errors import ConnectorError
from portal.matching import reading
from portal.matching.models import Reading, ReadingState
from portal.operating import doctor
from portal.operations.models import Operation, State
from portal.runs.models import RunState
from portal.sync import tenant as sync
from tests.pages import words
from tests.provisioning.conftest import connect, created
from tests.runs.conftest import carried_out, plan_for, start
from tests.second_service.conftest import AppCard

ADD_ONS = "/settings/add-ons"
MICROSOFT = "#account-card-microsoft-365"


@pytest.fixture
def microsoft(alice, sandbox, harbour_connection):
    """Acme connected to both."""
    return connect(sandbox, alice.user)


def card_of(page, key: str) -> str:
    return words(page.soup.select_one(f"#add-on-card-{key}"))


def test_each_has_its_card_and_its_own_health(alice, harbour, harbour_connection, microsoft):
    harbour.down = True
    alice.get(ADD_ONS)
    alice.press("Check now", within="#add-on-card-harbour")
    page = alice.get(ADD_ONS)
    assert "Needs attention" in card_of(page, "harbour")
    assert "Health Working" in card_of(page, "microsoft-365")


def test_disconnecting_one_keeps_the_other(alice, harbour_connection, microsoft):
    disconnecting.disconnect(Connection.get_by_id(harbour_connection.id), by=alice.user)
    page = alice.get(ADD_ONS)
    assert "Not connected" in card_of(page, "harbour")
    assert "Health Working" in card_of(page, "microsoft-365")


def test_the_sync_of_one_goes_on_while_the_other_is_down(
    app, wei_aboard, harbour, microsoft, sandbox, harbour_connection
):
    harbour.down = True
    with pytest.raises(ConnectorError):
        sync.sync_changes(Connection.get_by_id(harbour_connection.id))
    assert sync.sync_changes(Connection.get_by_id(microsoft.id)) == 0
    assert Connection.get_by_id(microsoft.id).changes_link
    assert Account.get(Account.connection == harbour_connection).status == Status.ACTIVE


def test_a_whole_reading_of_one_never_looks_for_the_accounts_of_the_other(wei_aboard, microsoft, sandbox, time_passes):
    time_passes()
    assert sync.sync_changes(Connection.get_by_id(microsoft.id)) == 0
    assert Account.get().detached_at is None


def test_the_operators_doctor_tries_each_by_itself(harbour, harbour_connection, microsoft):
    harbour.down = True
    found = {finding.part: finding for finding in doctor.examine()}
    assert found["Microsoft 365"].good
    assert not found["Harbour"].good
    harbour.down = False
    found = {finding.part: finding for finding in doctor.examine()}
    assert found["Harbour"].sentence == "Acme Harbour accepts its key."


@pytest.fixture
def wei_at_both(app, alice, wei_aboard, microsoft):
    """Wei with an account at each."""
    created(app, alice, wei_aboard, microsoft, "wei.zhang@acme.example")
    assert {account.status for account in Account.select()} == {Status.ACTIVE}
    return wei_aboard


def down(key: str, harbour, sandbox) -> None:
    """From now on this application answers nothing but 503."""
    if key == "harbour":
        harbour.down = True
    else:
        sandbox.fault(path="/v1.0/", kind="status", status=503, times=None)


def status_at(key: str) -> Status:
    return Account.get(Account.connection == Connection.get(Connection.service == key)).status


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("broken", "other"), [("harbour", "microsoft-365"), ("microsoft-365", "harbour")])
def test_while_one_is_down_the_other_deactivates_resends_and_reactivates(
    alice, wei_at_both, harbour, sandbox, mailbox, broken, other
):
    down(broken, harbour, sandbox)
    card = AppCard(alice, wei_at_both, f"#account-card-{other}")
    card.press("Resend")
    alice.press("Resend", within=f"{card.at} form[action$='/resend']")
    assert len(mailbox.messages) == 3
    for status in (Status.DEACTIVATED, Status.ACTIVE):
        card.fresh()
        card.press("Action", "Confirm")
        assert (status_at(other), status_at(broken)) == (status, Status.ACTIVE)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("broken", "other"), [("harbour", "microsoft-365"), ("microsoft-365", "harbour")])
def test_what_is_asked_of_the_broken_one_waits_for_it_alone(alice, wei_at_both, harbour, sandbox, broken, other):
    card = AppCard(alice, wei_at_both, f"#account-card-{broken}")
    card.press("Action")
    down(broken, harbour, sandbox)
    card.press("Confirm")
    assert Operation.get(Operation.state == State.WAITING).connection.service == broken
    card = AppCard(alice, wei_at_both, f"#account-card-{other}")
    card.press("Action", "Confirm")
    assert status_at(other) == Status.DEACTIVATED


@pytest.mark.usefixtures("impatient")
def test_a_run_and_matching_go_on_while_the_other_is_down(app, alice, cast, acme, microsoft, harbour, sandbox, mailbox):
    down("microsoft-365", harbour, sandbox)
    mia = cast.employee(acme, "Mia", "Mast", personal_email="mia@home.example")
    harbour.add("olga", name="Olga Ordinary", number="77")
    olga = cast.employee(acme, "Olga", "Ordinary", employee_number="77", personal_email="olga@home.example")
    plan_for(app, alice, [mia])
    start(alice)
    assert carried_out(app).state == RunState.DONE
    assert "mia.mast@acme-harbour.example" in harbour.people
    alice.get("/provisioning/matching")
    alice.press("Find existing accounts")
    with app.app_context():
        reading.read(Reading.get(Reading.state == ReadingState.READING))
    alice.get("/provisioning/matching")
    alice.press("Link olga@acme-harbour.example to Olga Ordinary")
    assert Account.get(Account.employee == olga).remote_id == "olga@acme-harbour.example"
