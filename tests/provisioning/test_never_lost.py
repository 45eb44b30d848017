"""An operation that is cut off ends as done and read back, as failed with a reason, or waits for a named thing."""

from types import SimpleNamespace

import pytest
import time_machine
from cryptography.fernet import Fernet

from portal.accounts.known import refresh
from portal.accounts.models import Account
from portal.addons import cut_off, disconnecting
from portal.connectors import SERVICES, http
from portal.database import is_sqlite, now, transaction
from portal.hand_over.models import LoginMail, MailState
from portal.operations import engine
from portal.operations.models import Operation, State, Step, StepState
from portal.operations.requests import DeactivateRequest, Verb
from portal.people.models import Employee
from tests.cast import account_of, connection_of
from tests.provisioning.conftest import at, connect, tab
from tests.provisioning.worker import carry_on, deliver, finish, follow, latest, meanwhile, password_in

pytestmark = pytest.mark.usefixtures("impatient")
USERNAME = "wei.zhang@acme.example"
VALUES = {"username": "wei.zhang", "domain": "acme.example", "send_immediately": "y"}
FOR_GOOD = {"times": None}


def create(person, employee, **values):
    person.get(tab(employee))
    return person.post(f"{at(employee)}/create", {**VALUES, **values}, fragment=True)


def named(sandbox, start="wei.zhang"):
    return [user for user in sandbox.users() if user.username.startswith(start)]


def licence_named(page, word):
    return next(option.get("value") for option in page.field("Licence").iter("option") if word in option.text)


def test_a_lost_answer_and_then_an_expired_secret_lose_no_account(alice, wei, connection, sandbox, mailbox):
    sandbox.fault(method="POST", path="/v1.0/users$", kind="lost answer")
    sandbox.fault(method="GET", path="/v1.0/users/", status=401, code="InvalidAuthenticationToken", **FOR_GOOD)
    page = create(alice, wei)
    assert latest().state == State.WAITING
    assert "did not accept the portal’s own sign-in" in page.text
    sandbox.clear_faults()
    assert finish().state == State.DONE
    assert Account.get().remote_id == named(sandbox)[0].id
    assert len(named(sandbox)) == 1


def test_a_crash_after_the_create_and_then_a_lost_consent_lose_no_account(alice, wei, connection, sandbox, mailbox):
    create(alice, wei)
    operation = latest()
    Account.delete().execute()
    LoginMail.delete().execute()
    Step.delete().where(Step.name != "create").execute()
    Step.update(state=StepState.INTENDED).execute()
    Operation.update(state=State.RUNNING, account=None, results={}).execute()
    sandbox.fault(path="/v1.0/", kind="revoked consent", **FOR_GOOD)
    assert carry_on(operation).state == State.WAITING
    assert latest().error_kind == "NotPermitted"


def test_a_name_that_somebody_else_took_is_not_waited_for(alice, wei, connection, sandbox, mailbox):
    alice.get(tab(wei))
    sandbox.fault(method="POST", path="/v1.0/users$", status=503)
    sandbox.patch_user("omar.ordinary@acme.example", userPrincipalName=USERNAME)
    page = create(alice, wei, another="y")
    assert latest().state == State.FAILED
    assert "already taken" in page.text


def test_an_alias_of_somebody_else_is_not_waited_for(alice, wei, connection, sandbox, mailbox):
    alice.get(tab(wei))
    sandbox.fault(method="POST", path="/v1.0/users$", status=503)
    sandbox.patch_user("omar.ordinary@acme.example", proxyAddresses=[f"smtp:{USERNAME}"])
    create(alice, wei, another="y")
    assert latest().state == State.FAILED
    assert not named(sandbox)


def test_an_account_deleted_before_it_was_read_back_is_not_waited_for(alice, wei, connection, sandbox, mailbox):
    sandbox.fault(method="GET", path="/v1.0/users/", status=503, **FOR_GOOD)
    create(alice, wei)
    sandbox.clear_faults()
    sandbox.delete_user(USERNAME)
    Step.update(ended_at=wei.created_at.replace(year=2020)).execute()
    engine_forgets()
    assert finish().state == State.FAILED
    assert latest().error_kind == "NotFound"
    assert account_of(wei) is None
    assert "has been created" in create(alice, wei, another="y").text


def engine_forgets():
    """As if the three minutes were over in which a new account may be unknown."""
    from portal.connectors.microsoft365.fresh import FRESH

    FRESH._until.clear()


