"""Time zones as people look for them: by city, with the offset from Greenwich."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location

from portal.database import now

LOCALE = Locale("en", "GB")
AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def choices(*kept: str) -> list[tuple[str, str]]:
    """Key and label of each time zone of a city, by city. kept: keys that are offered whatever they are."""
    keys = {*_of_cities(), "UTC", *filter(None, kept)}
    return sorted(((key, label(key)) for key in keys), key=lambda choice: choice[1])


def label(key: str) -> str:
    """ "London (GMT+00:00)", by the offset of today."""
    offset = now().astimezone(ZoneInfo(key)).utcoffset() or timedelta()
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"{city(key)} (GMT{'-' if minutes < 0 else '+'}{hours:02}:{rest:02})"


@lru_cache
def city(key: str) -> str:
    """The city that a zone is called after: \"Sydney\"."""
    if key.partition("/")[0] not in AREAS:
        return key
    # Babel puts a state before some cities: "Argentina/Salta".
    return get_timezone_location(key, locale=LOCALE, return_city=True).rpartition("/")[2]


@lru_cache
def _of_cities() -> frozenset[str]:
    """One key for each zone that has several: the one that is written as its city is called today."""
    same: dict[str, list[str]] = defaultdict(list)
    aliases = get_global("zone_aliases")
    for key in available_timezones():
        if key.partition("/")[0] in AREAS:
            same[aliases.get(key, key)].append(key)
    return frozenset(_best(keys, usual) for usual, keys in same.items())


def _best(keys: Iterable[str], usual: str) -> str:
    def unlike(key: str) -> tuple[bool, bool, str]:
        return key.rpartition("/")[2].replace("_", " ") != city(key), key != usual, key

    return min(keys, key=unlike)
