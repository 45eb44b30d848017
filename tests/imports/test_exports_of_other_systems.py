"""Files as HR systems, databases, mainframes and people in other countries make them, uploaded as HR does it."""

import datetime
import io
import random

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from portal.imports import jobs as import_jobs
from portal.imports.uploads import Import, ImportState
from portal.people.models import Employee
from tests.imports.conftest import assumed, by_number, stored
from tests.pages import words
from tests.people.files import workbook

HEADER = "employee_number,first_name,last_name"


def imported(upload, alice, content):
    """The preview of the file, which is imported when there is nothing to say against it."""
    upload(content)
    page = carried_on(alice)
    assert page.has_button("Import"), words(page.soup.select_one("main"))
    alice.press("Import")
    carried_on(alice)
    return page


def carried_on(alice):
    """What the worker does, where the page did not do it."""
    for kept in Import.select().where(Import.state.in_((ImportState.READING, ImportState.IMPORTING))):
        import_jobs.carry_on(kept)
        alice.get(alice.page.url)
    return alice.page


def why_not(upload, content) -> str:
    """What the page says against the file; nothing of it is imported."""
    page = upload(content)
    assert not page.has_button("Import")
    assert not Employee.select().where(Employee.first_name.in_(("Ana", "Wei"))).exists()
    return words(page.soup.select_one("main"))


def test_quotes_behind_a_space_are_no_part_of_a_name(upload, alice):
    imported(upload, alice, 'employee_number, first_name, last_name, department\n"1", "Ana", "Ruiz", "Sales, EMEA"\n')
    assert (by_number("1").first_name, by_number("1").department) == ("Ana", "Sales, EMEA")


@pytest.mark.parametrize("sign", "~^")
def test_more_signs_separate_values(upload, alice, sign):
    imported(upload, alice, f"{HEADER}\n1,Ana,Ruiz\n".replace(",", sign))
    assert stored() == {"1": "Ana Ruiz"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f"{HEADER}\n1,Ana,Ruiz\n2,Wei,Zhang\n".encode("cp500"), "This file is written as mainframes do it (EBCDIC)."),
        ("Personalnummer;Vorname;Nachname\n17;Ana;Groß\n".encode("cp273"), "as mainframes do it (EBCDIC)."),
    ],
)
def test_a_file_of_a_mainframe_is_called_that(upload, content, said):
    page = upload(content)
    assert said in page.text
    assert "CSV UTF-8" in page.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[{"employee_number": "1", "first_name": "Ana"}]', "This is data for programs (JSON), not a table."),
        ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "This is a calendar, not a table."),
    ],
)
def test_data_for_programs_is_called_that(upload, content, said):
    page = upload(content)
    assert page.status == 422
    assert said in page.text


def test_japanese_mail_encoding_is_read(upload, alice):
    imported(upload, alice, "社員番号,姓,名\n0001,山田,太郎\n".encode("iso2022_jp"))
    assert stored() == {"0001": "太郎 山田"}


@pytest.mark.parametrize("line", ["1;Ana;Ruiz;ana@home.example", "1;Ana;Ruiz;Sales", "Ana;Ruiz;2026-03-01;Sales"])
def test_a_file_without_headings_loses_nobody(upload, line):
    said = why_not(upload, f"{line}\n2;Wei;Zhang;Sales\n")
    assert "The file has no headings: its first line already has a value" in said
    assert "Put a line above it that says what each column is" in said


def test_lines_that_are_drawn_are_nobody(upload, alice):
    page = imported(upload, alice, f"{HEADER}\n---------------,----------,-----\n1,Ana,Ruiz\n\n(1 rows affected)\n")
    assert stored() == {"1": "Ana Ruiz"}
    assert "Line 2 (“--------------- ---------- -----”) and 1 more lines like it were skipped" in assumed(page)


@pytest.mark.parametrize("own", ["", ",Cost Group"])
def test_the_labels_below_technical_names_are_nobody(upload, alice, own):
    head = f"{HEADER}{',notes' if own else ''}"
    page = imported(upload, alice, f"{head}\nPerson ID External,First Name,Last Name{own}\n1,Ana,Ruiz\n")
    assert stored() == {"1": "Ana Ruiz"}
    assert "The headings appear again in the file, first on line 2." in assumed(page)


def test_people_whose_titles_are_headings_are_people(upload, alice):
    head = f"{HEADER},job_title,department"
    imported(upload, alice, f"{head}\nA,Ana,Ruiz,Manager,Office\nB,Wei,Team,Manager,Team\n")
    assert stored() == {"A": "Ana Ruiz", "B": "Wei Team"}


