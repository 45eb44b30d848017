"""Many candidates: the pages ask the database as often as for few. And the list as a file."""

from playhouse.test_utils import count_queries

from portal.recruitment import actions
from portal.recruitment.models import Application, Candidate
from tests.recruitment.conftest import applied, opened

# The most that each asks, of an Admin.
PAGES = {
    "/recruitment/vacancies": 6,
    "/recruitment/vacancies/{v}": 10,
    "/recruitment/candidates": 8,
    "/recruitment/candidates/{c}": 16,
}


def asked(person, places):
    found = {}
    for address in PAGES:
        person.client.get(address.format(**places))
        with count_queries() as counter:
            assert person.client.get(address.format(**places)).status_code == 200
        found[address] = counter.count
    return found


def grow(acme, alice, people):
    vacancy = opened(acme, alice, "Night nurse")
    for number in range(people):
        application = applied(vacancy, f"P{number}")
        actions.add_note(application.candidate, "Note", by=alice.user)
    return {"v": vacancy.id, "c": Candidate.select().first().id}


def test_r63_a_page_of_recruitment_asks_as_much_for_many_as_for_few(alice, acme):
    few = asked(alice, grow(acme, alice, 1))
    for _ in range(3):
        places = grow(acme, alice, 35)
    many = asked(alice, places)
    assert all(many[address] <= few[address] + 1 for address in PAGES), (few, many)
    assert all(many[address] <= most for address, most in PAGES.items()), many


def test_an_admin_exports_what_the_filter_shows_and_no_spreadsheet_runs_it(alice, bob, acme, nurse):
    applied(nurse, "=cmd()", "Łukasz", "zoe@home.example")
    other = applied(opened(acme, alice, "Porter"), "Ben", "Cole")
    Application.update(applied_at="2026-03-01 23:30:00").where(Application.id == other.id).execute()
    page = alice.get("/recruitment/candidates")
    rows = alice.press("Export CSV").rows
    assert [(row["first_name"], row["vacancy"], row["stage"]) for row in rows] == [
        ("'=cmd()", "Night nurse", "New"), ("Ben", "Porter", "New"),
    ]  # fmt: skip
    assert rows[1]["applied_on"] == "2026-03-01"
    alice.page = page
    alice.press("Apply", {"Vacancy": str(other.vacancy_id)})
    assert [row["email"] for row in alice.press("Export CSV").rows] == ["Ben@home.example"]
    assert bob.get("/recruitment/candidates/export.csv").status == 403
