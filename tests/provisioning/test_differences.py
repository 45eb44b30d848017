"""Somebody changed a field, or allowed a leaver's sign-in, in the tenant: use the HR record, use theirs, ignore."""

from datetime import timedelta

import pytest
from playhouse.test_utils import count_queries

from portal.accounts.models import Account, Status
from portal.audit import AuditEntry
from portal.database import now
from portal.operations.models import Operation
from portal.operations.requests import UpdateRequest
from portal.people.models import Employee
from portal.provisioning.updates import changed, request_update
from portal.sync import differences as differences
from portal.sync import jobs
from portal.sync import tenant as sync
from portal.sync.differences import Difference
from tests.provisioning.conftest import connect, tab
from tests.provisioning.worker import finish

PAGE = "/provisioning/differences"
USERNAME = "wei.zhang@acme.example"


@pytest.fixture
def linked(wei_active, connection):
    """Wei, whose account has been read with all changes so far."""
    read(connection)
    assert Difference.select().count() == 0
    return wei_active


def read(connection):
    sync.sync_changes(type(connection).get_by_id(connection.id))


def record() -> Employee:
    return Employee.get(Employee.last_name == "Zhang")


def deactivate(alice, employee):
    alice.get(tab(employee))
    alice.press("Action")
    alice.press("Confirm")


def updated_by_the_worker() -> dict:
    """What was sent after the record had changed."""
    jobs.send_changed_records.call_local()
    operation = Operation.select().order_by(Operation.id.desc()).get()
    finish(operation)
    return operation.request_as(UpdateRequest).fields


def test_a_field_that_was_changed_in_the_tenant_is_pushed_again(alice, linked, connection, sandbox):
    sandbox.patch_user(USERNAME, jobTitle="Emperor", department="Palace")
    read(connection)
    page = alice.get(PAGE)
    assert "Open 2" in page.text
    for words in ("Wei Zhang", "Job title", "Buyer", "Emperor", "Department", "Palace"):
        assert words in page.text
    assert sandbox.user(USERNAME).properties["jobTitle"] == "Emperor"
    page = alice.press("Use HR record for Job title of Wei Zhang")
    assert "Job title of Wei Zhang is “Buyer” in Microsoft 365 again." in page.text
    assert sandbox.user(USERNAME).properties["jobTitle"] == "Buyer"
    # The other one was not asked about.
    assert sandbox.user(USERNAME).properties["department"] == "Palace"
    assert [row.what for row in Difference.select()] == ["department"]


def test_theirs_is_accepted_into_the_hr_record_and_sent_nowhere(alice, linked, connection, sandbox):
    sandbox.patch_user(USERNAME, jobTitle="Head Buyer")
    read(connection)
    page = alice.get(tab(linked))
    assert "Somebody changed Job title in Microsoft 365 to “Head Buyer”. The portal had set it to “Buyer”." in page.text
    page = alice.press("Use Microsoft 365 for Job title of Wei Zhang")
    assert "Job title of Wei Zhang is now “Head Buyer” in the HR record." in page.text
    assert record().job_title == "Head Buyer"
    last = AuditEntry.select().order_by(AuditEntry.id.desc()).get()
    assert (last.action, last.by_name) == ("edit employee", alice.user.display_name)
    assert last.detail == {"changes": {"job_title": ["Buyer", "Head Buyer"]}}
    assert [request_update(account) for account in list(changed())] == [None]
    read(connection)
    assert Difference.select().count() == 0


def test_what_the_hr_record_cannot_hold_stays_open(alice, cast, acme, linked, connection, sandbox):
    cast.employee(acme, "Other", "Person", employee_number="TAKEN")
    sandbox.patch_user(USERNAME, employeeId="TAKEN")
    read(connection)
    alice.get(PAGE)
    page = alice.press("Use Microsoft 365 for Employee number of Wei Zhang")
    assert "Other Person already has the number TAKEN" in page.text
    assert Difference.select().count() == 1


