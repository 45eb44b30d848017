"""Vacancies from adding to closing, their board, their stages and their team."""

import pytest

from portal.recruitment import actions, vacancies
from portal.recruitment.models import Application, Stage, StageMove, TeamMember, Vacancy, VacancyState
from tests.recruitment.conftest import applied, opened


def stage(vacancy, name):
    return Stage.get(Stage.vacancy == vacancy, Stage.name == name)


def columns(page):
    """What each column of the board shows: its title, and the names on its cards."""
    found = {}
    for column in page.soup.select(".board-column"):
        found[column.h2.get_text(" ", strip=True)] = [one.get_text(strip=True) for one in column.select(".board-name")]
    return found


def test_r31_an_admin_adds_publishes_pauses_and_closes_a_vacancy(alice, acme):
    alice.get("/recruitment")
    alice.press("Add vacancy")
    page = alice.press("Add vacancy", {"Title": " ", "Openings": "0", "Description": "Nights"})
    assert page.status == 422
    assert "Enter a title." in page.text
    assert "Enter a number from 1 to 999." in page.text
    assert page.value("Description") == "Nights"
    alice.press("Add vacancy", {"Title": "Nachtwache für Łódź", "Openings": "2", "Description": ""})
    assert "Write a description on Details first." in alice.press("Publish").text
    alice.press("Details")
    alice.press("Edit")
    alice.press("Save", {"Description": "Nights.\n\n- ward 3", "Question": "From when?", "Needed": True})
    vacancy = Vacancy.get()
    assert vacancy.questions == [{"key": "q1", "label": "From when?", "kind": "line", "needed": True}]
    assert vacancy.description == "Nights.\n\n- ward 3"
    alice.press("Board")
    assert "takes applications now" in alice.press("Publish").text
    assert "http://localhost/careers/acme/nachtwache-fur-lodz" in alice.press("Details").text
    alice.press("Pause")
    assert not Vacancy.get().is_open
    alice.press("Publish")
    assert Vacancy.get().is_open
    applied(vacancy)
    assert "1 candidate is still on a stage" in alice.press("Close").text
    assert (
        "1 application was ended as not taken"
        in alice.press("Close vacancy", {"End them as not taken": True, "Reason": "Filled inside"}).text
    )
    assert (Vacancy.get().state, Application.get().reason) == (VacancyState.CLOSED, "Filled inside")
    assert "Nachtwache für Łódź" not in alice.get("/recruitment/vacancies").text
    assert "Nachtwache für Łódź" in alice.press("Closed").text


def test_a_list_of_vacancies_says_how_many_are_on_each_stage_and_who_waits_longest(alice, nurse):
    for name in ("Ana", "Ben", "Cem"):
        applied(nurse, name)
    actions.move(Application.select().first(), stage(nurse, "Interview"), by=alice.user)
    Application.update(since="2026-01-01").execute()
    page = alice.get("/recruitment/vacancies")
    assert "New 2 · Interview 1" in page.text.replace("\xa0", " ")
    assert "days" in page.text


@pytest.mark.parametrize("in_place", [True, False])
def test_r35_a_card_is_moved_by_its_menu_with_and_without_a_script(alice, nurse, mailbox, in_place):
    applied(nurse)
    alice.htmx = in_place
    alice.get(f"/recruitment/vacancies/{nurse.id}")
    page = alice.press("Interview")
    assert columns(page) == {"New 0": [], "Screening 0": [], "Interview 1": ["Zoë Łukasz"], "Offer 0": []}
    assert "Zoë Łukasz is now on the stage Interview. Do you want to write to them?" in " ".join(page.alerts())
    move = StageMove.select().order_by(StageMove.id.desc()).get()
    assert (move.before, move.after, move.by_name) == ("New", "Interview", "Alice")
    assert mailbox.messages == []


def test_of_two_who_edit_a_vacancy_at_once_the_second_is_asked_and_can_save_all_the_same(alice, nurse):
    alice.get(f"/recruitment/vacancies/{nurse.id}/edit")
    asked = {"key": "q1", "label": "From when?", "kind": "line", "needed": True}
    vacancies.edit(nurse, {"description": "Days.", "place": "Leeds", "questions": [asked]}, by=alice.user)
    page = alice.press("Save", {"Openings": "3"})
    assert (page.status, page.value("Openings")) == (409, "3")
    assert "Somebody else changed this vacancy in the meantime" in page.text
    assert "Description Days. Nights, on ward 3." in page.text
    assert "Questions From when? (Short answer, needed) –" in page.text
    assert (Vacancy.get().description, Vacancy.get().openings) == ("Days.", 1)
    assert "The changes have been saved." in alice.press("Save").text
    assert (Vacancy.get().place, Vacancy.get().openings) == ("", 3)