def test_a_secret_that_expires_before_the_licence_is_waited_for(alice, wei, connection, sandbox, mailbox):
    alice.get(tab(wei))
    alice.press("Action")
    plan = licence_named(alice.page, "Premium")
    sandbox.fault(method="POST", path="assignLicense", status=401, code="InvalidAuthenticationToken", times=2)
    create(alice, wei, licence_id=plan)
    assert latest().state == State.WAITING
    assert finish().state == State.DONE
    assert sandbox.user(USERNAME).plans == [plan]


def test_a_licence_that_does_not_show_is_not_called_assigned(alice, wei, connection, sandbox, mailbox):
    alice.get(tab(wei))
    alice.press("Action")
    plan = licence_named(alice.page, "Premium")
    sandbox.fault(method="GET", path="/v1.0/users/", status=503, **FOR_GOOD)
    create(alice, wei, licence_id=plan)
    sandbox.patch_user(USERNAME, assignedLicenses=[])
    sandbox.clear_faults()
    operation = carry_on()
    assert operation.state == State.WAITING
    assert "isn’t visible yet" in operation.message


def test_sessions_that_still_show_as_open_are_not_called_revoked(alice, wei_by_form, connection, sandbox):
    sandbox.patch_user(USERNAME, signInSessionsValidFromDateTime="2020-01-01T00:00:00Z")
    alice.get(tab(wei_by_form))
    sandbox.fault(method="GET", path="/v1.0/users/[0-9a-f-]{36}$", skip=1, status=503, **FOR_GOOD)
    alice.post(f"{at(wei_by_form)}/deactivate", fragment=True)
    sandbox.patch_user(USERNAME, signInSessionsValidFromDateTime="2020-01-01T00:00:00Z")
    sandbox.clear_faults()
    assert carry_on().state == State.WAITING
    sandbox.patch_user(USERNAME, signInSessionsValidFromDateTime=sandbox.moment())
    assert finish().state == State.DONE


def test_a_manager_whose_account_was_made_at_the_same_time_is_set(
    app, alice, cast, acme, wei, connection, sandbox, mailbox
):
    boss = cast.employee(acme, "Grace", "Boss")
    Employee.update(manager=boss).where(Employee.id == wei.id).execute()
    sandbox.fault(method="GET", path="/v1.0/users/", status=503, **FOR_GOOD)
    create(alice, wei)
    waiting = latest()
    sandbox.clear_faults()
    create(alice, boss, username="grace.boss")
    assert finish(waiting).state == State.DONE
    follow(app, waiting)
    assert sandbox.user(USERNAME).manager == sandbox.user("grace.boss@acme.example").id


def test_a_crash_right_after_the_end_loses_no_manager(alice, cast, acme, wei_by_form, connection, sandbox):
    boss = cast.employee(acme, "Grace", "Boss")
    Employee.update(manager=boss).where(Employee.id == wei_by_form.id).execute()
    sandbox.fault(method="GET", path="/v1.0/users/", status=503, **FOR_GOOD)
    create(alice, boss, username="grace.boss")
    sandbox.clear_faults()
    # The worker that ends it dies before it looks what follows.
    assert finish().state == State.DONE
    [due] = engine.due()
    assert engine.carry_out(due).state == State.DONE
    assert sandbox.user(USERNAME).manager == sandbox.user("grace.boss@acme.example").id


def test_an_update_that_set_nothing_is_not_called_done(alice, cast, acme, wei_by_form, connection, sandbox, mailbox):
    boss = cast.employee(acme, "Grace", "Boss")
    Employee.update(manager=boss).where(Employee.id == wei_by_form.id).execute()
    sandbox.fault(method="PUT", path="manager", status=400, code="Request_BadRequest", message="No.", **FOR_GOOD)
    create(alice, boss, username="grace.boss")
    update = next(operation for operation in engine.due() if operation.verb == Verb.UPDATE)
    update = engine.carry_out(update)
    assert update.state == State.FAILED
    assert update.message


def test_what_was_refused_on_the_way_is_said_in_the_activity(alice, wei, connection, sandbox, mailbox):
    alice.get(tab(wei))
    alice.press("Action")
    plan = licence_named(alice.page, "Standard")
    sandbox.set_seats("O365_BUSINESS_PREMIUM", 3)
    create(alice, wei, licence_id=plan)
    assert latest().state == State.DONE
    assert "No seat is left" in alice.get("/provisioning").text


