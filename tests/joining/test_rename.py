"""Another username: the old one stays as an address, and the employee hears of it on the private address."""

import time_machine

from portal.database import now
from portal.mail import lane
from portal.notices.models import Notice
from portal.operations.models import Operation, State
from portal.operations.requests import Verb
from portal.people.models import Employee
from portal.sandbox.state.catalogue import BUSINESS_STANDARD
from tests.cast import account_of
from tests.provisioning.conftest import at, tab
from tests.provisioning.worker import finish

OLD, NEW = "wei.zhang@acme.example", "wei.smith@acme.example"


def rename(alice, employee, local_part="wei.smith", **fields):
    alice.get(tab(employee))
    alice.press("Change the username")
    return alice.press("Change the username", {"New username": local_part, **fields}, within=".account-body")


def with_a_mailbox(alice, employee, sandbox):
    sandbox.set_seats(BUSINESS_STANDARD, 100)
    alice.get(tab(employee))
    alice.press("Change licences")
    alice.press("Change licences", {"Microsoft 365 Business Standard": True}, within=".account-body")
    assert sandbox.user(OLD).properties["mail"] == OLD


def test_l19_the_old_username_stays_as_an_address_and_the_read_back_says_so(alice, wei_active, sandbox, mailbox):
    with_a_mailbox(alice, wei_active, sandbox)
    page = rename(alice, wei_active)
    assert f"The username is now {NEW}. Mail to {OLD} still arrives: it is kept as a second address." in page.text
    assert sandbox.user(NEW).properties["proxyAddresses"] == [f"SMTP:{NEW}", f"smtp:{OLD}"]
    assert account_of(wei_active).username == NEW
    assert Employee.get_by_id(wei_active.id).company_email == NEW


def test_l19_the_employee_is_told_on_the_private_address(alice, wei_active, sandbox, mailbox):
    rename(alice, wei_active)
    lane.join()
    message = mailbox.messages[-1]
    assert message["To"] == "wei@home.example"
    assert NEW in mailbox.text(message)
    assert OLD in mailbox.text(message)
    assert Notice.get().sent_at


def test_l19_mail_that_still_goes_out_under_the_old_name_after_an_hour_is_told(alice, wei_active, sandbox, mailbox):
    with_a_mailbox(alice, wei_active, sandbox)
    sandbox.timing(old_stays_primary=1)
    assert "mail still goes out" not in rename(alice, wei_active).text
    Operation.update(finished_at=now().replace(year=2025)).where(Operation.verb == Verb.RENAME).execute()
    assert f"mail still goes out as {OLD}" in alice.get(tab(wei_active)).text


def test_l19_the_company_email_stays_where_the_box_is_not_ticked(alice, wei_active, mailbox):
    rename(alice, wei_active, **{"Update the company email to the new address": False})
    assert Employee.get_by_id(wei_active.id).company_email == OLD


def test_l19_a_name_that_somebody_has_is_not_taken_and_the_next_one_is_offered(alice, wei_active, sandbox):
    page = rename(alice, wei_active, "mona.manager")
    assert page.status == 422
    assert "mona.manager@acme.example is the account of Mona Manager." in page.text
    assert not Operation.select().where(Operation.verb == Verb.RENAME).exists()


def test_the_old_username_comes_back_while_it_is_free(alice, wei_active, sandbox, mailbox):
    with_a_mailbox(alice, wei_active, sandbox)
    rename(alice, wei_active)
    alice.get(tab(wei_active))
    page = alice.press("Change the username")
    assert (page.value("New username"), page.value("Domain")) == ("wei.zhang", "acme.example")
    page = alice.press("Change the username", within=".account-body")
    assert f"The username is now {OLD}." in page.text
    assert sandbox.user(OLD).properties["mail"] == OLD


def test_addresses_that_follow_late_are_waited_for(alice, wei_active, sandbox, mailbox, impatient):
    with_a_mailbox(alice, wei_active, sandbox)
    sandbox.timing(addresses=60)
    rename(alice, wei_active)
    operation = Operation.get(Operation.verb == Verb.RENAME)
    assert (operation.state, account_of(wei_active).username) == (State.DONE, NEW)
    with time_machine.travel(now()):
        sandbox.advance(61)
    assert sandbox.user(NEW).properties["mail"] == NEW


def test_an_administrators_account_keeps_its_username(alice, wei_active, sandbox):
    sandbox.give_role(OLD, "Global Administrator")
    assert "The portal does not change this account" in alice.get(f"{at(wei_active)}/rename").text
    alice.post(f"{at(wei_active)}/rename", {"username": "wei.smith", "domain": "acme.example"}, fragment=True)
    assert finish(Operation.get(Operation.verb == Verb.RENAME)).state == State.FAILED
    assert sandbox.user(OLD)


def test_no_username_is_proposed_until_the_name_on_the_record_changes(alice, wei_active):
    alice.get(tab(wei_active))
    assert alice.press("Change the username").value("New username") == ""
    Employee.update(last_name="Smith").where(Employee.id == wei_active.id).execute()
    alice.get(tab(wei_active))
    assert alice.press("Change the username").value("New username") == "wei.smith"
