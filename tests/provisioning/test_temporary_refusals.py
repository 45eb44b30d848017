"""What Microsoft refuses for a moment is asked again, and no leaver can still sign in because of it.

Each of two steps meets every other refusal here, and in `make soak` all of them.
"""

import os

import pytest

from portal.operations import engine
from portal.operations.models import Operation, State, Step
from tests.provisioning.conftest import at, tab
from tests.provisioning.test_faults import carry_on, create, licence_named

CONCURRENT = "Directory_ConcurrencyViolation"
IN_PASSING = [
    {"status": 409, "code": CONCURRENT}, {"status": 503, "code": CONCURRENT}, {"status": 400, "code": CONCURRENT},
    {"status": 409, "code": "Conflict"}, {"status": 412}, {"status": 423}, {"status": 429}, {"status": 504},
    {"status": 500, "code": "UnknownError"}, {"status": 403, "body": "html"}, {"status": 404, "body": "empty"},
    {"status": 200, "body": "html"}, {"status": 307, "body": "other", "location": "https://elsewhere.example/"},
]  # fmt: skip
BUSY = {"status": 409, "code": CONCURRENT, "times": None}
WRITES = {"block": "/v1.0/users/[^/]+$", "revoke": "/revokeSignInSessions$"}


def latest():
    return Operation.select().order_by(Operation.id.desc()).get()


def in_passing():
    """(step, refusal)."""
    for number, fault in enumerate(IN_PASSING):
        for step in WRITES if "SOAK" in os.environ else [[*WRITES][number % len(WRITES)]]:
            yield pytest.param(step, fault, id=" ".join([*map(str, fault.values()), step]))


@pytest.mark.parametrize(("step", "fault"), list(in_passing()))
def test_a_leaver_is_blocked_although_microsoft_refuses_once(alice, wei_active, sandbox, impatient, step, fault):
    sandbox.fault(method="POST" if step == "revoke" else "PATCH", path=WRITES[step], **fault)
    alice.post(f"{at(wei_active)}/deactivate", fragment=True)
    operation = carry_on() if latest().is_open else latest()
    assert operation.state == State.DONE
    assert sandbox.user("wei.zhang@acme.example").sign_in_blocked


def test_a_leaver_who_cannot_be_blocked_yet_is_never_given_up(alice, wei_active, sandbox, impatient):
    sandbox.fault(method="PATCH", path=WRITES["block"], **BUSY)
    page = alice.post(f"{at(wei_active)}/deactivate", fragment=True)
    assert "another change at the same time" in page.text
    assert "Deactivated" not in page.text
    Operation.update(attempts=engine.GIVE_UP_AFTER + 5).execute()
    assert carry_on().state == State.WAITING
    sandbox.clear_faults()
    assert carry_on().state == State.DONE
    assert sandbox.user("wei.zhang@acme.example").sign_in_blocked


def test_what_is_not_about_a_leaver_is_given_up_in_the_end_and_said(alice, wei_active, sandbox, impatient):
    alice.post(f"{at(wei_active)}/deactivate", fragment=True)
    sandbox.fault(method="PATCH", path=WRITES["block"], **BUSY)
    alice.post(f"{at(wei_active)}/reactivate", fragment=True)
    Operation.update(attempts=engine.GIVE_UP_AFTER).execute()
    assert carry_on().state == State.FAILED
    assert "another change at the same time" in alice.get(tab(wei_active)).text


@pytest.mark.parametrize("status", [409, 503])
def test_a_licence_is_given_although_another_change_is_under_way(alice, wei, connection, sandbox, mailbox, status):
    sandbox.fault(method="POST", path="/assignLicense$", status=status, code=CONCURRENT)
    alice.get(tab(wei))
    alice.press("Action")
    plan = licence_named(alice.page, "Standard")
    page = alice.press("Create", {"Licence": plan})
    assert "The account has been created" in page.text
    assert sandbox.user("wei.zhang@acme.example").plans == [plan]


def test_a_manager_is_set_although_another_change_is_under_way(alice, wei, connection, sandbox, mailbox, cast, acme):
    manager = cast.employee(acme, "Nora", "Chief", personal_email="nora@home.example")
    create(alice, manager)
    wei.manager = manager
    wei.save()
    sandbox.fault(method="PUT", path="/manager/", status=409, code=CONCURRENT)
    create(alice, wei)
    assert sandbox.user("wei.zhang@acme.example").manager == sandbox.user("nora.chief@acme.example").id


def test_a_full_directory_is_no_missing_permission(alice, wei, connection, sandbox, mailbox):
    sandbox.fault(method="POST", path="/v1.0/users$", status=403, code="Directory_QuotaExceeded", times=None)
    page = create(alice, wei)
    assert "Acme’s Microsoft 365 cannot hold more accounts" in page.text
    assert "Ask your IT team to permanently delete what is no longer used there" in page.text
    assert "Grant" not in page.text
    assert latest().state == State.FAILED
    assert len(Step.get().calls) == 1
