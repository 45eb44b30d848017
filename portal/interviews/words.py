"""When an interview is, in words: the same in pages, emails and what calendars are sent."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.interviews.models import Interview
from portal.languages import Said, city, clock, full_day, joined
from portal.languages import gettext as _
from portal.people import zones as of_people


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


def when(starts: datetime, ends: datetime, zone: str, *, elsewhere: str = "") -> Said:
    """ "Tuesday 31 March 2026, 10:00 to 11:00 (Berlin); 09:00 in London".

    elsewhere: the zone of somebody who may live by another clock; said only when it shows another time then.
    """
    here, until = starts.astimezone(ZoneInfo(zone)), ends.astimezone(ZoneInfo(zone))
    words = _(
        "%(day)s, %(begins)s to %(ends)s (%(city)s)",
        day=full_day(here.date()), begins=clock(here), ends=clock(until), city=city(zone),
    )  # fmt: skip
    there = starts.astimezone(ZoneInfo(elsewhere or zone))
    if there.replace(tzinfo=None) == here.replace(tzinfo=None):
        return words
    time = clock(there) if there.date() == here.date() else joined(full_day(there.date()), clock(there), by=", ")
    return _("%(here)s; %(time)s in %(city)s", here=words, time=time, city=city(elsewhere))


def of(interview: Interview) -> Said:
    """For everybody who takes part, with the candidate's clock beside it where that is another one."""
    elsewhere = of_people.of_country(interview.application.candidate.country)
    return when(interview.starts_at, interview.ends_at, interview.zone, elsewhere=elsewhere)


def minutes(interview: Interview) -> int:
    return (interview.ends_at - interview.starts_at) // timedelta(minutes=1)
