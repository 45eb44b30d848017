"""The moment of a wall time in a zone, and moments in words."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime

from portal.organisations import zones

LOCALE = Locale("en", "GB")
MINUTE = timedelta(minutes=1)


def moment_of(day: date, hour: str, zone: ZoneInfo) -> datetime:
    """The moment at which clocks in the zone show this hour ("18:00"), in UTC.

    An hour that is passed over that day is the next minute there is; one that comes twice is the first of the two.
    """
    shown = datetime.combine(day, time.fromisoformat(hour))
    moment = shown.replace(tzinfo=zone).astimezone(UTC)
    # A zone may pass over a whole day, and no more.
    while moment.astimezone(zone).replace(tzinfo=None) != shown and shown < datetime.combine(day, time.max) + timedelta(
        2
    ):
        shown += MINUTE
        moment = shown.replace(tzinfo=zone).astimezone(UTC)
    return moment


def in_words(moment: datetime, zone: ZoneInfo) -> str:
    """ "Fri 27 Nov 2026, 18:00 (Sydney)"."""
    return f"{format_datetime(moment, 'EEE d MMM y, HH:mm', tzinfo=zone, locale=LOCALE)} ({zones.city(zone.key)})"


def in_both(moment: datetime, zone: ZoneInfo, other: ZoneInfo) -> str:
    """The same with the clock of the other zone, where that differs: "Fri 27 Nov 2026, 18:00 (Sydney), 07:00 (London)".

    On another day there, it says the day: "…, Thu 26 Nov, 23:00 (London)".
    """
    if same_clock(moment, zone, other):
        return in_words(moment, zone)
    same_day = moment.astimezone(zone).date() == moment.astimezone(other).date()
    there = format_datetime(moment, "HH:mm" if same_day else "EEE d MMM, HH:mm", tzinfo=other, locale=LOCALE)
    return f"{in_words(moment, zone)}, {there} ({zones.city(other.key)})"


def same_clock(moment: datetime, zone: ZoneInfo, other: ZoneInfo) -> bool:
    """Whether clocks in both zones show the same at this moment."""
    return moment.astimezone(zone).utcoffset() == moment.astimezone(other).utcoffset()


def how_far(moment: datetime, present: datetime) -> str:
    """ "in 3 days", "2 hours ago", "now"."""
    minutes = round((moment - present).total_seconds() / 60)
    if not minutes:
        return "now"
    size = abs(minutes)
    unit, count = next((unit, size // per) for unit, per in (("day", 1440), ("hour", 60), ("minute", 1)) if size >= per)
    words = f"{count} {unit}{'s' if count > 1 else ''}"
    return f"in {words}" if minutes > 0 else f"{words} ago"
