"""No employee is left without a manager: who takes over a leaver's reports, and that they move on the last day."""

from datetime import date, timedelta

import pytest
import time_machine

from portal.audit import AuditEntry, first_broken
from portal.connections import offer, settings_actions
from portal.database import now
from portal.operations.models import OPEN, Operation
from portal.people.models import Employee
from portal.provisioning.updates import changed, request_update
from portal.reporting_lines import successions
from portal.reporting_lines.jobs import move_reports
from portal.sandbox.state.catalogue import BUSINESS_PREMIUM
from tests.provisioning.conftest import connect, tab
from tests.provisioning.worker import finish, follow


@pytest.fixture
def ruth(cast, acme):
    """Ruth, who leaves in ten days; Bob is her manager, and three people report to her."""
    bob = cast.employee(acme, "Bob", "Barker", employee_number="B1")
    leaves = now().date() + timedelta(days=10)
    ruth = cast.employee(acme, "Ruth", "Goldberg", employee_number="R1", manager=bob, end_date=leaves)
    for number in range(3):
        cast.employee(acme, f"P{number}", "Report", employee_number=f"P{number}", manager=ruth)
    return ruth


def reports(employee) -> str:
    return f"/people/employees/{employee.id}/reports"


def fresh(number) -> Employee:
    return Employee.get(Employee.employee_number == number)


def managers_of(*numbers) -> list[str | None]:
    found = [fresh(number).manager for number in numbers]
    return [manager.employee_number if manager else None for manager in found]


def choose(person, employee, who):
    person.get(reports(employee))
    return person.press("Save", {"New manager for the team": who})


def move_all():
    move_reports.call_local()


def test_reports_are_listed_and_move_on_the_last_day(alice, ruth):
    page = alice.get(f"/people/employees/{ruth.id}")
    assert "no new manager chosen yet" in page.text
    page = alice.press("3 people")
    assert "3 people report to Ruth Goldberg, who leaves on" in page.text
    # Her own manager is proposed.
    assert page.value("New manager for the team") == "Bob Barker"
    page = alice.press("Save")
    assert "the last day, 3 people will report to Bob Barker" in page.text
    move_all()
    assert managers_of("P0", "P1", "P2") == ["R1"] * 3
    with time_machine.travel(now() + timedelta(days=10)):
        move_all()
        assert managers_of("P0", "P1", "P2") == ["B1"] * 3
        move_all()
    moved = AuditEntry.select().where(AuditEntry.action == "edit employee", AuditEntry.by_name == "portal")
    assert moved.count() == 3
    assert first_broken(ruth.organisation) is None
    assert "Nobody reports to Ruth Goldberg" in alice.get(reports(ruth)).text


def test_the_last_day_begins_where_the_organisation_is(alice, ruth, acme):
    acme.time_zone = "Pacific/Auckland"
    acme.save()
    choose(alice, ruth, "B1")
    midnight_there = time_machine.travel(f"{ruth.end_date.isoformat()}T00:10:00+13:00", tick=False)
    with midnight_there:
        move_all()
        assert managers_of("P0") == ["B1"]


def test_one_of_the_reports_may_take_over_and_gets_the_leavers_manager(alice, ruth):
    assert "P1 Report" in choose(alice, ruth, "P1").text
    page = alice.press("Move now")
    assert "3 people were moved." in page.text
    assert managers_of("P0", "P1", "P2") == ["P1", "B1", "P1"]


def test_managers_in_the_tenant_follow(alice, ruth, sandbox, mailbox):
    connect(sandbox, alice.user)
    for number in ("B1", "R1", "P0"):
        alice.get(tab(fresh(number)))
        alice.press("Action")
        alice.press("Create")
    assert sandbox.user("p0.report@acme.example").manager == sandbox.user("ruth.goldberg@acme.example").id
    choose(alice, ruth, "B1")
    alice.press("Move now")
    for account in list(changed()):
        finish(request_update(account))
    assert sandbox.user("p0.report@acme.example").manager == sandbox.user("bob.barker@acme.example").id


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("R1", "This is the person who leaves."),
        ("D1", "reports to somebody who reports to Ruth Goldberg"),
        ("L1", "leaves no later than Ruth Goldberg"),
        ("nobody by this name", "Nobody has the number or the name"),
        ("", "Enter a name or an employee number."),
    ],
)
def test_who_cannot_take_over_is_refused_with_the_reason(alice, ruth, cast, acme, who, words):
    cast.employee(acme, "Deep", "Below", employee_number="D1", manager=fresh("P0"))
    cast.employee(acme, "Leaves", "Too", employee_number="L1", end_date=ruth.end_date)
    page = choose(alice, ruth, who)
    assert page.status == 422
    assert words in page.text
    assert page.value("New manager for the team") == who
    assert fresh("R1").successor is None


