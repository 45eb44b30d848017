from datetime import timedelta

import pytest

from portal import vault
from portal.accounts.models import Account
from portal.audit import AuditEntry
from portal.connections.models import Connection
from portal.database import now
from portal.hand_over.models import LoginMail, MailState
from portal.operations.models import Operation, State
from portal.operations.requests import Verb
from tests.addons.conftest import ADD_ONS, CARD, GRACE, as_connected, connected
from tests.cast import account_of, connection_of

CARD_ID = "#add-on-card-microsoft-365"


@pytest.fixture
def connection(alice, sandbox) -> Connection:
    return as_connected(alice, sandbox)


def an_account(employee, connection: Connection, remote_id: str = "r-1", **values) -> Account:
    defaults = {"username": f"{remote_id}@acme.example", "enabled": True, "read_at": now()}
    return Account.create(
        organisation=employee.organisation, employee=employee, connection=connection, remote_id=remote_id,
        **{**defaults, **values},
    )  # fmt: skip


def operation_of(account: Account, state: State = State.WAITING, **values) -> Operation:
    return Operation.create(
        organisation=account.organisation, employee=account.employee, connection=account.connection, account=account,
        verb=Verb.CREATE, state=state, encrypted_password=vault.encrypt("Secret-1"), **values,
    )  # fmt: skip


def mail_of(account: Account, state: MailState) -> LoginMail:
    return LoginMail.create(
        organisation=account.organisation, account=account, operation=operation_of(account, State.DONE),
        recipient="wei@home.example", encrypted_password=vault.encrypt("Secret-1"), state=state,
        send_at=now() + timedelta(days=1),
    )  # fmt: skip


@pytest.fixture
def wei(cast, acme):
    return cast.employee(acme, "Wei", "Zhang")


def disconnect(alice) -> None:
    alice.get(ADD_ONS)
    alice.press("Disconnect")
    alice.press("Disconnect")


def test_disconnect_asks_first_and_says_what_stays(alice, wei, connection):
    mail_of(an_account(wei, connection), MailState.SCHEDULED)
    alice.get(ADD_ONS)
    alice.press("Disconnect", within=f"{CARD_ID} details")
    assert "Disconnect Microsoft 365 (Acme)?" in alice.page.text
    assert "1 account is linked" in alice.page.text
    assert "Accounts stay as they are" in alice.page.text
    assert "To remove an account, use the Microsoft 365 Admin Centre." in alice.page.text
    assert "1 employee has not had their login email. We pause these emails and links." in alice.page.text
    assert (
        connection.refresh().is_live if hasattr(connection, "refresh") else Connection.get_by_id(connection.id).is_live
    )


def test_confirming_disconnects_in_place(alice, connection):
    disconnect(alice)
    assert "Your organisation is disconnected from Microsoft 365." in alice.page.alerts()
    assert alice.page.has_button("Sign in with Microsoft")
    assert not Connection.get_by_id(connection.id).is_live


def test_the_same_works_without_javascript(alice, connection):
    alice.htmx = False
    disconnect(alice)
    assert alice.page.url == ADD_ONS
    assert "Your organisation is disconnected from Microsoft 365." in " ".join(alice.page.alerts())


def test_nothing_is_asked_of_the_application(alice, connection, sandbox):
    sandbox.clear_requests()
    disconnect(alice)
    assert sandbox.requests() == []


def test_operations_are_cancelled_and_login_information_is_paused(alice, wei, connection):
    account = an_account(wei, connection)
    waiting, mail = operation_of(account), mail_of(account, MailState.SCHEDULED)
    shown_later = mail_of(account, MailState.TO_SHOW)
    disconnect(alice)
    operation = Operation.get_by_id(waiting.id)
    assert (operation.state, operation.encrypted_password) == (State.CANCELLED, "")
    assert "disconnected before this was finished" in operation.message
    for found in (LoginMail.get_by_id(mail.id), LoginMail.get_by_id(shown_later.id)):
        assert found.state == MailState.PAUSED
    assert Operation.select().where(Operation.encrypted_password != "").count() == 0


def test_a_mail_that_is_on_its_way_is_left_to_its_sender(alice, wei, connection):
    mail = mail_of(an_account(wei, connection), MailState.SENDING)
    disconnect(alice)
    found = LoginMail.get_by_id(mail.id)
    assert found.state == MailState.SENDING
    assert vault.decrypt(found.encrypted_password) == "Secret-1"


