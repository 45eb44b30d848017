"""A planned move: typed ahead, kept until its day. Then the record changes, and everything follows it."""

from datetime import timedelta

from portal.accounts.place import Place
from portal.group_rules import actions as groups
from portal.people import lists
from portal.people.models import Employee
from portal.timelines.models import Course, Itinerary, StepState
from tests.cast import account_of
from tests.groups.conftest import Site
from tests.groups.test_group_rules import rule
from tests.moves.conftest import DAY, morning, page_of, step, timeline_of, turn
from tests.provisioning.test_field_sync import sweep

WEI = "wei.zhang@acme.example"


def record(employee):
    return Employee.get_by_id(employee.id)


def on_the_day(app, clock, alice, moment=None):
    clock.move_to(moment or morning())
    turn(app)
    turn(app)
    alice.come_in()


def test_the_record_changes_on_the_morning_and_the_applications_follow(alice, moves, app, in_march, sandbox):
    on_the_day(app, in_march, alice, morning() - timedelta(minutes=1))
    assert record(moves).department == "Sales"
    on_the_day(app, in_march, alice)
    assert (record(moves).job_title, record(moves).department) == ("Lead", "Finance")
    assert "Job title: Analyst → Lead. Department: Sales → Finance." in alice.get(timeline_of(moves)).text
    sweep()
    assert sandbox.user(WEI).properties["department"] == "Finance"


def test_l20_groups_are_named_before_confirm_and_swapped_after_the_record(
    alice, app, in_march, movers, wei_active, connection, sandbox
):
    site, account = Site(connection, sandbox), account_of(wei_active)
    wei_active.department = "Sales"
    wei_active.save()
    rule(site, alice, "Finance", value="Sales")
    rule(site, alice, "Power BI users", value="Operations")
    groups.swap_groups(Place.of(wei_active, connection), by=alice.user)
    alice.come_in()
    alice.get(page_of(wei_active))
    page = alice.press("Continue", {"Day of the move": DAY.isoformat(), "Department": "Operations"})
    assert "Joins Power BI users Leaves Finance" in page.text
    assert not Itinerary.select().exists()
    alice.press("Confirm")
    on_the_day(app, in_march, alice)
    assert "Power BI users" in site.names_of(account.remote_id)
    assert "Finance" not in site.names_of(account.remote_id)


def test_the_manager_is_set_by_a_step_of_its_own(alice, cast, acme, app, in_march, moves):
    boss = cast.employee(acme, "Bea", "Boss")
    alice.get(page_of(moves))
    alice.press("Continue", {"Manager": boss.employee_number})
    alice.press("Confirm")
    assert "Manager: none → Bea Boss." in alice.get(timeline_of(moves)).text
    on_the_day(app, in_march, alice)
    assert record(moves).manager == boss
    assert step(moves, "set_manager").state == StepState.DONE


def test_a_field_that_somebody_changed_meanwhile_is_asked_about_and_not_overwritten(alice, app, in_march, moves):
    Employee.update(department="Legal").where(Employee.id == moves.id).execute()
    on_the_day(app, in_march, alice)
    assert (record(moves).department, record(moves).job_title) == ("Legal", "Analyst")
    page = alice.get(timeline_of(moves))
    assert (
        "Department was “Sales” when the move was planned. Somebody has changed it to “Legal” since. "
        "The move would make it “Finance”." in page.text
    )
    alice.press("Do it now Change job title, department, company")
    assert record(moves).department == "Finance"


def test_the_evidence_is_shown_before_a_step_that_is_done_early_overwrites(alice, moves):
    Employee.update(department="Legal").where(Employee.id == moves.id).execute()
    alice.get(timeline_of(moves))
    alice.press("Do it now Change job title, department, company")
    assert record(moves).department == "Legal"
    assert step(moves, "change_fields").state == StepState.ASKS


def test_undo_gives_the_values_before_back_unless_they_were_changed_since(alice, app, in_march, moves):
    on_the_day(app, in_march, alice)
    Employee.update(job_title="Director").where(Employee.id == moves.id).execute()
    alice.get(timeline_of(moves))
    page = alice.press("Undo Change job title, department, company")
    assert "Job title is now “Director”, not “Lead”, so nothing was undone." in page.text
    Employee.update(job_title="Lead").where(Employee.id == moves.id).execute()
    alice.press("Undo Change job title, department, company")
    assert (record(moves).job_title, record(moves).department) == ("Analyst", "Sales")
    assert "Undone. Job title: Lead → Analyst." in alice.get(timeline_of(moves)).text


