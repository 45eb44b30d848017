"""Days, moments and numbers as each language writes them."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, get_timezone_location, match_skeleton
from babel.numbers import format_decimal

from portal.languages.catalogues import locale_of
from portal.languages.reading import ENGLISH
from portal.languages.sentences import Said

MOST = 5_000
# Of a weekday and of a month, in a pattern of CLDR.
SHORT_NAMES = re.compile(r"E+|M{3,}")
# Zone, how far it is from UTC, how much of that is for the summer, and the language -> what it is called then.
_ZONE_NAMES: dict[tuple[ZoneInfo, timedelta | None, timedelta | None, str], str] = {}


def _said(form: str, value: Any, how: Callable[[str], str]) -> Said:
    return Said(how(ENGLISH), how, {"format": form, "value": value})


@lru_cache(maxsize=MOST)
def day(when: date) -> Said:
    """ "24 Nov 2026"."""
    return _said("day", when.isoformat(), lambda language: _day(when, language))


@lru_cache(maxsize=MOST)
def _day(when: date, language: str) -> str:
    return format_date(when, "medium", locale=locale_of(language))


@lru_cache(maxsize=MOST)
def long_day(when: date) -> Said:
    """ "24 November 2026"."""
    return _said("long_day", when.isoformat(), lambda language: format_date(when, "long", locale=locale_of(language)))


@lru_cache(maxsize=MOST)
def weekday(when: date) -> Said:
    """ "Tuesday 24 November"."""
    return _said("weekday", when.isoformat(), lambda language: _skeleton("MMMMEEEEd", when, language))


@lru_cache(maxsize=MOST)
def full_day(when: date) -> Said:
    """ "Tuesday 24 November 2026"."""
    return _said("full_day", when.isoformat(), lambda language: _full_day(when, language))


def _full_day(when: date, language: str) -> str:
    return format_date(when, "full", locale=locale_of(language)).replace(",", "" if language == ENGLISH else ",")


@lru_cache(maxsize=MOST)
def short_day(when: date) -> Said:
    """ "24 Nov"."""
    return _said("short_day", when.isoformat(), lambda language: _skeleton("MMMd", when, language, False))


@lru_cache(maxsize=MOST)
def short_weekday(when: date, year: bool = True) -> Said:
    """ "Tue 24 Nov 2026"; without the year, "Tue 24 Nov"."""
    form, skeleton = ("short_weekday", "yMMMEd") if year else ("short_weekday_only", "MMMEd")
    return _said(form, when.isoformat(), lambda language: _skeleton(skeleton, when, language, False))


@lru_cache(maxsize=MOST)
def month_and_day(when: date) -> Said:
    """ "24 November"."""
    return _said("month_and_day", when.isoformat(), lambda language: _skeleton("MMMMd", when, language))


@lru_cache(maxsize=MOST)
def _skeleton(skeleton: str, when: date, language: str, whole: bool = True) -> str:
    locale = locale_of(language)
    nearest = match_skeleton(skeleton, locale.datetime_skeletons)
    pattern = locale.datetime_skeletons[nearest].pattern
    if whole:
        # The nearest one that a language has may have short names, where whole ones are meant.
        pattern = SHORT_NAMES.sub(lambda found: found[0][0] * 4, pattern)
    # Babel writes the weekday of English with a comma.
    return format_date(when, pattern, locale=locale).replace(",", "" if language == ENGLISH else ",")


def moment(when: datetime, zone: ZoneInfo) -> Said:
    """ "24 Nov 2026, 09:05 GMT". A time of day that the spring leaves out becomes the one after it."""
    # When summer ends, two moments have one local time, and a cache takes them for the same. In UTC it never does.
    return _said_moment(when.astimezone(UTC), zone)


@lru_cache(maxsize=MOST)
def _said_moment(when: datetime, zone: ZoneInfo) -> Said:
    value = [when.isoformat(), zone.key]
    return _said("moment", value, lambda language: _moment(when, zone, language))


@lru_cache(maxsize=MOST)
def _moment(when: datetime, zone: ZoneInfo, language: str) -> str:
    there = when.astimezone(zone)
    # What takes babel most of its time is the same for all moments of a summer or of a winter.
    time = zone, there.utcoffset(), there.dst(), language
    if time not in _ZONE_NAMES:
        _ZONE_NAMES[time] = _zone_name(there, zone, language)
    return f"{_day(there.date(), language)}, {clock(there)} {_ZONE_NAMES[time]}"


def _zone_name(there: datetime, zone: ZoneInfo, language: str) -> str:
    if zone.key == "UTC":
        return "UTC"
    short = format_datetime(there, "z", tzinfo=zone, locale=locale_of(language))
    if short[0] not in "+-":
        return short
    # Where a language has no short name for it: "GMT+05:30" says more than "+0530".
    return format_datetime(there, "OOOO", tzinfo=zone, locale=locale_of(language)).removesuffix("+00:00")


@lru_cache(maxsize=MOST)
def city(zone: str) -> Said:
    """The city that a zone is called after, "Tokyo" of Asia/Tokyo; UTC by its name."""
    if "/" not in zone or zone.startswith("Etc/"):
        return Said("UTC", None, {"format": "city", "value": zone})
    return _said("city", zone, lambda language: _city(zone, language))


@lru_cache(maxsize=MOST)
def _city(zone: str, language: str) -> str:
    return get_timezone_location(zone, locale=locale_of(language), return_city=True).rpartition("/")[2]


def country(code: str) -> Said:
    """ "Germany" of DE."""
    return _said("country", code, lambda language: locale_of(language).territories.get(code, code))


def clock(there: datetime) -> str:
    """ "09:05", as all languages here write it."""
    return f"{there:%H:%M}"


@lru_cache(maxsize=MOST, typed=True)
def number(amount: float) -> Said:
    """ "1,000"."""
    if type(amount) is int and -1000 < amount < 1000:
        # As every language writes it.
        return Said(str(amount), None, {"format": "number", "value": amount})
    return _said("number", amount, lambda language: format_decimal(amount, locale=locale_of(language)))


def tenths(amount: float) -> Said:
    """ "3.0"; not for a column."""
    return Said(_tenths(amount, ENGLISH), lambda language: _tenths(amount, language))


def _tenths(amount: float, language: str) -> str:
    return str(format_decimal(amount, format="0.0", locale=locale_of(language)))


def made(parts: dict[str, Any]) -> Said:
    """What was kept of one of these, as it was."""
    form, value = parts["format"], parts["value"]
    if form == "number":
        return number(value)
    if form == "country":
        return country(value)
    if form == "city":
        return city(value)
    if form == "moment":
        return moment(datetime.fromisoformat(value[0]), ZoneInfo(value[1]))
    by_day: dict[str, Callable[[date], Said]] = {
        "day": day, "long_day": long_day, "weekday": weekday, "full_day": full_day,
        "month_and_day": month_and_day, "short_day": short_day, "short_weekday": short_weekday,
        "short_weekday_only": lambda when: short_weekday(when, year=False),
    }  # fmt: skip
    return by_day[form](date.fromisoformat(value))
