"""Imports of many people: in short steps, which continue after a crash, and let others save meanwhile."""

import json
import re
import subprocess
import sys
import zlib
from datetime import date

import pytest

from portal import database
from portal.audit import AuditEntry
from portal.imports import importing, steps, uploads
from portal.imports import jobs as import_jobs
from portal.imports.steps import ImportStep, Step
from portal.imports.storing import store
from portal.imports.uploads import Import, ImportPart, ImportState
from portal.people import actions
from portal.people.models import Employee
from tests.people.test_import_employees import IMPORT, upload

HEADER = "employee_number,first_name,manager_employee_number,start_date,job_title\n"


def lines(count: int, title: str = "Carer") -> str:
    boss = [
        f"E{n:03},Name{n:03},{f'E{n // 8:03}' if n else ''},2026-03-{n % 28 + 1:02},{title}\n" for n in range(count)
    ]
    return HEADER + "".join(boss)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch):
    monkeypatch.setattr(steps, "AT_ONCE", 20)
    monkeypatch.setattr(steps, "STEP", 10)


def stored() -> list[tuple]:
    fields = (Employee.employee_number, Employee.start_date, Employee.job_title, Employee.manager)
    number = {row.id: row.employee_number for row in Employee.select()}
    found = Employee.select(*fields).order_by(Employee.employee_number).tuples()
    return [(who, str(day), title, number.get(over, "")) for who, day, title, over in found]


def wanted(count: int, title: str = "Carer") -> list[tuple]:
    return [
        (f"E{n:03}", f"2026-03-{n % 28 + 1:02}", title, f"E{n // 8:03}" if n else "") for n in range(count)
    ]  # fmt: skip


def test_second_managers_of_many_people_come_after_the_people(alice):
    text = "".join(f"E{n:03},Name,{f'E{n // 8:03}' if n else ''}\n" for n in range(25))
    upload(alice, f"employee_number,first_name,second_manager_employee_number\n{text}")
    alice.press("Import")
    assert Employee.get(Employee.employee_number == "E024").second_manager.employee_number == "E003"
    assert not Employee.select().where(Employee.manager.is_null(False)).exists()


def test_many_people_are_imported_in_steps_as_few_are_at_once(alice):
    upload(alice, lines(55))
    alice.press("Import")
    assert stored() == wanted(55)
    assert ImportStep.select().count() == ImportPart.select().where(ImportPart.number >= 0).count() == 0
    begun, done = AuditEntry.select().where(AuditEntry.action.contains("import")).order_by(AuditEntry.id)
    assert (begun.action, begun.detail["added"]) == ("begin import of employees", 55)
    assert (done.action, done.detail["added"], done.detail["overtaken"]) == ("import employees", 55, 0)


def test_a_large_file_changes_people_and_gives_them_other_managers(alice):
    upload(alice, lines(40))
    alice.press("Import")
    upload(alice, lines(40, "Nurse").replace("Name039,E004", "Name039,E001").replace("Name001,E000", "Name001,"))
    alice.press("Import")
    expected = {row[0]: row for row in wanted(40, "Nurse")}
    expected["E039"] = (*expected["E039"][:3], "E001")
    expected["E001"] = (*expected["E001"][:3], "")
    assert stored() == list(expected.values())


def die_at(app, monkeypatch, at):
    """Let the worker begin to import, and die before this step."""
    count = iter(range(100))

    def dies(*args):
        if next(count) == at:
            raise SystemExit
        return hold(*args)

    hold = steps.hold_records
    with monkeypatch.context() as patch:
        patch.setattr(steps, "hold_records", dies)
        with pytest.raises(SystemExit):
            work(app)


