"""Home: what needs a person, what happened, and the way to the first account."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.database import now
from portal.hand_over.models import LoginMail, MailState
from portal.operations.models import Operation
from portal.people.models import Employee
from portal.timeline_templates.models import KindInUse
from portal.timeline_templates.steps import Kind
from portal.timelines.models import Itinerary, PlannedStep
from tests.provisioning.conftest import tab
from tests.runs.conftest import carried_out, plan_for, start

TODAY = datetime.now(UTC).date()


def needs(person) -> str:
    return person.get("/home").soup.find(id="needs").get_text(" ", strip=True)


def happened(person, address="/home") -> str:
    found = person.get(address).soup.find(id="happened-title").find_parent("section")
    return found.get_text(" ", strip=True)


def test_an_admin_arrives_at_home_and_everybody_else_at_the_employee_list(alice, bob):
    assert alice.client.get("/").headers["Location"] == "/home"
    assert bob.client.get("/").headers["Location"] == "/people/employees"
    assert bob.get("/home").status == 403


def test_a_new_organisation_is_led_to_its_first_account(alice, cast, acme):
    cast.employee(acme, "Zoe", "Ample")
    steps = alice.get("/home").soup.find(id="first-steps")
    done = [item.get_text(" ", strip=True) for item in steps.select("li.is-done")]
    assert done == ["Add your employees Done"]
    assert [link["href"] for link in steps.select("a")] == ["/settings/add-ons", "/people/employees"]


def test_a_new_organisation_is_not_told_that_its_starters_are_ready(alice, cast, acme):
    cast.employee(acme, "Stella", "Soon", start_date=TODAY + timedelta(days=5))
    assert "Starters are ready" not in alice.get("/home").text


def test_the_steps_are_gone_once_there_is_an_account(alice, wei_active):
    assert alice.get("/home").soup.find(id="first-steps") is None


@pytest.mark.parametrize("days", [3, 800])
def test_a_leaver_who_can_still_sign_in_is_told_first_and_leads_to_the_list(alice, wei_active, days):
    Employee.update(end_date=TODAY - timedelta(days=days)).execute()
    page = alice.get("/home")
    first = page.soup.find(id="needs").find("li")
    assert first.get_text(" ", strip=True) == "1 person left and can still sign in Wei Zhang"
    listed = alice.get(first.a["href"])
    assert "Wei Zhang" in listed.text
    assert "1 employee" in listed.text


def test_a_leave_without_a_day_of_return_is_told_until_the_day_is_entered(alice, acme, wei_active):
    said = "1 person is or will be on leave, and no day of return is entered: the account stays as it is"
    Employee.update(leave_from=acme.today + timedelta(days=5)).execute()
    assert said not in alice.get("/home").text
    KindInUse.create(organisation=acme, kind=Kind.LEAVE)
    alice.get("/home")
    page = alice.press(said)
    assert "Wei Zhang" in page.soup.select_one("#employee-table").get_text()
    page = alice.get(f"/people/employees/{wei_active.id}")
    assert "The day of return is not entered: until it is, the accounts stay as they are." in page.text
    Employee.update(leave_to=acme.today + timedelta(days=90)).execute()
    assert said not in alice.get("/home").text
    assert "until it is" not in alice.get(f"/people/employees/{wei_active.id}").text
    Employee.update(leave_to=None, end_date=acme.today - timedelta(days=1)).execute()
    assert said not in alice.get("/home").text


def test_nobody_is_told_of_who_left_and_is_deactivated(alice, wei_active):
    Employee.update(end_date=TODAY - timedelta(days=3)).execute()
    alice.get(tab(wei_active))
    alice.press("Action")
    alice.press("Confirm")
    assert "can still sign in" not in needs(alice)


def test_starters_who_are_not_ready_lead_to_day_one(alice, connection, cast, acme):
    cast.employee(acme, "Stella", "Soon", start_date=TODAY + timedelta(days=5))
    cast.employee(acme, "Lara", "Later", start_date=TODAY + timedelta(days=90))
    assert "1 person starts within 14 days and is not ready Stella Soon" in needs(alice)


def test_what_failed_is_told_until_it_is_done(alice, wei, connection, sandbox, mailbox):
    sandbox.fault(method="POST", path="/v1.0/users$", status=400, code="Request_BadRequest", times=None)
    alice.get(tab(wei))
    alice.press("Action")
    alice.press("Create")
    assert "Something failed for 1 person Wei Zhang" in needs(alice)
    assert "No account was created for Wei Zhang by Alice" in happened(alice)
    sandbox.clear_faults()
    alice.get(tab(wei))
    alice.press("Action")
    alice.press("Create")
    assert "failed" not in needs(alice)


def test_nothing_needs_anybody(alice, wei_active):
    assert "Nothing needs you" in needs(alice)


def test_what_happened_is_told_by_day_with_its_receipt(alice, wei_active):
    page = alice.get("/home")
    [link] = page.soup.find_all("a", string="Created an account for Wei Zhang")
    assert "Today" in happened(alice)
    assert "Receipt" in alice.get(link["href"]).text or "Create account" in alice.get(link["href"]).text


def test_a_bulk_action_is_one_line(app, alice, connection, cast, acme, sandbox, mailbox):
    people = [cast.employee(acme, "Nia", f"N{n}", personal_email=f"nia{n}@home.example") for n in range(3)]
    plan_for(app, alice, people)
    start(alice)
    carried_out(app)
    text = happened(alice)
    assert "Created 3 accounts by Alice" in text
    assert "Created an account for" not in text


@pytest.mark.parametrize(
    ("query", "there"),
    [("", True), (f"?since={TODAY - timedelta(days=40)}&until={TODAY - timedelta(days=30)}", False),
     (f"?since={TODAY}", True), ("?since=nonsense&until=2026-13-45", True)],
)  # fmt: skip
def test_only_the_days_that_were_asked_for_are_told(alice, wei_active, query, there):
    assert ("Created an account" in happened(alice, f"/home{query}")) is there


def test_another_organisation_is_told_nothing_of_it(alice, mallory, wei_active):
    Employee.update(end_date=date(2026, 1, 1)).execute()
    assert "Wei" not in mallory.get("/home").text
    assert mallory.get(f"/people/employees/{wei_active.id}/history").status == 404


def test_an_employees_history_has_every_receipt(alice, wei_active):
    alice.get(tab(wei_active))
    alice.press("Action")
    alice.press("Confirm")
    page = alice.get(f"/people/employees/{wei_active.id}/history")
    lines = [item.a.get_text() for item in page.soup.select("#history li")]
    assert lines == ["Account deactivated", "Account created"]
    assert all(alice.get(item.a["href"]).status == 200 for item in page.soup.select("#history li"))


def test_what_was_not_done_says_so_in_an_employees_history(alice, wei, connection, sandbox):
    sandbox.fault(method="POST", path="/v1.0/users$", status=400, code="Request_BadRequest", times=None)
    alice.get(tab(wei))
    alice.press("Action")
    alice.press("Create")
    page = alice.get(f"/people/employees/{wei.id}/history")
    (line,) = [item.get_text(" ", strip=True) for item in page.soup.select("#history li")]
    assert ("Create account by Alice" in line, line.endswith("Failed")) == (True, True)


def test_an_import_tells_only_of_what_there_was(alice):
    alice.get("/people/employees/import")
    alice.press("Upload", {"File (CSV or XLSX)": io.BytesIO(b"employee_number,first_name\nE1,Wei\n")})
    assert "Imported: 1 added." in alice.press("Import").text
    assert "Imported employees: 1 added by Alice" in happened(alice)


def test_what_nobody_pressed_is_called_automatic(alice, wei_active):
    Operation.update(by=None, by_name="field sync").execute()
    assert "Created an account for Wei Zhang automatically" in happened(alice)
    assert "Automatic" in alice.get("/provisioning").text
    assert "field sync" not in alice.get(f"/provisioning/operations/{Operation.get().id}").text


def test_steps_that_are_late_and_steps_that_wait_for_a_person_are_named(alice, acme, cast):
    for name, key, state in (
        ("Late", "block", "planned"), ("Failed", "block", "failed"), ("Human", "convert_mailbox", "planned"),
        ("Asking", "block", "asks"), ("Done", "block", "done"),
    ):  # fmt: skip
        employee = cast.employee(acme, name, "Zhang")
        made = Itinerary.create(organisation=acme, employee=employee, kind="leaver")
        due = now() - timedelta(hours=4)
        PlannedStep.create(
            organisation=acme, itinerary=made, employee=employee, key=key, state=state, anchor="end", days=0,
            day=due.date(), hour="18:00", due_at=due,
        )  # fmt: skip
    page = alice.get("/home")
    assert "2 steps of timelines are late or failed Late Zhang, Failed Zhang" in page.text
    assert "2 steps of timelines wait for a person Human Zhang, Asking Zhang" in page.text
    assert alice.press("2 steps of timelines are late or failed").title == "Calendar"


def test_a_login_email_that_may_not_have_arrived_leads_to_the_person(alice, wei_active, mailbox):
    LoginMail.update(state=MailState.UNKNOWN).execute()
    assert "1 login email may not have arrived Wei Zhang" in needs(alice)
    page = alice.get("/home")
    link = next(tag for tag in page.soup.select("a") if "may not have arrived" in tag.text)
    assert link["href"] == tab(wei_active)
