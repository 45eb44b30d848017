"""What the portal does in a connected calendar: who is free, and meetings that are made once."""

import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from portal.connectors.calendars import Guest, Meeting, Said, Slot
from portal.connectors.errors import NotFound, TryLater
from portal.mailboxes.opening import opened
from tests.mailboxes.conftest import GRACE, OMAR

ZOE = "zoe@outside.example"


@pytest.fixture
def calendar(omars):
    with opened(omars) as found:
        yield found


def at(hour: int, zone: str = "Europe/Berlin", *, month: int = 3, day: int = 31) -> datetime:
    return datetime(2027, month, day, hour, tzinfo=ZoneInfo(zone))


def meeting(zone="Europe/Berlin", hour=10, **changes):
    values = {
        "subject": "Interview", "text": "Come and see us.", "starts": at(hour, zone),
        "ends": at(hour + 1, zone), "zone": zone, "guests": (Guest(ZOE, "Zoë"), Guest(GRACE)), **changes,
    }  # fmt: skip
    return Meeting(**values)


def test_r50_an_address_that_outlook_does_not_know_is_never_free(calendar, sandbox):
    sandbox.change_event(GRACE, starts=at(10).timestamp(), ends=at(11).timestamp(), showAs="oof")
    found = calendar.busy([OMAR, GRACE, ZOE], at(9), at(12), 60)
    assert found == {
        OMAR: (Slot.FREE,) * 3, GRACE: (Slot.FREE, Slot.AWAY, Slot.FREE), ZOE: (Slot.UNKNOWN,) * 3,
    }  # fmt: skip


def test_r51_a_lost_answer_is_unknown_and_the_key_never_makes_a_second_meeting(calendar, sandbox):
    faults = [{"kind": "lost answer"}, {"kind": "done but refused", "status": 504}, {"kind": "reset"}]
    for number, fault in enumerate(faults, start=1):
        key = str(uuid.uuid4())
        sandbox.fault(method="POST", path="/me/events$", **fault)
        with pytest.raises(TryLater) as raised:
            calendar.invite(meeting(), key)
        assert raised.value.unknown
        assert (calendar.meeting(key=key) is None) == (fault["kind"] == "reset")
        event = calendar.invite(meeting(), key)
        assert [one["uid"] for one in sandbox.events(OMAR)][number - 1 :] == [event.uid]
        assert len(sandbox.outside(ZOE)) == number


def test_r51_teams_gives_a_link_that_a_move_keeps_or_none(calendar, sandbox):
    event = calendar.invite(meeting(online=True), str(uuid.uuid4()))
    assert event.join_url.startswith("https://")
    moved = calendar.move(event.id, meeting(hour=14, online=True))
    assert (moved.join_url, moved.starts) == (event.join_url, at(14))
    assert len(sandbox.outside(ZOE)) == 2
    sandbox.allow_teams(OMAR, False)
    assert calendar.invite(meeting(online=True), str(uuid.uuid4())).join_url == ""


def test_r52_the_right_hour_stands_in_the_calendar_on_both_sides_of_a_change(calendar, sandbox):
    for zone, month, day, utc in [
        ("Europe/Berlin", 3, 27, 9), ("Europe/Berlin", 3, 28, 8), ("Europe/Berlin", 10, 31, 9),
        ("Asia/Kolkata", 3, 28, 4.5), ("Europe/Vienna", 3, 28, 8),
    ]:  # fmt: skip
        starts, ends = (at(hour, zone, month=month, day=day) for hour in (10, 11))
        event = calendar.invite(meeting(zone, starts=starts, ends=ends), str(uuid.uuid4()))
        midnight = datetime(2027, month, day, tzinfo=ZoneInfo("UTC")).timestamp()
        assert sandbox.events(OMAR)[-1]["starts"] == midnight + utc * 3600
        assert (event.starts, event.ends) == (starts, ends)


def test_r53_answers_moves_and_what_was_called_off_by_hand_are_seen(calendar, sandbox):
    key = str(uuid.uuid4())
    event = calendar.invite(meeting(), key)
    sandbox.answer_meeting(event.uid, ZOE, "declined")
    seen = calendar.meeting(event.id)
    assert {address: said for address, (said, _) in seen.answers.items()} == {ZOE: Said.NO, GRACE: Said.NOTHING}
    own = sandbox.events(OMAR)[0]["id"]
    sandbox.change_event(OMAR, id=own, starts=at(15).timestamp(), ends=at(16).timestamp())
    assert calendar.meeting(event.id).starts == at(15)
    sandbox.change_event(OMAR, id=own)
    assert calendar.meeting(event.id) is None
    calendar.call_off(event.id, "It is over")
    with pytest.raises(NotFound):
        calendar.move(event.id, meeting())
    with pytest.raises(NotFound):
        calendar.invite(meeting(), key)


def test_the_zone_is_that_of_the_working_hours(calendar, sandbox):
    assert calendar.zone(OMAR) == "UTC"
    sandbox.change_mailbox(OMAR, settings={"timeZone": "W. Europe Standard Time"})
    assert calendar.zone(OMAR) == "Europe/Berlin"
    sandbox.change_mailbox(OMAR, settings={"timeZone": "Customized Time Zone"})
    assert calendar.zone(OMAR) == ""
