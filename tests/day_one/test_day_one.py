"""The board of those who start, with what is ready for each; and the forecast of seats."""

from datetime import timedelta

import pytest
from playhouse.test_utils import count_queries

from portal import background
from portal.accounts.models import Account
from portal.connections.settings import AddOnSettings
from portal.connectors import SERVICES
from portal.database import now
from portal.day_one import queries, views
from portal.day_one.forecast import forecast
from portal.hand_over.models import LoginMail
from portal.languages import month_and_day
from portal.operations import engine
from portal.people.searching import Reach, Sight
from portal.templating import local_date
from portal.timelines.models import Itinerary, PlannedStep
from tests.provisioning.conftest import connect, tab

BOARD = "/provisioning/day-one"


@pytest.fixture
def connection(acme, alice, sandbox, mailbox):
    return connect(sandbox, alice.user)


@pytest.fixture
def licence(connection):
    """A licence that every new account gets; so many seats of it are free."""
    plan = next(plan for plan in SERVICES["microsoft-365"].connector(connection.tenant_id).licences() if plan.qualifies)
    AddOnSettings.update(default_licence=plan.id).execute()
    return plan


def in_days(number):
    return now().date() + timedelta(days=number)


@pytest.fixture
def starter(cast, acme):
    return cast.employee(acme, "Isla", "Campbell", start_date=in_days(7), personal_email="isla@home.example")


def row(page, name):
    return next(line.get_text(" ", strip=True) for line in page.soup.select("tbody tr") if name in line.get_text())


def test_a_starter_is_ready_once_the_account_is_there_and_the_login_information_is_sent(
    alice, connection, licence, starter, cast, acme
):
    cast.employee(acme, "Olga", "Old", start_date=in_days(-400))
    page = alice.get(BOARD)
    assert "1 starter, 0 ready" in page.text
    assert "Old" not in page.text
    assert "in 7 days" in row(page, "Isla")
    assert "Missing: Account No access" in row(page, "Isla")
    alice.get(tab(starter))
    alice.press("Action")
    alice.press("Create")
    page = alice.get(BOARD)
    assert "1 starter, 1 ready" in page.text
    for words in (
        "Ready: Account isla.campbell@acme.example",
        f"Ready: Licence {licence.name}",
        "Login information Sent",
    ):
        assert words in row(page, "Isla")
    assert not page.has_button("Create 1 account…")


def test_what_is_missing_is_named(alice, connection, cast, acme):
    AddOnSettings.update(default_licence=None).execute()
    acme.country = ""
    acme.save()
    cast.employee(acme, "Isla", "Campbell", start_date=in_days(3), personal_email="", country="")
    found = row(alice.get(BOARD), "Isla")
    assert "2 missing" in found
    assert "Missing: HR record No personal email and no country" in found
    alice.press("No personal email and no country")
    assert alice.page.value("Personal email") == ""


def test_a_mail_that_goes_out_after_the_first_day_is_missing_until_it_is_sent_earlier(alice, connection, starter):
    alice.get(tab(starter))
    alice.press("Action")
    alice.press("Create", {"Send immediately": False, "Date": in_days(9).isoformat(), "Time": "08:00"})
    assert "Missing: Login information Goes out after the first day:" in row(alice.get(BOARD), "Isla")
    LoginMail.update(send_at=now() + timedelta(days=2)).execute()
    assert "On its way: Login information Goes out" in row(alice.get(BOARD), "Isla")


def test_a_manager_without_an_account_is_waited_for(alice, connection, starter, cast, acme):
    starter.manager = cast.employee(acme, "Łukasz", "Wójcik")
    starter.save()
    alice.get(tab(starter))
    alice.press("Action")
    alice.press("Create")
    assert "On its way: Manager Łukasz Wójcik has no account yet" in row(alice.get(BOARD), "Isla")
    alice.get(tab(starter.manager))
    alice.press("Action")
    alice.press("Create")
    assert "On its way: Manager Łukasz Wójcik" in row(alice.get(BOARD), "Isla")
    for operation in engine.due():
        engine.carry_out(operation)
    assert "Ready: Manager Łukasz Wójcik" in row(alice.get(BOARD), "Isla")


def test_a_create_that_was_refused_says_so(alice, connection, starter, sandbox):
    sandbox.fault(method="POST", path="/v1.0/users$", status=400, code="Request_BadRequest", times=None)
    alice.get(tab(starter))
    alice.press("Action")
    alice.press("Create")
    assert "Missing: Account Not created: Microsoft 365 did not accept this request." in row(alice.get(BOARD), "Isla")


