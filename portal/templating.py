"""What every template can use: filters for times and names, asset addresses, icons, permission questions."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from flask import Flask, g
from flask_login import current_user
from heroicons import jinja as heroicons

from portal.database import now
from portal.organisations import zones

LOCALE = Locale("en", "GB")
# Zone, how far it is from UTC, and how much of that is for the summer -> what it is called then.
_ZONE_NAMES: dict[tuple[ZoneInfo, timedelta | None, timedelta | None], str] = {}


def local_time(moment: datetime | None) -> str:
    """A moment in the organisation's time zone, with the zone's name: "24 Nov 2026, 09:05 GMT"."""
    if moment is None:
        return ""
    # Asked for in every row of a list.
    if "zone" not in g:
        g.zone = current_user.organisation.zone
    return _in_zone(moment, g.zone)


@lru_cache(maxsize=5_000)
def _in_zone(moment: datetime, zone: ZoneInfo) -> str:
    there = moment.astimezone(zone)
    # What babel takes most of its time for is the same for all moments of a summer or of a winter.
    time = zone, there.utcoffset(), there.dst()
    if time not in _ZONE_NAMES:
        _ZONE_NAMES[time] = format_datetime(there, "z", tzinfo=zone, locale=LOCALE)
    return f"{local_date(there.date())}, {there:%H:%M} {_ZONE_NAMES[time]}"


def local_clock(moment: datetime) -> str:
    """A moment's time of day in the organisation's time zone: "09:05". The foot of the page then names the zone."""
    g.names_zone = True
    return format_datetime(moment, "HH:mm", tzinfo=current_user.organisation.zone, locale=LOCALE)


def local_zone() -> str:
    """The organisation's time zone: "London (GMT+00:00)"."""
    return zones.label(current_user.organisation.time_zone)


def local_weekday(day: date) -> str:
    """ "Tuesday 24 November"."""
    return format_date(day, "EEEE d MMMM", locale=LOCALE)


def local_today() -> date:
    """The day that it is in the organisation's time zone."""
    if "today" not in g:
        g.today = current_user.organisation.today
    today: date = g.today
    return today


@lru_cache(maxsize=5_000)
def local_date(day: date | None) -> str:
    return format_date(day, "d MMM y", locale=LOCALE) if day else ""


def country_name(code: str) -> str:
    return LOCALE.territories.get(code, code)


def _icon(size: str) -> Any:
    """The icons of this size, each drawn once: a list of employees has one in every row."""
    return lru_cache(maxsize=500)(getattr(heroicons, f"heroicon_{size}"))


def init_app(app: Flask, settings: Any) -> None:
    from portal.access import may
    from portal.connected import application_tabs

    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        local_time=local_time,
        local_date=local_date,
        local_clock=local_clock,
        local_weekday=local_weekday,
        country_name=country_name,
    )
    demo = {
        "admin_centre_url": settings.demo_admin_centre_url,
        "admin_console_url": settings.demo_admin_console_url,
        "inbox_url": settings.demo_inbox_url,
        "outside_url": settings.demo_outside_url,
        "systems_url": settings.demo_systems_url,
        "moves": bool(settings.demo_clock_file),
        "now": now,
    }
    app.jinja_env.globals.update(
        may=may,
        application_tabs=application_tabs,
        local_time=local_time,
        local_today=local_today,
        local_zone=local_zone,
        demo=demo if settings.demo_admin_centre_url else None,
        sales_url=settings.sales_url,
        heroicon_micro=_icon("micro"),
        heroicon_mini=_icon("mini"),
        heroicon_outline=_icon("outline"),
        heroicon_solid=_icon("solid"),
    )
