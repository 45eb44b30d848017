"""Interviews of organisers without a connected mailbox: the portal's own mail server invites."""

import json
from datetime import UTC, date, datetime, time, timedelta

import ics
import pytest
import vobject
from icalendar import Calendar

from portal.candidate_care import erasing
from portal.interviews import answers, invitation, letters, words
from portal.interviews.models import Attendance, Feedback, Interview, InterviewEvent, InterviewMail
from portal.mail import lane
from tests.careers.conftest import Candidate, link_in
from tests.interviews.conftest import DAY, WHEN, at, ics_of, interview, part, plan


def read_by_three(text):
    """What three programs read: (method, begins, ends, uid, sequence, attendees)."""
    event = next(iter(Calendar.from_ical(text).walk("VEVENT")))
    other, third = vobject.readOne(text), ics.Calendar(text)
    (theirs,) = third.events
    begins, ends = event.decoded("dtstart"), event.decoded("dtend")
    assert (other.vevent.dtstart.value, other.vevent.dtend.value) == (begins, ends)
    assert (theirs.begin.datetime, theirs.end.datetime) == (begins, ends)
    method = str(Calendar.from_ical(text)["METHOD"])
    assert (other.method.value, third.method) == (method, method)
    guests = sorted(str(one).removeprefix("mailto:") for one in event["ATTENDEE"])
    assert sorted(one.value.removeprefix("mailto:") for one in other.vevent.attendee_list) == guests
    assert sorted(one.email for one in theirs.attendees) == guests
    return method, begins, ends, str(event["UID"]), event["SEQUENCE"], guests


@pytest.fixture
def planned(zoe, team, alice, carol, mailbox):
    plan(alice, zoe, who=[carol], Place="Room 5; “Ada”, 2nd floor")
    return interview()


def test_r54_everybody_is_invited_by_mail_in_words_and_for_their_calendar(planned, mailbox, alice):
    to_zoe, to_alice, to_carol = sorted(mailbox.messages, key=lambda mail: mail["To"] != "zoe@outside.example")
    method, begins, ends, uid, sequence, guests = read_by_three(ics_of(to_zoe))
    assert (method, begins, ends, sequence) == ("REQUEST", at(10), at(11), 0)
    assert guests == ["alice@acme.example", "carol@acme.example", "zoe@outside.example"]
    assert part(to_zoe, "text/calendar")["Content-Type"].params["method"] == "REQUEST"
    assert part(to_zoe, "application/ics").get_filename() == "invite.ics"
    # The words of the mail and of the calendar are the same.
    assert WHEN in to_zoe.get_body(("plain",)).get_content()
    assert WHEN in ics_of(to_zoe).replace("\r\n ", "").replace("\\,", ",")
    assert to_zoe["Reply-To"] == "alice@acme.example"
    assert "/application?token=" in to_zoe.get_body(("plain",)).get_content()
    assert "/application?token=" not in str(to_carol) + str(to_alice) + ics_of(to_zoe)
    assert uid == invitation.uid(planned)
    assert alice.page.title == "Interview with Zoë Łukasz"


def test_r54_a_change_and_an_end_have_the_same_uid_and_a_higher_sequence(planned, mailbox, alice):
    first = read_by_three(ics_of(mailbox.messages[0]))
    mailbox.clear()
    alice.press("Move")
    alice.press("Move", {"11:00": True})
    lane.join(10)
    moved = read_by_three(ics_of(mailbox.messages[0]))
    assert (moved[1], moved[3], moved[4], len(mailbox.messages)) == (at(11), first[3], 1, 3)
    assert "11:00 to 12:00" in mailbox.messages[0].get_body(("plain",)).get_content()
    mailbox.clear()
    alice.press("Call off")
    alice.press("Call off", {"What everybody reads": "The place is filled."})
    lane.join(10)
    off = read_by_three(ics_of(mailbox.messages[0]))
    assert (off[0], off[3], off[4], len(mailbox.messages)) == ("CANCEL", first[3], 2, 3)
    assert "STATUS:CANCELLED" in ics_of(mailbox.messages[0])
    assert "The place is filled." in mailbox.messages[0].get_body(("plain",)).get_content()
    assert [event.kind for event in InterviewEvent.select().order_by(InterviewEvent.id)] == [
        "planned", "moved", "called off"
    ]  # fmt: skip


def test_r54_the_link_answers_only_by_a_button_behind_a_button(planned, app, mailbox, clock):
    reader, message = Candidate(app, clock), next(one for one in mailbox.messages if "zoe@" in one["To"])
    attendance = Attendance.get(Attendance.candidate.is_null(False))
    scanner = Candidate(app, clock)
    scanner.get(link_in(message))
    scanner.get(f"/application/interviews/{attendance.id}")
    assert Attendance.get_by_id(attendance.id).said == "nothing"
    reader.open_own_page(message)
    assert WHEN in reader.page.text
    reader.press("I will come", {"A sentence, if you like": "See you there"})
    assert "Your answer You will come" in reader.page.text
    held = json.loads(reader.get("/application/download").html)["interviews"]
    assert [(one["when"], one["answer"], one["words"]) for one in held] == [(WHEN, "yes", "See you there")]
    found = Attendance.get_by_id(attendance.id)
    assert (found.said, found.words) == ("yes", "See you there")
    # The link is not used up by a scanner, nor by an answer.
    Candidate(app, clock).open_own_page(message)
    clock(days=3000)
    with pytest.raises(answers.NotAhead):
        answers.answer(planned.application.candidate, attendance.id, answers.Said.NO)


