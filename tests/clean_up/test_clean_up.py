"""Provisioning > Clean-up: who is listed and why, what the page says when it does not know, and what a press does."""

from datetime import timedelta

import pytest

from portal.accounts.models import Account
from portal.clean_up import reading
from portal.clean_up.models import KeptAccount, UseReading
from portal.database import now
from portal.matching import reading as matching
from portal.matching.models import Reading
from portal.operations.models import Operation
from portal.runs.models import Run
from tests.cast import account_of
from tests.provisioning.conftest import connect, created

PAGE = "/provisioning/clean-up"
OMAR, MONA, BEA = "omar.ordinary@acme.example", "mona.manager@acme.example", "bea.blocked@acme.example"
STANDARD, PREMIUM = "f245ecc8-75af-4f8e-b61f-27d8114de5f3", "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"


@pytest.fixture
def connection(alice, sandbox):
    return connect(sandbox, alice.user)


@pytest.fixture
def linked(cast, acme, connection, sandbox):
    """linked(username, …): an employee who has that account of the tenant."""

    def made(username, **values):
        remote = sandbox.user(username)
        employee = cast.employee(acme, *remote.display_name.split(" "), **values)
        Account.create(
            organisation=acme, employee=employee, connection=connection, remote_id=remote.id, username=username,
            enabled=not remote.sign_in_blocked, read_at=now(), licence_ids=remote.plans, own_licence_ids=remote.plans,
        )  # fmt: skip
        return employee

    return made


def read(app, alice, show=""):
    """Everything is read, as the worker does it."""
    alice.get(PAGE)
    alice.post(f"{PAGE}/read")
    with app.app_context():
        for waiting in list(Reading.due()):
            matching.read(waiting)
        for waiting in list(UseReading.due()):
            reading.read(waiting)
    return alice.get(f"{PAGE}?show={show}")


def rows(page):
    """The lines of the list, each as {heading: text}."""
    return [
        {cell["data-label"]: " ".join(cell.get_text(" ").split()) for cell in row.select("td[data-label]")}
        for row in page.soup.select("table")[0].select("tbody tr")
    ]


def days_ago(acme, days):
    return acme.today - timedelta(days=days)


def test_leavers_whose_account_is_still_enabled_are_listed_and_planned_for(alice, acme, linked):
    linked(OMAR, end_date=days_ago(acme, 10))
    linked(MONA, end_date=acme.today)
    page = alice.get(f"{PAGE}?show=left")
    assert "Left, still enabled · 1" in page.text
    [row] = rows(page)
    assert "10 days" in row["Since"]
    alice.press("Plan to deactivate", {"Omar Ordinary": True})
    run = Run.get()
    assert (run.verb, run.state, run.lines.count()) == ("deactivate", "planning", 1)


def test_blocked_accounts_with_a_licence_are_listed_with_what_they_cost(alice, acme, linked):
    linked(BEA)
    linked(OMAR)
    alice.get(f"{PAGE}?show=licensed")
    page = alice.press("Save prices", {"Currency": "gbp", "Microsoft 365 Business Premium": "18,10"})
    assert rows(page)[0]["Each month"] == "£18.10"
    assert "Not known" in rows(page)[0]["Since"]
    alice.press("Plan to take licences away", {"Bea Blocked": True})
    assert Run.get().options == {"add": [], "remove": [PREMIUM]}


def test_a_price_that_is_none_is_refused_and_what_was_typed_is_kept(alice, linked):
    linked(BEA)
    alice.get(PAGE)
    page = alice.press("Save prices", {"Currency": "pounds", "Microsoft 365 Business Premium": "cheap"})
    assert page.status == 422
    assert "Enter a price such as 12.50" in page.text
    assert "three letters" in page.text
    assert page.value("Microsoft 365 Business Premium") == "cheap"


