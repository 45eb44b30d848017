"""A candidate's page: one timeline of everything, notes, and ends."""

import pytest

from portal import seeing
from portal.candidate_care import erasing
from portal.recruitment import actions
from portal.recruitment.models import Application, Candidate, Note
from tests.recruitment.conftest import applied, opened


def entries(page):
    return [item.strong.get_text(" ", strip=True) for item in page.soup.select(".timeline-step")]


def test_r36_a_candidates_page_has_one_timeline_newest_first_and_filters_it(alice, nurse):
    nurse.questions = [{"key": "q1", "label": "From when?", "kind": "line", "needed": True}]
    nurse.save()
    applied(nurse, answers={"q1": "May <b>1</b>"})
    page = alice.get("/recruitment/candidates")
    page = alice.press("Zoë Łukasz")
    assert "May <b>1</b>" in page.text
    alice.press("Move in Night nurse", {"Stage for Night nurse": str(nurse.stages[1].id)})
    assert alice.press("Add note", {"Note": " "}).status == 422
    alice.press("Add note", {"Note": "Speaks Polish.\nCalled twice."})
    assert entries(alice.page) == ["Note", "Moved from New to Screening", "Applied for Night nurse"]
    assert entries(alice.press("Notes")) == ["Note"]
    assert entries(alice.press("Moves")) == ["Moved from New to Screening"]
    assert entries(alice.press("Applications")) == ["Applied for Night nurse"]


def test_not_taken_wants_a_reason_writes_to_nobody_and_can_be_taken_back(alice, nurse, mailbox):
    applied(nurse)
    alice.get(f"/recruitment/candidates/{Candidate.get().id}")
    alice.press("Not taken for Night nurse")
    assert "Enter a reason" in alice.press("Not taken").text
    page = alice.press("Not taken", {"Reason": "No answer", "Send the candidate this message": False})
    assert "is not taken. Nobody was written to." in page.text
    assert entries(page)[0] == "Not taken for Night nurse"
    assert "Zoë" not in alice.get(f"/recruitment/vacancies/{nurse.id}").text
    alice.press("Not taken: 1")
    alice.press("Zoë Łukasz")
    assert entries(alice.press("Reopen Night nurse"))[0] == "Reopened, on New"
    assert Application.get().ended is None
    assert mailbox.messages == []


def test_another_application_of_the_same_person_is_named_and_a_note_says_which_it_is_about(alice, acme, nurse):
    applied(nurse)
    application = applied(opened(acme, alice, "Porter"))
    page = alice.get(f"/recruitment/candidates/{application.candidate_id}")
    assert [one.get_text(strip=True) for one in page.soup.select("main h2.h4")] == ["Porter", "Night nurse"]
    alice.press("Add note", {"Note": "Strong", "About": str(Application.get(Application.vacancy == nurse).id)})
    note = alice.page.soup.select_one(".timeline-step")
    assert "Night nurse" in note.get_text()


def test_who_applied_again_is_marked_on_board_and_page(alice, nurse):
    applied(nurse)
    applied(nurse)
    assert "Applied again" in alice.get(f"/recruitment/vacancies/{nurse.id}").text
    alice.press("Zoë Łukasz")
    assert entries(alice.page)[0] == "Applied again for Night nurse"


def test_the_audit_log_names_the_candidate_and_no_note(alice, nurse):
    application = applied(nurse)
    actions.add_note(application.candidate, "Secret words", by=alice.user)
    page = alice.get("/settings/audit-log")
    assert "Add note about candidate" in page.text
    assert "Secret words" not in page.text


def test_a_note_written_while_a_candidate_is_erased_is_not_kept(alice, nurse):
    application = applied(nurse)
    alice.get(f"/recruitment/candidates/{application.candidate_id}")
    seen = seeing.candidate_or_404

    def erased_meanwhile(candidate_id):
        candidate = seen(candidate_id)
        erasing.erase(candidate, by="portal")
        return candidate

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seeing, "candidate_or_404", erased_meanwhile)
        page = alice.press("Add note", {"Note": "Speaks Polish"})
    assert "data was deleted in the meantime" in page.text
    assert Note.select().count() == 0
