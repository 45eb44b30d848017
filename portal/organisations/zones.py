"""Time zones as people look for them: by city, with the offset from Greenwich."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import get_global

from portal.database import now
from portal.languages import city as city_of
from portal.languages import gettext as _

LOCALE = Locale("en", "GB")
AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def choices(*kept: str) -> list[tuple[str, str]]:
    """Key and label of each time zone of a city, by city. kept: keys that are offered whatever they are."""
    usual = _usual(_quarter())
    more = {key for key in kept if key} - {key for key, _ in usual}
    return sorted([*usual, *((key, label(key)) for key in more)], key=lambda choice: choice[1])


def _quarter() -> datetime:
    """When this quarter of an hour began: clocks change on one."""
    moment = now()
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


@lru_cache(maxsize=2)
def _usual(moment: datetime) -> list[tuple[str, str]]:
    return [(key, _label(key, moment)) for key in {*_of_cities(), "UTC"}]


def label(key: str) -> str:
    """ "London (GMT+00:00)", by the offset of today."""
    return _label(key, now())


def _label(key: str, moment: datetime) -> str:
    offset = moment.astimezone(ZoneInfo(key)).utcoffset() or timedelta()
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    shown = f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"
    return _("%(city)s (GMT%(offset)s)", city=city(key), offset=shown)


@cache
def city(key: str) -> str:
    """The city that a zone is called after: \"Sydney\"."""
    if key.partition("/")[0] not in AREAS:
        return key
    return city_of(key)


@cache
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
