"""What the headings of other systems' files mean."""

from pathlib import Path

import pytest

from portal.columns.headings import IGNORED, recognise
from portal.columns.known import COLUMNS

SYSTEMS = dict(
    line.split(": ", 1)
    for line in Path(__file__).with_name("headings.txt").read_text(encoding="utf-8").splitlines()
    if ": " in line and not line.startswith("#")
)


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_headings_of_other_systems_are_understood_or_asked_about(system):
    said = SYSTEMS[system].split(", ")
    found = recognise([words.rstrip("?").split("=")[0] for words in said])
    for words, column in zip(said, found.columns, strict=True):
        heading, _, means = words.partition("=")
        if heading.endswith("?"):
            assert column.could_be, heading
            assert not column.means, heading
        else:
            assert column.means == (means or IGNORED), heading
    assert found.known == len(said)


def test_our_own_columns_mean_themselves():
    assert [column.means for column in recognise(COLUMNS).columns] == list(COLUMNS)


@pytest.mark.parametrize(
    ("heading", "means"),
    [
        ("FIRST_NAME*", "first_name"),
        ("  first-name ", "first_name"),
        ("Prenom", "first_name"),
        ("EMPLOYEE NO.", "employee_number"),
        ("Start date (DD/MM/YYYY)", "start_date"),
        ("Employee Number [required]", "employee_number"),
        ("Vorgesetzte(r)", "manager_employee_number"),
    ],
)
def test_case_accents_and_signs_do_not_matter(heading, means):
    assert recognise([heading]).columns[0].means == means


@pytest.mark.parametrize("heading", ["Title", "Position", "Name", "E-Mail", "Phone"])
def test_what_may_mean_two_things_is_asked_about(heading):
    column = recognise(["Employee ID", heading]).columns[1]
    assert (column.means, bool(column.could_be)) == ("", True)


def test_two_columns_for_one_field_are_both_asked_about():
    columns = recognise(["Employee ID", "Hire date", "Start date", "First name"]).columns
    assert [(column.means, column.could_be) for column in columns[1:3]] == [("", ("start_date",))] * 2


def test_words_that_nobody_knows_are_not_recognised():
    found = recognise(["Employee ID", "Parking space", ""])
    assert found.known == 1
    assert [column.name for column in found.open] == ["Parking space", "column C"]


def test_lines_that_are_no_headings_have_nothing_known():
    assert recognise(["Employees of Acme", "", ""]).known == 0
    assert recognise(["00417", "Gina", "Hansen", "gina@post.example"]).known == 0
