"""Values as other systems write them: dates, countries, status words, managers."""

import pytest

from tests.imports.conftest import assumed, by_number, legends, stored
from tests.people.test_import_employees import counts


def dates(*days: str) -> str:
    return "employee_number,first_name,start_date\n" + "".join(f"E{n},Wei{n},{day}\n" for n, day in enumerate(days, 1))


def starts() -> list[str]:
    return [str(by_number(number).start_date) for number in sorted(stored())]


def test_a_date_that_could_be_two_days_is_asked_about(upload, alice):
    page = upload(dates("03/04/2026", "2026-01-31"))
    assert legends(page) == ["Which day is “03/04/2026”?"]
    assert "3 April 2026: the day comes first" in page.text
    assert "4 March 2026: the month comes first" in page.text
    assert not page.has_button("Import")
    page = alice.press("Continue")
    assert (page.status, "Choose an answer first." in page.text) == (422, True)
    page = alice.press("Continue", {"4 March 2026: the month comes first": "mdy"})
    assert "Dates are read with the month first, as in 04/25/2026, as you said." in assumed(page)
    alice.press("Import")
    assert starts() == ["2026-03-04", "2026-01-31"]


@pytest.mark.parametrize(
    ("certain", "day"), [("25/04/2026", "2026-04-03"), ("04/25/2026", "2026-03-04"), ("13.1.2020", "2026-04-03")]
)
def test_one_date_that_fits_one_order_settles_it(upload, alice, certain, day):
    page = upload(dates("03/04/2026", certain))
    assert legends(page) == []
    assert f"because of “{certain}”" in assumed(page)
    alice.press("Import")
    assert starts()[0] == day


def test_a_heading_that_says_the_order_settles_it(upload, alice):
    upload(dates("03/04/2026").replace("start_date", "Start date (DD/MM/YYYY)"))
    alice.press("Import")
    assert starts() == ["2026-04-03"]


def test_dates_that_contradict_each_other_are_asked_about_and_then_refused(upload, alice):
    page = upload(dates("25/04/2026", "04/26/2026"))
    assert len(legends(page)) == 1
    page = alice.press("Continue", {"25 April 2026: the day comes first": "dmy"})
    assert counts(page)["Refused"] == "1"
    assert "“04/26/2026” is not a date when the day comes first, as in the other lines" in page.text


def test_dates_in_many_forms_are_read(upload, alice):
    written = [
        "15-Mar-2021",
        "15.03.2021",
        "44270",
        "20210315",
        "2021-03-15T00:00:00",
        "15 mars 2021",
        '"March 15, 2021"',
    ]
    written += [
        "2021年3月15日",
        "2021년 3월 15일",
        "15. März 2021",
        "15 de marzo de 2021",
        "15/3/21",
        "Monday 15 March 2021".removeprefix("Monday "),
    ]
    page = upload(dates(*written))
    assert "such as 44270, are days as Excel counts them" in assumed(page)
    alice.press("Import")
    assert set(starts()) == {"2021-03-15"}


@pytest.mark.parametrize("nothing", ["-", "n/a", "31.12.9999", "00/00/0000"])
def test_words_for_no_date_are_none(upload, alice, nothing):
    upload(f"employee_number,first_name,end_date\nE1,Wei,{nothing}\n")
    alice.press("Import")
    assert by_number("E1").end_date is None


def test_countries_are_known_by_name_in_many_languages(upload, alice):
    names = ["UK", "USA", "Deutschland", "Allemagne", "España", "Österreich", "DEU", "Nederland", "gb"]
    page = upload(
        "employee_number,first_name,country\n" + "".join(f"E{n},Wei,{name}\n" for n, name in enumerate(names))
    )
    assert "8 lines give the country by name or by another code." in assumed(page)
    alice.press("Import")
    codes = [by_number(f"E{n}").country for n in range(len(names))]
    assert codes == ["GB", "US", "DE", "DE", "ES", "AT", "DE", "NL", "GB"]


def test_managers_are_found_by_number_address_and_name(upload, alice, cast, acme):
    boss = cast.employee(acme, "Ana", "Ruiz", employee_number="1001", company_email="ana@acme.example")
    texts = ["1001", "ANA@acme.example", '"Ruiz, Ana"', "Ána Ruiz", "Ana Ruiz (1001)"]
    page = upload("Employee ID,First name,Reports to\n" + "".join(f"E{n},Wei,{text}\n" for n, text in enumerate(texts)))
    assert "4 lines give the manager by email address or name." in assumed(page)
    alice.press("Import")
    assert {by_number(f"E{n}").manager for n in range(5)} == {boss}


def test_a_manager_who_could_be_two_people_is_refused(upload, cast, acme):
    for number in ("1001", "1002"):
        cast.employee(acme, "Ana", "Ruiz", employee_number=number)
    page = upload('Employee ID,First name,Manager\nE1,Wei,"Ruiz, Ana"\nE2,Zoë,Nobody Known\n')
    assert "Manager: “Ruiz, Ana” could be 1001, 1002: enter the employee number instead." in page.text
    assert "Manager: “Nobody Known” is neither in the file nor in the Employee List: correct it." in page.text
    assert not page.has_button("Import")


