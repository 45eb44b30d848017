"""In which time zone an employee lives."""

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest
from babel.core import get_global

from portal.people import zones


@pytest.mark.parametrize(
    ("own", "country", "expected"),
    [
        ("Australia/Lord_Howe", "GB", "Australia/Lord_Howe"),
        ("", "WS", "Pacific/Apia"),
        ("", "DE", "Europe/Berlin"),
        ("", "AU", "Europe/London"),
        ("", "XK", "Europe/London"),
        ("", "", "Europe/London"),
    ],
)
def test_the_zone_is_their_own_else_the_only_one_of_the_country_else_the_organisations(
    cast, acme, own, country, expected
):
    acme.time_zone = "Europe/London"
    ada = cast.employee(acme, "Ada", "Byron", country=country, time_zone=own)
    assert zones.zone_of(ada) == ZoneInfo(expected)


def test_countries_that_count_as_one_zone_keep_the_same_time_all_year_and_each_zone_is_known():
    for code, zone in zones.SAME_TIME.items():
        keys = [*get_global("territory_zones")[code], zone]
        for month in range(1, 13):
            assert len({datetime(2026, month, 15, tzinfo=ZoneInfo(key)).utcoffset() for key in keys}) == 1, code
    found = {zones.of_country(code) for code in get_global("territory_zones") if len(code) == 2} - {"", "Etc/Unknown"}
    assert found <= available_timezones()
