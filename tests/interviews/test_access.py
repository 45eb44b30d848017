"""Who sees an interview: who leads the vacancy, and each interviewer their own, until 14 days after; and feedback."""

from datetime import timedelta

import pytest

from portal.auth.models import AccessLevel
from portal.database import now
from portal.interviews.models import Feedback, Interview
from portal.mail import lane
from tests.interviews.conftest import interview, plan
from tests.recruitment.conftest import applied

LIST = "/recruitment/interviews"


@pytest.fixture
def planned(zoe, team, alice, bob, carol, mailbox):
    plan(alice, zoe, who=[bob, carol])
    return interview()


def address(planned):
    return f"{LIST}/{planned.id}"


def over(planned, *, days=0):
    """The interview has ended, so many days ago."""
    ended = now() - timedelta(days=days, minutes=5)
    Interview.update(starts_at=ended - timedelta(hours=1), ends_at=ended).where(Interview.id == planned.id).execute()


def give(person, planned, verdict, why="Because."):
    person.get(address(planned))
    return person.press("Give feedback", {verdict: True, "Why": why})


def test_an_interviewer_sees_own_interviews_and_nothing_else_of_recruitment(planned, carol, nurse, alice):
    page = carol.get(LIST)
    assert "Zoë Łukasz" in page.text
    assert "Vacancies" not in page.text
    assert carol.get(address(planned)).status == 200
    assert not carol.page.has_button("Move")
    for closed in (
        f"/recruitment/candidates/{planned.application.candidate_id}", "/recruitment/vacancies",
        f"/recruitment/applications/{planned.application_id}/interview", f"{address(planned)}/move",
        f"{address(planned)}/call-off", f"{address(planned)}/take-over",
    ):  # fmt: skip
        assert carol.get(closed).status == 404, closed
    other = applied(nurse, first_name="Max")
    plan(alice, other)
    assert carol.get(address(interview(application=other))).status == 404


def test_an_interviewer_sees_it_until_fourteen_days_after(planned, carol):
    over(planned, days=13)
    assert carol.get(address(planned)).status == 200
    over(planned, days=14)
    assert carol.get(address(planned)).status == 404
    assert carol.get(LIST).status == 404


def test_mallory_and_strangers_see_nothing(planned, mallory, stan, cast, acme):
    for person, status in ((mallory, 404), (stan, 403), (cast.person(acme, "Nina", AccessLevel.MANAGER), 404)):
        assert person.get(address(planned)).status == status
        assert person.get(f"{address(planned)}/move").status == status
        assert person.post(f"{address(planned)}/call-off", {"reason": "x"}).status == status
    assert Interview.get().state == "planned"


def test_r55_others_feedback_is_unseen_until_ones_own_is_given(planned, alice, bob, carol):
    assert "Give feedback here once the interview is over." in carol.get(address(planned)).text
    assert carol.post(f"{address(planned)}/feedback", {"verdict": "No", "text": "x"}).status == 409
    over(planned)
    give(bob, planned, "Strong yes", "Brilliant.")
    page = carol.get(address(planned))
    assert "1 colleague has given feedback" in page.text
    assert "Brilliant." not in page.html
    assert not page.soup.select("#feedback article")
    timeline = alice.get(f"/recruitment/candidates/{planned.application.candidate_id}")
    assert "Feedback given" in timeline.text
    assert "Brilliant." not in timeline.html
    assert give(carol, planned, "No").status == 200
    assert "Brilliant." in carol.page.text
    assert Feedback.select().count() == 2


def test_r55_feedback_wants_a_verdict_and_a_sentence_and_can_be_changed_by_its_writer(planned, carol, alice):
    over(planned)
    carol.get(address(planned))
    page = carol.press("Give feedback", {"Why": "Well prepared."})
    assert (page.status, page.value("Why")) == (422, "Well prepared.")
    assert "Choose one of the four." in page.text
    give(carol, planned, "Yes")
    carol.press("Change feedback", {"No": True, "Why": "On second thoughts."})
    found = Feedback.get()
    assert (found.verdict, found.text) == ("No", "On second thoughts.")
    assert "Waiting for your feedback" in alice.get(LIST).text


def test_an_admin_adds_an_interviewer_of_any_level_to_the_team(nurse, alice, carol):
    alice.get(f"/recruitment/vacancies/{nurse.id}/team")
    page = alice.press("Add", {"User": str(carol.user.id), "Part": "recruiter"})
    assert "Choose Interviewer, or make them a Manager" in page.text
    page = alice.press("Add", {"User": str(carol.user.id), "Part": "interviewer"})
    assert "sees only the interviews that they take part in" in page.text


def test_another_recruiter_takes_over_and_two_cannot_change_one(planned, bob, alice, mailbox):
    bob.get(address(planned))
    assert not bob.page.has_button("Call off")
    assert bob.post(f"{address(planned)}/call-off", {"reason": "x"}).status == 409
    bob.get(address(planned))
    bob.press("Take over")
    mailbox.clear()
    bob.press("Take over")
    lane.join(10)
    assert (Interview.select().count(), interview(state="planned").organiser.name) == (2, "Bob")
    assert bob.page.has_button("Move")
    assert "Bob has taken over this interview" in alice.get(address(planned)).text
    methods = sorted(one["Subject"].partition(":")[0] for one in mailbox.messages)
    assert methods == ["Called off"] * 4 + ["Interview"] * 4


def test_nobody_interviews_themselves_and_an_ended_application_is_not_interviewed(team, alice, carol, nurse, acme):
    own = applied(nurse, email=carol.user.email)
    page = plan(alice, own, who=[carol])
    assert "Nobody interviews themselves." in page.text
    assert Interview.select().count() == 0
