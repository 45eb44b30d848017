"""What the record of an employee must satisfy, whether it is typed or imported. Each problem says what to do."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from portal.languages import N_, joined
from portal.languages import day as shown
from portal.languages import gettext as _
from portal.organisations.countries import countries
from portal.people.models import Employee
from portal.tables import characters

TEXTS = (
    "employee_number",
    "first_name",
    "last_name",
    "preferred_name",
    "job_title",
    "department",
    "personal_email",
    "company_email",
    "mobile",
    "country",
    "location",
    "employment_type",
    "time_zone",
)
EMPLOYMENT_TYPES = (
    N_("Full time"),
    N_("Part time"),
    N_("Permanent"),
    N_("Fixed term"),
    N_("Temporary"),
    N_("Casual"),
    N_("Contractor"),
    N_("Consultant"),
    N_("Vendor"),
    N_("Agency worker"),
    N_("Intern"),
    N_("Apprentice"),
    N_("Working student"),
    N_("Volunteer"),
)
EMAILS = frozenset({"personal_email", "company_email"})
DATES = ("start_date", "end_date", "leave_from", "leave_to")
LONGEST: dict[str, int] = {name: Employee._meta.fields[name].max_length for name in TEXTS}
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)

# Control characters, line and paragraph separators, and marks that turn the direction of what follows them.
# What is made of these alone is as a person typed it; in a number, a dot may be a program's.
SIMPLE, SIMPLE_NUMBER = re.compile(r"[A-Za-z0-9 @_'.-]*"), re.compile(r"[A-Za-z0-9 -]*")
UNWANTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
EMAIL = re.compile(r"[^\s@<>()\[\],;:\"\\]+@[^\s@<>()\[\],;:\"\\.]+(\.[^\s@<>()\[\],;:\"\\.]+)+")
# Where each character counts.
EXACT = frozenset({"employee_number", "personal_email", "company_email", "mobile", "country"})
NUMBERS = frozenset({"employee_number", "mobile"})
# A number like 1E5 may be an employee's; 1E+05 and 4.79E10 are what programs make of long numbers.
IN_POWERS = re.compile(r"[0-9](?:[.,][0-9]+[eE][+-]?|[eE]\+)[0-9]{1,3}")
AMOUNT = re.compile(r"[0-9]{5,}\.0+")
# In any language; and what a column shows that is too narrow for its number.
ERROR = re.compile(r"#¡?[A-ZÀ-ÞА-Я0-9/_.]{1,20}[!?]|#N/[AVD]|#NV|#I/T|Err:[0-9]{3}|#{3,}")
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def tidy(text: str | None) -> str:
    """The text without spaces and unseen characters at its ends, with each accented letter in its one usual form."""
    stripped = characters.stripped(text or "")
    return stripped if stripped.isascii() else unicodedata.normalize("NFC", stripped)


def as_stored(name: str, text: str) -> str:
    """A tidy text as the field `name` keeps it: country codes in capitals, company addresses in small letters."""
    if name == "country":
        return text.upper()
    if name == "mobile":
        # Numbers that were copied from a page have spaces of several widths in them.
        return " ".join(text.split())
    return text.lower() if name == "company_email" else text


def text_problem(name: str, value: str) -> str:
    """What is wrong with a tidy text for the field `name`; empty when nothing is."""
    if not value:
        return _("Enter an employee number.") if name == "employee_number" else ""
    simple = SIMPLE_NUMBER if name in NUMBERS else SIMPLE
    if not simple.fullmatch(value):
        if damage := damage_to(name, value):
            return damage
        if UNWANTED.search(value):
            return _("It has a line break or another invisible character: type it again.")
    if name == "country":
        known = value.upper() in countries()
        return "" if known else _("“%(value)s” is not a country code: use two letters, such as GB.", value=value[:20])
    if len(value) > LONGEST[name]:
        return _("This has %(number)s characters: shorten it to %(most)s.", number=len(value), most=LONGEST[name])
    if name in EMAILS and not EMAIL.fullmatch(value):
        return _("“%(value)s” is not an email address: enter one like name@example.com.", value=value)
    if name == "employment_type" and value not in EMPLOYMENT_TYPES:
        return _(
            "“%(value)s” is not an employment type here: use one of %(types)s.",
            value=value,
            types=joined(*EMPLOYMENT_TYPES, by=", "),
        )
    if name == "time_zone" and value not in time_zones():
        return _("“%(value)s” is not a time zone: use a name such as Europe/Berlin.", value=value)
    return ""


@cache
def time_zones() -> frozenset[str]:
    """The names of all time zones, such as Europe/Berlin."""
    return frozenset(available_timezones())


def damage_to(name: str, value: str) -> str:
    """What a program, or copying, did to the value before it came here; empty for nothing."""
    if name in EXACT and (unseen := characters.unseen_in(as_stored(name, value))):
        return _("It has a character that cannot be seen (%(unseen)s): type it again.", unseen=unseen)
    if name in NUMBERS and IN_POWERS.fullmatch(value):
        return _(
            "“%(value)s” is in powers of ten, so its last digits are lost: format the cell as text, and type it again.",
            value=value,
        )
    if name in NUMBERS and AMOUNT.fullmatch(value):
        return _(
            "A program took “%(value)s” for an amount, and so lost the zeros in front: save the column as text.",
            value=value,
        )
    if ERROR.fullmatch(value):
        return _("“%(value)s” is how a spreadsheet shows an error: correct it there.", value=value)
    return characters.damage_to(value)


def read_date(text: str) -> date | None:
    """The date in a tidy text, None for an empty one. Raises ValueError with what is wrong."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text) if ISO_DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError(_("“%(text)s” is not a date: enter year, month and day, such as 2026-03-31.", text=text[:30]))
    if not EARLIEST <= day <= LATEST:
        raise ValueError(_("This is in the year %(year)s: check the year.", year=day.year))
    return day


def record_problems(values: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the fields taken together: field name to a whole sentence."""
    problems = {}
    if not (values["first_name"] or values["last_name"]):
        problems["first_name"] = _("A first name or a last name is needed: enter at least one of them.")
    start, end = values["start_date"], values["end_date"]
    if start and end and end < start:
        problems["end_date"] = _(
            "The end date is before the start date, %(start)s: correct one of them.", start=shown(start)
        )
    return problems | _leave_problems(values)


def _leave_problems(values: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with a leave of absence, which lies inside the employment."""
    start, end, begins, back = (values[name] for name in DATES)
    wrong: dict[str, str] = {}
    if back and not begins:
        wrong["leave_from"] = _("The leave has a day of return: enter its first day too.")
    elif begins and start and begins < start:
        wrong["leave_from"] = _(
            "The leave begins before the start date, %(start)s: correct one of them.", start=shown(start)
        )
    elif begins and end and begins > end:
        wrong["leave_from"] = _("The leave begins after the end date, %(end)s: correct one of them.", end=shown(end))
    if begins and back and back <= begins:
        wrong["leave_to"] = _("The return must be after the first day of the leave: correct one of them.")
    elif back and end and back > end:
        wrong["leave_to"] = _(
            "The return is after the end date, %(end)s: correct it, or leave it empty.", end=shown(end)
        )
    return wrong