def test_accounts_are_detached_but_known(alice, wei, connection):
    account = an_account(wei, connection)
    disconnect(alice)
    found = Account.get_by_id(account.id)
    assert (found.status, found.detached_by, found.remote_id) == ("No access", "disconnect", "r-1")


def test_the_trail_says_who_disconnected_what(alice, wei, connection):
    an_account(wei, connection)
    disconnect(alice)
    entry = AuditEntry.get(AuditEntry.action == "disconnect add-on")
    assert (entry.by_name, entry.detail["tenant_name"], entry.detail["accounts_detached"]) == ("Alice", "Acme", 1)


def test_pressing_twice_disconnects_once(alice, connection):
    for _ in range(2):
        assert alice.post(f"{CARD}/disconnect", {"connection": connection.id}).status == 200
    assert AuditEntry.select().where(AuditEntry.action == "disconnect add-on").count() == 1


def test_a_stale_page_does_not_end_a_newer_connection(alice, acme, elsewhere, connection):
    alice.post(f"{CARD}/disconnect", {"connection": connection.id})
    connected(alice, elsewhere)
    page = alice.post(f"{CARD}/disconnect", {"connection": connection.id})
    assert page.status == 409
    assert "replaced by another one" in page.text
    assert connection_of(acme) is not None


def test_a_connection_that_is_no_number_is_refused(alice, acme, connection):
    for value in ("", "x", "-1", str(2**70), "1; DROP TABLE connection"):
        assert alice.post(f"{CARD}/disconnect", {"connection": value}).status == 422
    assert connection_of(acme) is not None


def test_nobody_disconnects_another_organisation(alice, mallory, acme, connection):
    mallory.get(ADD_ONS)
    mallory.post(f"{CARD}/disconnect", {"connection": connection.id})
    assert connection_of(acme) is not None
    assert "Acme" not in mallory.get(f"{CARD}/disconnect").text


def test_the_question_without_a_connection_is_the_plain_card(alice):
    assert alice.get(f"{CARD}/disconnect").has_button("Sign in with Microsoft")


def test_connecting_the_same_tenant_again_finds_the_accounts(alice, acme, wei, connection, elsewhere):
    account = an_account(wei, connection)
    disconnect(alice)
    page = connected(alice, elsewhere)
    assert "The portal found 1 account from before." in page.text
    found = account_of(wei)
    assert (found.id, found.status, found.connection) == (account.id, "Active", connection_of(acme))


def test_accounts_survive_any_number_of_rounds(alice, wei, connection, elsewhere):
    account = an_account(wei, connection)
    for _ in range(3):
        disconnect(alice)
        connected(alice, elsewhere)
    assert account_of(wei) == account


def test_an_unlinked_account_is_not_found_again(alice, wei, connection, elsewhere):
    an_account(wei, connection, detached_at=now(), detached_by="unlink")
    disconnect(alice)
    connected(alice, elsewhere)
    assert account_of(wei) is None


def test_an_account_that_was_never_read_back_is_not_found_again(alice, wei, connection, elsewhere):
    an_account(wei, connection, read_at=None)
    disconnect(alice)
    connected(alice, elsewhere)
    assert account_of(wei) is None


def test_of_two_accounts_of_one_person_the_later_is_kept(alice, wei, connection, elsewhere):
    an_account(wei, connection, "old", detached_at=now() - timedelta(days=9), detached_by="disconnect")
    later = an_account(wei, connection, "new")
    disconnect(alice)
    connected(alice, elsewhere)
    assert account_of(wei) == later


def test_an_account_that_meanwhile_became_another_persons_goes_to_that_person(
    alice, cast, acme, wei, connection, elsewhere
):
    an_account(wei, connection, "same", detached_at=now() - timedelta(days=9), detached_by="disconnect")
    ada = cast.employee(acme, "Ada", "Lovelace")
    an_account(ada, connection, "same")
    disconnect(alice)
    connected(alice, elsewhere)
    assert (account_of(wei), account_of(ada).remote_id) == (None, "same")


def test_another_organisation_that_connects_the_tenant_gets_nobodys_accounts(
    alice, mallory, wei, connection, elsewhere
):
    an_account(wei, connection)
    disconnect(alice)
    page = connected(mallory, elsewhere, GRACE)
    assert "from before" not in page.text
    assert account_of(wei) is None
