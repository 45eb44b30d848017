"""The pages with two applications connected: Harbour first, then Microsoft 365."""

from datetime import timedelta

import pytest
from playhouse.test_utils import count_queries

from portal.accounts.models import Account, Status
from portal.connections.models import Connection
from portal.database import now
from portal.employee_list.filtering import Filter
from portal.operations.models import Operation, State
from portal.people.models import Employee
from portal.runs.models import Run
from portal.sync import tenant as sync
from tests import page_checks
from tests.pages import words
from tests.provisioning.conftest import connect, impatient, tab  # noqa: F401

HARBOUR, MICROSOFT = "#account-card-harbour", "#account-card-microsoft-365"
LIST = "/people/employees"


@pytest.fixture
def both(alice, sandbox, harbour_connection, mailbox):
    """Acme connected to both."""
    return connect(sandbox, alice.user)


def status_on(page, card: str) -> str:
    return words(page.soup.select_one(f"{card} .card-header .status-word"))


def create(person, employee, card: str):
    """Press Action on one card, then Create."""
    person.get(tab(employee))
    person.press("Action", within=card)
    return person.press("Create", within=card)


def test_the_tab_has_a_card_for_each_in_the_order_of_connecting(alice, wei, both):
    page = alice.get(tab(wei))
    assert [words(title) for title in page.soup.select("section.card h2")] == ["Harbour", "Microsoft 365"]
    assert [tag["id"] for tag in page.soup.select("[role=switch]")] == ["action-harbour", "action-microsoft-365"]


def test_what_is_not_connected_is_one_line_that_leads_to_connect_apps(alice, wei, harbour, sandbox):
    connect(sandbox, alice.user)
    page = alice.get(tab(wei))
    line = page.soup.select_one(HARBOUR)
    assert words(line) == "Harbour Not connected Connect Apps"
    assert line.select_one(".status-word, .empty") is None
    assert status_on(page, MICROSOFT) == "No access"
    assert "Add-ons" in alice.press("Connect Apps", within=HARBOUR).title


def test_the_history_says_in_which_application_something_was_done(alice, wei, both):
    create(alice, wei, MICROSOFT)
    assert "Account created in Microsoft 365 by Alice" in alice.get(f"/people/employees/{wei.id}/history").text
    assert "Created an account for Wei Zhang in Microsoft 365 by Alice" in alice.get("/home").text


def test_home_says_in_which_application_a_starter_is_not_ready(alice, cast, acme, both):
    cast.employee(acme, "Stella", "Soon", start_date=now().date() + timedelta(days=5))
    links = alice.get("/home").soup.select("#needs a")
    said = "1 person starts within 14 days and is not ready in"
    assert {words(link): link["href"].rpartition("app=")[2] for link in links} == {
        f"{said} Harbour": "harbour", f"{said} Microsoft 365": "microsoft-365",
    }  # fmt: skip


@pytest.mark.parametrize("htmx", [True, False])
def test_a_press_on_one_card_leaves_the_other_as_it_is(alice, wei, both, harbour, sandbox, htmx):
    alice.htmx = htmx
    create(alice, wei, MICROSOFT)
    assert (status_on(alice.page, MICROSOFT), status_on(alice.page, HARBOUR)) == ("Active", "No access")
    assert "has been created" in words(alice.page.soup.select_one(MICROSOFT))
    assert "has been created" not in words(alice.page.soup.select_one(HARBOUR))
    assert [path for path in harbour.asked if path.startswith(("POST", "PUT"))] == []


def test_both_forms_may_be_open_at_once(app, alice, wei, both):
    alice.get(tab(wei))
    for card in (HARBOUR, MICROSOFT):
        alice.press("Action", within=card)
    assert alice.page.value("Username")
    routes, headers = app.url_map.bind("localhost"), alice.page.headers
    page = {"path": alice.page.url, "whole_page": True, "routes": routes, "headers": headers}
    assert page_checks.problems(alice.page.tree, **page) == []
    for card in (MICROSOFT, HARBOUR):
        alice.press("Create", within=card)
    assert [status_on(alice.page, card) for card in (HARBOUR, MICROSOFT)] == ["Active", "Active"]


def test_an_operation_that_waits_at_one_holds_up_nothing_at_the_other(alice, wei, both, harbour, impatient):  # noqa: F811
    alice.get(tab(wei))
    alice.press("Action", within=HARBOUR)
    harbour.down = True
    alice.press("Create", within=HARBOUR)
    assert Operation.get().state == State.WAITING
    page = create(alice, wei, MICROSOFT)
    assert status_on(alice.page, MICROSOFT) == "Active"
    assert "Creating the account" in words(alice.page.soup.select_one(HARBOUR))
    assert page.status == 200


