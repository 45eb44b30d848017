"""Importing a file as the command line does: what a file may look like, and all or nothing."""

import io
import unicodedata
from contextlib import contextmanager
from datetime import date

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from portal.audit import AuditEntry
from portal.columns.known import COLUMNS, known
from portal.imports import importing
from portal.people import rules
from portal.people.actions import edit_employee
from portal.people.models import Employee
from portal.tables import Kind, characters
from portal.tables import opened as open_table


@pytest.fixture
def load(tmp_path, acme):
    """Imports the text as a file into Acme."""

    def load(text: str | bytes, organisation=acme):
        path = tmp_path / "people.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return importing.import_file(path, organisation)

    return load


def stored() -> list[dict]:
    return list(Employee.select().order_by(Employee.id).dicts())


def refusals(load, text) -> list[str]:
    """The lines of the refusal; nothing may have changed."""
    before = stored()
    with pytest.raises(importing.ImportRefused) as caught:
        load(text)
    assert stored() == before
    first, *lines = caught.value.message.splitlines()
    assert first.startswith("Nothing was imported")
    return lines


def by_number(number) -> Employee:
    return Employee.get(Employee.employee_number == number)


def test_every_column_arrives_in_its_field(load, acme):
    values = "E1,Zoë,O’Brien,Zo,Buyer,Buying,M1,zoe@home.example,zoe@acme.example,+44 20,ie,2026-01-31,2027-01-31"
    values += ",Cork,Fixed term,Europe/Dublin,2026-06-01,2026-09-01,M2"
    plan = load(f"{','.join(COLUMNS)}\n{values}\nM1,Anna{',' * 17}\nM2,Otto{',' * 17}\n")
    assert (len(plan.added), len(plan.changed), plan.unchanged) == (3, 0, 0)
    employee = by_number("E1")
    record = [getattr(employee, name) for name in COLUMNS if not name.endswith("manager_employee_number")]
    assert record == [
        "E1", "Zoë", "O’Brien", "Zo", "Buyer", "Buying", "zoe@home.example", "zoe@acme.example", "+44 20", "IE",
        date(2026, 1, 31), date(2027, 1, 31), "Cork", "Fixed term", "Europe/Dublin", date(2026, 6, 1), date(2026, 9, 1),
    ]  # fmt: skip
    assert (employee.manager, employee.second_manager) == (by_number("M1"), by_number("M2"))
    assert employee.organisation == acme


@pytest.mark.parametrize(
    "text",
    [
        "employee_number,first_name,last_name\nE1,Wei,Zhang\n",
        "\ufeffemployee_number;first_name;last_name\r\nE1;Wei;Zhang\r\n",
        "last_name\tfirst_name\temployee_number\nZhang\tWei\tE1",
        'Employee number,First-Name,LAST NAME\n"E1"," Wei ","Zhang"\n\n,,\n',
    ],
)
def test_separators_order_of_columns_and_the_mark_of_excel_do_not_matter(load, text):
    assert len(load(text).added) == 1
    assert (by_number("E1").first_name, by_number("E1").last_name) == ("Wei", "Zhang")


def test_known_numbers_are_changed_where_the_file_has_a_column(load, cast, acme):
    cast.employee(acme, "Wei", "Zhang", employee_number="E1", job_title="Buyer", mobile="+44 1", department="Sales")
    plan = load("employee_number,job_title,mobile\nE1,Chef,\n")
    employee = by_number("E1")
    assert (employee.job_title, employee.mobile) == ("Chef", "")
    assert (employee.first_name, employee.department) == ("Wei", "Sales")
    assert employee.changed_at > employee.created_at
    assert plan.changed[0].changes == {"job_title": ["Buyer", "Chef"], "mobile": ["+44 1", ""]}


def test_importing_the_same_file_again_changes_nothing(load):
    text = "employee_number,first_name,manager_employee_number,start_date\nE1,Wei,E2,2026-01-31\nE2,Anna,,\n"
    load(text)
    before = stored()
    plan = load(text)
    assert (len(plan.added), len(plan.changed), plan.unchanged) == (0, 0, 2)
    assert stored() == before


