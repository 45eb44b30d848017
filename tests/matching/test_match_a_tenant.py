"""The accounts of a whole tenant are read, proposed for employees by what they share, and linked by a user."""

import tracemalloc

import pytest
import time_machine

from portal.accounts.models import Account
from portal.database import now
from portal.matching import reading
from portal.matching.models import FoundAccount, Reading, ReadingState
from portal.people.models import Employee
from portal.runs.models import RunState
from portal.theirs import staff
from tests.cast import account_of
from tests.provisioning.conftest import connect, impatient  # noqa: F401
from tests.runs.conftest import carried_out, planned, start

MATCHING = "/provisioning/matching"


@pytest.fixture
def connection(alice, sandbox):
    return connect(sandbox, alice.user)


def in_tenant(sandbox, number: str | None = None, department: str = "", name: str = "mona.manager") -> str:
    """An account that was made in the Admin Centre; returns its username."""
    username = f"{name}@acme.example"
    sandbox.patch_user(username, employeeId=number, department=department)
    return username


def read(app, alice, button="Find existing accounts"):
    alice.get(MATCHING)
    alice.press(button)
    with app.app_context():
        reading.read(Reading.get(Reading.state == ReadingState.READING))
    return alice.get(MATCHING)


def row_of(page, username):
    return next(row for row in page.soup.select("tbody tr") if username in row.get_text())


def test_each_rule_proposes_and_says_what_speaks_for_it(app, alice, cast, acme, connection, sandbox):
    cast.employee(acme, "Omar", "Other", employee_number="4711")
    cast.employee(acme, "Uma", "Unlicensed", company_email="Uma.Unlicensed@acme.example", employee_number="2")
    cast.employee(acme, "Mona", "Manager", employee_number="3", department="Sales")
    in_tenant(sandbox, "4711", name="omar.ordinary")
    in_tenant(sandbox, department="Sales", name="mona.manager")
    page = read(app, alice)
    assert "Same employee number" in row_of(page, "omar.ordinary").get_text()
    assert "Omar Other" in row_of(page, "omar.ordinary").get_text()
    page = alice.get(f"{MATCHING}?show=address")
    assert "Uma Unlicensed" in row_of(page, "uma.unlicensed@").get_text()
    page = alice.get(f"{MATCHING}?show=name")
    assert "Same name, same department" in row_of(page, "mona.manager@").get_text()
    assert not Account.select().exists()


def test_one_is_linked_in_place_and_read_back(app, alice, cast, acme, connection, sandbox):
    anna = cast.employee(acme, "Mona", "Other", employee_number="4711")
    in_tenant(sandbox, "4711")
    page = read(app, alice)
    page = alice.press("Link mona.manager@acme.example to Mona Other")
    assert "is linked" in " ".join(page.alerts())
    assert account_of(anna).username == "mona.manager@acme.example"
    assert "mona.manager" not in alice.get(MATCHING).soup.select_one("tbody").get_text()


def test_all_of_a_kind_become_a_run_that_waits_for_start(app, alice, cast, acme, connection, sandbox):
    for number, name in (("1", "mona.manager"), ("2", "omar.ordinary"), ("3", "uma.unlicensed")):
        cast.employee(acme, name.partition(".")[0].title(), f"Nr{number}", employee_number=number)
        in_tenant(sandbox, number, name=name)
    read(app, alice)
    alice.press("Link all 3")
    run = planned(app)
    page = alice.get(f"/provisioning/runs/{run.id}")
    assert "Linked to uma.unlicensed@acme.example. Same employee number" in page.text
    assert not Account.select().exists()
    start(alice)
    assert carried_out(app).state == RunState.DONE
    assert Account.select().count() == 3


def test_what_was_declined_is_not_proposed_again_until_it_is_taken_back(app, alice, cast, acme, connection, sandbox):
    cast.employee(acme, "Mona", "Other", employee_number="4711")
    in_tenant(sandbox, "4711")
    read(app, alice)
    alice.press("Not this person mona.manager@acme.example and Mona Other")
    assert "Link all" not in alice.get(MATCHING).text
    page = read(app, alice, "Refresh")
    assert "Link all" not in page.text
    page = alice.get(f"{MATCHING}?show=declined")
    assert "Mona Other" in row_of(page, "mona.manager@").get_text()
    alice.press("Propose again mona.manager@acme.example")
    assert alice.get(MATCHING).has_button("Link 1")


@pytest.mark.parametrize(
    ("people", "words"),
    [
        # One account, two people who may have it.
        (
            [{"employee_number": "4711"}, {"company_email": "mona.manager@acme.example"}],
            "It may also be the account of",
        ),
        # One person, two accounts.
        ([{"employee_number": "4711", "company_email": "uma.unlicensed@acme.example"}], "may be theirs too."),
    ],
)
def test_what_is_not_certain_is_for_a_person_to_look_into(
    app, alice, cast, acme, connection, sandbox, people, words
):  # fmt: skip
    for number, values in enumerate(people):
        cast.employee(acme, "Ann", f"Nr{number}", **values)
    in_tenant(sandbox, "4711")
    page = read(app, alice)
    assert "Not certain" in page.soup.select_one("a.active").get_text()
    assert words in page.text
    assert "Link all" not in page.text