def test_one_that_is_down_is_said_on_its_own_card_only(alice, wei_aboard, both, harbour):
    harbour.down = True
    page = alice.get(tab(wei_aboard))
    assert "Harbour can’t be reached" in words(page.soup.select_one(HARBOUR))
    assert "can’t be reached" not in words(page.soup.select_one(MICROSOFT))
    assert status_on(page, HARBOUR) == "Active"


def loads_of_connection(counter) -> list[str]:
    asked = [record.msg[0] for record in counter.get_queries()]
    return [sql for sql in asked if sql.startswith("SELECT") and '"tenant_name"' in sql]


@pytest.mark.parametrize("card", [HARBOUR, MICROSOFT])
def test_a_create_loads_its_connection_once(alice, wei, both, card):
    alice.get(tab(wei))
    alice.press("Action", within=card)
    with count_queries() as counter:
        alice.press("Create", within=card)
    assert status_on(alice.page, card) == "Active"
    assert len(loads_of_connection(counter)) == 1


def test_an_address_from_before_asks_which_application(alice, wei_aboard, both):
    assert "Choose the application first" in alice.get(f"{tab(wei_aboard)}/deactivate").text
    page = alice.post(f"{tab(wei_aboard)}/deactivate")
    assert "Choose the application first" in page.text
    assert Account.get().status == Status.ACTIVE


def test_an_address_from_before_leads_on_while_one_is_connected(alice, wei_aboard):
    old = tab(wei_aboard)
    assert alice.client.get(f"{old}/link/confirm?remote_id=x").headers["Location"].endswith(
        "/account-provisioning/harbour/link/confirm?remote_id=x"
    )  # fmt: skip
    alice.post(f"{old}/deactivate")
    assert Account.get().status == Status.DEACTIVATED


def test_the_list_has_a_status_for_each_and_filters_by_one(alice, wei_aboard, both, cast, acme):
    cast.employee(acme, "Una", "Untold")
    page = alice.get(LIST)
    headings = [words(heading) for heading in page.soup.select("thead th")]
    assert headings[-2:] == ["Harbour", "Microsoft 365"]
    row = next(row for row in page.soup.select("tbody tr") if "Wei Zhang" in words(row))
    assert [words(status) for status in row.select(".status-word")] == ["Active", "No access"]
    at_harbour = alice.get(f"{LIST}?status=harbour:Active").text
    assert ("Wei Zhang" in at_harbour, "Una Untold" in at_harbour) == (True, False)
    assert "Wei Zhang" not in alice.get(f"{LIST}?status=microsoft-365:Active").text
    assert Filter.read({"status": "nowhere:Active"}).status == ""


def test_with_one_connected_the_list_has_one_word(alice, wei_aboard):
    page = alice.get(LIST)
    assert words(page.soup.select("thead th")[-1]) == "Account"
    assert page.field("Account status").findall(".//option")[1].get("value") == "No access"


PAGES = ("/provisioning/day-one", "/provisioning/matching", "/provisioning/differences",
         "/settings/mail/text/en", "/provisioning/runs/new")  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_a_page_about_one_application_lets_choose_which(alice, both, address):
    page = alice.get(address)
    assert words(page.soup.select_one("nav[aria-label=Applications] [aria-current=page]")) == "Harbour"
    here = words(page.soup.select_one(".sidebar-page.is-here"))
    alice.press("Microsoft 365", within="nav[aria-label=Applications]")
    assert words(alice.page.soup.select_one("nav[aria-label=Applications] [aria-current=page]")) == "Microsoft 365"
    assert words(alice.page.soup.select_one(".sidebar-page.is-here")) == here


@pytest.mark.parametrize("part", ["field-sync", "email", "usernames"])
def test_each_application_has_settings_of_its_own(alice, both, part):
    for key, name in (("harbour", "Harbour"), ("microsoft-365", "Microsoft 365")):
        page = alice.get(f"/settings/add-ons/{key}/{part}")
        assert page.title == name
        links = [link["href"] for link in page.soup.select(f"nav[aria-label='{name} settings'] a")]
        assert links
        assert all(link.startswith(f"/settings/add-ons/{key}") for link in links)
    assert alice.get("/settings/field-sync?app=microsoft-365").url == "/settings/add-ons/microsoft-365/field-sync"


