"""Importing at the command line what leaves a question open: refused with the question, unless an option answers it."""

import pytest
from openpyxl import Workbook

from tests.cli.test_commands import acme, portal  # noqa: F401

ZEROS = "employee_number,first_name,last_name,personal_email\n{},Gina,Hansen,gina@post.example\n"


@pytest.fixture
def load(portal, acme, tmp_path):  # noqa: F811
    def load(text, *options):
        file = tmp_path / "people.csv"
        file.write_text(text, encoding="utf-8")
        return portal("employees", "import", str(file), "--organisation", acme, *options)

    return load


def test_somebody_who_may_be_known_is_not_added_unless_told(load):
    load(ZEROS.format("00417"))
    answer = load(ZEROS.format("417"))
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "1 number looks as if zeros were lost: 417 may be 00417." in answer.stderr
    answer = load(ZEROS.format("417"), "--zeros", "keep")
    assert answer.returncode == 1
    assert "Line 2 (417): This may be Gina Hansen (00417): the same email address" in answer.stderr
    assert "Added 0, changed 0." in load(ZEROS.format("417"), "--zeros", "restore").stdout
    assert "Added 0, changed 1." in load(ZEROS.format("X9"), "--known", "renumber").stdout
    assert "Added 0, changed 0, skipped 1." in load(ZEROS.format("X10"), "--known", "skip").stdout
    assert "Added 1, changed 0." in load(ZEROS.format("X11"), "--known", "add").stdout


def test_unknown_words_of_lists_are_answered_by_options(load):
    text = "employee_number,first_name,department,time_zone\n1,Wei,Sales,EST\n2,Ann,Sales,\n3,Bo,SALES,\n"
    answer = load(text)
    assert answer.returncode == 1
    assert "“EST” is not a time zone that the portal knows." in answer.stderr
    assert "The department “SALES” is written almost like “Sales”." in answer.stderr
    said = ("--spelling", "time_zone:EST=America/New_York", "--spelling", "department:SALES=keep")
    assert "Added 3" in load(text, *said).stdout
    assert "is no spelling: write FIELD:WORD=" in load(text, "--spelling", "time_zone:EST=Mars").stderr


def test_columns_dates_and_status_words_are_answered_by_options(load):
    text = "Employee ID,First name,Position,Start date,Status,Parking\n1,Wei,Buyer,03/04/2026,gone fishing,P1\n"
    answer = load(text)
    assert answer.returncode == 1
    assert "The column “Position” could be Job title, or be skipped." in answer.stderr
    assert "We do not recognise the column “Parking”." in answer.stderr
    columns = ("--column", "Position=job_title", "--column", "Parking=ignore")
    answer = load(text, *columns)
    assert "such as “03/04/2026”" in answer.stderr
    assert "The status “gone fishing”" in answer.stderr
    options = (*columns, "--dates", "day-first", "--status", "gone fishing=left")
    assert "The file has no end date for people who have left: Wei." in load(text, *options).stderr
    assert "Added 1, changed 0." in load(text, *options, "--leavers", "2026-12-31").stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--column", "Position=salary"), "There is no field “salary”"),
        (("--column", "Position"), "has no “=” in it"),
        (("--status", "T=dead"), "is not one of"),
        (("--leavers", "tomorrow"), "is not a date"),
    ],
)
def test_options_that_cannot_be_understood_are_named(load, options, words):
    answer = load("employee_number,first_name\n1,Wei\n", *options)
    assert answer.returncode == 1
    assert words in answer.stderr


def test_what_was_assumed_of_a_workbook_is_said(portal, acme, tmp_path):  # noqa: F811
    book = Workbook()
    sheet = book.active
    for row in (["employee_number", "first_name"], ["E1", "Wei"], ["E2", "Zoë"]):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    book.save(tmp_path / "hidden.xlsx")
    answer = portal("employees", "import", str(tmp_path / "hidden.xlsx"), "--organisation", acme)
    assert "Added 1" in answer.stdout
    assert "We skipped 1 hidden row" in answer.stdout
    notes = book.create_sheet("Notes", 0)
    notes.append(["Read me first"])
    notes.append(["The list is on the next sheet"])
    book.save(tmp_path / "sheets.xlsx")
    answer = portal("employees", "import", str(tmp_path / "sheets.xlsx"), "--organisation", acme)
    assert answer.returncode == 1
    assert "“Sheet”" in answer.stderr


def test_two_meanings_of_one_name_are_named_once(load):
    answer = load("employee_number,Name\nE1,Ana Ruiz\n")
    assert "“Name” could be Full name, or be skipped." in answer.stderr
