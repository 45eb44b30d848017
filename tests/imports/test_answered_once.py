"""What was answered about a file counts for the corrected one: the same user, the same headings, on the same day."""

import pytest

from portal.auth.models import AccessLevel
from portal.imports.uploads import Import
from tests.imports.conftest import assumed, by_number, legends, stored

HEADINGS = "employee_number,first_name,last_name,personal_email,start_date,country\n"
GINA = "X9,Gina,Hansen,gina@post.example,2026-03-31,GB\n"
SAID = "What you answered about the file of"


@pytest.fixture
def gina(cast, acme):
    return cast.employee(acme, "Gina", "Hansen", employee_number="00417", personal_email="gina@post.example")


def test_an_answer_about_a_person_counts_for_the_corrected_file(upload, alice, gina):
    page = upload(f"{HEADINGS}E1,Wei,Zhang,,2026-03-01,Atlantis\n{GINA}")
    assert legends(page) == ["Line 3: is Gina Hansen (X9) somebody you have already?"]
    assert "Your answers count for the corrected file too." in page.text
    page = alice.press("Save answers", {"Another person: add": "add"})
    assert (legends(page), page.has_button("Import")) == ([], False)
    alice.press("Upload another file")
    page = upload(f"{HEADINGS}{GINA}E1,Wei,Zhang,,2026-03-01,FR\n")
    assert legends(page) == []
    assert SAID in page.text
    alice.press("Import")
    assert stored() == {"00417": "Gina Hansen", "X9": "Gina Hansen", "E1": "Wei Zhang"}


def test_what_was_taken_over_can_be_answered_otherwise(upload, alice, gina):
    upload(f"{HEADINGS}{GINA}E1,Wei,Zhang,,2026-03-01,Atlantis\n")
    alice.press("Save answers", {"Another person: add": "add"})
    upload(f"{HEADINGS}{GINA}")
    page = alice.press("Answer the questions again")
    assert len(legends(page)) == 1
    assert SAID not in page.text
    alice.press("Save answers", {"Skip this line": "skip"})
    assert "Skipped" in alice.page.text


def test_an_answer_to_all_lines_counts_for_those_lines_and_for_no_others(upload, alice, cast, acme, gina):
    cast.employee(acme, "Bo", "Berg", employee_number="00418", personal_email="bo@post.example")
    bo = "X8,Bo,Berg,bo@post.example,2026-03-31,GB\n"
    upload(f"{HEADINGS}{GINA}{bo}E1,Wei,Zhang,,2026-03-01,Atlantis\n")
    alice.press("Save answers", {"Other people: add them": "add"})
    again = "X7,Bo,Berg,bo@post.example,2026-03-31,GB\n"
    page = upload(f"{HEADINGS}{GINA}{bo}{again}")
    assert legends(page) == ["Line 4: is Bo Berg (X7) somebody you have already?"]


def test_a_line_that_says_something_else_now_is_asked_about(upload, alice, gina):
    upload(f"{HEADINGS}{GINA}")
    alice.press("Save answers", {"Another person: add": "add"})
    assert len(legends(upload(HEADINGS + GINA.replace("Gina,", "Regina,")))) == 1
    assert len(legends(upload(HEADINGS + GINA.replace("X9", "X10")))) == 1


def test_what_holds_for_the_whole_file_is_asked_once_for_the_same_headings_and_user(upload, alice, cast, acme):
    wrong = f"{HEADINGS}E1,Wei,Zhang,,03/04/2026,Atlantis\n"
    upload(wrong)
    alice.press("Continue", {"3 April 2026: the day comes first": "dmy"})
    page = upload(wrong.replace("Atlantis", "FR"))
    assert legends(page) == []
    assert "day" in assumed(page)
    ada = cast.person(acme, "Ada", AccessLevel.ADMIN)
    assert "Which day is" in upload(wrong, ada).text
    assert "Which day is" in upload(wrong.replace("country", "Land")).text
    assert Import.select().count() == 4
    alice.get(f"/people/employees/import/{Import.select().order_by(Import.id)[1].token}")
    alice.press("Import")
    assert by_number("E1").start_date.isoformat() == "2026-04-03"
