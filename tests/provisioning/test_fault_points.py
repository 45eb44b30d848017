"""Every kind of fault at every call of every verb: whatever happens, what the portal says is what the tenant holds."""

import pytest

from portal.provisioning import delivery, engine
from portal.provisioning.models import Account, LoginMail, Operation, State
from tests.provisioning.conftest import tab

USERNAME = "wei.zhang@acme.example"
CALLS = {"create": 2, "deactivate": 5, "reactivate": 4, "resend": 3}
FAULTS = {
    "throttled": {"status": 429, "retry_after": 0.1},
    "overloaded": {"status": 503},
    "reset": {"kind": "reset"},
    "answer lost": {"kind": "lost answer"},
}
POINTS = [(verb, call, fault) for verb, calls in CALLS.items() for call in range(calls) for fault in FAULTS]


def act(alice, employee, verb):
    values = {"send_immediately": "y"}
    if verb == "create":
        values |= {"username": "wei.zhang", "domain": "acme.example"}
    alice.post(f"{tab(employee)}/{verb}", values, fragment=True)


def prepared(alice, employee, verb):
    """The employee as they are before the verb."""
    alice.get(tab(employee))
    for step in {"create": [], "reactivate": ["create", "deactivate"]}.get(verb, ["create"]):
        act(alice, employee, step)


def finish():
    """What the worker does until the operation has come to its end."""
    operation = Operation.select().order_by(Operation.id.desc()).get()
    for _ in range(5):
        if not operation.is_open:
            return operation
        Operation.update(not_before=operation.created_at, lease_until=None).where(
            Operation.id == operation.id
        ).execute()
        operation = engine.carry_out(operation)
    return operation


def database_text(tables):
    rows = [tables.execute_sql(f"SELECT * FROM {name}").fetchall() for name in tables.get_tables()]  # noqa: S608
    return str(rows)


@pytest.mark.parametrize(("verb", "call", "fault"), POINTS, ids=[f"{v} call {c + 1} {f}" for v, c, f in POINTS])
def test_the_portal_and_the_tenant_agree_in_the_end(
    app, alice, wei, connection, sandbox, mailbox, tables, verb, call, fault
):
    prepared(alice, wei, verb)
    sandbox.fault(path="/v1.0/", skip=call, times=1, **FAULTS[fault])
    act(alice, wei, verb)
    operation = finish()
    assert [rule["hits"] for rule in sandbox.faults()] == [1]
    sandbox.clear_faults()
    assert operation.state == State.DONE
    with app.app_context():
        for login_mail in delivery.due():
            delivery.deliver(login_mail)
    [held] = [user for user in sandbox.users() if user.username.startswith("wei.zhang")]
    account = Account.get()
    assert (account.remote_id, account.enabled) == (held.id, not held.sign_in_blocked)
    assert account.status in alice.get(tab(wei)).text
    password = mailbox.text(mailbox.messages[-1]).split("Temporary password:")[1].split()[0]
    expected = "blocked" if held.sign_in_blocked else "must change password"
    assert sandbox.sign_in(USERNAME, password) == expected
    assert not LoginMail.select().where(LoginMail.sealed_password != "").exists()
    assert password not in database_text(tables)
