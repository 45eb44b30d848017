"""A deleted account is restored only after the question whose it was; of several, the likeliest comes first."""

import re

import pytest

from portal.connections import offer, settings_actions
from portal.connectors import for_connection
from portal.connectors.values import NewAccount
from portal.operations.models import Operation, State
from portal.sandbox.state.catalogue import BUSINESS_PREMIUM
from tests.cast import account_of
from tests.provisioning.conftest import at, tab
from tests.provisioning.worker import latest

DORA = "dora.deleted@acme.example"


@pytest.fixture
def dora(sandbox):
    """The account that lies in the recycle bin of every sandbox: its id."""
    return next(user for user in sandbox.users() if user.display_name == "Dora Deleted").id


@pytest.fixture
def isla(cast, acme):
    return cast.employee(acme, "Isla", "Byrne")


def delete_another(connection, sandbox, username, name, **values):
    """An account that was made and deleted again a moment ago; returns its id."""
    account = for_connection(connection).create(NewAccount(username, name, "Sandbox-Password-1", "marker"))
    if values:
        sandbox.patch_user(username, **values)
    sandbox.delete_user(username)
    return account.id


@pytest.mark.parametrize("htmx", [True, False])
def test_the_small_button_asks_with_evidence_and_the_day(alice, isla, dora, connection, sandbox, htmx):
    alice.htmx = htmx
    alice.get(f"{at(isla)}/create")
    advice = alice.get(f"{at(isla)}/username?username=dora.deleted&domain=acme.example", fragment=True)
    button = advice.soup.find("button", attrs={"name": "remote_id"})
    page = alice.post(button["hx-post"], {"remote_id": button["value"], "username": "dora.deleted"})
    assert "Was this the account of Isla Byrne?" in page.text
    assert "Nothing in the HR record matches this account. Check carefully." in page.text
    day = next(term for term in page.soup.select("dt") if term.get_text() == "Deleted").find_next("dd").get_text()
    assert re.fullmatch(r"\d+ \w+ \d{4}", day.strip())
    assert not Operation.select().exists()
    assert sandbox.user(DORA) is None
    assert "restored and linked" in alice.press("Confirm").text
    assert sandbox.user(DORA) is not None


@pytest.mark.parametrize("values", [{}, {"seen": ""}, {"seen": "another"}])
def test_a_post_without_the_answer_shows_the_question(alice, isla, dora, connection, sandbox, values):
    for htmx in (True, False):
        alice.get(tab(isla))
        page = alice.post(f"{at(isla)}/restore", {"remote_id": dora, **values}, fragment=htmx)
        assert "Was this the account of Isla Byrne?" in page.text
    assert not Operation.select().exists()
    assert sandbox.user(DORA) is None


def test_the_one_with_the_number_comes_first_and_each_has_its_day(alice, cast, acme, connection, sandbox):
    delete_another(connection, sandbox, DORA, "Dora Deleted", employeeId="D7")
    delete_another(connection, sandbox, "dora.d@acme.example", "Dora Deleted", employeeId="9")
    employee = cast.employee(acme, "Dora", "Deleted", employee_number="D7")
    page = alice.get(f"{at(employee)}/create")
    found = [item.get_text(" ", strip=True) for item in page.soup.select(".may-have-one")]
    assert len(found) == 3
    assert "Same employee number, same name" in found[0]
    assert "but employee number 9" in found[1]
    assert all("Deleted on" in words for words in found)
    advice = alice.get(f"{at(employee)}/username?username=dora.deleted&domain=acme.example", fragment=True)
    assert len(advice.soup.select("button[name=remote_id]")) == 2


def test_without_a_number_the_latest_comes_first(alice, cast, acme, dora, connection, sandbox):
    later = delete_another(connection, sandbox, DORA, "Dora Deleted")
    employee = cast.employee(acme, "Dora", "Deleted")
    page = alice.get(tab(employee))
    ids = [field["value"] for field in page.soup.select(".may-have-one input[name=remote_id]")]
    assert ids == [later, dora]


def test_a_name_that_was_taken_since_is_said_and_another_is_offered(alice, cast, acme, dora, connection, sandbox):
    employee = cast.employee(acme, "Dora", "Deleted")
    other = cast.employee(acme, "Dorian", "Other")
    values = {"username": "dora.deleted", "domain": "acme.example", "send_immediately": "y"}
    alice.get(tab(other))
    alice.post(f"{at(other)}/create", {**values, "another": "y"})
    sandbox.patch_user(DORA, proxyAddresses=[f"SMTP:{DORA}"])
    page = alice.get(f"{at(employee)}/restore?remote_id={dora}")
    assert f"{DORA} is the account of Dorian Other." in page.text
    assert page.value("Username after restoring") == "dora.deleted2"
    page = alice.press("Confirm", {"Username after restoring": "dora.deleted"})
    assert page.status == 422
    assert "is the account of Dorian Other" in page.text
    page = alice.press("Confirm", {"Username after restoring": "dora.del"})
    assert "restored and linked" in page.text
    assert sandbox.user("dora.del@acme.example").id == dora
    assert account_of(employee).username == "dora.del@acme.example"


def test_a_name_that_is_taken_in_the_last_moment_leads_back_to_the_question(
    alice, cast, acme, dora, connection, sandbox
):  # fmt: skip
    employee = cast.employee(acme, "Dora", "Deleted")
    alice.get(f"{at(employee)}/restore?remote_id={dora}")
    sandbox.fault(method="POST", path="/restore", status=400, code="Request_BadRequest", times=1,
                  message="Another object with the same value for property userPrincipalName already exists.",
                  )  # fmt: skip
    alice.press("Confirm")
    assert latest().state == State.FAILED
    alice.press("Restore with another username")
    assert "Was this the account of Dora Deleted?" in alice.page.text


def test_what_is_not_in_the_recycle_bin_is_not_restored(alice, isla, connection, sandbox):
    omar = sandbox.user("omar.ordinary@acme.example").id
    page = alice.get(f"{at(isla)}/restore?remote_id={omar}")
    assert "is no longer in the recycle bin" in page.text
    assert "is no longer in the recycle bin" in alice.post(
        f"{at(isla)}/restore", {"remote_id": omar, "seen": omar}
    ).text  # fmt: skip
    assert not Operation.select().exists()


def test_the_card_says_which_licence_it_has_and_offers_the_default(alice, cast, acme, dora, connection, sandbox):
    offer.read(connection)
    settings_actions.choose(connection, by=alice.user, default_licence=BUSINESS_PREMIUM)
    employee = cast.employee(acme, "Dora", "Deleted")
    alice.get(f"{at(employee)}/restore?remote_id={dora}")
    page = alice.press("Confirm")
    assert "restored and linked. It has no licence." in page.text
    alice.press("Give it Microsoft 365 Business Premium")
    assert alice.page.soup.find(id=f"licence-{BUSINESS_PREMIUM}-microsoft-365").has_attr("checked")
    alice.press("Change licences", within="form[aria-label='Change licences']")
    assert sandbox.user(DORA).plans == [BUSINESS_PREMIUM]
    assert "Give it" not in alice.get(tab(employee)).text


def test_a_licence_that_came_back_is_named(alice, cast, acme, connection, sandbox):
    sandbox.delete_user("omar.ordinary@acme.example")
    employee = cast.employee(acme, "Omar", "Ordinary")
    alice.get(tab(employee))
    alice.press("Restore the deleted account")
    assert "It has Microsoft 365 Business Standard" in alice.press("Confirm").text
    assert "Give it" not in alice.page.text
