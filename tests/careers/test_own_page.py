"""The page of a candidate's own: the link in the email, and what can be done behind it."""

import json

import pytest

from portal import audit
from portal.audit import AuditEntry
from portal.candidate_care.models import CandidateMail, ErasureNotice, OwnLink
from portal.recruitment import actions
from portal.recruitment.files import StoredFile, StoredPart, content_of
from portal.recruitment.models import Application, Candidate, CandidateAddress, Ended, Note, StageMove
from tests.careers.conftest import NAME, link_in, send_mails
from tests.careers.documents import PDF
from tests.cast import Person


@pytest.fixture
def message(zoe, nurse, mailbox):
    """The email that thanks Zoë for her application."""
    zoe.apply(nurse)
    send_mails()
    return mailbox.messages[-1]


def test_the_link_shows_nothing_before_a_button_is_pressed_and_its_token_leaves_the_address(app, zoe, message):
    page = zoe.get(link_in(message))
    assert page.url == "/application"
    assert "Zoë" not in page.html
    # A scanner that follows links presses nothing; and without the link there is no page.
    assert zoe.get("/application/download").url == "/application"
    assert Person(app).get("/application").status == 404
    assert "Zoë Łukasz" in zoe.open_own_page(message).text


def test_the_page_closes_after_half_an_hour(zoe, message):
    zoe.open_own_page(message)
    zoe.clock(minutes=31)
    assert "Zoë" not in zoe.get("/application").text


def test_all_that_is_held_can_be_downloaded(zoe, message):
    zoe.open_own_page(message)
    held = json.loads(zoe.get("/application/download").html)
    assert (held["name"], held["email"]) == ("Zoë Łukasz", ["zoe@home.example"])
    assert held["applications"][0]["answers"] == [{"From when?": "May"}]
    assert held["files"][0]["name"] == NAME


def test_r58_a_file_is_saved_and_never_shown(zoe, message):
    zoe.open_own_page(message)
    answer = zoe.client.get(f"/application/files/{StoredFile.get().id}")
    headers = answer.headers
    assert answer.data == PDF
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"].startswith("attachment")
    assert "filename*=UTF-8''Zo%C3%AB%20%C5%81ukasz%20%E2%80%93%20Lebenslauf.pdf" in headers["Content-Disposition"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["Cache-Control"] == "no-store"


def test_a_candidate_withdraws(zoe, message):
    zoe.open_own_page(message)
    page = zoe.press("Withdraw")
    assert "Your application is withdrawn." in page.text
    assert Application.get().ended == Ended.WITHDRAWN
    assert not page.has_button("Withdraw")


def test_a_candidate_agrees_to_be_kept_and_changes_their_mind(zoe, message, acme):
    zoe.open_own_page(message)
    zoe.press("Keep")
    candidate = Candidate.get()
    assert (candidate.talent_until - acme.today).days == 365
    assert candidate.consent_text == "Keep my data for other openings for 12 months"
    zoe.press("Keep no longer")
    assert (Candidate.get().talent_until, Candidate.get().consent_text) == (None, "")


def test_r61_a_candidate_deletes_all_of_their_data_at_once(zoe, nurse, message, acme, alice):
    actions.add_note(Candidate.get(), "Zoë is kind.", by=alice.user)
    zoe.open_own_page(message)
    zoe.press("Delete my data")
    page = zoe.press("Delete my data")
    assert page.title == "Your data is deleted"
    for model in (StoredFile, StoredPart, CandidateMail, CandidateAddress, OwnLink, Note):
        assert model.select().count() == 0, model
    candidate, application = Candidate.get(), Application.get()
    assert (candidate.name, candidate.search_text, bool(candidate.erased_at)) == ("Erased candidate", "", True)
    assert (application.answers, application.ended, application.vacancy_id) == ([], Ended.WITHDRAWN, nurse.id)
    assert StageMove.select().count() == 1
    last = AuditEntry.select().order_by(AuditEntry.number.desc()).get()
    assert (last.action, last.subject_name) == ("candidate erased", "Erased candidate")
    assert not AuditEntry.select().where(AuditEntry.subject_name.contains("Zoë")).exists()
    assert audit.check(acme).is_sound
    assert zoe.get(link_in(message)).title == "This link leads nowhere"


def test_r61_who_was_hired_is_not_deleted_and_hr_hears_of_it(zoe, message):
    Application.update(ended=Ended.HIRED).execute()
    zoe.open_own_page(message)
    zoe.press("Delete my data")
    page = zoe.press("Delete my data")
    assert page.status == 409
    assert "passed your request to the HR team" in page.text
    assert ErasureNotice.get().asked_at
    assert Candidate.get().name == "Zoë Łukasz"


def test_nobody_reaches_another_candidates_files_or_application(app, zoe, nurse, message, mailbox, clock):
    mallory = type(zoe)(app, clock)
    mallory.apply(nurse, First_name="Mallory", Email="mallory@evil.example")
    send_mails()
    mallory.open_own_page(mailbox.messages[-1])
    zoes = Application.select().order_by(Application.id).get()
    file = StoredFile.get(StoredFile.application == zoes)
    assert mallory.get(f"/application/files/{file.id}").status == 404
    mallory.get("/application")
    mallory.post(f"/application/withdraw/{zoes.id}")
    assert Application.get_by_id(zoes.id).ended is None
    assert content_of(file) == PDF
    assert mallory.get("/application?token=guessed").status == 404


def test_mallory_who_applies_with_zoes_address_sees_nothing_of_hers(app, zoe, nurse, message, mailbox, clock):
    mallory = type(zoe)(app, clock)
    page = mallory.apply(nurse, First_name="Mallory", Email="ZOE@home.example")
    assert "Zoë" not in page.html
    assert mallory.get("/application").status == 404
    assert Candidate.get().name == "Zoë Łukasz"
