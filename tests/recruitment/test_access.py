"""Who may see what: every member of the cast, and every address of recruitment."""

import pytest

from portal.auth.models import AccessLevel
from portal.people.models import Employee
from portal.recruitment import actions, vacancies
from portal.recruitment.models import Candidate, Part, TeamMember
from tests.recruitment.conftest import applied, opened

LOOKS = (
    "/recruitment/vacancies/{v}", "/recruitment/vacancies/{v}/details", "/recruitment/vacancies/{v}/team",
    "/recruitment/vacancies/{v}/stages", "/recruitment/candidates/{c}", "/recruitment/applications/{a}/not-taken",
    "/recruitment/vacancies/{v}/candidates/add",
)  # fmt: skip
ADMINS = (
    "/recruitment/vacancies/add", "/recruitment/vacancies/{v}/edit", "/recruitment/vacancies/{v}/close",
    "/recruitment/stages/{s}", "/settings/recruitment",
)  # fmt: skip


@pytest.fixture
def places(nurse):
    application = applied(nurse)
    return {"v": nurse.id, "c": application.candidate_id, "a": application.id, "s": application.stage_id}


def statuses(person, addresses, places):
    return {person.get(address.format(**places)).status for address in addresses}


@pytest.mark.parametrize(("name", "looks", "admins"), [
    ("alice", {200}, {200}), ("bob", {404}, {403}), ("carol", {404}, {403}), ("mallory", {404}, None),
    ("stan", {403}, None),
])  # fmt: skip
def test_r37_only_admins_see_a_vacancy_that_nobody_works_on(request, places, name, looks, admins):
    person = request.getfixturevalue(name)
    assert statuses(person, LOOKS, places) == looks
    if admins is not None:
        assert statuses(person, ADMINS, places) == admins


def test_r37_a_manager_on_the_team_sees_their_own_vacancies_and_works_on_them(alice, acme, bob, nurse, places):
    other = opened(acme, alice, "Porter")
    elsewhere = applied(other, "Secret", "Person")
    applied(other)
    assert "Recruitment" not in bob.get("/people/employees").text
    assert bob.get("/recruitment/vacancies").status == 404
    vacancies.add_member(nurse, bob.user, Part.RECRUITER, by=alice.user)
    assert "Recruitment" in bob.get("/people/employees").text
    assert statuses(bob, LOOKS, places) == {200}
    assert statuses(bob, ADMINS, places) == {403}
    assert "Porter" not in bob.get("/recruitment/vacancies").text
    assert "Secret" not in bob.get("/recruitment/candidates").text
    assert bob.get(f"/recruitment/candidates/{elsewhere.candidate_id}").status == 404
    # The other application of a candidate is none of Bob's business either.
    page = bob.get(f"/recruitment/candidates/{places['c']}")
    assert "Porter" not in page.text
    bob.press("Add note", {"Note": "Good"})
    bob.get(f"/recruitment/vacancies/{nurse.id}")
    assert bob.press("Interview").status == 200
    assert not bob.page.has_button("Publish")


@pytest.mark.parametrize("part", [Part.RECRUITER, Part.INTERVIEWER])
def test_r37_an_employee_on_a_team_sees_nothing(alice, carol, nurse, places, part):
    TeamMember.create(organisation=nurse.organisation, vacancy=nurse, user=carol.user, part=part)
    assert statuses(carol, LOOKS, places) == {404}
    with pytest.raises(vacancies.CannotJoin):
        vacancies.add_member(nurse, carol.user, Part.RECRUITER, by=alice.user)


@pytest.mark.parametrize("address", ["alice@acme.example", "ALICE@home.example"])
def test_r37_nobody_sees_their_own_application(cast, acme, alice, nurse, places, address):
    alice.user.employee = cast.employee(acme, "Alice", "Admin", personal_email="alice@home.example")
    alice.user.save()
    mine = applied(nurse, "Alice", "Own", address)
    own = {**places, "c": mine.candidate_id, "a": mine.id}
    assert alice.get(f"/recruitment/candidates/{own['c']}").status == 404
    assert alice.post(f"/recruitment/applications/{own['a']}/move", {"stage": places["s"]}).status == 404
    board, listed = alice.get(f"/recruitment/vacancies/{nurse.id}"), alice.get("/recruitment/candidates")
    assert "Alice Own" not in board.text + listed.text
    assert "New 1" in board.text
    alice.get(f"/recruitment/vacancies/{nurse.id}/candidates/add")
    assert "This is your own address." in alice.press("Add candidate", {"First name": "A", "Email": address}).text
    second = cast.person(acme, "Ada", AccessLevel.ADMIN)
    assert second.get(f"/recruitment/candidates/{own['c']}").status == 200


def test_a_manager_who_becomes_an_employee_sees_the_vacancy_no_longer(alice, bob, nurse, places):
    vacancies.add_member(nurse, bob.user, Part.HIRING_MANAGER, by=alice.user)
    type(bob.user).update(access_level=AccessLevel.EMPLOYEE).where(type(bob.user).id == bob.user.id).execute()
    assert statuses(bob, LOOKS, places) == {404}


def test_a_candidate_who_was_erased_is_on_no_page(alice, nurse, places):
    Candidate.update(first_name="", last_name="", erased_at="2026-01-01").execute()
    assert alice.get(f"/recruitment/candidates/{places['c']}").status == 404


def test_a_hidden_employee_of_another_company_is_no_hiring_manager(cast, initech, alice, nurse):
    cast.employee(initech, "Mal", "Hidden", employee_number="M1")
    alice.get(f"/recruitment/vacancies/{nurse.id}/edit")
    assert "Nobody has the employee number" in alice.press("Save", {"Hiring manager": "M1"}).text
    assert Employee.select().count() == 1
    assert actions.first_stage(nurse).name == "New"