@pytest.mark.parametrize("at", [0, 3, 4])
def test_a_worker_that_dies_in_the_middle_leaves_the_rest_to_the_next_one(app, alice, monkeypatch, at):
    monkeypatch.setattr(uploads, "SHORT", 0)
    upload(alice, lines(50))
    work(app)
    alice.get(f"{IMPORT}/{Import.get().token}")
    alice.press("Import")
    die_at(app, monkeypatch, at)
    assert Employee.select().count() == at * 10
    assert "If the portal is interrupted, it continues from there" in alice.get(f"{IMPORT}/{Import.get().token}").text
    Import.update(lease_until=None).execute()
    work(app)
    assert stored() == wanted(50)
    assert Import.get().state == ImportState.DONE
    assert AuditEntry.select().where(AuditEntry.action == "import employees").count() == 1


@pytest.mark.parametrize("at", [2, 5, 6])
def test_a_worker_that_dies_while_it_changes_people_leaves_their_managers_to_the_next_one(
    app, alice, monkeypatch, tmp_path, at
):
    path = tmp_path / "people.csv"
    path.write_text(re.sub(r",E\d+(?=,)", ",", lines(40)))
    importing.import_file(path, alice.user.organisation)
    assert not Employee.select().where(Employee.manager.is_null(False)).exists()
    monkeypatch.setattr(uploads, "SHORT", 0)
    upload(alice, lines(40, "Nurse"))
    work(app)
    alice.get(f"{IMPORT}/{Import.get().token}")
    alice.press("Import")
    die_at(app, monkeypatch, at)
    assert stored() != wanted(40, "Nurse")
    Import.update(lease_until=None).execute()
    work(app)
    assert stored() == wanted(40, "Nurse")


def work(app):
    """What the worker does."""
    with app.app_context():
        import_jobs.carry_on(Import.get())


def test_somebody_who_is_changed_in_between_is_left_alone_and_that_is_said(alice, cast, acme, monkeypatch):
    upload(alice, lines(30))
    alice.press("Import")
    upload(alice, lines(40, "Nurse"))
    once = iter([True])

    def overtaken(organisation):
        if next(once, False):
            person = Employee.get(Employee.employee_number == "E025")
            actions.edit_employee(person, {"job_title": "Director"}, by=alice.user)
            cast.employee(acme, "Other", "", employee_number="E035")
        return hold(organisation)

    hold = steps.hold_records
    monkeypatch.setattr(steps, "hold_records", overtaken)
    alice.press("Import")
    page = alice.get(f"{IMPORT}/{Import.select().order_by(Import.id.desc()).get().token}")
    assert "Somebody else changed these employees during the import: line 27, 37." in page.text
    titles = {row[0]: row[2] for row in stored()}
    assert (titles.pop("E025"), titles.pop("E035"), set(titles.values())) == ("Director", "", {"Nurse"})


def test_nobody_comes_to_report_to_themself_by_a_change_in_between(alice, cast, acme, monkeypatch):
    for name in "AB":
        cast.employee(acme, name, "", employee_number=name)
    once = iter([True])

    def overtaken(step, *rest):
        if next(once, False):
            one, other = (Employee.get(Employee.employee_number == name) for name in "AB")
            Employee.update(manager=other).where(Employee.id == one.id).execute()
        return do(step, *rest)

    do = steps._do_managers
    monkeypatch.setattr(steps, "_do_managers", overtaken)
    upload(alice, lines(30) + "B,B,A,,\n")
    alice.press("Import")
    assert Employee.get(Employee.employee_number == "B").manager is None
    assert Import.get().found["overtaken"] == [32]