def test_what_save_derives_is_the_same_after_an_import(load):
    load(
        "employee_number,first_name,last_name,preferred_name,job_title\nE1,Jörg,Müller,Jo,Welder\nE2,小明,,,\nE3,,Ø,,\n"
    )
    for employee in Employee.select():
        imported = (employee.sort_name, employee.search_text)
        employee.save()
        assert (employee.sort_name, employee.search_text) == imported


def test_managers_are_found_in_the_file_in_any_order_and_in_the_list(load, cast, acme):
    cast.employee(acme, "Boss", "", employee_number="B1")
    load("employee_number,first_name,manager_employee_number\nE1,Wei,E2\nE2,Anna,E3\nE3,Zoë,B1\n")
    assert [by_number(number).manager.employee_number for number in ("E1", "E2", "E3")] == ["E2", "E3", "B1"]


def test_an_empty_manager_takes_the_manager_away_and_a_missing_column_does_not(load, cast, acme):
    boss = cast.employee(acme, "Boss", "", employee_number="B1")
    cast.employee(acme, "Wei", "", employee_number="E1", manager=boss)
    load("employee_number,job_title\nE1,Chef\n")
    assert by_number("E1").manager == boss
    load("employee_number,manager_employee_number\nE1,\n")
    assert by_number("E1").manager is None


def test_a_second_manager_changes_alone_and_leaves_the_first_where_it_is(load, cast, acme):
    boss = cast.employee(acme, "Boss", "", employee_number="B1")
    cast.employee(acme, "Wei", "", employee_number="E1", manager=boss)
    text = "Employee number,Zweiter Vorgesetzter\nE1,B1\n"
    assert load(text).changed[0].changes == {"second_manager_employee_number": ["", "B1"]}
    assert (by_number("E1").manager, by_number("E1").second_manager) == (boss, boss)
    assert load(text).unchanged == 1
    load("Employee number,Second manager\nE1,\n")
    assert (by_number("E1").manager, by_number("E1").second_manager) == (boss, None)
    [line] = refusals(load, "Employee number,Second manager\nE1,E1\n")
    assert "their own second manager" in line


def test_a_manager_is_never_one_of_another_organisation(load, cast, initech):
    cast.employee(initech, "Stranger", "", employee_number="B1")
    assert refusals(load, "employee_number,first_name,manager_employee_number\nE1,Wei,B1\n") == [
        "Line 2 (E1): manager_employee_number: “B1” is neither in the file nor in the Employee List: correct it."
    ]


def test_the_same_numbers_in_another_organisation_are_left_alone(load, cast, initech):
    other = cast.employee(initech, "Stranger", "", employee_number="E1")
    load("employee_number,first_name\nE1,Wei\n")
    assert Employee.get_by_id(other.id).first_name == "Stranger"
    assert Employee.select().count() == 2


def test_circles_of_managers_are_refused_on_each_line_that_makes_them(load, cast, acme):
    cast.employee(acme, "Boss", "", employee_number="B1")
    lines = refusals(
        load,
        "employee_number,first_name,manager_employee_number\nE1,Wei,E2\nE2,Anna,E1\nE3,Self,E3\nE4,Fine,E1\nB1,Boss,\n",
    )
    assert [line.split(":")[0] for line in lines] == ["Line 2 (E1)", "Line 3 (E2)", "Line 4 (E3)"]
    assert "would report to themselves" in lines[0]