def test_who_is_listed_is_chosen_by_days_and_by_what_is_missing(alice, connection, starter, cast, acme):
    cast.employee(acme, "Late", "Comer", start_date=in_days(60))
    cast.employee(acme, "Begun", "Already", start_date=in_days(-2))
    cast.employee(acme, "Never", "Came", start_date=in_days(5), end_date=in_days(-1))
    names = ("Isla", "Late", "Begun", "Never")

    def listed(page):
        return [name for name in names if name in page.soup.select_one("main").get_text()]

    assert listed(alice.get(BOARD)) == ["Isla", "Begun"]
    assert "2 days ago" in row(alice.page, "Begun")
    assert listed(alice.press("Apply", {"Start within": "90"})) == ["Isla", "Late", "Begun"]
    alice.get(tab(starter))
    alice.press("Action")
    alice.press("Create")
    alice.get(BOARD)
    assert listed(alice.press("Apply", {"Show": "missing"})) == ["Begun"]


def test_accounts_of_those_without_one_are_planned_together(alice, connection, starter, cast, acme):
    cast.employee(acme, "Oliver", "Smith", start_date=in_days(3))
    alice.get(BOARD)
    page = alice.press("Create 2 accounts…")
    assert "2 people" in page.text
    alice.press("Show the plan")
    assert "/provisioning/runs/" in alice.page.url