def test_what_nobody_has_decided_yet_outlives_a_change_of_another_field(alice, linked, connection, sandbox):
    sandbox.patch_user(USERNAME, jobTitle="Emperor")
    read(connection)
    alice.get(f"/people/employees/{linked.id}/edit")
    alice.press("Save", {"Department": "Logistics"})
    assert updated_by_the_worker() == {"department": "Logistics"}
    properties = sandbox.user(USERNAME).properties
    assert (properties["department"], properties["jobTitle"]) == ("Logistics", "Emperor")
    assert [row.what for row in Difference.select()] == ["job_title"]
    # A change of this very field is a decision.
    alice.get(f"/people/employees/{linked.id}/edit")
    alice.press("Save", {"Job title": "Head Buyer"})
    assert updated_by_the_worker() == {"job_title": "Head Buyer"}
    assert sandbox.user(USERNAME).properties["jobTitle"] == "Head Buyer"
    assert Difference.select().count() == 0


def test_what_is_ignored_is_left_alone_until_it_changes_again(alice, linked, connection, sandbox):
    sandbox.patch_user(USERNAME, jobTitle="Emperor")
    read(connection)
    alice.get(PAGE)
    page = alice.press("Ignore for Job title of Wei Zhang")
    assert "No differences" in page.text
    assert "Emperor" not in alice.get(tab(linked)).text
    # Another field of the record flows on, and this one stays as it is.
    Employee.update(department="Logistics", changed_at=now()).execute()
    for account in list(changed()):
        finish(request_update(account, but=differences.ignored_of(account)))
    assert sandbox.user(USERNAME).properties["department"] == "Logistics"
    assert sandbox.user(USERNAME).properties["jobTitle"] == "Emperor"
    read(connection)
    assert Difference.get().ignored
    alice.get(f"{PAGE}?show=ignored")
    alice.press("Stop ignoring for Job title of Wei Zhang")
    assert "Open 1" in alice.get(PAGE).text
    alice.press("Ignore for Job title of Wei Zhang")
    sandbox.patch_user(USERNAME, jobTitle="God")
    read(connection)
    assert not Difference.get().ignored
    assert "God" in alice.get(PAGE).text


def test_it_is_settled_when_the_tenant_agrees_again(linked, connection, sandbox):
    sandbox.patch_user(USERNAME, jobTitle="Emperor")
    read(connection)
    sandbox.patch_user(USERNAME, jobTitle="Buyer")
    read(connection)
    assert Difference.select().count() == 0


def test_what_the_record_says_by_now_is_no_difference(linked, connection, sandbox):
    Employee.update(job_title="Head Buyer").execute()
    sandbox.patch_user(USERNAME, jobTitle="Head Buyer")
    read(connection)
    assert Difference.select().count() == 0


def test_the_tab_says_that_somebody_let_a_leaver_in_again(alice, linked, connection, sandbox):
    deactivate(alice, linked)
    read(connection)
    sandbox.patch_user(USERNAME, accountEnabled=True)
    read(connection)
    said = "Somebody allowed this sign-in again in Microsoft 365 after it was deactivated here."
    assert said in alice.get(tab(linked)).text


def test_a_leaver_who_was_let_in_again_is_deactivated_again(alice, linked, connection, sandbox):
    deactivate(alice, linked)
    read(connection)
    sandbox.patch_user(USERNAME, accountEnabled=True)
    read(connection)
    page = alice.get(PAGE)
    assert "Status" in page.text
    page = alice.press("Use HR record for Status of Wei Zhang")
    assert "Status of Wei Zhang is “Deactivated” in Microsoft 365 again." in page.text
    assert sandbox.user(USERNAME).sign_in_blocked
    assert Difference.select().count() == 0


def test_that_somebody_was_let_in_again_can_be_accepted(alice, linked, connection, sandbox):
    deactivate(alice, linked)
    read(connection)
    sandbox.patch_user(USERNAME, accountEnabled=True)
    read(connection)
    alice.get(tab(linked))
    alice.press("Use Microsoft 365 for Status of Wei Zhang")
    assert Difference.select().count() == 0
    assert Account.get().status == Status.ACTIVE
    assert AuditEntry.select().where(AuditEntry.action == "accept status of the tenant").count() == 1


def test_one_who_was_blocked_there_and_is_let_in_there_is_none_of_ours_unless_they_have_left(
    linked, connection, sandbox
):
    for enabled in (False, True):
        sandbox.patch_user(USERNAME, accountEnabled=enabled)
        read(connection)
    assert Difference.select().count() == 0
    Employee.update(end_date=now().date() - timedelta(days=3)).execute()
    for enabled in (False, True):
        sandbox.patch_user(USERNAME, accountEnabled=enabled)
        read(connection)
    assert Difference.get().what == "status"