def test_a_card_that_another_user_moved_meanwhile_is_not_moved_from_there(alice, nurse):
    application = applied(nurse)
    alice.get(f"/recruitment/vacancies/{nurse.id}")
    actions.move(application, stage(nurse, "Offer"), by=alice.user)
    page = alice.press("Interview")
    assert page.status == 409
    assert "Zoë Łukasz is now on the stage Offer." in page.text
    assert columns(page)["Offer 1"] == ["Zoë Łukasz"]


def test_a_board_shows_those_who_wait_longest_and_leads_to_the_others(alice, nurse):
    for number in range(30):
        applied(nurse, f"P{number}", "Person")
    page = alice.get(f"/recruitment/vacancies/{nurse.id}")
    assert columns(page)["New 30"] == [f"P{number} Person" for number in range(25)]
    listed = alice.press("Show all 30 on New")
    assert len(listed.soup.select("tbody tr")) == 30
    alice.press("Apply", {"Search": "p29 PERSON"})
    assert [row.a.get_text() for row in alice.page.soup.select("tbody tr")] == ["P29 Person"]


def test_r35_a_vacancy_has_its_own_stages_and_one_with_people_goes_by_saying_where_they_go(alice, nurse):
    first, second = applied(nurse, "Ana"), applied(nurse, "Ben")
    actions.move(second, stage(nurse, "Screening"), by=alice.user)
    alice.get(f"/recruitment/vacancies/{nurse.id}/stages")
    alice.press("Add stage", {"Name": "Trial shift", "What happens there": "interview"})
    assert "There is a stage trial SHIFT already." in alice.press("Add stage", {"Name": "trial SHIFT"}).text
    for _ in range(4):
        alice.press("Earlier Trial shift")
    assert list(columns(alice.press("Board"))) == ["Trial shift 0", "New 1", "Screening 1", "Interview 0", "Offer 0"]
    alice.press("Stages")
    alice.press("Delete Screening")
    assert "1 candidate is on this stage" in alice.page.text
    alice.press("Delete stage", {"Move them to": str(stage(nurse, "New").id)})
    assert Application.get_by_id(second.id).stage_id == Application.get_by_id(first.id).stage_id
    move = StageMove.select().order_by(StageMove.id.desc()).get()
    assert (move.before, move.after, move.reason) == ("Screening", "New", "The stage was deleted")
    # Without saying where they go it stays, also by address.
    page = alice.post(f"/recruitment/stages/{stage(nurse, 'New').id}/delete")
    assert "Choose where they go." in page.text
    assert stage(nurse, "New")


def test_the_stage_of_another_vacancy_is_no_place_to_move_to(alice, acme, nurse):
    application, other = applied(nurse), opened(acme, alice, "Porter")
    alice.get(f"/recruitment/vacancies/{nurse.id}")
    for address, name in (
        (f"applications/{application.id}/move", "stage"),
        (f"stages/{stage(nurse, 'New').id}/delete", "to"),
    ):
        assert alice.post(f"/recruitment/{address}", {name: stage(other, "New").id}).status == 404
    assert Application.get().stage_id == stage(nurse, "New").id


def test_a_hiring_manager_with_a_sign_in_joins_the_team(alice, bob, acme):
    alice.get("/recruitment/vacancies/add")
    page = alice.press("Add vacancy", {"Title": "Nurse", "Hiring manager": "Nobody Here"})
    assert "Nobody has the employee number or the name" in page.text
    alice.press("Add vacancy", {"Title": "Nurse", "Hiring manager": "Bob Barker"})
    assert "Hiring manager" in alice.press("Hiring team").text
    assert TeamMember.get().user == bob.user
    alice.press("Remove Bob")
    assert "Only Admins see this vacancy" in alice.page.text


def test_a_candidate_is_added_by_hand_and_is_the_same_person_by_the_address(alice, nurse):
    alice.get(f"/recruitment/vacancies/{nurse.id}")
    alice.press("Add candidate")
    page = alice.press("Add candidate", {"First name": "Ana", "Email": "ana at home", "Note": "Met at the fair"})
    assert "is not an email address" in page.text
    assert page.value("Note") == "Met at the fair"
    page = alice.press("Add candidate", {"Email": "ana@home.example", "Where from": "Recommended by an employee"})
    assert page.title == "A‌ Ana" or "Ana" in page.title
    assert "Met at the fair" in page.text
    alice.get(f"/recruitment/vacancies/{nurse.id}/candidates/add")
    page = alice.press("Add candidate", {"First name": "Anna", "Email": "ANA@home.example"})
    assert "Ana had already applied for Night nurse." in page.text
    assert Application.select().count() == 1