@pytest.mark.parametrize("address", PAGES)
def test_with_one_connected_there_is_nothing_to_choose(alice, harbour_connection, address):
    assert alice.get(address).soup.select_one("nav[aria-label=Applications]") is None


def test_a_run_is_for_the_application_that_was_chosen(alice, wei, both):
    alice.get(f"{LIST}?q=Wei")
    alice.press("Bulk action for 1 employee")
    alice.press("Microsoft 365", within="nav[aria-label=Applications]")
    alice.press("Show the plan")
    run = Run.get()
    assert run.connection == both
    assert run.source.endswith(", for Microsoft 365")


def test_a_bulk_action_says_its_selection_in_words(alice, wei, both):
    alice.get(f"{LIST}?status=harbour:No+access&who=current")
    alice.press("Bulk action for 1 employee")
    alice.press("Show the plan")
    assert Run.get().source.startswith("Everybody on the Employee List (Harbour: No access, Current employees)")


def test_the_changes_of_each_are_read_by_a_button_of_its_own(alice, wei_aboard, both, harbour):
    harbour.people["wei.zhang@acme-harbour.example"]["locked"] = True
    alice.get("/provisioning")
    assert "Up to date." in alice.press("Check Microsoft 365 now").text
    alice.press("Check Harbour now")
    assert Account.get().status == Status.DEACTIVATED


def test_the_activity_names_the_application_and_filters_by_it(alice, wei_aboard, both):
    create(alice, wei_aboard, MICROSOFT)
    alice.get("/provisioning")
    page = alice.press("Apply", {"Application": "harbour"})
    assert [words(cell) for cell in page.soup.select("td[data-label=What]")] == ["Create account Harbour"]


def test_the_activity_still_names_an_application_that_is_disconnected(alice, wei_aboard, both):
    create(alice, wei_aboard, MICROSOFT)
    alice.get("/settings/add-ons/microsoft-365/disconnect")
    alice.press("Disconnect")
    page = alice.get("/provisioning")
    cells = [words(cell) for cell in page.soup.select("td[data-label=What]")]
    assert cells == ["Create account Microsoft 365", "Create account Harbour"]


def test_day_one_tells_what_waits_at_each_apart(alice, cast, acme, both, harbour, impatient):  # noqa: F811
    starter = cast.employee(acme, "Stella", "Starter", start_date=now().date() + timedelta(days=3))
    alice.get(tab(starter))
    alice.press("Action", within=HARBOUR)
    harbour.down = True
    alice.press("Create", within=HARBOUR)
    assert "Waiting: Harbour" in alice.get("/provisioning/day-one?app=harbour").text
    page = alice.get("/provisioning/day-one?app=microsoft-365")
    assert ("Stella" in page.text, "Waiting: Harbour" in page.text) == (True, False)


def test_an_account_comes_back_at_one_while_something_waits_at_the_other(alice, wei, both, sandbox, time_passes):
    create(alice, wei, MICROSOFT)
    account = Account.get()
    sync.sync_changes(both)
    time_passes()
    sandbox.delete_user(account.remote_id)
    sync.sync_changes(Connection.get_by_id(both.id))
    assert not Account.any_of(wei, both)
    sandbox.restore_user(account.remote_id)
    Operation.create(
        organisation=wei.organisation, employee=wei, connection=Connection.get(Connection.service == "harbour"),
        verb="create", by=alice.user,
    )  # fmt: skip
    sync.sync_changes(Connection.get_by_id(both.id))
    assert Account.any_of(wei, both)


def test_the_company_email_follows_the_application_connected_first(alice, wei, both):
    create(alice, wei, MICROSOFT)
    assert Employee.get_by_id(wei.id).company_email == ""
    create(alice, wei, HARBOUR)
    assert Employee.get_by_id(wei.id).company_email == "wei.zhang@acme-harbour.example"


def test_the_settings_say_which_application_the_company_email_follows(alice, wei, both):
    page = alice.get("/settings/general")
    assert page.value("The company email follows") == "harbour"
    alice.press("Save", {"The company email follows": "microsoft-365"})
    create(alice, wei, HARBOUR)
    assert Employee.get_by_id(wei.id).company_email == ""
    create(alice, wei, MICROSOFT)
    assert Employee.get_by_id(wei.id).company_email == "wei.zhang@acme.example"


def test_with_one_connected_the_settings_do_not_ask(alice, harbour_connection):
    assert "company email follows" not in alice.get("/settings/general").text
