"""The text of an automatic reply: plain words with placeholders, which become the HTML that an application keeps.

Only these placeholders are filled in, and what was filled in is not read again. Everything is escaped afterwards: so
neither a text nor a name can bring markup into a reply.
"""

import re
from collections.abc import Mapping
from datetime import date

from babel.dates import format_date
from markupsafe import escape

from portal.languages import gettext as _
from portal.languages import number
from portal.people.models import Employee

# Placeholder -> what it means, in words for people.
PLACEHOLDERS = {
    "first_name": "the employee’s first or preferred name",
    "successor": "the colleague who takes over",
    "last_day": "the last day",
}
PLACEHOLDER = re.compile(r"\{([^{}\n]{0,40})\}")
LONGEST = 4_000
# Where nobody takes over, a sentence still reads well: "Please contact the office instead."
NOBODY = "the office"
# By the kind of timeline; until an organisation has written its own.
DEFAULTS: dict[str, dict[str, str]] = {
    "leaver": {
        "inside": "{first_name} has left the company. Please contact {successor} instead.",
        "outside": "{first_name} no longer works here. Please contact {successor} instead.",
    },
    "leave of absence": {
        "inside": "{first_name} is on leave until {last_day}. Please contact {successor} in the meantime.",
        "outside": "{first_name} is away until {last_day}. Please contact {successor} in the meantime.",
    },
}
SAMPLE = {"first_name": "Mary", "successor": "Wei Zhang", "last_day": "31 March 2027"}


def problem_of(text: str) -> str:
    """Why the text cannot be used, as a sentence; empty when it can."""
    if len(text) > LONGEST:
        return _(
            "The text has %(count)s characters. Shorten it to %(longest)s.",
            count=number(len(text)), longest=number(LONGEST),
        )  # fmt: skip
    unknown = [f"{{{name}}}" for name in PLACEHOLDER.findall(text) if name not in PLACEHOLDERS]
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    if not unknown:
        return ""
    return _("%(name)s is not a placeholder. There are %(known)s.", name=unknown[0], known=known)


def values_of(employee: Employee, successor: Employee | None, last_day: date | None) -> dict[str, str]:
    """What the placeholders of an employee's reply stand for."""
    return {
        "first_name": employee.preferred_name or employee.first_name or employee.name,
        "successor": successor.name if successor else NOBODY,
        "last_day": format_date(last_day, "d MMMM y", locale="en_GB") if last_day else "",
    }


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled in: what the preview shows."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def as_html(text: str) -> str:
    """The filled text as a document of HTML that shows it exactly so; empty for none."""
    lines = text.strip().splitlines()
    return f"<html><body>{'<br>'.join(str(escape(line)) for line in lines)}</body></html>" if lines else ""
