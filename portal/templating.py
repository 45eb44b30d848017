"""What every template can use: filters for times and names, asset addresses, icons, permission questions."""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from flask import Flask, g
from flask_login import current_user
from heroicons import jinja as heroicons
from jinja2 import pass_context
from markupsafe import Markup

from portal import languages
from portal.database import now
from portal.organisations import zones

LOCALE = Locale("en", "GB")


def _with_number(sentence: Callable[..., Any]) -> Callable[..., Any]:
    """The function for a sentence about a number, which is then written as the reader writes it: "1,000"."""

    @pass_context
    def about(context: Any, *words: Any, **values: Any) -> Any:
        values.setdefault("num", languages.number(words[-1]))
        return sentence(context, *words, **values)

    return about


def local_time(moment: datetime | None) -> str:
    """A moment in the organisation's time zone, with the zone's name: "24 Nov 2026, 09:05 GMT"."""
    if moment is None:
        return ""
    # Asked for in every row of a list.
    if "zone" not in g:
        g.zone = current_user.organisation.zone
    return languages.moment(moment, g.zone)


def in_zone(moment: datetime, zone: str) -> str:
    """The same in the zone of this key, for what is kept of a page."""
    return languages.moment(moment, ZoneInfo(zone))


def time_zone() -> str:
    """The key of the organisation's time zone."""
    key: str = current_user.organisation.time_zone
    return key


def local_clock(moment: datetime) -> str:
    """A moment's time of day in the organisation's time zone: "09:05". The foot of the page then names the zone."""
    g.names_zone = True
    return languages.clock(moment.astimezone(current_user.organisation.zone))


def local_zone() -> str:
    """The organisation's time zone: "London (GMT+00:00)"."""
    return zones.label(current_user.organisation.time_zone)


def local_weekday(day: date) -> str:
    """ "Tuesday 24 November"."""
    return languages.weekday(day)


def local_today() -> date:
    """The day that it is in the organisation's time zone."""
    own = g._get_current_object()
    today: date | None = own.get("today")
    if today is None:
        today = own.today = current_user.organisation.today
    return today


def local_date(day: date | None) -> str:
    """ "24 Nov 2026"."""
    return languages.day(day) if day else ""


def file_size(size: int) -> str:
    """ "120 bytes", "1.5 kB"."""
    if size < 1000:
        return languages.ngettext("%(num)s byte", "%(num)s bytes", size)
    if size < 1000**2:
        return languages.gettext("%(size)s kB", size=languages.tenths(size / 1000))
    return languages.gettext("%(size)s MB", size=languages.tenths(size / 1000**2))


def country_name(code: str) -> str:
    """The country's name in the reader's language."""
    return languages.locale_of(languages.current()).territories.get(code, code)


def translated(text: Any, /, **values: Any) -> str:
    """The sentence in the reader's language. text: as it is marked; or a value that is one of a fixed few words."""
    language = languages.current()
    if isinstance(text, languages.Said):
        return text.in_language(language)
    # A page has hundreds of these: no Sentence is made of them.
    # Under the empty text a catalogue keeps what it says of itself.
    found: str = text if not text or language == languages.ENGLISH else languages.catalogue(language).ugettext(text)
    return found % {key: _filled_in(value, language) for key, value in values.items()} if values else found


def _filled_in(value: Any, language: str) -> str:
    # What filters and macros give is escaped with the sentence.
    return value.unescape() if isinstance(value, Markup) else languages.in_language(value, language)


def _of_catalogue() -> Any:
    return languages.catalogue(languages.current())


def _icon(size: str) -> Any:
    """The icons of this size, each drawn once: a list of employees has one in every row."""
    return lru_cache(maxsize=500)(getattr(heroicons, f"heroicon_{size}"))


def init_app(app: Flask, settings: Any) -> None:
    from portal.access import may, may_open
    from portal.connected import application_tabs

    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _of_catalogue().ugettext(text),
        ngettext=lambda one, many, count: _of_catalogue().ungettext(one, many, count),
        pgettext=lambda context, text: _of_catalogue().upgettext(context, text),
        npgettext=lambda context, one, many, count: _of_catalogue().unpgettext(context, one, many, count),
        newstyle=True,
    )
    known: dict[str, Any] = app.jinja_env.globals
    known |= {name: _with_number(known[name]) for name in ("ngettext", "npgettext")}
    app.jinja_env.filters.update(
        local_time=local_time,
        local_date=local_date,
        in_zone=in_zone,
        local_clock=local_clock,
        local_weekday=local_weekday,
        country_name=country_name,
        file_size=file_size,
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
        _=translated,
        page_language=languages.current,
        text_direction=lambda: languages.locale_of(languages.current()).text_direction,
        number=languages.number,
        begun=languages.begun,
        colon=lambda: languages.pgettext("between a name and what it is", ":"),
        joined=languages.joined,
        listed=languages.listed,
        may=may,
        may_open=may_open,
        application_tabs=application_tabs,
        local_time=local_time,
        local_today=local_today,
        time_zone=time_zone,
        local_zone=local_zone,
        demo=demo if settings.demo_admin_centre_url else None,
        sales_url=settings.sales_url,
        heroicon_micro=_icon("micro"),
        heroicon_mini=_icon("mini"),
        heroicon_outline=_icon("outline"),
        heroicon_solid=_icon("solid"),
    )