def test_more_than_a_page_is_paged(alice, connection, cast, acme, monkeypatch):
    monkeypatch.setattr(queries, "PER_PAGE", 3)
    monkeypatch.setattr(queries, "IN_ONE_LOOK", 2)
    for number in range(7):
        cast.employee(acme, f"P{number}", "Person", start_date=in_days(1 + number // 3))
    seen, page = [], alice.get(BOARD)
    assert "7 starters" in page.text
    while True:
        seen += [link.get_text() for link in page.soup.select("tbody td:first-child a")]
        if not page.has_button("Next"):
            break
        page = alice.press("Next")
    assert seen == [f"P{number} Person" for number in range(7)]


def test_too_few_seats_are_foretold_with_their_day(alice, connection, licence, sandbox, cast, acme):
    sandbox.set_seats(licence.id, licence.used + 1)
    for day in (4, 4, 10):
        cast.employee(acme, f"P{day}", "Person", start_date=in_days(day))
    found = row(alice.get(BOARD), licence.name)
    assert f"1 short on {local_date(in_days(4))}" in found
    assert "2 short later on" in found
    assert f"1 seat short on {licence.name} from {month_and_day(in_days(4))}, 2 later on" in alice.get("/home").text
    sandbox.set_seats(licence.id, 50)
    assert "Enough" in row(alice.get(BOARD), licence.name)


def test_leavers_give_their_seats_back_when_the_organisation_takes_licences_away(
    alice, connection, licence, sandbox, cast, acme
):
    leaver = cast.employee(acme, "Ruth", "Goldberg")
    alice.get(tab(leaver))
    alice.press("Action")
    alice.press("Create")
    assert Account.get().own_licence_ids == [licence.id]
    leaver.end_date = in_days(5)
    leaver.save()
    cast.employee(acme, "Isla", "Campbell", start_date=in_days(6))
    # All are taken: those of others, and the leaver's.
    sandbox.set_seats(licence.id, licence.used + 1)
    page = alice.get(BOARD)
    assert f"1 short on {local_date(in_days(6))}" in row(page, licence.name)
    assert "Leavers keep their licences" in page.text
    AddOnSettings.update(licences_go_on_deactivate=True).execute()
    page = alice.get(BOARD)
    assert "Enough" in row(page, licence.name)
    assert f"{local_date(in_days(6))}: −1 +1, 0 free" in row(page, licence.name)


def test_starters_for_whom_no_licence_is_chosen_are_counted_apart(alice, connection, cast, acme, sandbox, licence):
    AddOnSettings.update(default_licence="no longer offered").execute()
    cast.employee(acme, "Isla", "Campbell", start_date=in_days(6))
    assert "No licence is chosen for 1 starter" in alice.get(BOARD).text


def test_check_now_keeps_which_licences_qualify(alice, connection, starter, sandbox):
    AddOnSettings.update(default_licence=None).execute()
    alice.get("/settings/add-ons")
    alice.press("Check now")
    sandbox.fault(method="GET", path="/v1.0/", status=503, times=None)
    page = alice.get(BOARD)
    assert "We couldn’t refresh the seats" in page.text
    assert "No seat is left" not in page.text
    assert "Isla Campbell" in page.text


def test_seats_are_those_last_read_while_the_tenant_does_not_answer(alice, connection, licence, starter, sandbox):
    alice.get(BOARD)
    sandbox.fault(method="GET", path="/v1.0/", status=503, times=None)
    page = alice.get(BOARD)
    assert "We couldn’t refresh the seats" in page.text
    assert "Isla Campbell" in page.text
    assert "Enough" in row(page, licence.name)


def test_all_questions_of_the_page_share_its_patience(alice, connection, starter, sandbox, monkeypatch):
    alice.get(BOARD)
    patience, result_of = [], background.result_of
    monkeypatch.setattr(views, "PATIENCE", 0.2)
    monkeypatch.setattr(
        background, "result_of", lambda work, seconds: patience.append(seconds) or result_of(work, seconds)
    )
    sandbox.fault(method="GET", path="/v1.0/", kind="slow", seconds=3.0, times=None)
    page = alice.get(BOARD)
    sandbox.clear_faults()
    assert len(patience) == 2
    assert sum(patience) <= views.PATIENCE
    assert "We couldn’t refresh the seats" in page.text
    assert "Isla Campbell" in page.text


def test_nobody_starts_and_no_tenant_is_connected(alice, acme, sandbox, mailbox):
    assert "Connect" in alice.get(BOARD).text
    connect(sandbox, alice.user)
    assert "Nobody starts within 30 days" in alice.get(BOARD).text


def test_another_organisation_sees_its_own_starters_only(mallory, alice, connection, starter, sandbox):
    connect(sandbox, mallory.user, "Globex")
    assert "Isla" not in mallory.get(BOARD).text
    assert "Isla" in alice.get(BOARD).text
    assert "Isla" not in mallory.get(f"{BOARD}?after={starter.id}").text


def test_many_starters_ask_the_database_as_often_as_few(alice, connection, cast, acme):
    def asked():
        with count_queries() as counter:
            alice.get(BOARD)
        return counter.count

    cast.employee(acme, "One", "Person", start_date=in_days(3))
    few = asked()
    for number in range(30):
        cast.employee(acme, f"P{number}", "Person", start_date=in_days(number), manager=alice.user.employee)
    assert asked() <= few


def test_with_a_timeline_the_forecast_counts_its_licence_steps_and_not_the_end_date(
    alice, connection, licence, cast, acme
):
    leaver = cast.employee(acme, "Lea", "Leaver", end_date=in_days(3))
    alice.get(tab(leaver))
    alice.press("Action")
    alice.press("Create")
    starter = cast.employee(acme, "Isla", "Campbell", start_date=in_days(7))
    for employee, kind, key, days in (
        (leaver, "leaver", "take_licences", 33), (starter, "joiner", "create_blocked", 1)
    ):  # fmt: skip
        made = Itinerary.create(organisation=acme, employee=employee, kind=kind)
        PlannedStep.create(
            organisation=acme, itinerary=made, employee=employee, connection=connection, key=key, anchor="end",
            days=0, day=in_days(days), hour="18:00", due_at=now() + timedelta(days=days),
        )  # fmt: skip
    AddOnSettings.update(licences_go_on_deactivate=True).execute()
    outlook = forecast(Sight(Reach.ALL, acme.id), connection, today=in_days(0)).outlooks[0]
    assert [(day.day, day.starters, day.leavers) for day in outlook.days] == [
        (in_days(1), 1, 0), (in_days(33), 0, 1)
    ]  # fmt: skip


def test_looking_asks_for_seats_alone_and_waits_for_no_disk_while_they_are_as_they_were(
    alice, connection, licence, starter, sandbox
):
    alice.get(BOARD)
    sandbox.clear_requests()
    with count_queries() as counter:
        assert "Isla" in alice.get(BOARD).text
    assert not [line for line in counter.get_queries() if line.msg[0].startswith("UPDATE")]
    asked = [line.path for line in sandbox.requests("GET")]
    assert [path for path in asked if "subscribedSkus" in path]
    assert not [path for path in asked if "organization" in path or "domains" in path]


def test_of_very_many_no_more_are_looked_at_than_a_page_shows(alice, connection, cast, acme, monkeypatch):
    monkeypatch.setattr(queries, "PER_PAGE", 2)
    monkeypatch.setattr(queries, "FURTHER", 3)
    monkeypatch.setattr(queries, "MOST_COUNTED", 4)
    for number in range(5):
        cast.employee(acme, f"P{number}", "Person", start_date=in_days(1 + number))
    looked_at = []
    look_at = queries.look_at
    monkeypatch.setattr(queries, "look_at", lambda some, at: looked_at.extend(some) or look_at(some, at))
    page, seen = alice.get(BOARD), []
    assert "More than 4 starters" in page.text
    assert len(looked_at) == 3
    while seen.extend(link.get_text() for link in page.soup.select("tbody td:first-child a")) or page.has_button(
        "Next"
    ):
        page = alice.press("Next")
    assert seen == [f"P{number} Person" for number in range(5)]


def test_the_status_of_an_account_is_in_the_language_of_the_reader(alice, connection, starter):
    alice.user.language = "de"
    alice.user.save()
    assert "Fehlt: Konto Kein Zugang" in row(alice.get(BOARD), "Isla")
