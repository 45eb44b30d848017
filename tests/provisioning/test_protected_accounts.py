"""Accounts that the portal leaves alone are recognised before the button, with the reason and where to go instead."""

import pytest

from portal.account_page import card_page
from portal.accounts.models import Account
from portal.operations.models import Operation, State
from portal.people.models import Employee
from tests.cast import account_of
from tests.provisioning.conftest import at, tab
from tests.provisioning.worker import latest

OMAR = "omar.ordinary@acme.example"
QUESTIONS = ("deactivate", "resend", "update")
KINDS = {
    "an administrator": ({}, "holds an administrator role"),
    "a synchronised account": ({"onPremisesSyncEnabled": True}, "is synchronised"),
    "a guest": ({"userType": "Guest"}, "is a guest"),
}


@pytest.fixture
def omar(alice, cast, acme, connection, sandbox):
    """Omar, whose account was linked while it was an ordinary one."""
    employee = cast.employee(acme, "Omar", "Ordinary", job_title="Clerk")
    alice.get(tab(employee))
    alice.post(f"{at(employee)}/link", {"remote_id": sandbox.user(OMAR).id}, fragment=True)
    return employee


def become(sandbox, kind):
    values, words = KINDS[kind]
    if values:
        sandbox.patch_user(OMAR, **values)
    else:
        sandbox.give_role(OMAR, "User Administrator")
    return words


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_it_is_said_before_anything_can_be_confirmed(alice, omar, sandbox, question, kind):
    words = become(sandbox, kind)
    page = alice.get(f"{at(omar)}/{question}")
    assert words in page.text
    assert "Open it in Microsoft 365 Admin Centre" in page.text
    assert not page.soup.select(f"#account-card-microsoft-365 form[method='post'][action$='/{question}']")


@pytest.mark.parametrize("kind", KINDS)
def test_a_post_that_comes_all_the_same_changes_nothing(alice, omar, sandbox, kind):
    words = become(sandbox, kind)
    sandbox.clear_requests()
    for question in QUESTIONS:
        alice.post(f"{at(omar)}/{question}", {"send_immediately": "y"}, fragment=True)
        assert (latest().state, words in latest().message) == (State.FAILED, True)
    assert not [line for line in sandbox.requests(path="/v1.0/") if line.method != "GET"]
    assert not sandbox.user(OMAR).sign_in_blocked


def test_linking_an_administrator_changes_nothing_of_theirs(alice, cast, acme, connection, sandbox):
    boss = cast.employee(acme, "Grace", "Boss")
    employee = cast.employee(acme, "Omar", "Ordinary", manager=boss)
    alice.get(tab(boss))
    values = {"username": "g.boss", "domain": "acme.example", "send_immediately": "y"}
    alice.post(f"{at(boss)}/create", values, fragment=True)
    sandbox.give_role(OMAR, "User Administrator")
    sandbox.clear_requests()
    page = alice.post(f"{at(employee)}/link", {"remote_id": sandbox.user(OMAR).id}, fragment=True)
    assert "The account has been linked." in page.text
    assert "holds an administrator role" in page.text
    assert not [line for line in sandbox.requests(path="/v1.0/") if line.method != "GET"]


def test_a_protection_that_is_over_is_not_remembered(alice, cast, acme, connection, sandbox):
    sandbox.give_role(OMAR, "User Administrator")
    employee = cast.employee(acme, "Omar", "Ordinary", job_title="Clerk")
    alice.get(tab(employee))
    alice.post(f"{at(employee)}/link", {"remote_id": sandbox.user(OMAR).id}, fragment=True)
    sandbox._control("PATCH", "/users", tenant="Acme", name=OMAR, roles=[])
    Employee.update(job_title="Head clerk").where(Employee.id == employee.id).execute()
    alice.post(f"{at(employee)}/update", fragment=True)
    assert latest().state == State.DONE
    assert sandbox.user(OMAR).properties["jobTitle"] == "Head clerk"


def test_a_deleted_account_is_offered_for_restoring_where_it_is_missed(alice, omar, sandbox):
    sandbox.delete_user(OMAR)
    Account.update(read_at=omar.created_at.replace(year=2020)).execute()
    Operation.update(created_at=omar.created_at.replace(year=2020)).execute()
    page = alice.get(tab(omar))
    assert "was deleted in" in page.text
    alice.press("Restore the deleted account")
    page = alice.press("Confirm")
    assert "The deleted account has been restored and linked." in page.text
    assert account_of(omar).remote_id == sandbox.user(OMAR).id


@pytest.mark.parametrize("kind", KINDS)
def test_the_tab_names_it_when_it_loads(alice, omar, sandbox, kind):
    words = become(sandbox, kind)
    alice.htmx = False
    page = alice.get(tab(omar))
    assert words in page.text
    assert "Protected" in page.soup.select_one("#account-card-microsoft-365 .card-header").get_text()
    switch = page.soup.select_one("#account-card-microsoft-365 [role=switch]")
    assert page.soup.find(id=switch["aria-describedby"]).get_text() == "Not changed from here"
    assert "Open it in Microsoft 365 Admin Centre" in page.text
    menu = page.soup.select_one("#account-card-microsoft-365 .dropdown-menu").get_text(" ", strip=True)
    assert menu == "Unlink Microsoft 365 Admin Centre Connect Apps"


def test_no_manager_is_promised_to_an_account_that_is_left_alone(alice, cast, acme, omar, sandbox):
    omar.manager = cast.employee(acme, "Grace", "Boss")
    omar.save()
    alice.htmx = False
    assert "The manager will be set" in alice.get(tab(omar)).text
    become(sandbox, "an administrator")
    assert "The manager will be set" not in alice.get(tab(omar)).text


def test_an_account_without_job_and_department_begins_with_its_age(alice, omar, sandbox):
    page = alice.get(f"{at(omar)}/link?q=sy.synced", fragment=True)
    line = page.soup.select_one("#link-results-microsoft-365 .text-secondary").get_text(" ", strip=True)
    assert line.startswith("created ")


def test_the_tab_says_what_was_known_while_the_tenant_does_not_answer(alice, omar, sandbox, impatient):
    sandbox.give_role(OMAR, "User Administrator")
    alice.get(tab(omar))
    sandbox.fault(path="/v1.0/", status=503, times=None)
    page = alice.get(tab(omar))
    assert "holds an administrator role" in page.text
    assert "can’t be reached" in page.text or "not answering" in page.text
    sandbox.clear_faults()
    sandbox._control("PATCH", "/users", tenant="Acme", name=OMAR, roles=[])
    assert "administrator role" not in alice.get(tab(omar)).text


def test_a_tenant_that_hangs_over_memberships_keeps_the_rest_of_the_tab(alice, omar, sandbox, monkeypatch):
    monkeypatch.setattr(card_page, "PATIENCE", 1.0)
    sandbox.fault(path="/memberOf", kind="slow", seconds=2.0)
    page = alice.get(tab(omar))
    assert "Active" in page.text
    assert "did not answer in time" not in page.text