def test_r54_another_candidates_interview_cannot_be_answered(planned, nurse):
    from tests.recruitment.conftest import applied

    other = applied(nurse, first_name="Max").candidate
    with pytest.raises(answers.NotAhead):
        answers.answer(other, Attendance.get(Attendance.candidate.is_null(False)).id, answers.Said.NO)


def test_r52_words_are_right_on_both_sides_of_a_change_and_in_half_hour_zones():
    def said(day, zone, elsewhere="", language="en"):
        begins = words.moment(day, time(10), zone)
        return words.when(begins, begins + timedelta(hours=1), zone, elsewhere=elsewhere).in_language(language)

    assert said(date(2026, 3, 31), "Europe/Berlin", "Europe/London") == (
        "Tuesday 31 March 2026, 10:00 to 11:00 (Berlin); 09:00 in London"
    )
    # America changes three weeks before Europe, and a week after it.
    assert said(date(2026, 3, 20), "Europe/Berlin", "America/New_York").endswith("; 05:00 in New York")
    assert said(date(2026, 10, 28), "Europe/Berlin", "America/New_York").endswith("; 05:00 in New York")
    assert said(date(2026, 11, 3), "Europe/Berlin", "America/New_York").endswith("; 04:00 in New York")
    assert said(date(2026, 3, 28), "Asia/Kolkata", "Europe/Berlin").endswith("(Kolkata); 05:30 in Berlin")
    assert said(date(2026, 3, 29), "Asia/Kolkata", "Europe/Berlin").endswith("(Kolkata); 06:30 in Berlin")
    german = said(date(2026, 3, 31), "Europe/Berlin", "Asia/Tokyo", "de")
    assert german.startswith("Dienstag, 31. März 2026, 10:00 ")
    assert german.endswith(" 11:00 (Berlin); 17:00 in Tokio")
    assert "in" not in said(date(2026, 7, 1), "Europe/Berlin", "Europe/Paris").partition(")")[2]


def test_r52_a_time_that_the_clocks_leave_out_is_refused_and_one_in_a_half_hour_zone_is_kept(zoe, alice, mailbox):
    page = plan(alice, zoe, day="2031-03-30", time="02:30")
    assert page.status == 422
    assert "leave this time out" in page.text
    assert page.value("Begins at") == "02:30"
    plan(alice, zoe, day="2031-10-26", time="10:00", Times_are_in="Asia/Kolkata")
    assert interview().starts_at == datetime(2031, 10, 26, 4, 30, tzinfo=UTC)
    assert read_by_three(ics_of(mailbox.messages[0]))[1] == datetime(2031, 10, 26, 4, 30, tzinfo=UTC)


def test_no_typed_text_gets_into_a_header_or_a_line_of_the_calendar(zoe, alice, mailbox):
    plan(alice, zoe, Subject="Talk\r\nBcc: x@evil.example\nATTENDEE:mailto:x@evil.example", Place="A\r\nB\u202e;,\\")
    for message in mailbox.messages:
        assert message["Bcc"] is None
        assert "Talk Bcc" in str(message["Subject"]) or "TalkBcc" in str(message["Subject"])
        assert len(read_by_three(ics_of(message))[5]) == 2


def test_what_was_never_sent_is_not_taken_back_and_a_refused_mail_is_named(zoe, alice, mailbox):
    mailbox.refuse(*["550 no such user"] * 2)
    plan(alice, zoe)
    assert "not sent" in alice.get(alice.page.url).text
    alice.press("Call off")
    alice.press("Call off", {"What everybody reads": "Sorry."})
    lane.join(10)
    assert InterviewMail.select().where(InterviewMail.method == "CANCEL").count() == 2
    assert all(one.problem for one in InterviewMail.select().where(InterviewMail.method == "REQUEST"))


def test_erasing_a_candidate_erases_interviews_answers_and_feedback(planned, carol):
    Feedback.create(
        organisation=planned.organisation_id, interview=planned, user=carol.user, user_name="Carol", verdict="Yes"
    )
    erasing.erase(planned.application.candidate, by=carol.user)
    for table in (Interview, Attendance, Feedback, InterviewEvent, InterviewMail):
        assert table.select().count() == 0, table


def test_the_form_keeps_what_was_typed_and_says_what_is_missing(zoe, alice):
    page = plan(alice, zoe, Subject="", Invitation="Come and see us", Day="2020-01-01")
    assert page.status == 422
    assert "Enter a subject." in page.text
    assert "This time has passed." in page.text
    assert page.value("Invitation") == "Come and see us"
    assert Interview.select().count() == 0
    assert plan(alice, zoe, Day="2031-02-31").status == 422
    assert DAY not in plan(alice, zoe, press="Show the day", Day="").text


def test_an_invitation_that_waits_does_not_follow_the_end_of_the_interview(zoe, alice, mailbox, clock):
    mailbox.refuse(*["451 try again later"] * 2)
    plan(alice, zoe)
    alice.press("Call off")
    alice.press("Call off", {"What everybody reads": "Sorry."})
    lane.join(10)
    clock(minutes=10)
    letters.sweep()
    lane.join(10)
    assert [read_by_three(ics_of(one))[0] for one in mailbox.messages] == []


def test_an_invitation_that_waits_goes_out_once_after_a_move(zoe, alice, mailbox, clock):
    mailbox.refuse(*["451 try again later"] * 2)
    plan(alice, zoe)
    alice.press("Move")
    alice.press("Move", {"Day": DAY, "Another time": True, "Begins at": "14:00"})
    lane.join(10)
    clock(minutes=10)
    letters.sweep()
    lane.join(10)
    assert sorted(one["To"] for one in mailbox.messages) == ["alice@acme.example", "zoe@outside.example"]
    assert [one["Subject"] for one in mailbox.messages if "New time" in one["Subject"]] == []
