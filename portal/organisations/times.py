"""The moment of a wall time in a zone, and moments in words."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.languages import city as city_of
from portal.languages import clock, joined, ngettext, short_weekday
from portal.languages import gettext as _

MINUTE = timedelta(minutes=1)


def moment_of(day: date, hour: str, zone: ZoneInfo) -> datetime:
    """The moment at which clocks in the zone show this hour ("18:00"), in UTC.

    An hour that is passed over that day is the next minute there is; one that comes twice is the first of the two.
    """
    shown = datetime.combine(day, time.fromisoformat(hour))
    moment = shown.replace(tzinfo=zone).astimezone(UTC)
    # A zone may skip a whole day, and no more.
    while moment.astimezone(zone).replace(tzinfo=None) != shown and shown < datetime.combine(day, time.max) + timedelta(
        2
    ):
        shown += MINUTE
        moment = shown.replace(tzinfo=zone).astimezone(UTC)
    return moment


def in_words(moment: datetime, zone: ZoneInfo) -> str:
    """ "Fri 27 Nov 2026, 18:00 (Sydney)"."""
    there = moment.astimezone(zone)
    return _("%(day)s, %(time)s (%(city)s)", day=short_weekday(there.date()), time=clock(there), city=city_of(zone.key))


def in_both(moment: datetime, zone: ZoneInfo, other: ZoneInfo) -> str:
    """The same with the clock of the other zone, where that differs: "Fri 27 Nov 2026, 18:00 (Sydney), 07:00 (London)".

    On another day there, it says the day: "…, Thu 26 Nov, 23:00 (London)".
    """
    if same_clock(moment, zone, other):
        return in_words(moment, zone)
    same_day = moment.astimezone(zone).date() == moment.astimezone(other).date()
    there = moment.astimezone(other)
    words: str = _("%(time)s (%(city)s)", time=clock(there), city=city_of(other.key))
    if not same_day:
        words = _("%(day)s, %(time)s", day=short_weekday(there.date(), year=False), time=words)
    return joined(in_words(moment, zone), words, by=", ")


def same_clock(moment: datetime, zone: ZoneInfo, other: ZoneInfo) -> bool:
    """Whether clocks in both zones show the same at this moment."""
    return moment.astimezone(zone).utcoffset() == moment.astimezone(other).utcoffset()


def how_far(moment: datetime, present: datetime, zone: ZoneInfo) -> str:
    """ "in 3 days", "2 hours ago", "now". From 24 hours on it counts days as a calendar of the zone has them."""
    minutes = round((moment - present).total_seconds() / 60)
    if not minutes:
        return _("now")
    size = abs(minutes)
    if size >= 1440:
        days = moment.astimezone(zone).date() - present.astimezone(zone).date()
        return FAR["day", minutes > 0](abs(days.days))
    unit, count = ("hour", size // 60) if size >= 60 else ("minute", size)
    return FAR[unit, minutes > 0](count)


# Unit, and whether it is to come -> the words for so many.
FAR: dict[tuple[str, bool], Callable[[int], str]] = {
    ("day", True): lambda count: ngettext("in %(num)s day", "in %(num)s days", count),
    ("hour", True): lambda count: ngettext("in %(num)s hour", "in %(num)s hours", count),
    ("minute", True): lambda count: ngettext("in %(num)s minute", "in %(num)s minutes", count),
    ("day", False): lambda count: ngettext("%(num)s day ago", "%(num)s days ago", count),
    ("hour", False): lambda count: ngettext("%(num)s hour ago", "%(num)s hours ago", count),
    ("minute", False): lambda count: ngettext("%(num)s minute ago", "%(num)s minutes ago", count),
}