def test_an_account_made_ahead_of_the_first_day_and_one_on_leave_are_no_waste(alice, acme, linked):
    starter, away = linked(BEA), linked(OMAR, leave_from=days_ago(acme, 5))
    Account.update(waits_for_start=True).where(Account.employee == starter).execute()
    Account.update(enabled=False).where(Account.employee == away).execute()
    assert "Blocked, still licensed · 0" in alice.get(f"{PAGE}?show=licensed").text


def test_accounts_without_an_employee_are_listed_less_guests_and_can_be_kept(app, alice, acme, linked, sandbox):
    linked(OMAR)
    page = read(app, alice, "nobody")
    listed = page.soup.select_one("table").get_text()
    assert MONA in listed
    assert "gus" not in listed
    assert OMAR not in listed
    alice.press(f"Keep {MONA}")
    assert "Say why" in alice.press("Keep", {"Reason": ""}).text
    page = alice.press("Keep", {"Reason": "Shared mailbox of the office"})
    assert KeptAccount.get().name == MONA
    assert "Shared mailbox of the office" in page.soup.select_one("#kept").get_text()
    assert MONA not in page.soup.select_one("table").get_text()
    KeptAccount.update(until=days_ago(acme, 1)).execute()
    assert MONA in alice.get(f"{PAGE}?show=nobody").soup.select_one("table").get_text()


def test_accounts_not_used_for_ninety_days_are_listed_with_the_day(app, alice, acme, linked, sandbox):
    linked(OMAR, start_date=days_ago(acme, 900))
    linked(MONA, start_date=days_ago(acme, 900))
    long_ago = sandbox.moment(-100 * 86400)
    sandbox.patch_user(OMAR, signInActivity={"lastSuccessfulSignInDateTime": long_ago})
    sandbox.patch_user(MONA, signInActivity={"lastSuccessfulSignInDateTime": sandbox.moment(-86400)})
    page = read(app, alice, "unused")
    [row] = rows(page)
    assert "Omar Ordinary" in row["Account"]
    assert "100 days" in row["Since"]


def test_l24_nothing_recorded_is_never_called_never(app, alice, acme, linked, sandbox):
    linked(OMAR, start_date=days_ago(acme, 900))
    linked(MONA, start_date=days_ago(acme, 10))
    page = read(app, alice, "unused")
    assert [row["Why"] for row in rows(page)] == ["No sign-in is recorded."]
    assert "never" not in page.text.casefold()


def test_an_account_that_the_portal_has_just_made_is_not_one_that_nobody_uses(
    app, alice, cast, acme, connection, mailbox
):
    wei = cast.employee(acme, "Wei", "Zhang", start_date=days_ago(acme, 900), personal_email="wei@home.example")
    created(app, alice, wei, connection, "wei.zhang@acme.example")
    assert "Not used for 90 days · 0" in read(app, alice, "unused").text
    Operation.update(finished_at=now() - timedelta(days=100)).execute()
    assert "Wei Zhang" in rows(alice.get(f"{PAGE}?show=unused"))[0]["Account"]


def test_l24_without_p1_clean_up_says_not_known_and_what_to_switch_on(app, alice, acme, linked, sandbox):
    linked(OMAR, start_date=days_ago(acme, 900))
    sandbox.set_seats("SPB", 0)
    page = read(app, alice, "unused")
    assert "Not used for 90 days · not known" in page.text
    assert "Entra ID P1" in page.text
    assert "Org settings > Services > Reports" in page.text
    sandbox.conceal_names(False)
    page = read(app, alice, "unused")
    assert [row["Why"] for row in rows(page)] == ["No activity in the last 180 days is recorded."]


def test_nobody_of_another_company_keeps_or_frees_an_account(alice, mallory, acme, linked, connection):
    employee = linked(OMAR, end_date=days_ago(acme, 10))
    kept = KeptAccount.create(
        organisation=acme, connection=connection, remote_id="x", name="x", reason="x", until=acme.today
    )
    assert mallory.post(f"{PAGE}/kept/{kept.id}/stop").status == 404
    assert mallory.get(f"{PAGE}/keep?account={account_of(employee).remote_id}").status in (404, 409)
    assert KeptAccount.select().count() == 1