def test_a_second_list_below_the_first_is_not_read_as_the_first(upload):
    said = why_not(upload, f"{HEADER}\n1,Ana,Ruiz\nEmployee number,Last name,First name\n2,Zhang,Wei\n")
    assert "3 Employee number Another list begins here, as this line has other headings" in said


def test_words_for_nothing_are_nothing_and_names_are_names(upload, alice):
    page = imported(
        upload, alice,
        f"{HEADER},job_title,department,location,mobile,company_email,manager_employee_number,start_date\n"
        "1,Nan,Null,NULL,NaN,None,--,n/a,NO_MANAGER,NaT\n2,-,Ruiz,(blank),\\N,nil,nan,-,NULL,0000-00-00 00:00:00\n",
    )  # fmt: skip
    one, two = by_number("1"), by_number("2")
    assert (one.first_name, one.last_name, two.first_name) == ("Nan", "Null", "")
    for person in (one, two):
        kept = person.job_title, person.department, person.location, person.mobile, person.company_email
        assert (kept, person.manager, person.start_date) == (("",) * 5, None, None)
    assert "Words for nothing, such as “NULL”, were read as empty cells." in assumed(page)


@pytest.mark.parametrize("day", ["1900-01-01", "01/01/0001", "30.12.1899", "00.01.1900", "1753-01-01 00:00:00"])
def test_the_first_day_of_a_calendar_is_no_last_day(upload, alice, day):
    imported(upload, alice, f"{HEADER},end_date\n1,Ana,Ruiz,{day}\n")
    assert by_number("1").end_date is None


def test_an_empty_day_of_a_workbook_is_none(upload, alice):
    def as_day(sheet):
        sheet["C2"].number_format = "dd.mm.yyyy"

    imported(upload, alice, workbook(["Employee number", "First name", "End date"], ["1", "Ana", 0], touch=as_day))
    assert by_number("1").end_date is None


def test_figures_of_other_scripts_are_figures(upload, alice, cast, acme):
    cast.employee(acme, "Ana", "Ruiz", employee_number="A0011")
    imported(
        upload, alice,
        f"{HEADER},manager_employee_number,mobile,personal_email\nＡ００１１,Ana,Ruiz,,,\n"
        "۱۰۰۲,Reza,Ahmadi,Ａ００１１,٠١٢٣٤٥,ｒ＠home．example\n",
    )  # fmt: skip
    assert stored() == {"A0011": "Ana Ruiz", "1002": "Reza Ahmadi"}
    reza = by_number("1002")
    assert (reza.manager.employee_number, reza.mobile) == ("A0011", "012345")
    assert reza.personal_email == "r@home.example"


def test_numbers_that_a_program_calculated_with_are_read_whole(upload, alice):
    page = imported(upload, alice, f"{HEADER},manager_employee_number\n1234.0,Ana,Ruiz,1235.0\n1235.0,Wei,Zhang,nan\n")
    assert stored() == {"1234": "Ana Ruiz", "1235": "Wei Zhang"}
    assert by_number("1234").manager.employee_number == "1235"
    assert "Employee numbers such as “1234.0” were read without “.0”." in assumed(page)


@pytest.mark.parametrize("text", ["2026-03-31T22:00:00Z", "2026-03-31T22:00:00.000+0000", "2026-03-31 22:00:00 UTC"])
def test_a_moment_that_may_be_another_day_here_is_not_guessed(upload, text):
    assert "is a moment in UTC, and may be another day where you are" in why_not(
        upload, f"{HEADER},start_date\n1,Ana,Ruiz,{text}\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "2026-04-01T00:00:00Z", "2026-04-01T00:00:00+02:00", "2026-04-01Z", "2026-04-01-07:00", "令和8年4月1日",
        "R8.4.1", "2026. 4. 1.", "'2026-04-01", "２０２６/４/１",
    ],
)  # fmt: skip
def test_more_ways_to_write_a_day_are_read(upload, alice, text):
    imported(upload, alice, f"{HEADER},start_date\n1,Ana,Ruiz,{text}\n")
    assert by_number("1").start_date == datetime.date(2026, 4, 1)


def test_a_count_of_days_is_read_as_its_workbook_counts(upload, alice):
    book, file = Workbook(), io.BytesIO()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["Employee number", "First name", "Start date"])
    book.active.append([1, "Ana", 44651])
    book.save(file)
    imported(upload, alice, file.getvalue())
    assert by_number("1").start_date == datetime.date(2026, 4, 1)