def test_a_worker_that_dies_after_the_change_leaves_no_doubt_what_there_was_before(alice, app, in_march, moves):
    on_the_day(app, in_march, alice)
    planned = step(moves, "change_fields")
    planned.state, planned.reason = StepState.PLANNED, ""
    planned.save()
    turn(app)
    assert step(moves, "change_fields").reason == "Job title: Analyst → Lead. Department: Sales → Finance."


def test_another_day_moves_the_steps_and_another_value_counts(alice, app, in_march, moves):
    later = DAY + timedelta(days=7)
    alice.get(timeline_of(moves))
    page = alice.press("Change the move")
    assert page.value("Job title") == "Lead"
    page = alice.press("Continue", {"Day of the move": later.isoformat(), "Job title": "Head"})
    assert "Mon 15 Mar 2027, 06:00 (London) → Mon 22 Mar 2027, 06:00 (London)" in page.text
    alice.press("Confirm")
    on_the_day(app, in_march, alice)
    assert record(moves).job_title == "Analyst"
    on_the_day(app, in_march, alice, morning(day=later))
    assert record(moves).job_title == "Head"


def test_another_day_moves_the_steps_that_wait_for_a_tenant_too(alice, moves):
    later = DAY + timedelta(days=7)
    alice.get("/settings/add-ons")
    alice.press("Disconnect")
    alice.press("Disconnect")
    alice.get(timeline_of(moves))
    alice.press("Change the move")
    alice.press("Continue", {"Day of the move": later.isoformat()})
    alice.press("Confirm")
    groups = step(moves, "swap_groups")
    assert (groups.state, groups.day) == (StepState.PLANNED, later)


def test_a_cancelled_move_changes_nothing(alice, app, in_march, moves):
    alice.get(timeline_of(moves))
    alice.press("Confirm cancel Move")
    on_the_day(app, in_march, alice)
    assert record(moves).department == "Sales"
    assert Itinerary.get().state == Course.CANCELLED


def test_a_day_in_the_past_needs_a_tick_and_keeps_what_was_typed(alice, app, in_march, movers, wei_active):
    alice.come_in()
    alice.get(page_of(wei_active))
    page = alice.press("Continue", {"Day of the move": "2027-02-15", "Department": "Finance"})
    assert page.status == 422
    assert page.value("Department") == "Finance"
    assert "This time has already passed. It would happen at once." in page.text
    assert alice.press("Confirm").status == 422
    alice.press("Confirm", {"Do it at once": True})
    turn(app)
    assert record(wei_active).department == "Finance"


def test_what_cannot_be_planned_is_said_beside_its_field(alice, cast, acme, in_march, movers, wei_active):
    report = cast.employee(acme, "Rita", "Report", manager=wei_active)
    wei_active.end_date = DAY
    wei_active.save()
    alice.come_in()
    for values, words in (
        ({"Day of the move": "2027-03-16", "Department": "Finance"}, "The move is after the last day"),
        ({"Day of the move": "2027-03-15"}, "Nothing would change"),
        ({"Day of the move": "", "Department": "Finance"}, "Enter the day of the move."),
        ({"Day of the move": "2027-03-15", "Manager": report.employee_number}, "Rita Report reports to Wei Zhang"),
    ):
        alice.get(page_of(wei_active))
        page = alice.press("Continue", values)
        assert (page.status, words in page.text) == (422, True), words
    assert not Itinerary.select().exists()


def test_a_department_that_gets_another_name_is_found_by_the_move(alice, app, in_march, moves, cast, acme):
    cast.employee(acme, "Fay", "Finance", department="Finance")
    lists.change(acme, "department", "Finance", "Money", by="test")
    on_the_day(app, in_march, alice)
    assert record(moves).department == "Money"


def test_where_movers_are_off_the_page_says_how_to_switch_them_on(alice, in_march, wei_active):
    alice.come_in()
    assert "Timelines for movers are off" in alice.get(page_of(wei_active)).text
    assert alice.post(page_of(wei_active), {"day": "2027-03-15"}).status == 409


def test_another_company_plans_nothing_here(mallory, moves):
    mallory.come_in()
    assert mallory.get(page_of(moves)).status == 404
    assert mallory.post(page_of(moves), {"day": "2027-03-16"}).status == 404
    assert mallory.post(f"{timeline_of(moves)}/{step(moves, 'change_fields').id}/undo").status == 404
