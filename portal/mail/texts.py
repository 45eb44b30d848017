"""The text of the mail with the login information: its placeholders, its languages, and filling it in.

The text is plain, with placeholders in braces. Only these are filled in, and what was filled in is not read again: so
neither a text nor a name can bring anything else into the mail.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache

from babel.dates import format_date, format_datetime
from babel.languages import get_territory_language_info
from markupsafe import Markup, escape

from portal.languages import ENGLISH, listed
from portal.languages import gettext as _
from portal.mail.defaults import AGAIN, BEFORE_LINK, DEFAULTS, PASS, SHOWN_ONCE, WITHOUT_PASSWORD, Text

__all__ = ["AGAIN", "DEFAULTS", "PASS", "WITHOUT_PASSWORD", "Text"]

# Placeholder -> what it means, in words for people.
PLACEHOLDERS = {
    "name": _("the employee’s name"),
    "first_name": _("the employee’s first or preferred name"),
    "organisation": _("your organisation’s name"),
    "service": _("the application’s name"),
    "username": _("the username"),
    "password": _("the temporary password"),
    "sign_in_url": _("the address to sign in at"),
}
NEEDED = ("username", "password", "sign_in_url")
# Placeholders that stand for an address on the web.
LINKS = ("sign_in_url", "own_page")
# A subject shows on locked screens and in lists.
NOT_IN_SUBJECT = ("password",)
LONGEST_SUBJECT, LONGEST_BODY = 200, 5_000
PLACEHOLDER = re.compile(r"\{([^{}\n]{0,40})\}")

# As a page calls them.
LANGUAGES = {"en": _("English"), "de": _("German"), "fr": _("French"), "es": _("Spanish")}
# Every text that can be changed, by its key: its name for people.
TEXTS = {
    "en": _("English"), f"en{AGAIN}": _("English Resend"), "de": _("German"), f"de{AGAIN}": _("German Resend"),
    "fr": _("French"), f"fr{AGAIN}": _("French Resend"), "es": _("Spanish"), f"es{AGAIN}": _("Spanish Resend"),
}  # fmt: skip
BY_COUNTRY = "country"
# Of a country's people, in per cent, who use an official language: from then on it is written to them.
MOST = 50
SAMPLE = {
    "name": "Mary O’Brien", "first_name": "Mary", "username": "mary.obrien@example.com", "password": "hX7mQ2tRk9wP4cZn",
}  # fmt: skip


def language_for(chosen: str, country: str) -> str:
    """The language of a person's mail. chosen: a key of LANGUAGES, or BY_COUNTRY. country: two letters, or empty."""
    if chosen != BY_COUNTRY:
        return chosen if chosen in LANGUAGES else ENGLISH
    return _most_read(country)


@cache
def _most_read(country: str) -> str:
    """The official language of the country that most people there use, as the Unicode project counts them."""
    known = get_territory_language_info(country) if country else {}
    shares = {
        language: float(known[language]["population_percent"] or 0)
        for language in LANGUAGES if known.get(language, {}).get("official_status")
    }  # fmt: skip
    best = max(shares, key=lambda language: shares[language], default="")
    return best if best and shares[best] >= MOST else ENGLISH


def long_date(day: date, language: str) -> str:
    return format_date(day, "long", locale={"en": "en_GB"}.get(language, language))


def language_of(key: str) -> str:
    """The language of a text. key: one of TEXTS."""
    return key.removesuffix(AGAIN)


def long_moment(moment: datetime, language: str) -> str:
    """A day and an hour, with the name of the zone."""
    return format_datetime(moment, "d MMMM y, HH:mm z", locale={"en": "en_GB"}.get(language, language))


def behind_a_link(link: str, until: str, language: str) -> dict[str, str]:
    """The values of `password` and `link` for a mail whose password is shown once by this link. until: in words."""
    words = SHOWN_ONCE[language].format(link=link, until=until)
    return {"password": words, "link": link}


def problem_of_subject(subject: str) -> str:
    """Why the subject cannot be used, as a sentence; empty when it can."""
    if not subject.strip():
        return _("Enter a subject.")
    if "\n" in subject or "\r" in subject:
        return _("A subject is one line.")
    forbidden = [name for name in NOT_IN_SUBJECT if f"{{{name}}}" in subject]
    if forbidden:
        return _("The password cannot be in the subject: subjects show on locked screens and in lists.")
    return _problem_of(subject)


def problem_of_body(body: str) -> str:
    """Why the text cannot be used, as a sentence; empty when it can."""
    missing = [f"{{{name}}}" for name in NEEDED if f"{{{name}}}" not in body]
    if missing:
        return _(
            "The text must contain %(placeholders)s. Otherwise nobody can sign in with it.",
            placeholders=listed(missing),
        )
    return _problem_of(body)


def _problem_of(text: str) -> str:
    unknown = [f"{{{name}}}" for name in PLACEHOLDER.findall(text) if name not in PLACEHOLDERS]
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        return _("%(word)s is not a placeholder. There are %(names)s.", word=unknown[0], names=known)
    return ""


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled in, once. Before a link it says that the password is to be seen there."""
    for label, words in BEFORE_LINK if "link" in values else ():
        text = label.sub(words, text)
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def as_html(text: str, values: Mapping[str, str]) -> Markup:
    """The same as paragraphs of HTML; everything but our own few tags is escaped."""
    dressed = {name: escape(value) for name, value in values.items()}
    if "username" in values:
        dressed["username"] = Markup("<strong>{}</strong>").format(values["username"])
    dressed |= {name: _linked(values[name], values[name]) for name in LINKS if name in values}
    if "password" in values:
        dressed["password"] = (
            _linked(values["password"], values["link"]) if "link" in values else _code(values["password"])
        )
    paragraphs = [_paragraph(part, dressed) for part in re.split(r"\n\s*\n", text.strip())]
    return Markup("\n").join(paragraphs)


def _code(text: str) -> Markup:
    return Markup("<code>{}</code>").format(text)


def _linked(text: str, link: str) -> Markup:
    """The text, in which the address is a link."""
    before, __, behind = text.partition(link)
    return Markup('{1}<a href="{0}">{0}</a>{2}').format(link, before, behind)


def _paragraph(part: str, values: Mapping[str, Markup]) -> Markup:
    # Escaped before it is filled in, and the values are escaped already.
    lines = [Markup(filled(str(escape(line.strip())), values)) for line in part.splitlines()]  # noqa: S704
    return Markup("<p>{}</p>").format(Markup("<br>\n").join(lines))
