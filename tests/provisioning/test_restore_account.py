from portal.accounts.models import Status
from tests.cast import account_of
from tests.provisioning.conftest import tab


def test_a_rehire_is_recognised_and_restored(alice, cast, acme, connection, sandbox):
    dora = cast.employee(acme, "Dora", "Deleted")
    alice.get(tab(dora))
    page = alice.press("Action")
    assert "Is Dora Deleted coming back?" in page.text
    assert alice.page.value("Username") == "dora.deleted2"
    page = alice.press("Restore the deleted account")
    assert "Was this the account of Dora Deleted?" in page.text
    page = alice.press("Confirm")
    assert "The deleted account has been restored and linked." in page.text
    assert not sandbox.user("dora.deleted@acme.example").deleted
    assert account_of(dora).status == Status.ACTIVE


def test_a_newcomer_of_the_same_name_gets_an_account_of_their_own(alice, cast, acme, connection, sandbox, mailbox):
    dora = cast.employee(acme, "Dora", "Deleted")
    alice.get(tab(dora))
    alice.press("Action")
    alice.press("Create", {"Create another account": True})
    assert sandbox.user("dora.deleted2@acme.example") is not None
    assert sandbox.user("dora.deleted@acme.example") is None