def test_the_command_line_imports_many_people_too(acme, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(lines(45))
    importing.import_file(path, acme)
    assert stored() == wanted(45)


SAVE = """
import sys
from portal import create_app, database
from portal.organisations.models import Organisation
from portal.people.actions import add_employee
create_app()
with database.connection():
    other = Organisation.get(Organisation.name == "Initech")
    print("ready", flush=True)
    for line in sys.stdin:
        add_employee(other, {"employee_number": line.strip(), "first_name": "Ada"}, by="test")
        print("saved", flush=True)
"""


def test_other_organisations_save_while_a_large_import_runs(alice, acme, initech, monkeypatch):
    """A second process saves between the steps, each of them: it does not wait for the end of the import."""
    saver = subprocess.Popen([sys.executable, "-c", SAVE], stdin=-1, stdout=-1, text=True)
    assert saver.stdout.readline() == "ready\n"
    saved_before_the_end, asked = [], iter(range(1, 100))

    def asks(seconds):
        saver.stdin.write(f"X{next(asked)}\n")
        saver.stdin.flush()
        saved_before_the_end.append(saver.stdout.readline())

    monkeypatch.setattr(steps.time, "sleep", asks)
    upload(alice, lines(60))
    alice.press("Import")
    saver.stdin.close()
    saver.stdout.close()
    assert saver.wait() == 0
    assert saved_before_the_end == ["saved\n"] * 6
    assert Employee.select().where(Employee.organisation == initech).count() == 6
    assert stored()[:60] == wanted(60)


@pytest.mark.parametrize(("longest_turn", "pauses"), [(0, [60] * 6), (60, [0] * 6)])
def test_a_pause_that_nobody_misses_comes_once_steps_have_written_for_long(
    acme, monkeypatch, tmp_path, longest_turn, pauses
):
    monkeypatch.setattr(steps, "LONGEST_TURN", longest_turn)
    monkeypatch.setattr(steps, "PAUSE", 60)
    slept = []
    monkeypatch.setattr(steps.time, "sleep", slept.append)
    path = tmp_path / "people.csv"
    path.write_text(lines(60))
    importing.import_file(path, acme)
    assert [round(seconds, -1) for seconds in slept] == pauses


def test_organisations_take_turns_with_their_files_each_with_one_at_a_time(app, alice, mallory, monkeypatch):
    monkeypatch.setattr(uploads, "SHORT", 0)
    for person, count in ((alice, 3), (mallory, 1)):
        for _ in range(count):
            upload(person, "employee_number,first_name\nE1,Wei\n")
    first, second, third, other = Import.select().order_by(Import.id)
    assert first.claim()
    assert not second.claim()
    assert list(Import.due()) == [other]
    first.become(ImportState.READ)
    # Acme has had its turn.
    assert list(Import.due()) == [other, second, third]


def test_an_organisation_has_few_files_at_once(alice, monkeypatch):
    monkeypatch.setattr(uploads, "SHORT", 0)
    monkeypatch.setattr(uploads, "MOST_OPEN", 2)
    for _ in range(2):
        assert upload(alice, "employee_number,first_name\nE1,Wei\n").title == "Reading the file"
    page = upload(alice, "employee_number,first_name\nE1,Wei\n")
    assert page.status == 429
    assert "Wait until one of them is done" in page.text
    monkeypatch.setattr(uploads, "MOST_KEPT", 3)
    Import.update(state=ImportState.READ).execute()
    for _ in range(4):
        upload(alice, "employee_number,first_name\nE1,Wei\n")
        Import.update(state=ImportState.READ).execute()
    assert Import.select().count() == 4


def test_an_import_that_finds_the_database_busy_goes_on_later(app, alice, monkeypatch):
    monkeypatch.setattr(uploads, "SHORT", 0)
    upload(alice, lines(30))

    def busy(*_, **__):
        raise database.OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(importing, "read", busy)
        work(app)
    assert Import.get().state == ImportState.READING
    Import.update(lease_until=None).execute()
    work(app)
    assert Import.get().state == ImportState.READ


def test_a_step_that_an_earlier_version_wrote_down_is_still_done(acme):
    record = ["E1", "Wei", "Zhang", "", "Buyer", "Buying", "w@home.example", "", "", "IE", "2026-01-31", None]
    at = database.now().isoformat()
    step = Step.unpacked(zlib.compress(json.dumps(["people", at, at, [[2, record, None, None, ""]]]).encode()), 0)
    with database.transaction():
        store(acme, step.entries, step.moment)
    wei = Employee.get()
    assert (wei.country, wei.start_date, wei.location, wei.leave_from) == ("IE", date(2026, 1, 31), "", None)
