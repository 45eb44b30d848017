from portal.accounts.models import Account
from portal.operations.models import Operation, State
from tests.provisioning.conftest import at, tab


def test_the_switch_asks_before_anything_is_done(alice, wei_by_form, sandbox, connection):
    alice.get(tab(wei_by_form))
    page = alice.press("Action")
    assert "Deactivate the account of Wei Zhang?" in page.text
    assert not sandbox.user(f"wei.zhang@{connection.domains[0]}").sign_in_blocked


def test_a_deactivated_employee_cannot_sign_in(alice, wei_by_form, sandbox, connection, mailbox):
    username = f"wei.zhang@{connection.domains[0]}"
    before = sandbox.user(username).sessions_valid_from
    password = mailbox.text(mailbox.messages[0]).split("Temporary password:")[1].split()[0]
    sandbox.advance(5)
    alice.get(tab(wei_by_form))
    alice.press("Action")
    page = alice.press("Confirm")
    assert "Deactivated" in page.text
    assert sandbox.sign_in(username, password) == "blocked"
    assert sandbox.user(username).sessions_valid_from > before


def test_sessions_are_revoked_after_the_block(alice, wei_by_form, sandbox):
    alice.get(tab(wei_by_form))
    alice.press("Action")
    sandbox.clear_requests()
    alice.press("Confirm")
    changes = [call for call in sandbox.requests() if call.method in ("PATCH", "POST")]
    assert [call.method for call in changes] == ["PATCH", "POST"]
    assert changes[1].path.endswith("/revokeSignInSessions")


def test_a_reactivated_employee_can_sign_in_again(alice, wei_by_form, sandbox, connection):
    for _ in range(2):
        alice.get(tab(wei_by_form))
        alice.press("Action")
        page = alice.press("Confirm")
    assert "Active" in page.text
    assert not sandbox.user(f"wei.zhang@{connection.domains[0]}").sign_in_blocked


def test_pressing_confirm_twice_does_it_once(alice, wei_by_form):
    alice.get(tab(wei_by_form))
    alice.press("Action")
    alice.press("Confirm")
    page = alice.post(f"{at(wei_by_form)}/deactivate", fragment=True)
    assert "already deactivated" in page.text
    assert Operation.select().where(Operation.verb == "deactivate").count() == 1


def test_without_javascript_it_works_by_whole_pages(alice, wei_by_form, sandbox, connection):
    alice.htmx = False
    alice.get(tab(wei_by_form))
    alice.press("Action")
    page = alice.press("Confirm")
    assert "The account has been deactivated" in page.text
    assert sandbox.user(f"wei.zhang@{connection.domains[0]}").sign_in_blocked


def test_a_block_made_in_the_admin_centre_shows_on_the_tab(alice, wei_by_form, sandbox, connection):
    sandbox.patch_user(f"wei.zhang@{connection.domains[0]}", accountEnabled=False)
    page = alice.get(tab(wei_by_form))
    assert "Deactivated" in page.text
    assert Account.get().enabled is False


def test_an_administrator_of_the_tenant_is_not_touched(alice, wei_by_form, sandbox, connection):
    sandbox.give_role(f"wei.zhang@{connection.domains[0]}", "User Administrator")
    alice.get(tab(wei_by_form))
    page = alice.press("Action")
    assert "administrator role" in page.text
    assert not alice.page.has_button("Confirm")
    alice.post(f"{at(wei_by_form)}/deactivate", fragment=True)
    assert Operation.select().order_by(Operation.id.desc()).first().state == State.FAILED
    assert not sandbox.user(f"wei.zhang@{connection.domains[0]}").sign_in_blocked