def test_a_circle_through_somebody_who_is_not_in_the_file_is_refused(load, cast, acme):
    boss = cast.employee(acme, "Boss", "", employee_number="B1")
    cast.employee(acme, "Middle", "", employee_number="M1", manager=boss)
    [line] = refusals(load, "employee_number,manager_employee_number\nB1,M1\n")
    assert line.startswith("Line 2 (B1): With these managers, B1 would report to themselves")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "The file is empty"),
        ("\n", "The file is empty"),
        ("employee_number,first_name\n", "The file has headings but no employees"),
        ("first_name,last_name\nWei,Zhang\n", "Choose the column that holds the employee number"),
        ("employee_number,salary,shoe rack\nE1,1,2\n", "We do not recognise the column “shoe rack”."),
        ("employee_number,given_nam\nE1,Wei\n", "column “given_nam”. Did you mean “First name”?"),
        ("employee_number,first_name\nE1,Wei,GB\n", "There are 3 values where the headings name 2 columns"),
        ("employee_number,first_name\nE1,Wei\nE1,Anna\n", "This employee number is on line 2 already"),
        ("employee_number,first_name,start_date\nE1,Wei,31.2.2026\n", "start_date: “31.2.2026” is not a date"),
        ("employee_number,first_name,start_date\nE1,Wei,2026-W05-1\n", "start_date: “2026-W05-1” is not a date"),
        ("employee_number,first_name,personal_email\nE1,Wei,wei@\n", "personal_email: “wei@” is not an email address"),
        ('employee_number,first_name\nE1,"We\ni"\n', "first_name: It has a line break"),
        ("employee_number,first_name\nE1,We\x00i\n", "first_name: It has a line break"),
        ('employee_number,first_name\nE1,"Wei\n', "this is not valid CSV"),
        ('employee_number,first_name\nE1,"Wei" x\n', "this is not valid CSV"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_said(load, text, reason):
    [line] = refusals(load, text)
    assert reason in line


def test_one_refused_line_keeps_the_whole_file_out(load, cast, acme):
    cast.employee(acme, "Wei", "Zhang", employee_number="E1")
    lines = refusals(load, "employee_number,first_name,country\nE1,Changed,GB\nE2,Anna,XX\n\nE3,Zoë,YY\n")
    assert [line.split(":")[0] for line in lines] == ["Line 3 (E2)", "Line 5 (E3)"]
    assert AuditEntry.select().where(AuditEntry.action == "import employees").count() == 0


def test_the_trail_tells_what_was_imported(load, cast, acme):
    cast.employee(acme, "Wei", "Zhang", employee_number="E1", start_date=date(2026, 1, 1))
    load("employee_number,first_name,start_date\nE1,Wei,2026-01-02\nE2,Anna,\n")
    entry = AuditEntry.get(AuditEntry.action == "import employees")
    assert (entry.by_name, entry.organisation) == ("command line", acme)
    assert (entry.detail["added"], entry.detail["changed"]) == (1, 1)
    assert entry.detail["changes"] == {"E1": {"start_date": ["2026-01-01", "2026-01-02"]}}
    assert len(entry.detail["sha256"]) == 64


def test_somebody_who_writes_while_the_file_is_read_is_not_overwritten_unseen(alice, cast, acme):
    wei = cast.employee(acme, "Wei", "Zhang", employee_number="E1", start_date=date(2026, 1, 1))
    begins = iter([{"start_date": date(2026, 9, 1)}])

    @contextmanager
    def opened():
        yield open_table(io.BytesIO(b"employee_number,end_date\nE1,2026-06-30\n"), Kind.CSV, knows=known)
        for changes in begins:
            edit_employee(wei, changes, by=alice.user)

    with pytest.raises(importing.ImportRefused, match="The end date is before the start date, 1 Sept 2026"):
        importing.import_from(opened, acme, by=alice.user, sha256="")
    assert Employee.get().end_date is None


def test_many_lines_are_imported_in_seconds(load):
    number = 5_000
    lines = (f"E{n},Wei,Zhang,E{n // 8}" if n else "E0,Wei,Zhang," for n in range(number))
    plan = load("employee_number,first_name,last_name,manager_employee_number\n" + "\n".join(lines))
    assert len(plan.added) == Employee.select().count() == number
    assert by_number("E4999").manager.employee_number == "E624"


WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=30).filter(
    lambda text: not rules.UNWANTED.search(text) and not rules.damage_to("job_title", f"x{text}x")
)


@given(words=WORDS)
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_words_arrive_as_they_were(load, words):
    Employee.delete().execute()
    quoted = words.replace('"', '""')
    load(f'employee_number,last_name,first_name,job_title\nE1,Zhang,"{quoted}","x{quoted}x"\n')
    assert by_number("E1").first_name == unicodedata.normalize("NFC", characters.stripped(words))
    assert by_number("E1").job_title == unicodedata.normalize("NFC", f"x{words}x")