def test_of_two_with_one_name_one_is_picked(alice, ruth, cast, acme):
    for number in ("W1", "W2"):
        cast.employee(acme, "Wei", "Zhang", employee_number=number)
    page = choose(alice, ruth, "Wei Zhang")
    assert "Choose one of these people." in page.text
    assert len(page.soup.select("input[type=radio][name=manager_id]")) == 2


def test_the_choice_can_be_taken_back(alice, ruth):
    choose(alice, ruth, "B1")
    page = alice.press("No new manager")
    assert "No new manager is chosen." in page.text
    with time_machine.travel(now() + timedelta(days=10)):
        move_all()
    assert managers_of("P0") == ["R1"]


def test_who_can_no_longer_take_over_moves_nobody_and_shows(alice, ruth):
    choose(alice, ruth, "B1")
    Employee.update(end_date=date(2020, 1, 1)).where(Employee.employee_number == "B1").execute()
    assert "Nobody was moved. Bob Barker leaves no later than Ruth Goldberg." in alice.press("Move now").text
    with time_machine.travel(now() + timedelta(days=10)):
        move_all()
    assert managers_of("P0", "P1") == ["R1", "R1"]
    assert AuditEntry.select().where(AuditEntry.action == "reports were not moved").count() == 1
    page = alice.get("/people/employees?who=leavers-with-reports")
    assert "Ruth Goldberg" in page.text


def test_leavers_whose_reports_nobody_takes_over_are_found(alice, ruth, cast, acme):
    cast.employee(acme, "Alone", "Leaver", end_date=ruth.end_date)
    alice.get("/people/employees")
    page = alice.press("Apply", {"Show": "leavers-with-reports"})
    assert "Ruth Goldberg" in page.text
    assert "Alone" not in page.text
    choose(alice, ruth, "B1")
    assert "No matches" in alice.get("/people/employees?who=leavers-with-reports").text


def test_the_question_before_a_deactivation_names_the_reports(alice, ruth, sandbox, mailbox):
    connect(sandbox, alice.user)
    alice.get(tab(ruth))
    alice.press("Action")
    alice.press("Create")
    page = alice.press("Action")
    assert (
        "3 people report to Ruth Goldberg, and no new manager is chosen. Choose one under Reports on the Profile."
        in page.text
    )
    choose(alice, ruth, "B1")
    alice.get(tab(ruth))
    assert (
        "3 people report to Ruth Goldberg. From the last day, they report to Bob Barker." in alice.press("Action").text
    )


def test_other_organisations_and_levels_change_nothing(alice, mallory, bob, ruth, cast, initech):
    other = cast.employee(initech, "Other", "Company", employee_number="O1")
    for path in ("", "/nobody", "/move"):
        assert mallory.post(f"{reports(ruth)}{path}", {"manager": "O1"}).status == 404
        assert bob.post(f"{reports(ruth)}{path}", {"manager": "B1"}).status == 403
    assert mallory.get(reports(ruth)).status == 404
    # No employee of another organisation can be chosen, whatever is sent.
    alice.get(reports(ruth))
    answer = alice.post(reports(ruth), {"manager": "Other Company", "manager_id": str(other.id)})
    assert answer.status == 422
    assert fresh("R1").successor is None


