"""Interviews of organisers with a connected Outlook: in the calendar once, and followed there."""

from datetime import timedelta

import pytest

from portal.carrying.models import State
from portal.database import now
from portal.interviews import following, happenings
from portal.interviews.models import Attendance, Interview, InterviewEvent
from portal.messages.models import Delivery
from tests.interviews.conftest import at, interview, open_plan, plan
from tests.mailboxes.conftest import GRACE, OMAR
from tests.reading.conftest import look

ZOE = "zoe@outside.example"


@pytest.fixture
def grace(team, carol):
    """Carol works with the mailbox of Grace."""
    carol.user.email = GRACE
    carol.user.save()
    return carol


def slots(page, row):
    """What the grid says at that time, under the names of the people."""
    table = page.soup.select_one(".day-grid table")
    names = [cell.get_text(strip=True) for cell in table.select("thead th")]
    line = next(one for one in table.select("tbody tr") if one.th.get_text(strip=True) == row)
    return dict(zip(names[1:], [cell.get_text(strip=True) for cell in line.select("td")], strict=True))


def happened():
    return [one.kind for one in InterviewEvent.select().order_by(InterviewEvent.id)]


def test_r50_busy_tentative_free_and_not_known_which_is_never_green(omars, zoe, grace, bob, alice, sandbox):
    sandbox.change_event(GRACE, starts=at(9).timestamp(), ends=at(10).timestamp(), showAs="tentative")
    sandbox.change_event(OMAR, starts=at(14).timestamp(), ends=at(15).timestamp())
    page = plan(alice, zoe, who=[grace, bob], press="Show the day")
    assert slots(page, "09:00") == {"Together": "Tentative", "Alice": "Free", "Bob": "Not known", "Carol": "Tentative"}
    assert slots(page, "10:00") == {"Together": "Not known", "Alice": "Free", "Bob": "Not known", "Carol": "Free"}
    # An hour that begins at half past one reaches into what begins at two.
    assert slots(page, "13:30")["Alice"] == "Busy"
    grey = [badge for badge in page.soup.select(".day-grid .badge") if "Not known" in badge.text]
    assert grey
    assert not any("green" in " ".join(badge["class"]) for badge in grey)


def test_r50_without_outlook_nothing_is_known_and_the_page_says_why(zoe, alice):
    page = open_plan(alice, zoe)
    assert "have connected Outlook" in page.text
    assert set(slots(page, "10:00").values()) == {"Not known"}


def test_r50_a_slot_taken_meanwhile_is_said_and_can_be_taken_all_the_same(omars, zoe, grace, alice, sandbox):
    open_plan(alice, zoe)
    sandbox.change_event(GRACE, starts=at(10).timestamp(), ends=at(11).timestamp())
    page = plan(alice, zoe, who=[grace])
    assert (page.status, Interview.select().count()) == (409, 0)
    assert "Carol: busy" in page.text
    # Another time needs no second word, the same one is taken at its word.
    assert alice.press("Invite").status == 200
    assert interview().starts_at == at(10)


def test_r51_invited_once_with_a_teams_link(omars, zoe, grace, alice, sandbox, mailbox):
    page = plan(alice, zoe, who=[grace], Teams_meeting=True, Place="Room 5")
    (event,) = sandbox.events(OMAR)
    assert (event["starts"], event["start_zone"]) == (at(10).timestamp(), "Europe/Berlin")
    assert [one["emailAddress"]["address"] for one in event["body"]["attendees"]] == [ZOE, GRACE]
    assert interview().join_url == event["join_url"] != ""
    assert page.soup.find("a", href=event["join_url"])
    assert (len(sandbox.outside(ZOE)), mailbox.messages) == (1, [])
    assert Delivery.get().state == State.DONE
    assert interview().key not in str(sandbox.outside(ZOE))


def test_r51_teams_refused_is_said_in_amber_and_the_interview_stands(omars, zoe, alice, sandbox):
    sandbox.allow_teams(OMAR, False)
    page = plan(alice, zoe, Teams_meeting=True)
    assert "Outlook gave no Teams link" in page.soup.select_one(".alert-warning").text
    assert (len(sandbox.events(OMAR)), interview().state) == (1, "planned")
    assert happened() == ["planned", "no link"]


