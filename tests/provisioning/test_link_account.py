from datetime import UTC, datetime

import pytest

from portal.accounts.models import Account, Status
from portal.accounts.place import Place
from portal.operations.models import Operation
from portal.people.models import Employee
from portal.provisioning import actions
from tests.cast import account_of
from tests.provisioning.conftest import at, tab


def search(person, employee, text):
    person.get(tab(employee))
    person.press("Link existing account")
    return person.press("Search", {"Search by name, address or employee number": text})


def test_searching_shows_enough_to_be_sure(alice, cast, acme, connection):
    omar = cast.employee(acme, "Omar", "Ordinary")
    page = search(alice, omar, "omar")
    assert "omar.ordinary@acme.example" in page.text
    assert "Clerk" in page.text
    assert "Same name" in page.text


def test_linking_takes_the_account_for_the_employees_own(alice, cast, acme, connection, sandbox):
    omar = cast.employee(acme, "Omar", "Ordinary")
    before = sandbox.user("omar.ordinary@acme.example").properties
    search(alice, omar, "omar")
    alice.press("Link omar.ordinary@acme.example")
    page = alice.press("Confirm")
    assert "The account has been linked." in page.text
    assert account_of(omar).status == Status.ACTIVE
    assert sandbox.user("omar.ordinary@acme.example").properties == before


def test_an_account_that_is_blocked_is_linked_as_deactivated(alice, cast, acme, connection, sandbox):
    sandbox.patch_user("omar.ordinary@acme.example", accountEnabled=False)
    omar = cast.employee(acme, "Omar", "Ordinary")
    search(alice, omar, "omar")
    alice.press("Link omar.ordinary@acme.example")
    alice.press("Confirm")
    assert account_of(omar).status == Status.DEACTIVATED


def test_an_account_is_linked_to_one_employee_at_most(alice, cast, acme, connection):
    first, second = cast.employee(acme, "Omar", "Ordinary"), cast.employee(acme, "Omar", "Ordinary")
    search(alice, first, "omar")
    alice.press("Link omar.ordinary@acme.example")
    alice.press("Confirm")
    page = search(alice, second, "omar")
    assert "Already linked to Omar Ordinary." in page.text
    assert not alice.page.has_button("Link omar.ordinary@acme.example")
    remote_id = account_of(first).remote_id
    alice.post(f"{at(second)}/link", {"remote_id": remote_id}, fragment=True)
    assert account_of(second) is None


def test_an_equal_mail_address_never_links_by_itself(alice, cast, acme, connection):
    omar = cast.employee(acme, "Omar", "Ordinary", company_email="omar.ordinary@acme.example")
    assert "No access" in alice.get(tab(omar)).text
    assert Operation.select().count() == 0


@pytest.mark.parametrize("remote_id", ["", "..", "a/b", "a\0b"])
def test_what_names_no_account_asks_the_tenant_nothing(alice, cast, acme, connection, sandbox, remote_id):
    omar = cast.employee(acme, "Omar", "Ordinary")
    alice.get(tab(omar))
    sandbox.clear_requests()
    page = alice.post(f"{at(omar)}/link", {"remote_id": remote_id}, fragment=True)
    assert "No account was chosen" in page.text
    assert "No account was chosen" in alice.get(f"{at(omar)}/link/confirm", query_string={"remote_id": remote_id}).text
    assert not sandbox.requests(path="/v1.0/users")


def test_a_guest_is_not_offered(alice, cast, acme, connection):
    gus = cast.employee(acme, "Gus", "Guest")
    page = search(alice, gus, "gus")
    assert "guest from another company" in page.text
    assert not alice.page.soup.select("#link-results-microsoft-365 button")


def test_unlinking_leaves_the_account_alone(alice, wei_active, sandbox, connection):
    before = sandbox.user("wei.zhang@acme.example").properties
    alice.get(tab(wei_active))
    alice.press("Unlink")
    assert "The account itself does not change" in alice.page.text
    page = alice.press("Confirm")
    assert "No access" in page.text
    assert sandbox.user("wei.zhang@acme.example").properties == before


def test_without_javascript_it_works_by_whole_pages(alice, cast, acme, connection):
    alice.htmx = False
    omar = cast.employee(acme, "Omar", "Ordinary")
    search(alice, omar, "omar")
    alice.press("Link omar.ordinary@acme.example")
    assert "The account has been linked." in alice.press("Confirm").text


def test_the_username_field_says_who_holds_a_name(alice, wei_active, cast, acme, connection):
    namesake = cast.employee(acme, "Wei", "Zhang")
    alice.get(tab(namesake))
    address = f"{at(namesake)}/username"
    taken = alice.get(f"{address}?username=wei.zhang&domain=acme.example", fragment=True)
    assert "wei.zhang@acme.example is the account of Wei Zhang." in taken.text
    assert "wei.zhang2" in taken.text
    free = alice.get(f"{address}?username=w.zhang&domain=acme.example", fragment=True)
    assert "w.zhang@acme.example is free." in free.text
    bin_ = alice.get(f"{address}?username=dora.deleted&domain=acme.example", fragment=True)
    assert "recycle bin" in bin_.text
    wrong = alice.get(f"{address}?username=w%20z&domain=acme.example", fragment=True)
    assert "cannot have a space" in wrong.text


def test_an_account_that_was_deleted_in_the_tenant_shows_as_gone(alice, cast, acme, connection, sandbox):
    omar = cast.employee(acme, "Omar", "Ordinary")
    search(alice, omar, "omar")
    alice.press("Link omar.ordinary@acme.example")
    alice.press("Confirm")
    sandbox.delete_user("omar.ordinary@acme.example")
    page = alice.get(tab(omar))
    assert "does not show this account at the moment" in page.text
    assert "can’t be reached" not in page.text
    Account.update(read_at=datetime(2020, 1, 1, tzinfo=UTC)).execute()
    page = alice.get(tab(omar))
    assert "No access" in page.text
    assert "was deleted in Microsoft 365." in page.text
    assert not ["can’t be reached" in page.text, "at the moment" in page.text].count(True)
    Employee.update(first_name="Quentin", last_name="Quirk", department="").execute()
    page = alice.get(tab(omar))
    buttons = ("Restore the deleted account", "Create account", "Link existing account")
    assert all(page.has_button(label) for label in buttons)


def test_an_account_that_was_unlinked_after_the_page_was_loaded_is_left_alone(
    app, alice, wei_active, connection, sandbox
):
    """The other one may have given it to another employee by then."""
    loaded = Place.of(wei_active, connection)
    with app.app_context():
        actions.unlink_account(Place.of(wei_active, connection), by=alice.user)
        with pytest.raises(actions.UnderWay, match="no longer linked"):
            actions.deactivate_account(loaded, by=alice.user)
    assert not sandbox.user("wei.zhang@acme.example").sign_in_blocked
    assert Operation.select().where(Operation.verb == "deactivate").count() == 0