def test_a_leaver_whose_reports_are_many_is_moved_as_a_whole_or_not_at_all(alice, ruth, monkeypatch):
    choose(alice, ruth, "B1")
    edit, edited = successions.actions.edit_employee, []

    def cut_off(*arguments, **options):
        if len(edited) == 2:
            raise SystemExit
        edited.append(1)
        return edit(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(successions.actions, "edit_employee", cut_off)
        with pytest.raises(SystemExit):
            successions.move(fresh("R1"), by="portal")
    assert managers_of("P0", "P1", "P2") == ["R1"] * 3
    assert successions.move(fresh("R1"), by="portal") == 3


def test_the_successor_is_shown_by_name_and_taken_by_name(alice, ruth, cast, acme):
    ingrid = cast.employee(acme, "Ingrid", "Berg", employee_number="I1")
    alice.get(reports(ruth))
    assert alice.page.value("New manager for the team") == "Bob Barker"
    assert "I1" not in choose(alice, ruth, "Ingrid Berg").soup.select_one("#successor .alert").get_text()
    assert alice.page.value("New manager for the team") == "Ingrid Berg"
    assert fresh("R1").successor == ingrid


def test_of_two_with_the_chosen_name_the_chosen_one_stays_chosen(alice, ruth, cast, acme):
    for number in ("W1", "W2"):
        cast.employee(acme, "Wei", "Zhang", employee_number=number)
    choose(alice, ruth, "W2")
    assert alice.page.value("New manager for the team") == "Wei Zhang"
    alice.press("Save")
    assert fresh("R1").successor == fresh("W2")


def test_a_successor_without_an_account_is_said_and_becomes_the_manager_with_one(
    alice, ruth, sandbox, mailbox, cast, acme, app
):
    connect(sandbox, alice.user)
    for number in ("R1", "P0"):
        alice.get(tab(fresh(number)))
        alice.press("Action")
        alice.press("Create")
    page = choose(alice, ruth, "B1")
    assert "Bob Barker has no account in Microsoft 365 yet. There the team keeps Ruth Goldberg as manager" in page.text
    alice.press("Move now")
    for account in list(changed()):
        finish(request_update(account))
    assert sandbox.user("p0.report@acme.example").manager == sandbox.user("ruth.goldberg@acme.example").id
    alice.get(tab(fresh("B1")))
    alice.press("Action")
    alice.press("Create")
    follow(app)
    for operation in list(Operation.select().where(Operation.state.in_(OPEN))):
        finish(operation)
    assert sandbox.user("p0.report@acme.example").manager == sandbox.user("bob.barker@acme.example").id
    assert "has no account" not in alice.get(reports(ruth)).text


def stay(person, employee):
    """Take the end date away on the Profile."""
    person.get(f"/people/employees/{employee.id}/edit")
    return person.press("Save", {"End date": ""})


def test_who_stays_after_all_gets_the_team_back(alice, ruth):
    choose(alice, ruth, "P1")
    alice.press("Move now")
    page = stay(alice, ruth)
    assert "3 people who reported to Ruth Goldberg were moved to" in page.text
    assert "P1 Report" in page.text
    # One has been given to another manager since, and stays there.
    Employee.update(manager=fresh("B1")).where(Employee.employee_number == "P0").execute()
    page = alice.get(f"/people/employees/{ruth.id}")
    assert "2 people who reported to Ruth Goldberg" in page.text
    assert "2 people report to Ruth Goldberg again." in alice.press("Move them back").text
    assert managers_of("P0", "P1", "P2") == ["B1", "R1", "R1"]
    assert "were moved to" not in alice.get(f"/people/employees/{ruth.id}").text


def test_the_team_may_stay_where_it_is(alice, ruth):
    choose(alice, ruth, "B1")
    alice.press("Move now")
    stay(alice, ruth)
    assert "Everybody stays with their current manager." in alice.press("Leave them there").text
    assert managers_of("P0", "P1", "P2") == ["B1"] * 3
    assert not alice.page.has_button("Move them back")


def test_nothing_is_moved_back_while_somebody_leaves_or_by_somebody_else(alice, mallory, bob, ruth):
    choose(alice, ruth, "B1")
    alice.press("Move now")
    assert "Move them back" not in alice.get(f"/people/employees/{ruth.id}").text
    alice.post(f"{reports(ruth)}/move-back")
    assert managers_of("P0") == ["B1"]
    for path in ("/move-back", "/leave-moved"):
        assert mallory.post(f"{reports(ruth)}{path}").status == 404
        assert bob.post(f"{reports(ruth)}{path}").status == 403


def test_the_licences_of_who_stays_are_offered_back(alice, ruth, sandbox, mailbox):
    connection = connect(sandbox, alice.user)
    offer.read(connection)
    settings_actions.choose(connection, by=alice.user, licences_go_on_deactivate=True, default_licence=BUSINESS_PREMIUM)
    alice.get(tab(ruth))
    for label in ("Action", "Create", "Action", "Confirm"):
        alice.press(label)
    page = stay(alice, ruth)
    assert "Microsoft 365 Business Premium was removed." in page.text
    alice.press("Reactivate…")
    assert "These licences are given back" in alice.page.text


def test_a_large_team_is_listed_page_by_page(alice, cast, acme, ruth):
    for number in range(50):
        cast.employee(acme, f"Name{number:02}", "Team", manager=ruth)
    page = alice.get(reports(ruth))
    assert "53 people report to Ruth Goldberg." in page.text
    assert "Name46 Team" in page.text
    assert "Name47 Team" not in page.text
    page = alice.press("Next")
    assert "Name47 Team" in page.text
    assert "P2 Report" not in page.text


def test_all_come_back_also_when_the_hr_file_named_the_leaver_once_more(alice, ruth, cast, acme):
    choose(alice, ruth, "Bob Barker")
    with time_machine.travel(now() + timedelta(days=10)):
        move_all()
        Employee.update(manager=ruth).where(Employee.employee_number == "P1").execute()
        move_all()
        assert managers_of("P0", "P1", "P2") == ["B1"] * 3
    Employee.update(end_date=None).where(Employee.id == ruth.id).execute()
    assert successions.move_back(fresh("R1"), by="test") == 3
    assert managers_of("P0", "P1", "P2") == ["R1"] * 3
