"""Who a candidate is, and what one application is."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from portal import database
from portal.candidate_care import own_page
from portal.recruitment import actions, candidates, vacancies
from portal.recruitment.models import Application, Candidate, Ended, MoveKind, StageMove, Vacancy
from tests.recruitment.conftest import applied, opened


def test_r34_applying_twice_makes_one_application(nurse):
    nurse.questions = [{"key": "q1", "label": "From when?", "kind": "line", "needed": True}]
    nurse.save()
    first = applied(nurse, answers={"q1": "May", "q9": "unknown"})
    again = applied(nurse, "Zoe", "Lukasz", " ZOË@HOME.example ", answers={"q1": "June"})
    assert again.id == first.id
    assert [(one["label"], one["answer"]) for one in again.answers] == [("From when?", "May"), ("From when?", "June")]
    assert Candidate.get().name == "Zoë Łukasz"
    kinds = [(move.kind, move.reason) for move in StageMove.select().order_by(StageMove.id)]
    assert kinds == [(MoveKind.APPLIED, ""), (MoveKind.AGAIN, "Gave the name Zoe Lukasz")]


def test_two_who_apply_at_the_same_moment_with_one_address_are_one_candidate(nurse):
    def once(number):
        with database.connection():
            return applied(nurse, "Zoë", email="zoe@home.example").id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(once, range(4)))) == 1
    assert Candidate.select().count() == 1


def test_another_organisation_has_a_candidate_of_its_own_for_the_same_address(nurse, initech, mallory):
    theirs = opened(initech, mallory, "Night nurse")
    assert applied(nurse).candidate_id != applied(theirs).candidate_id
    assert (nurse.address, theirs.address) == ("night-nurse", "night-nurse")


def test_who_withdrew_and_applies_once_more_is_on_the_first_stage_again(nurse):
    first = applied(nurse)
    actions.end(first, Ended.WITHDRAWN, by="candidate")
    again = applied(nurse)
    assert (again.id, again.ended, again.stage.name) == (first.id, None, "New")
    assert again.again_at


def test_nobody_applies_for_a_vacancy_that_is_not_open(acme, alice, nurse):
    draft = vacancies.add(acme, {"title": "Night nurse"}, by=alice.user)
    over = opened(acme, alice, "Porter")
    Vacancy.update(closes_on="2020-01-01").where(Vacancy.id == over.id).execute()
    vacancies.pause(nurse, by=alice.user)
    assert draft.address == "night-nurse-2"
    for vacancy in (draft, over, nurse):
        with pytest.raises(actions.NotOpen, match="no longer open"):
            applied(vacancy)
    assert Application.select().count() == 0


@pytest.mark.parametrize(("values", "field"), [
    (("", " ", "zoe@home.example"), "first_name"),
    (("Zoë\nBcc: x@x.example", "", "zoe@home.example"), "first_name"),
    (("Zoë", "", "zoe@home.example\r\nBcc: x@x.example"), "email"),
    (("Zoë", "", "zoe(at)home"), "email"),
])  # fmt: skip
def test_r59_a_field_with_a_line_break_or_no_address_is_refused_by_name(nurse, values, field):
    with pytest.raises(candidates.FieldRefused) as refused:
        applied(nurse, *values)
    assert refused.value.field == field


def test_who_agreed_is_kept_for_other_openings_for_a_year(nurse, acme):
    candidate = applied(nurse, talent_consent="Keep my data for other openings for 12 months").candidate
    own_page.confirm(candidate)
    candidate = Candidate.get_by_id(candidate.id)
    assert (candidate.talent_until - acme.today).days == 365
    assert candidate.consent_text.startswith("Keep my data")


def test_addresses_are_compared_without_capitals_and_in_either_form_of_the_domain():
    assert candidates.folded("Zoë@BÜCHER.example") == candidates.folded("zoë@xn--bcher-kva.example")
