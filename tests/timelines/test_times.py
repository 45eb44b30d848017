"""When clocks show an hour: everywhere, on every day, whatever is done to the clocks."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from portal.organisations.times import how_far, in_words, moment_of

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "hour", "moment"),
    [
        ("Europe/Berlin", date(2027, 3, 28), "02:30", "2027-03-28T01:00"),
        ("Europe/Berlin", date(2026, 10, 25), "02:30", "2026-10-25T00:30"),
        ("Australia/Sydney", date(2026, 10, 4), "02:30", "2026-10-03T16:00"),
        ("Australia/Sydney", date(2027, 4, 4), "02:30", "2027-04-03T15:30"),
        ("Australia/Lord_Howe", date(2026, 10, 4), "02:15", "2026-10-03T15:30"),
        ("Australia/Lord_Howe", date(2027, 4, 4), "01:45", "2027-04-03T14:45"),
        ("Pacific/Chatham", date(2026, 9, 27), "03:00", "2026-09-26T14:00"),
        ("Pacific/Apia", date(2011, 12, 30), "18:00", "2011-12-30T10:00"),
        ("America/Los_Angeles", date(2026, 11, 27), "23:59", "2026-11-28T07:59"),
    ],
)
def test_l18_an_hour_that_is_passed_over_is_the_next_there_is_and_one_that_comes_twice_the_first(
    zone, day, hour, moment
):
    assert moment_of(day, hour, ZoneInfo(zone)).isoformat()[:16] == moment


def test_a_moment_names_its_day_and_its_city():
    moment = datetime(2026, 11, 27, 7, tzinfo=UTC)
    assert in_words(moment, ZoneInfo("Australia/Sydney")) == "Fri 27 Nov 2026, 18:00 (Sydney)"


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 12, 10, 8, tzinfo=UTC), "in 16 days"),
        (datetime(2026, 11, 8, 18, tzinfo=UTC), "16 days ago"),
        (datetime(2026, 11, 27, 12, tzinfo=UTC), "in 3 days"),
        (datetime(2026, 11, 24, 10, tzinfo=UTC), "2 hours ago"),
        (datetime(2026, 11, 24, 12, 1, tzinfo=UTC), "in 1 minute"),
        (NOON, "now"),
    ],
)
def test_how_far_away_a_moment_is(moment, words):
    assert how_far(moment, NOON, ZoneInfo("UTC")) == words
