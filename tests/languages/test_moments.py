"""Moments around the nights in which the clocks change."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from portal import languages

LONDON = ZoneInfo("Europe/London")


def said(moment, zone):
    return str(languages.moment(moment, ZoneInfo(zone)))


def test_the_hour_that_happens_twice_is_told_apart():
    summer, winter = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    for first, second in ((summer, winter), (summer.astimezone(LONDON), winter.astimezone(LONDON))):
        assert said(first, "Europe/London") == "25 Oct 2026, 01:30 BST"
        assert said(second, "Europe/London") == "25 Oct 2026, 01:30 GMT"


def test_an_hour_that_does_not_happen_is_the_one_after():
    assert said(datetime(2027, 3, 28, 1, 30, tzinfo=LONDON), "Europe/London") == "28 Mar 2027, 02:30 BST"


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Pacific/Kiritimati", "1 Jan 2027, 00:00 GMT+14:00"),
        ("Pacific/Auckland", "31 Dec 2026, 23:00 GMT+13:00"),
        ("Asia/Kolkata", "31 Dec 2026, 15:30 GMT+05:30"),
        ("America/Sao_Paulo", "31 Dec 2026, 07:00 GMT-03:00"),
    ],
)
def test_a_moment_has_the_day_of_its_zone(zone, expected):
    assert said(datetime(2026, 12, 31, 10, tzinfo=UTC), zone) == expected