def test_what_a_pivot_table_leaves_out_is_not_taken_for_nothing(upload, alice):
    head = "department,employee_number,first_name,last_name"
    said = why_not(upload, f"{head}\nSales,1,Ana,Ruiz\n,2,Wei,Zhang\nFinance,3,Bo,Lee\n,4,Cy,Fu\n")
    assert "3 2 department: It is empty below “Sales”, as a pivot table leaves it" in said
    imported(upload, alice, f"{head}\nSales,1,Ana,Ruiz\n<<clear>>,2,Wei,Zhang\nFinance,3,Bo,Lee\n<<clear>>,4,Cy,Fu\n")
    assert [by_number(number).department for number in "1234"] == ["Sales", "", "Finance", ""]


def test_departments_that_are_empty_elsewhere_are_empty(upload, alice):
    imported(upload, alice, f"{HEADER},department\n1,Ana,Ruiz,Sales\n2,Wei,Zhang,\n3,Bo,Lee,Finance\n4,Cy,Fu,\n")
    assert by_number("2").department == ""


@pytest.mark.parametrize(
    "cell", ["ana@home.example <ana@home.example>", "ana@home.example;", '"""Ana, R"" <ana@home.example>,"']
)
def test_more_ways_to_copy_an_address_are_read(upload, alice, cell):
    imported(upload, alice, f"{HEADER},personal_email\n1,Ana,Ruiz,{cell}\n")
    assert by_number("1").personal_email == "ana@home.example"


def test_a_phone_number_as_a_formula_is_the_number(upload, alice):
    imported(upload, alice, f"{HEADER},mobile\n1,Ana,Ruiz,=+491701234567\n")
    assert by_number("1").mobile == "+491701234567"


def test_letters_as_a_program_writes_them_are_pointed_out(upload):
    said = why_not(upload, f"{HEADER}\n1,J\\u00fcrgen,Ruiz\n")
    assert "“J\\u00fcrgen” is written as in a program, and means “Jürgen”." in said


@pytest.mark.parametrize(
    "name", ["Ana (Annie)", "Dr. Ana", '"Ana ""Annie"""', "Ana/Anna", "ana@home.example", '"Ana, Jr."']
)
def test_what_is_no_part_of_a_name_is_pointed_out(upload, alice, name):
    page = imported(upload, alice, f"{HEADER}\n1,{name},Ruiz\n")
    assert "on line 2 has more in it than a name, and is taken as it is, also for the username." in assumed(page)


def test_usual_names_are_not_pointed_out(upload, alice):
    names = ["O’Neil", "María-José", "Mary Ann", "J. R.", "Drew", "Frauke", "D'Angelo", "山田", "Msgana", "de la Cruz"]
    page = imported(upload, alice, f"{HEADER}\n" + "".join(f"{at},{name},{name}\n" for at, name in enumerate(names)))
    assert "more in it than a name" not in assumed(page)


def test_a_whole_name_with_a_comma_and_a_number_behind_is_usual(upload, alice):
    upload('Employee number,Name\n1,"Ruiz, Ana (1001)"\n2,"Zhang, Wei (Will)"\n')
    page = alice.press("Continue", {"Name": "=full_name"})
    assert "“Zhang, Wei (Will)” on line 3 has more in it than a name" in assumed(page)


@pytest.mark.parametrize("cell", ["\x1e", "2026\x1e{", '\x1e{"id": "Try again."}'])
def test_a_sign_for_machines_in_a_cell_breaks_no_page(upload, alice, cell):
    quoted = cell.replace('"', '""')
    page = upload(f'{HEADER},start_date,heading{cell[:1]}\n1,Ana,Ruiz,"x{quoted}",1\n')
    alice.press("Continue")
    assert alice.get(page.url).status == 200
    assert alice.get("/people/employees/import").status == 200


def test_a_file_of_a_program_is_called_that(upload):
    made = random.Random(1)
    page = upload(bytes(made.randrange(1, 256) for _ in range(3_000)))
    assert page.status == 422
    assert "This is a file of a program, not a table." in page.text


def test_who_works_here_and_has_left_is_not_taken_for_one_of_both(upload):
    head = f"{HEADER},status,end_date"
    said = why_not(upload, f"{head}\n1,Ana,Ruiz,Active,2020-01-31\n2,Wei,Zhang,Active,2199-01-31\n")
    assert "2 1 The status says that this person works here, and the end date is over" in said
    assert "Refused 1" in said
