from datetime import UTC, datetime

from portal.operations.models import Operation, State
from tests.provisioning.conftest import at, tab


def test_every_operation_is_listed_with_its_receipt(alice, wei_by_form):
    page = alice.get("/provisioning")
    assert "Wei Zhang" in page.text
    assert "Create account" in page.text
    link = next(tag["href"] for tag in page.soup.select("#activity-table a") if "/operations/" in tag["href"])
    receipt = alice.get(link)
    assert "POST" in receipt.text
    assert "/users" in receipt.text
    assert "request id" in receipt.text


def test_a_receipt_never_shows_the_password(alice, wei_by_form, mailbox):
    password = mailbox.text(mailbox.messages[0]).split("Temporary password:")[1].split()[0]
    page = alice.get("/provisioning")
    link = next(tag["href"] for tag in page.soup.select("#activity-table a") if "/operations/" in tag["href"])
    assert password not in alice.get(link).html


def test_activity_can_be_filtered(alice, wei_by_form):
    assert "Wei Zhang" not in alice.get("/provisioning?verb=deactivate").soup.select_one("#activity-table").text
    assert "Wei Zhang" in alice.get("/provisioning?q=wei").soup.select_one("#activity-table").text


def test_activity_can_be_exported(alice, wei_by_form):
    (row,) = alice.get("/provisioning/activity.csv").rows
    assert (row["employee"], row["verb"], row["state"]) == ("Wei Zhang", "create", "done")


def test_the_receipt_of_another_organisation_is_not_found(mallory, alice, wei_by_form):
    assert mallory.get("/provisioning/operations/1").status == 404
    assert mallory.get(tab(wei_by_form)).status == 404


def listed(page):
    return page.soup.select_one("#activity-table").text


def test_activity_can_be_filtered_by_what_is_waited_for_and_by_whom(
    alice, wei, connection, sandbox, mailbox, impatient
):
    sandbox.fault(method="GET", path="/v1.0/users/", kind="revoked consent", times=None)
    alice.get(tab(wei))
    alice.post(f"{at(wei)}/create", {"username": "wei", "domain": "acme.example", "send_immediately": "y"})
    assert "Waiting for: A permission" in listed(alice.get("/provisioning"))
    assert "Wei Zhang" in listed(alice.get("/provisioning?waiting=permission"))
    assert "No matches" in listed(alice.get("/provisioning?waiting=service"))
    assert "Wei Zhang" in listed(alice.get("/provisioning?by=ali"))
    assert "No matches" in listed(alice.get("/provisioning?by=bob"))
    page = alice.press("Show everything")
    assert "Wei Zhang" in listed(page)


def test_activity_is_looked_at_again_only_while_something_is_under_way(alice, wei_by_form, connection, sandbox):
    assert not alice.get("/provisioning").soup.select_one("#activity-table").get("hx-trigger")
    Operation.update(state=State.WAITING).execute()
    table = alice.get("/provisioning?state=waiting").soup.select_one("#activity-table")
    assert (table["hx-trigger"], table["hx-get"]) == ("every 3s", "/provisioning?state=waiting")


def test_what_is_exported_is_what_was_looked_for(alice, wei_by_form):
    assert "Wei Zhang,create,done" in alice.get("/provisioning/activity.csv?verb=create").html
    assert "Wei Zhang" not in alice.get("/provisioning/activity.csv?verb=link").html


def test_a_receipt_says_what_is_waited_for(alice, wei, connection, sandbox, mailbox, impatient):
    sandbox.fault(method="POST", path="/v1.0/users$", status=429, retry_after=60, times=None)
    alice.get(tab(wei))
    alice.post(f"{at(wei)}/create", {"username": "wei", "domain": "acme.example", "send_immediately": "y"})
    receipt = alice.get(f"/provisioning/operations/{Operation.get().id}")
    assert "Waiting for The application. Next try" in receipt.text


def test_activity_can_be_filtered_by_days(alice, acme, wei_by_form):
    acme.time_zone = "Pacific/Auckland"
    acme.save()
    # Eleven in the evening of the 14th in London is the 15th in Auckland.
    Operation.update(created_at=datetime(2027, 6, 14, 22, tzinfo=UTC)).execute()
    assert "Wei Zhang" in listed(alice.get("/provisioning?since=2027-06-15&until=2027-06-15"))
    assert "No matches" in listed(alice.get("/provisioning?until=2027-06-14"))
    assert "No matches" in listed(alice.get("/provisioning?since=2027-06-16"))
    assert "Wei Zhang" in listed(alice.get("/provisioning?since=yesterday"))
    page = alice.press("Apply", {"From": "2027-06-15", "What": "create"})
    assert "Wei Zhang" in listed(page)
    assert "2027-06-15" in str(page.soup.find("a", string="Export CSV")["href"])


def test_the_filter_names_each_change_as_the_rows_do_in_the_language_of_the_reader(alice, wei_by_form):
    page = alice.get("/provisioning")
    assert {"Create account", "Change groups", "Take the licences away"} <= choices(page)
    Operation.update(verb="groups").execute()
    alice.user.language = "de"
    alice.user.save()
    page = alice.get("/provisioning")
    assert "Gruppen ändern" in choices(page)
    assert "Gruppen ändern" in listed(page)


def choices(page):
    return {option.get_text(strip=True) for option in page.soup.select("#verb option")}


def test_a_filter_shows_its_address_and_what_loads_again_does_not(alice, wei_by_form):
    asked = {"HX-Source": "form#activity-filter"}
    answer = alice.get("/provisioning?q=wei&verb=&by=", fragment=True, headers=asked)
    assert answer.headers["HX-Push-Url"] == "/provisioning?q=wei"
    again = alice.get("/provisioning?q=wei", fragment=True, headers={"HX-Source": "div#activity-table"})
    assert "HX-Push-Url" not in again.headers
