"""Words of lists as files write them: known ones are read, unknown and nearly known ones are asked about."""

import pytest

from portal.columns import words
from portal.people.models import Employee
from tests.imports.conftest import by_number, legends


def file(heading: str, *values: str) -> str:
    return f"employee_number,first_name,{heading}\n" + "".join(f"E{n},Wei{n},{v}\n" for n, v in enumerate(values, 1))


def stored(name: str) -> list[str]:
    return [getattr(person, name) for person in Employee.select().order_by(Employee.employee_number)]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Europe/Berlin", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin"),
        ("Sydney (GMT+11:00)", "Australia/Sydney"),
        ("AUS Eastern Standard Time", "Australia/Sydney"), ("UTC", "UTC"), ("EST", None), ("IST", None), ("CET", None),
    ],
)  # fmt: skip
def test_a_zone_is_known_by_its_key_and_the_names_of_programs_and_never_by_a_short_one(text, key):
    assert words.time_zone(text) == key


def test_types_in_several_languages_are_read(upload, alice):
    upload(file("Vertragsart", "Vollzeit", "befristet", "CDI", "Freelancer", "stagiaire", ""))
    alice.press("Import")
    assert stored("employment_type") == ["Full time", "Fixed term", "Permanent", "Contractor", "Intern", ""]


def test_a_type_that_is_not_known_is_asked_about_and_may_be_left_out(upload, alice):
    page = upload(file("Employment type", "Grade C", "Wizard"))
    assert "Which employment type is “Grade C”?" in page.text
    assert not page.has_button("Import")
    page = alice.press("Continue")
    assert (page.status, "Choose an answer first." in page.text) == (422, True)
    alice.press("Continue", {"Which employment type is “Grade C”?": "Permanent"})
    page = alice.press("Continue", {"Which employment type is “Wizard”?": "=empty"})
    assert page.has_button("Import")
    alice.press("Import")
    assert stored("employment_type") == ["Permanent", ""]


def test_a_zone_that_could_be_two_is_asked_about(upload, alice):
    page = upload(file("Time zone", "EST", "Europe/Paris"))
    assert "Which time zone is “EST”?" in page.text
    alice.press("Continue", {"Which time zone is “EST”?": "America/New_York"})
    alice.press("Import")
    assert stored("time_zone") == ["America/New_York", "Europe/Paris"]


@pytest.mark.parametrize("heading", ["Department", "Location"])
def test_a_value_that_is_nearly_one_of_the_list_asks(upload, alice, cast, acme, heading):
    cast.employee(acme, "Ada", "", employee_number="A1", **{heading.lower(): "Sales"})
    page = upload(file(heading, "SALES", "Sales ", "Purchasing"))
    (question,) = legends(page)
    assert question == f"Is the {heading.lower()} “SALES” the same as “Sales”?"
    alice.press("Continue", {"Yes: import it as “Sales”": "Sales"})
    alice.press("Import")
    assert stored(heading.lower()) == ["Sales", "Sales", "Sales", "Purchasing"]


def test_one_answer_counts_for_all_that_differ_only_in_capital_letters(upload, alice, cast, acme):
    for name in ("Sales", "Purchasing", "R&D"):
        cast.employee(acme, "Ada", "", employee_number=name, department=name)
    upload(file("Department", "SALES", "PURCHASING", "RD", "sales"))
    page = alice.press("Continue", {"Use the known names for all 3": True})
    assert legends(page) == ["Is the department “RD” the same as “R&D”?"]
    alice.press("Continue", {"Yes: import it as “R&D”": "R&D"})
    alice.press("Import")
    assert {"SALES", "PURCHASING", "RD", "sales"}.isdisjoint(stored("department"))


def test_an_answer_of_its_own_comes_before_the_one_for_all(upload, alice, cast, acme):
    for name in ("Sales", "Purchasing"):
        cast.employee(acme, "Ada", "", employee_number=name, department=name)
    upload(file("Department", "SALES", "PURCHASING"))
    own = {"Use the known names for all 2": True, "No: “SALES” is a different one": "=keep"}
    alice.press("Continue", own)
    alice.press("Import")
    assert sorted(stored("department")) == ["Purchasing", "Purchasing", "SALES", "Sales"]


def test_a_user_may_say_that_it_is_another_one(upload, alice):
    page = upload(file("Department", "R&D", "R&D", "RD"))
    assert legends(page) == ["Is the department “RD” the same as “R&D”?"]
    alice.press("Continue", {"No: “RD” is a different one": "=keep"})
    alice.press("Import")
    assert stored("department") == ["R&D", "R&D", "RD"]
    assert legends(upload(file("Department", "RD", "R&D"))) == []


def test_an_answer_that_was_not_offered_is_none(upload, alice):
    upload(file("Time zone", "EST"))
    page = alice.press("Continue", {"Which time zone is “EST”?": "Mars/Olympus"})
    assert page.status == 422
    assert "Choose an answer first." in page.text


def test_a_leave_in_a_file_follows_the_rules_of_the_record(upload, alice):
    page = upload("employee_number,first_name,leave from,Rückkehr am\nE1,Wei,2026-05-01,2026-04-01\n")
    assert "The return must be after the first day of the leave" in page.text
    upload("employee_number,first_name,leave from,Rückkehr am\nE1,Wei,2026-05-01,2026-06-01\n")
    alice.press("Import")
    assert str(by_number("E1").leave_to) == "2026-06-01"
