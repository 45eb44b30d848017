"""Lists of employee numbers: short ones are read while a person waits; whatever takes longer is for the worker."""

import io

import pytest

from portal.people.models import Employee
from portal.runs import choosing
from portal.runs.choosing import add_lines
from portal.runs.models import Run, RunLine, RunList, RunState
from tests.people.files import with_cells, with_texts
from tests.runs.conftest import latest, planned


def upload(person, content: bytes, name: str = "list.csv"):
    person.get("/provisioning/runs/new")
    file = io.BytesIO(content)
    file.name = name
    return person.press("Show the plan", {"List of employee numbers": file})


def test_a_long_list_is_read_by_the_worker(app, alice, acme, connection):
    for number in range(20):
        Employee.create(organisation=acme, employee_number=f"N{number}", first_name="Nia", last_name=str(number))
    page = upload(alice, "\n".join(["Number", *(f"N{number}" for number in range(6_000))]).encode())
    assert page.url == f"/provisioning/runs/{latest().id}"
    assert (RunLine.select().count(), RunList.select().count()) == (0, 1)
    run = planned(app)
    assert run.state == RunState.PLANNED
    assert (RunLine.select().count(), RunList.select().count()) == (20, 0)
    assert len(run.unknown) == 1_000


def test_what_takes_much_work_is_not_done_while_a_person_waits(app, alice, connection, staff, monkeypatch):
    monkeypatch.setattr(choosing, "SHORT_SECONDS", 0.0)
    head = '<row><c t="inlineStr"><is><t>100</t></is></c></row>'
    upload(alice, with_cells(head + '<row r="1048576"><c><v>201</v></c></row>'), "list.xlsx")
    assert RunList.select().count() == 1
    assert planned(app).state == RunState.PLANNED
    assert RunLine.select().count() == 2


def test_a_list_that_is_too_much_for_the_worker_too_halts_and_says_why(app, alice, connection, staff):
    upload(alice, with_texts("<si/>" * 1_000_001, "<row><c t='s'><v>0</v></c></row>"), "list.xlsx")
    run = planned(app)
    assert (run.state, RunLine.select().count()) == (RunState.PLANNING, 0)
    page = alice.get(f"/provisioning/runs/{run.id}")
    assert "The workbook has too many different texts." in page.text
    alice.press("Cancel this bulk action")
    assert RunList.select().count() == 0


def test_a_list_of_nobody_that_the_worker_reads_says_so(app, alice, mallory, connection, staff, cast, initech):
    cast.employee(initech, "Stranger", "", employee_number="X1")
    upload(alice, b"X1\n" * 6_000)
    assert "No employee of your organisation has a number on this list." in planned(app).problem
    assert RunLine.select().count() == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"1\n" * 200_000, "The list is larger than 300 kB."), (b"%PDF" + b"x" * 290_000, "This is a PDF, not a table.")],
)
def test_what_no_list_can_be_read_from_is_refused_at_once(alice, connection, staff, content, words, monkeypatch):
    monkeypatch.setattr(choosing, "LARGEST", 300 * 1024)
    page = upload(alice, content)
    assert page.status == 422
    assert words in page.text
    assert Run.select().count() == 0


def test_a_reading_that_broke_off_goes_on_without_anybody_twice(app, alice, acme, connection, monkeypatch):
    for number in range(600):
        Employee.create(organisation=acme, employee_number=f"N{number}", first_name="Nia", last_name=f"{number:03}")
    upload(alice, "\n".join(f"N{number}" for number in range(6_000)).encode())
    run = latest()
    from portal.runs import choosing, planning

    once = iter([True])

    def dies(run, employees):
        add(run, employees)
        if next(once, False):
            raise SystemExit

    add = add_lines
    monkeypatch.setattr(choosing, "add_lines", lambda *given: dies(*given) if RunLine.select().count() else add(*given))
    with app.app_context(), pytest.raises(SystemExit):
        planning.plan(run)
    Run.update(lease_until=None).execute()
    assert planned(app).state == RunState.PLANNED
    assert RunLine.select().count() == 600


def test_a_list_that_comes_while_another_is_read_is_for_the_worker(app, alice, connection, staff):
    assert choosing.one_at_a_time.acquire(blocking=False)
    try:
        upload(alice, b"100\n201\n")
    finally:
        choosing.one_at_a_time.release()
    assert RunList.select().count() == 1
    assert planned(app).state == RunState.PLANNED
    assert RunLine.select().count() == 2


def test_without_an_application_a_new_bulk_action_leads_to_the_add_ons(alice):
    page = alice.get("/provisioning/runs/new?everybody=y")
    assert (page.status, page.title) == (200, "New bulk action")
    assert alice.press("Go to Add-ons").title == "Add-ons"


@pytest.mark.parametrize(
    ("content", "unknown"),
    [
        (b"Leavers of November\nPersonalnummer;Name\n100;Helen\n201;Rita\nX1;Nobody\n", ["X1"]),
        (b"Name,Employee ID\nHelen,100\nRita,201\n", []),
        (b"Name,Nr\nHelen,100\nRita,201\n", []),
        (b"100, 201, X1\n", ["X1"]),
        (b"100.0\n201.0\n", []),
        ("\u0661\u0660\u0660\n\uff12\uff10\uff11\n".encode(), []),
        (b"100\n201\n", []),
        (b"number\n100\n201\n", []),
    ],
    ids=["title and German", "second column", "asked elsewhere", "one line", "floats", "other figures", "bare", "ours"],
)
def test_numbers_are_found_wherever_people_put_them(app, alice, connection, staff, content, unknown):
    upload(alice, content)
    run = planned(app)
    assert sorted(line.employee.employee_number for line in run.lines) == ["100", "201"]
    assert run.unknown == unknown


def test_a_list_on_which_everybody_is_unknown_says_so(alice, connection, staff):
    page = upload(alice, b"Helen\nRita\n")
    assert page.status == 422
    assert "No employee of your organisation has a number on this list." in page.text
    assert "with the employee numbers in its first column" in page.text
    assert Run.select().count() == 0