def test_accounts_without_an_employee_are_listed_and_guests_are_never_proposed(
    app, alice, cast, acme, connection, sandbox
):  # fmt: skip
    cast.employee(acme, "Gus", "Guest", employee_number="4711")
    guest = next(user for user in sandbox.users() if user.properties.get("userType") == "Guest")
    sandbox.patch_user(guest.username, employeeId="4711")
    page = read(app, alice)
    assert "Guest from another company" in row_of(page, guest.display_name).get_text()
    assert "Link all" not in page.text
    assert "mona.manager@acme.example" in page.text


def test_a_tenant_that_does_not_answer_is_said_and_can_be_read_again(
    app, alice, cast, acme, connection, sandbox, impatient  # noqa: F811
):  # fmt: skip
    cast.employee(acme, "Mona", "Other", employee_number="4711")
    in_tenant(sandbox, "4711")
    sandbox.fault(path="/v1.0/users", status=503, times=None)
    page = read(app, alice)
    assert "The portal could not read the accounts" in page.text
    assert "Try again." in page.text
    assert "There is nothing to do" not in page.text
    sandbox.clear_faults()
    assert "Mona Other" in read(app, alice).text


def test_a_reading_that_was_cut_off_is_taken_up_once_its_lease_is_over(app, alice, connection):
    alice.get(MATCHING)
    alice.press("Find existing accounts")
    cut_off = Reading.get()
    assert cut_off.claim()
    assert not Reading.get().claim()
    with time_machine.travel(now() + 2 * Reading.LEASE, tick=True), app.app_context():
        reading.read(Reading.get())
    assert not cut_off.hold()
    assert Reading.get().state == ReadingState.READ
    assert FoundAccount.select().count() == Reading.get().accounts


def test_two_presses_ask_for_one_reading(app, alice, connection):
    for _ in range(2):
        alice.post(f"{MATCHING}/read", fragment=True)
    assert Reading.select().count() == 1


def test_somebody_of_another_organisation_cannot_touch_a_proposal(app, alice, mallory, cast, acme, connection, sandbox):
    cast.employee(acme, "Mona", "Other", employee_number="4711")
    in_tenant(sandbox, "4711")
    read(app, alice)
    connect(sandbox, mallory.user, "Globex")
    found = FoundAccount.get(FoundAccount.employee.is_null(False))
    for verb in ("link", "decline", "propose-again"):
        assert mallory.post(f"{MATCHING}/accounts/{found.id}/{verb}").status == 404


def test_another_name_is_never_sure(app, alice, cast, acme, connection, sandbox):
    cast.employee(acme, "Chloé", "Dubois", employee_number="A0033")
    in_tenant(sandbox, "A0033")
    page = read(app, alice)
    assert "Link all" not in page.text
    text = row_of(page, "mona.manager@").get_text()
    assert "Same employee number, but another name: Mona Manager" in text
    assert "The account has another name. Check whose it is." in text


def test_existing_accounts_are_searched_by_name_username_and_department(app, alice, connection, sandbox):
    in_tenant(sandbox, department="Orchard", name="mona.manager")
    read(app, alice)
    for words in ("Mona", "MONA.manager", "orchard"):
        rows = alice.get(f"{MATCHING}?show=nobody&q={words}").soup.select("tbody tr")
        assert ["mona.manager@" in row.get_text() for row in rows] == [True]
    page = alice.press("Find", {"Find an account": "nobody at all"})
    assert "No matches." in page.text
    answer = alice.get(f"{MATCHING}?show=nobody&q=mona", fragment=True, headers={"HX-Source": "form#account-filter"})
    assert answer.headers["HX-Push-Url"] == f"{MATCHING}?show=nobody&q=mona"


def test_people_whose_signs_look_alike_in_the_index_are_still_told_apart(
    app, alice, cast, acme, connection, sandbox, monkeypatch
):
    monkeypatch.setattr(staff, "HASH_BITS", 1)
    cast.employee(acme, "Omar", "Other", employee_number="4711")
    cast.employee(acme, "Wei", "Zhang", employee_number="3")
    in_tenant(sandbox, "4711", name="omar.ordinary")
    page = read(app, alice)
    assert "Omar Other" in row_of(page, "omar.ordinary").get_text()
    assert "Wei Zhang" not in page.text


def test_an_account_is_not_held_against_all_who_are_called_alike(
    app, alice, cast, acme, connection, sandbox, monkeypatch
):
    looked = []
    unpacked = staff._unpacked
    monkeypatch.setattr(staff, "_unpacked", lambda signs: looked.append(signs) or unpacked(signs))
    for number in range(20):
        cast.employee(acme, "Mona", "Manager", employee_number=f"44{number}", department=f"Part {number}")
    in_tenant(sandbox, "447")
    page = read(app, alice)
    assert "447 · Part 7" in row_of(page, "mona.manager").get_text()
    assert len(looked) < 5


def test_many_people_are_held_in_little_memory(app, cast, acme, connection):
    first = cast.employee(acme, "Zoë Marie", "García-López", job_title="Clerk", company_email="z@acme.example")
    values = {name: value for name, value in first.__data__.items() if name != "id"}
    rows = [
        {**values, "employee_number": f"N{number}", "company_email": f"z{number}@acme.example"}
        for number in range(1000)
    ]
    Employee.insert_many(rows).execute()
    everybody = Employee.select().where(Employee.organisation == acme)
    staff.Staff(connection, everybody.limit(10))
    tracemalloc.start()
    try:
        held = staff.Staff(connection, everybody.iterator())
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held
    assert kept / everybody.count() < 4_000