def test_r53_moved_and_called_off_by_the_portal_tells_everybody_once_each(omars, zoe, alice, sandbox):
    plan(alice, zoe)
    alice.press("Move")
    # The interview itself is in the way of nothing.
    alice.press("Move", {"Another time": True, "Begins at": "10:30"})
    alice.press("Move")
    alice.press("Move", {"11:00": True})
    (event,) = sandbox.events(OMAR)
    assert event["starts"] == at(11).timestamp()
    alice.press("Call off")
    alice.press("Call off", {"What everybody reads": "The place is filled."})
    assert sandbox.events(OMAR) == []
    mails = sandbox.outside(ZOE)
    assert [mail["meeting"]["method"] for mail in mails] == ["REQUEST", "REQUEST", "REQUEST", "CANCEL"]
    assert mails[-1]["text"] == "The place is filled."


def test_r53_what_people_do_in_outlook_is_taken_over_and_said_on_the_timeline(omars, zoe, grace, alice, sandbox):
    plan(alice, zoe, who=[grace])
    found = interview()
    sandbox.answer_meeting(found.ical_uid, ZOE, "accepted")
    following.sweep()
    assert Attendance.get(address=ZOE).said == "yes"
    own = sandbox.events(OMAR)[0]["id"]
    sandbox.change_event(OMAR, id=own, starts=at(15).timestamp(), ends=at(16).timestamp())
    following.sweep()
    assert (interview().starts_at, Attendance.get(address=ZOE).said) == (at(15), "nothing")
    sandbox.answer_meeting(found.ical_uid, ZOE, "declined")
    following.sweep()
    timeline = alice.get(f"/recruitment/candidates/{zoe.candidate_id}?show=interviews").text
    assert "Interview moved in Outlook to Monday 31 March 2031, 15:00 to 16:00 (Berlin)" in timeline
    assert "Zoë Łukasz cannot come" in timeline
    sandbox.change_event(OMAR, id=own)
    following.sweep()
    assert interview().is_off
    assert happened() == ["planned", "answer", "moved outside", "answer", "called off outside"]
    following.sweep()
    assert len(happened()) == 5


def test_r53_an_answer_that_only_its_mail_has_counts_unless_it_is_about_an_earlier_time(omars, zoe, alice, sandbox):
    sandbox.timing(answers_booked=0)
    plan(alice, zoe)
    sandbox.answer_meeting(interview().ical_uid, ZOE, "declined", "I am ill that day")
    look()
    found = Attendance.get(address=ZOE)
    assert (found.said, found.words) == ("no", "I am ill that day")
    sandbox.answer_meeting(interview().ical_uid, ZOE, "accepted")
    InterviewEvent.update(at=now() + timedelta(minutes=5)).execute()
    look()
    assert Attendance.get(address=ZOE).said == "no"


def test_r53_moving_what_was_called_off_in_outlook_finds_that_out(omars, zoe, alice, sandbox):
    plan(alice, zoe)
    sandbox.change_event(OMAR, id=sandbox.events(OMAR)[0]["id"])
    alice.press("Move")
    alice.press("Move", {"11:00": True})
    assert interview().is_off
    assert happened()[-1] == "called off outside"
    assert sandbox.events(OMAR) == []


def test_a_colleague_takes_over_what_stands_in_an_absent_ones_calendar(omars, zoe, team, alice, bob, sandbox, mailbox):
    plan(alice, zoe)
    bob.get(f"/recruitment/interviews/{interview().id}")
    bob.press("Take over")
    bob.press("Take over")
    assert sandbox.events(OMAR) == []
    assert sandbox.outside(ZOE)[-1]["meeting"]["method"] == "CANCEL"
    assert interview(state="planned").mailbox_id is None
    assert bob.page.has_button("Move")


def test_erasing_a_candidate_calls_their_interview_off_in_the_calendar_first(omars, zoe, team, alice, sandbox):
    plan(alice, zoe)
    assert sandbox.outside(ZOE)[-1]["meeting"]["method"] == "REQUEST"
    address = f"/recruitment/candidates/{zoe.candidate_id}/delete"
    assert "The portal calls these interviews off first" in alice.get(address).text
    alice.press("Delete data")
    assert sandbox.outside(ZOE)[-1]["meeting"]["method"] == "CANCEL"
    assert not Interview.select().exists()
    assert not Delivery.select().exists()


def test_an_interview_of_an_erased_candidate_goes_once_the_calendar_has_answered(omars, zoe, team, alice, sandbox):
    plan(alice, zoe)
    sandbox.fault(path="/events", status=503, retry_after=60, times=None)
    alice.get(f"/recruitment/candidates/{zoe.candidate_id}/delete")
    alice.press("Delete data")
    happenings.forget_erased()
    assert Interview.select().count() == 1
    waiting = Delivery.get(Delivery.state == State.WAITING)
    assert waiting.verb == "call off"
    Delivery.update(state=State.DONE).where(Delivery.id == waiting.id).execute()
    happenings.forget_erased()
    assert not Interview.select().exists()
