"""Two records of one person become one: the evidence is shown, and nothing of either is lost."""

from portal.audit import AuditEntry
from portal.backup import erased
from portal.candidate_care import erasing, merging, own_page
from portal.recruitment import actions, stages
from portal.recruitment.models import Application, Candidate, Ended, Note
from tests.recruitment.conftest import applied, opened
from tests.recruitment.test_candidates import entries


def test_two_records_of_one_candidate_are_merged_after_a_question_and_nothing_is_lost(alice, acme, nurse):
    porter = opened(acme, alice, "Porter")
    kept, other = applied(nurse), applied(nurse, email="zoe@work.example", phone="+44 20 7946 0001")
    applied(porter, email="zoe@work.example")
    actions.move(other, stages.of(nurse)[1], by=alice.user)
    for one in (kept, other):
        actions.add_note(one.candidate, f"About {one.id}", by=alice.user, application=one)
    actions.end(kept, Ended.WITHDRAWN, by=alice.user)
    link = own_page.new_link(other.candidate).partition("token=")[2]
    alice.get(f"/recruitment/candidates/{kept.candidate_id}")
    page = alice.press("Merge with another record")
    assert "The names are the same." in page.text
    page = alice.press("Compare with Zoë Łukasz, zoe@work.example")
    assert "This cannot be undone." in page.text
    page = alice.press("Merge")
    assert "zoe@work.example" in page.text
    assert entries(page).count("Note") == 2
    (candidate,) = Candidate.select().where(Candidate.erased_at.is_null())
    assert candidate.phone == "+44 20 7946 0001"
    found = {one.vacancy_id: one for one in Application.select()}
    assert (len(found), found[nurse.id].ended, found[nurse.id].stage.name) == (2, None, "Screening")
    assert own_page.find(link) == candidate
    page = alice.get(f"/recruitment/candidates/{other.candidate_id}")
    assert page.url.endswith(f"/{kept.candidate_id}")
    erasing.erase(candidate, by="portal")
    assert Note.select().count() == 0
    assert "zoe@work.example" not in str(list(AuditEntry.select().dicts()))


def test_records_of_two_people_are_merged_only_by_those_who_see_both(alice, bob, initech, cast, acme, nurse):
    kept, other = applied(nurse), applied(nurse, "Max", "Mustermann", "max@home.example")
    address = f"/recruitment/candidates/{kept.candidate_id}/merge"
    assert "Nothing shows that they are the same person" in alice.get(f"{address}?other={other.candidate_id}").text
    assert bob.post(address, {"other": other.candidate_id}).status == 403
    theirs = applied(
        opened(initech, cast.person(initech, "Ina", alice.user.access_level), "Clerk"), email="a@b.example"
    )
    assert alice.post(address, {"other": theirs.candidate_id}).status == 404
    assert alice.post(address, {"other": kept.candidate_id}).status == 409
    assert Candidate.select().count() == 3


def test_who_applies_after_a_merge_is_not_taken_for_the_record_that_is_gone(alice, acme, nurse):
    """A database may give the number of a record that is gone to the next one."""
    kept, other = applied(nurse), applied(nurse, email="zoe@work.example")
    merging.merge(kept.candidate, other.candidate, by=alice.user)
    third = applied(nurse, email="zoe@third.example")
    merging.merge(kept.candidate, third.candidate, by=alice.user)
    fourth = applied(nurse, "Max", "Mustermann", email="max@home.example")
    erasing.erase(Candidate.get_by_id(kept.candidate_id), by="portal")
    assert "zoe" not in str(list(AuditEntry.select().dicts())).lower()
    about = AuditEntry.select().where(AuditEntry.subject_name == "Max Mustermann")
    assert [line.action for line in about] == ["apply"]
    assert "Max Mustermann" in alice.get(f"/recruitment/candidates/{fourth.candidate_id}").title


def test_a_restore_erases_again_each_record_of_an_erased_candidate_and_none_of_another(alice, nurse):
    """As a copy from before the merge has them: by number and by when they were made."""
    other, kept = applied(nurse, email="zoe@work.example"), applied(nurse)
    before = {(one.id, one.organisation_id, str(one.created_at)) for one in Candidate.select()}
    merging.merge(kept.candidate, other.candidate, by=alice.user)
    assert erased.in_database() == []
    erasing.erase(Candidate.get_by_id(kept.candidate_id), by="portal")
    found = Candidate.select().where(Candidate.id.in_([row[0] for row in erased.in_database()]))
    assert {(one.id, one.organisation_id, str(one.created_at)) for one in found} == before
