"""When an interview is, in words: the same in pages, emails and what calendars are sent."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_location

from portal.interviews.models import Interview
from portal.people import zones as of_people

LOCALES = {"en": "en_GB", "de": "de"}
DAYS = {"en": "EEEE d MMMM y", "de": "EEEE, d. MMMM y"}
TO = {"en": "to", "de": "bis"}


class NoSuchTime(ValueError):
    """The clocks go forward and leave it out."""


def moment(day: date, at: time, zone: str) -> datetime:
    """The moment of a time on the wall. Raises NoSuchTime. Of a time that comes twice, it is the first."""
    found = datetime.combine(day, at, ZoneInfo(zone))
    if found.timestamp() != found.replace(fold=1).timestamp():
        # Either it comes twice, or not at all: only one that does comes back from the clock as it was.
        again = datetime.fromtimestamp(found.timestamp(), ZoneInfo(zone))
        if again.time() != at:
            raise NoSuchTime()
    return found


def when(starts: datetime, ends: datetime, zone: str, *, elsewhere: str = "", language: str = "en") -> str:
    """ "Tuesday 31 March 2026, 10:00 to 11:00 (Berlin); 09:00 in London".

    elsewhere: the zone of somebody who may live by another clock; said only when it shows another time then.
    """
    language = language if language in DAYS else "en"
    here, until = starts.astimezone(ZoneInfo(zone)), ends.astimezone(ZoneInfo(zone))
    words = f"{_day(here, language)}, {here:%H:%M} {TO[language]} {until:%H:%M} ({city(zone, language)})"
    if not elsewhere:
        return words
    there = starts.astimezone(ZoneInfo(elsewhere))
    if there.replace(tzinfo=None) == here.replace(tzinfo=None):
        return words
    day = "" if there.date() == here.date() else f"{_day(there, language)}, "
    return f"{words}; {day}{there:%H:%M} in {city(elsewhere, language)}"


def _day(moment: datetime, language: str) -> str:
    return format_date(moment.date(), DAYS[language], LOCALES[language])


def city(zone: str, language: str = "en") -> str:
    """The city that a zone is called after; UTC by its name."""
    if "/" not in zone or zone.startswith("Etc/"):
        return "UTC"
    return get_timezone_location(zone, locale=LOCALES[language], return_city=True).rpartition("/")[2]


def of(interview: Interview, *, language: str = "en") -> str:
    """For everybody who takes part, with the candidate's clock beside it where that is another one."""
    elsewhere = of_people.of_country(interview.application.candidate.country)
    return when(interview.starts_at, interview.ends_at, interview.zone, elsewhere=elsewhere, language=language)


def minutes(interview: Interview) -> int:
    return (interview.ends_at - interview.starts_at) // timedelta(minutes=1)