def test_an_account_that_was_never_sent_anything_agrees(alice, cast, acme, connection, sandbox):
    grace = cast.employee(acme, "Grace", "Hopper", job_title="Admiral")
    Account.create(
        organisation=acme, employee=grace, connection=connection, enabled=True, read_at=now(),
        remote_id=sandbox.user("grace.hopper@acme.example").id, username="grace.hopper@acme.example",
    )  # fmt: skip
    read(connection)
    sandbox.patch_user("grace.hopper@acme.example", jobTitle="Emperor")
    read(connection)
    assert Difference.select().count() == 0


def test_a_second_press_does_no_harm(alice, linked, connection, sandbox):
    sandbox.patch_user(USERNAME, jobTitle="Emperor")
    read(connection)
    row = Difference.get()
    alice.get(PAGE)
    alice.press("Use HR record for Job title of Wei Zhang")
    done = Operation.select().count()
    for verb in ("push", "accept", "ignore", "look-again"):
        assert alice.post(f"{PAGE}/{row.id}/{verb}").status == 404
    assert Operation.select().count() == done


def test_another_organisation_and_another_level_decide_nothing(alice, mallory, bob, linked, connection, sandbox):
    sandbox.patch_user(USERNAME, jobTitle="Emperor")
    read(connection)
    connect(sandbox, mallory.user, "Globex")
    row = Difference.get()
    for verb in ("push", "accept", "ignore", "look-again"):
        assert mallory.post(f"{PAGE}/{row.id}/{verb}").status == 404
        assert bob.post(f"{PAGE}/{row.id}/{verb}").status == 403
    assert "Emperor" not in mallory.get(PAGE).text
    assert sandbox.user(USERNAME).properties["jobTitle"] == "Emperor"
    assert not Difference.get().ignored


def test_what_microsoft_refuses_stays_open(alice, linked, connection, sandbox, impatient):
    sandbox.patch_user(USERNAME, jobTitle="Emperor")
    read(connection)
    sandbox.fault(method="PATCH", path="/v1.0/users/", status=400, code="Request_BadRequest", times=1)
    alice.get(PAGE)
    page = alice.press("Use HR record for Job title of Wei Zhang")
    assert "Not done yet: Job title of Wei Zhang. Microsoft 365 did not accept this request." in page.text
    assert Difference.select().count() == 1


@pytest.mark.parametrize("agree", [True, False])
def test_many_accounts_cost_no_more_statements_than_few(alice, linked, connection, sandbox, cast, acme, agree):
    def reading():
        with count_queries() as counter:
            read(connection)
        return counter.count

    sandbox.patch_user(USERNAME, companyName="1", **({} if agree else {"jobTitle": "Emperor"}))
    few = reading()
    others = [user for user in sandbox.users() if user.username != USERNAME and not user.deleted]
    for user in others:
        employee = cast.employee(acme, "Some", "Body", job_title="Buyer")
        sent = {} if agree else {"job_title": "Buyer"}
        Account.create(
            organisation=acme, employee=employee, connection=connection, enabled=not user.sign_in_blocked,
            read_at=now(), remote_id=user.id, username=user.username, fields_sent={"fields": sent, "manager_id": None},
            display_name=user.display_name, licence_ids=sorted(user.plans),
        )  # fmt: skip
        sandbox.patch_user(user.username, companyName="1")
    if not agree:
        read(connection)
        assert Difference.select().count() == 1 + len(others)
        for user in others:
            sandbox.patch_user(user.username, companyName="2")
    assert reading() <= few + 4


@pytest.mark.parametrize("button", ["Use HR record", "Use Microsoft 365"])
def test_what_else_has_changed_in_the_record_is_sent_all_the_same(alice, linked, connection, sandbox, button):
    sandbox.patch_user(USERNAME, jobTitle="Emperor")
    read(connection)
    Employee.update(department="Legal", changed_at=now()).where(Employee.id == linked.id).execute()
    alice.get(PAGE)
    alice.press(f"{button} for Job title of Wei Zhang")
    for account in list(changed()):
        if (update := request_update(account)) is not None:
            finish(update)
    assert sandbox.user(USERNAME).properties["department"] == "Legal"
