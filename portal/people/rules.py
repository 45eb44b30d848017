"""What the record of an employee must satisfy, whether it is typed or imported. Each problem says what to do."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from babel import Locale

from portal.people.models import Employee

TEXTS = (
    "employee_number", "first_name", "last_name", "preferred_name", "job_title", "department",
    "personal_email", "company_email", "mobile", "country",
)  # fmt: skip
EMAILS = frozenset({"personal_email", "company_email"})
DATES = ("start_date", "end_date")
LONGEST: dict[str, int] = {name: Employee._meta.fields[name].max_length for name in TEXTS}
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)

# Control characters, line and paragraph separators, and marks that turn the direction of what follows them.
UNWANTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
EMAIL = re.compile(r"[^\s@<>()\[\],;:\"\\]+@[^\s@<>()\[\],;:\"\\.]+(\.[^\s@<>()\[\],;:\"\\.]+)+")
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Two-letter codes that Babel knows and that are no country.
NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})


def tidy(text: str | None) -> str:
    """The text without spaces at its ends, with each accented letter in its one usual form."""
    stripped = (text or "").strip()
    return stripped if stripped.isascii() else unicodedata.normalize("NFC", stripped)


def as_stored(name: str, text: str) -> str:
    """A tidy text as the field `name` keeps it: country codes in capitals, company addresses in small letters."""
    if name == "country":
        return text.upper()
    return text.lower() if name == "company_email" else text


@cache
def countries() -> dict[str, str]:
    """Country code to English name, in the order of the names."""
    names = Locale("en", "GB").territories
    known = ((code, name) for code, name in names.items() if re.fullmatch("[A-Z]{2}", code))
    return dict(sorted(((c, n) for c, n in known if c not in NO_COUNTRIES), key=lambda pair: pair[1]))


def text_problem(name: str, value: str) -> str:
    """What is wrong with a tidy text for the field `name`; empty when nothing is."""
    if not value:
        return "Enter an employee number." if name == "employee_number" else ""
    if UNWANTED.search(value):
        return "There is a line break or another invisible character in it: type it again."
    if name == "country":
        known = value.upper() in countries()
        return "" if known else f"“{value[:20]}” is not a country code: use two letters, such as GB."
    if len(value) > LONGEST[name]:
        return f"This has {len(value)} characters: shorten it to {LONGEST[name]}."
    if name in EMAILS and not EMAIL.fullmatch(value):
        return f"“{value}” is not an email address: enter one like name@example.com."
    return ""


def read_date(text: str) -> date | None:
    """The date in a tidy text, None for an empty one. Raises ValueError with what is wrong."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text) if ISO_DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError(f"“{text[:30]}” is not a date: enter year, month and day, such as 2026-03-31.")
    if not EARLIEST <= day <= LATEST:
        raise ValueError(f"This lies in the year {day.year}: check the year.")
    return day


def record_problems(values: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the fields taken together: field name to a whole sentence."""
    problems = {}
    if not (values["first_name"] or values["last_name"]):
        problems["first_name"] = "A first name or a last name is needed: enter at least one of them."
    start, end = values["start_date"], values["end_date"]
    if start and end and end < start:
        problems["end_date"] = f"The end date lies before the start date, {start.isoformat()}: correct one of them."
    return problems