def test_a_manager_who_is_only_in_the_file_is_found_by_name_too(upload, alice):
    upload("Employee ID,First name,Last name,Manager\nE1,Wei,Zhang,Ana Ruiz\nE2,Ana,Ruiz,\n")
    alice.press("Import")
    assert by_number("E1").manager == by_number("E2")


def test_clear_empties_and_then_empty_cells_keep(upload, alice, cast, acme):
    cast.employee(acme, "Wei", "Zhang", employee_number="E1", job_title="Buyer", mobile="+44 1", department="Sales")
    page = upload("Employee code,Job Title,Mobile,Department\nE1,,<<clear>>,Buying\n")
    assert "Cells with <<clear>> empty the field, and empty cells leave it as it is." in assumed(page)
    alice.press("Import")
    wei = by_number("E1")
    assert (wei.job_title, wei.mobile, wei.department) == ("Buyer", "", "Buying")


def people_with(*status: str) -> str:
    return "Employee ID,First name,Status\n" + "".join(f"E{n},Wei{n},{word}\n" for n, word in enumerate(status, 1))


def test_people_on_leave_stay_as_they_are(upload, alice):
    page = upload(people_with("Active", "L", "On leave", "Elternzeit"))
    assert "3 people are on leave. That changes nothing: they are still employees." in assumed(page)
    alice.press("Import")
    assert [by_number(f"E{n}").end_date for n in range(1, 5)] == [None] * 4


@pytest.mark.parametrize("word", ["T", "Terminated", "Sorti", "Inactive", "Ausgeschieden", "Terminated - Involuntary"])
def test_an_end_date_is_never_invented(upload, alice, word):
    page = upload(people_with("A", word))
    assert legends(page) == ["1 person has left, but the file has no end date for them"]
    assert not page.has_button("Import")
    page = alice.press("Save answers", {"Give all of them this end date:": "end"})
    assert (page.status, "Enter the last day of these people." in page.text) == (422, True)
    alice.press("Save answers", {"Give all of them this end date:": "end", "End date": "2026-03-31"})
    alice.press("Import")
    assert (by_number("E1").end_date, str(by_number("E2").end_date)) == (None, "2026-03-31")


def test_people_who_have_left_can_be_left_out(upload, alice, cast, acme):
    cast.employee(acme, "Old", "Hand", employee_number="E3")
    upload(people_with("A", "T", "T"))
    page = alice.press("Save answers", {"Skip these lines": "skip"})
    assert (counts(page)["Skipped"], counts(page)["To be added"]) == ("2", "1")
    alice.press("Import")
    assert stored() == {"E1": "Wei1", "E3": "Old Hand"}


def test_who_has_an_end_date_already_is_not_asked_about(upload, alice, cast, acme):
    cast.employee(acme, "Old", "Hand", employee_number="E1", end_date="2025-12-31")
    page = upload("Employee ID,First name,Status,Termination date\nE2,Zoë,T,2026-01-31\n")
    assert legends(page) == []
    assert legends(upload(people_with("T"))) == []


def test_status_words_that_nobody_knows_are_asked_about(upload, alice):
    page = upload(people_with("Active", "gekündigt", "baja"))
    assert legends(page) == ["What does the status “gekündigt” mean?", "What does the status “baja” mean?"]
    alice.post(f"{page.url}/answers", {"word-0": "active", "word-1": "left"})
    page = alice.get(page.url)
    assert legends(page) == ["1 person has left, but the file has no end date for them"]


def test_yes_in_a_column_of_archived_people_means_left(upload, alice):
    upload("Employee ID,First name,Archived\nE1,Wei,no\nE2,Ana,yes\n")
    page = alice.press("Continue", {"Archived": "=status"})
    assert legends(page) == ["1 person has left, but the file has no end date for them"]
    assert "Ana" in page.text


@pytest.mark.parametrize("cell", ["mailto:wei@x.example", "Wei Zhang <wei@x.example>", "<wei@x.example>"])
def test_an_address_is_taken_from_what_a_mail_program_copies(upload, alice, cell):
    upload(f"employee_number,first_name,personal_email\nE1,Wei,{cell}\n")
    alice.press("Import")
    assert by_number("E1").personal_email == "wei@x.example"


def test_two_addresses_in_a_cell_are_not_one(upload):
    page = upload("employee_number,first_name,personal_email\nE1,Wei,Wei <wei@x.example>; Z <z@x.example>\n")
    assert "is not an email address" in page.text


def test_a_job_title_in_two_lines_is_one(upload, alice):
    upload('employee_number,first_name,job_title\r\nE1,Wei,"Head of \r\nSales"\r\n')
    alice.press("Import")
    assert by_number("E1").job_title == "Head of Sales"