def test_an_account_that_was_linked_elsewhere_meanwhile_fails_with_a_reason(
    alice, cast, acme, wei, connection, sandbox
):
    omar = sandbox.user("omar.ordinary@acme.example")
    other = cast.employee(acme, "Omar", "Ordinary")
    sandbox.fault(method="GET", path="/v1.0/users/", status=503, **FOR_GOOD)
    alice.get(tab(wei))
    alice.post(f"{at(wei)}/link", {"remote_id": omar.id}, fragment=True)
    waiting = latest()
    sandbox.clear_faults()
    alice.post(f"{at(other)}/link", {"remote_id": omar.id}, fragment=True)
    assert latest().state == State.DONE
    assert finish(waiting).state == State.FAILED
    assert "linked this account" in Operation.get_by_id(waiting.id).message
    assert Account.get().employee == other


def test_a_link_taken_away_while_the_tenant_was_slow_stays_taken_away(alice, wei_by_form, connection, sandbox):
    account = Account.get()
    alice.post(f"{at(wei_by_form)}/unlink", fragment=True)
    assert refresh(account) is None
    assert account_of(wei_by_form) is None


def test_a_slow_step_keeps_its_lease(alice, wei_by_form, connection, sandbox):
    alice.get(tab(wei_by_form))
    claimed = []
    with time_machine.travel(now()) as clock:

        def forty_seconds_pass():
            clock.shift(40)
            claimed.append(engine.claim(latest()))

        meanwhile(
            sandbox, lambda: alice.post(f"{at(wei_by_form)}/deactivate", fragment=True), forty_seconds_pass,
            path="/v1.0/users/", **FOR_GOOD,
        )  # fmt: skip
    assert latest().state == State.DONE
    assert len(claimed) > 2
    assert not any(claimed)


def test_whoever_lost_the_lease_sends_nothing_more(alice, wei_by_form, connection, sandbox):
    operation = engine.start(
        DeactivateRequest(), organisation=connection.organisation, employee=wei_by_form, connection=connection,
        account=Account.get(),
    )  # fmt: skip
    Operation.update(lease_until=now() + Operation.LEASE).execute()
    operation.lease_until = operation.created_at
    sandbox.clear_requests()
    with http.before_each(lambda: engine.OPERATIONS.hold_in_time(operation)), pytest.raises(engine.LostLease):
        SERVICES["microsoft-365"].connector(connection.tenant_id).block(Account.get().remote_id)
    assert not sandbox.requests(path="/v1.0/")


def test_an_account_made_during_a_disconnect_is_found_again_by_its_marker(
    app, alice, wei, connection, sandbox, mailbox
):
    sandbox.fault(method="POST", path="/v1.0/users$", kind="lost answer")
    sandbox.fault(method="GET", path="/v1.0/users/", status=503, **FOR_GOOD)
    create(alice, wei)
    assert latest().state == State.WAITING
    sandbox.clear_faults()
    alice.get("/settings/add-ons")
    alice.press("Disconnect")
    alice.press("Disconnect", within="form[action$='/disconnect']")
    assert latest().state == State.CANCELLED
    come_back(sandbox, alice.user)
    assert finish().state == State.DONE
    assert account_of(wei).remote_id == named(sandbox)[0].id
    assert "has been set" in alice.post(f"{at(wei)}/resend", {"send_immediately": "y"}, fragment=True).text
    assert sandbox.sign_in(USERNAME, password_in(mailbox)) == "must change password"


def test_a_second_disconnect_before_it_was_found_loses_it_neither(alice, wei, connection, sandbox, mailbox):
    sandbox.fault(method="POST", path="/v1.0/users$", kind="lost answer")
    sandbox.fault(method="GET", path="/v1.0/users/", status=503, **FOR_GOOD)
    create(alice, wei)
    sandbox.clear_faults()
    for _ in range(2):
        disconnecting.disconnect(connection_of(connection.organisation), by=alice.user)
        come_back(sandbox, alice.user)
    assert finish().state == State.DONE
    assert account_of(wei).remote_id == named(sandbox)[0].id


def come_back(sandbox, user):
    """The organisation connects the same tenant again."""
    with transaction():
        connection = connect(sandbox, user)
        disconnecting.adopt_accounts(connection)
        cut_off.look_for_accounts(connection, by=user)
    return connection


def test_an_account_that_was_never_made_is_said_not_to_be_there(alice, wei, connection, sandbox, mailbox):
    sandbox.fault(method="POST", path="/v1.0/users$", kind="reset")
    sandbox.fault(method="GET", path="/v1.0/users/", status=503, **FOR_GOOD)
    create(alice, wei)
    sandbox.clear_faults()
    alice.get("/settings/add-ons")
    alice.press("Disconnect")
    alice.press("Disconnect", within="form[action$='/disconnect']")
    come_back(sandbox, alice.user)
    Operation.update(finished_at=now().replace(year=2020)).where(Operation.verb == Verb.CREATE).execute()
    assert finish().state == State.FAILED
    assert "Create it" in latest().next_step
    assert "has been created" in create(alice, wei).text


ON_SQLITE = (
    (
        """CREATE TRIGGER no_room BEFORE INSERT ON audit_entry WHEN NEW.action = 'create account: done'
    BEGIN SELECT abs(-9223372036854775808); END""",
    ),
    ("DROP TRIGGER IF EXISTS no_room",),
)
ON_POSTGRESQL = (
    (
        "CREATE FUNCTION no_room() RETURNS trigger AS 'BEGIN RAISE disk_full; END' LANGUAGE plpgsql",
        """CREATE TRIGGER no_room BEFORE INSERT ON audit_entry FOR EACH ROW WHEN (NEW.action = 'create account: done')
    EXECUTE FUNCTION no_room()""",
    ),
    ("DROP TRIGGER IF EXISTS no_room ON audit_entry", "DROP FUNCTION IF EXISTS no_room"),
)


@pytest.fixture
def disk(tables):
    """The database has no room for the line of the audit log that says that a create has ended, until it is tidied."""
    fill, empty = ON_SQLITE if is_sqlite() else ON_POSTGRESQL

    def tidy():
        for statement in empty:
            tables.execute_sql(statement)

    for statement in fill:
        tables.execute_sql(statement)
    yield SimpleNamespace(tidy=tidy)
    tidy()


def test_an_end_that_cannot_be_written_is_written_later(app, alice, wei, connection, sandbox, mailbox, disk):
    create(alice, wei)
    assert latest().state == State.WAITING
    disk.tidy()
    assert finish().state == State.DONE
    assert [step.state for step in Step.select()] == [StepState.DONE] * 3
    assert len(named(sandbox)) == 1
    deliver(app)
    assert sandbox.sign_in(USERNAME, password_in(mailbox)) == "must change password"


def test_what_was_asked_before_a_disconnect_is_on_the_receipt(alice, wei, connection, sandbox, mailbox):
    meanwhile(
        sandbox, lambda: create(alice, wei), lambda: disconnecting.disconnect(connection, by=alice.user),
        method="POST", path="/v1.0/users$",
    )  # fmt: skip
    assert latest().state == State.CANCELLED
    assert [call["method"] for call in Step.get(Step.name == "create").calls] == ["POST"]


def test_a_plan_that_was_lost_stops_what_has_not_begun(alice, acme, wei, connection, sandbox, mailbox):
    sandbox.fault(method="POST", path="/v1.0/users$", status=429, retry_after=60, **FOR_GOOD)
    create(alice, wei)
    sandbox.clear_faults()
    acme.plan = "Standard"
    acme.save()
    operation = carry_on()
    assert operation.state == State.CANCELLED
    assert "plan" in operation.message
    assert not operation.encrypted_password
    assert not named(sandbox)


def test_a_plan_that_was_lost_leaves_nothing_half_done(alice, acme, wei, connection, sandbox, mailbox):
    sandbox.fault(method="GET", path="/v1.0/users/", status=503, **FOR_GOOD)
    create(alice, wei)
    sandbox.clear_faults()
    acme.plan = "Standard"
    acme.save()
    assert finish().state == State.DONE


def test_an_employee_who_is_renamed_meanwhile_still_gets_one_account(alice, wei, connection, sandbox, mailbox):
    sandbox.fault(method="POST", path="/v1.0/users$", kind="lost answer")
    sandbox.fault(method="GET", path="/v1.0/users/", status=503, **FOR_GOOD)
    create(alice, wei)
    sandbox.clear_faults()
    Employee.update(last_name="Zhao", personal_email="zhao@home.example").execute()
    assert finish().state == State.DONE
    assert [user.username for user in named(sandbox, "wei")] == [USERNAME]


def test_a_mail_whose_password_no_key_opens_is_given_up_in_the_end(app, alice, wei, connection, sandbox, mailbox):
    mailbox.refuse("451 too busy")
    create(alice, wei)
    # The operator has taken the key away with which it was encrypted.
    lost = Fernet(Fernet.generate_key()).encrypt(b"secret").decode()
    LoginMail.update(encrypted_password=lost).execute()
    # Eight tries, the press among them.
    for _ in range(7):
        assert LoginMail.get().state == MailState.SCHEDULED
        deliver(app)
    assert LoginMail.get().state == MailState.FAILED
    assert "Resend" in alice.get(tab(wei)).text
