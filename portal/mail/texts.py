"""The text of the mail with the login information: its placeholders, its languages, and filling it in.

The text is plain, with placeholders in braces. Only these are filled in, and what was filled in is not read again: so
neither a text nor a name can bring anything else into the mail.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date, format_datetime
from markupsafe import Markup, escape

# Placeholder -> what it means, in words for people.
PLACEHOLDERS = {
    "name": "the employee’s name",
    "first_name": "the employee’s first or preferred name",
    "organisation": "your organisation’s name",
    "service": "the application’s name",
    "username": "the username",
    "password": "the temporary password",
    "sign_in_url": "the address to sign in at",
}
NEEDED = ("username", "password", "sign_in_url")
# Placeholders that stand for an address on the web.
LINKS = ("sign_in_url", "own_page")
# A subject shows on locked screens and in lists.
NOT_IN_SUBJECT = ("password",)
LONGEST_SUBJECT, LONGEST_BODY = 200, 5_000
PLACEHOLDER = re.compile(r"\{([^{}\n]{0,40})\}")

LANGUAGES = {"en": "English", "de": "German"}
# What is added to a language for the text of Resend.
AGAIN = "-again"
# Every text that can be changed, by its key: its name for people.
TEXTS = {
    key: name for language, word in LANGUAGES.items()
    for key, name in ((language, word), (f"{language}{AGAIN}", f"{word} Resend"))
}  # fmt: skip
BY_COUNTRY = "country"
# Where most people read which language; everywhere else it is the first one of LANGUAGES.
SPOKEN_IN = {"de": ("DE", "AT", "CH", "LI")}


@dataclass(frozen=True)
class Text:
    """Subject and body of the mail in one language."""

    subject: str
    body: str


DEFAULTS = {
    "en": Text(
        "Your {service} account at {organisation}",
        """Hello {first_name},

{organisation} has opened a {service} account for you.

  Sign in at:          {sign_in_url}
  Username:            {username}
  Temporary password:  {password}

You will be asked to choose a password of your own when you first sign in.

If you did not expect this email, tell the HR team of {organisation}.
""",
    ),
    "de": Text(
        "Ihr {service}-Konto bei {organisation}",
        """Guten Tag {name},

{organisation} hat für Sie ein {service}-Konto eingerichtet.

  Anmelden unter:          {sign_in_url}
  Benutzername:            {username}
  Vorläufiges Kennwort:    {password}

Bei der ersten Anmeldung werden Sie gebeten, ein eigenes Kennwort zu wählen.

Falls Sie diese Nachricht nicht erwartet haben, wenden Sie sich bitte an die Personalabteilung von {organisation}.
""",
    ),
}
OPENING = {
    "en": "{organisation} has opened a {service} account for you.",
    "de": "{organisation} hat für Sie ein {service}-Konto eingerichtet.",
}
OPENING_AGAIN = {
    "en": "Here is a new temporary password for your {service} account. The earlier one no longer works.",
    "de": "Hier ist ein neues vorläufiges Kennwort für Ihr {service}-Konto. Das bisherige gilt nicht mehr.",
}
DEFAULTS |= {
    f"{language}{AGAIN}": Text(
        DEFAULTS[language].subject, DEFAULTS[language].body.replace(OPENING[language], OPENING_AGAIN[language])
    )
    for language in LANGUAGES
}
# For people who sign in through another identity provider: an organisation's own text always has a password in it.
WITHOUT_PASSWORD = {
    "en": Text(
        DEFAULTS["en"].subject,
        """Hello {first_name},

{organisation} has opened a {service} account for you.

  Sign in at:  {sign_in_url}
  Username:    {username}

You need no new password: sign in as you do for the other applications of {organisation}.

If you did not expect this email, tell the HR team of {organisation}.
""",
    ),
    "de": Text(
        DEFAULTS["de"].subject,
        """Guten Tag {name},

{organisation} hat für Sie ein {service}-Konto eingerichtet.

  Anmelden unter:  {sign_in_url}
  Benutzername:    {username}

Sie brauchen kein neues Kennwort: Melden Sie sich an wie bei den anderen Anwendungen von {organisation}.

Falls Sie diese Nachricht nicht erwartet haben, wenden Sie sich bitte an die Personalabteilung von {organisation}.
""",
    ),
}
# Added to a language for the text about a pass, which is always behind a link. Nobody changes it.
PASS = "-pass"  # noqa: S105 - a kind
DEFAULTS |= {
    f"en{PASS}": Text(
        "Your {service} account at {organisation}",
        """Hello {first_name},

{organisation} has a pass for your {service} account. You sign in with it the first time, in place of a password.

  Sign in at:       {sign_in_url}
  Username:         {username}
  See your pass:    {password}

Once you are signed in, set up how you sign in from then on: follow the pages that ask for it.

If you did not expect this email, tell the HR team of {organisation}.
""",
    ),
    f"de{PASS}": Text(
        "Ihr {service}-Konto bei {organisation}",
        """Guten Tag {name},

{organisation} hat einen Zugriffspass für Ihr {service}-Konto.
Damit melden Sie sich das erste Mal an, statt mit einem Kennwort.

  Anmelden unter:           {sign_in_url}
  Benutzername:             {username}
  Zugriffspass ansehen:     {password}

Richten Sie danach ein, wie Sie sich künftig anmelden: Die Seiten führen Sie dahin.

Falls Sie diese Nachricht nicht erwartet haben, wenden Sie sich bitte an die Personalabteilung von {organisation}.
""",
    ),
}
# What replaces the password when it is behind a link; and the words before the link.
SHOWN_ONCE = {
    "en": "{link}\n  It opens once, until {until}.",
    "de": "{link}\n  Der Link lässt sich einmal öffnen, bis zum {until}.",
}
BEFORE_LINK = (
    (re.compile(r"Temporary password:(?= *\{password\})"), "See your temporary password:"),
    (re.compile(r"Vorläufiges Kennwort:(?= *\{password\})"), "Vorläufiges Kennwort ansehen:"),
)
SAMPLE = {
    "name": "Mary O’Brien", "first_name": "Mary", "username": "mary.obrien@example.com", "password": "hX7mQ2tRk9wP4cZn",
}  # fmt: skip


def language_for(chosen: str, country: str) -> str:
    """The language of a person's mail. chosen: a key of LANGUAGES, or BY_COUNTRY. country: two letters, or empty."""
    if chosen != BY_COUNTRY:
        return chosen if chosen in LANGUAGES else next(iter(LANGUAGES))
    return next((language for language, places in SPOKEN_IN.items() if country in places), next(iter(LANGUAGES)))


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
        return "Enter a subject."
    if "\n" in subject or "\r" in subject:
        return "A subject is one line."
    forbidden = [name for name in NOT_IN_SUBJECT if f"{{{name}}}" in subject]
    if forbidden:
        return "The password cannot be in the subject: subjects show on locked screens and in lists."
    return _problem_of(subject)


def problem_of_body(body: str) -> str:
    """Why the text cannot be used, as a sentence; empty when it can."""
    missing = [f"{{{name}}}" for name in NEEDED if f"{{{name}}}" not in body]
    if missing:
        return f"The text must contain {' and '.join(missing)}. Otherwise nobody can sign in with it."
    return _problem_of(body)


def _problem_of(text: str) -> str:
    unknown = [f"{{{name}}}" for name in PLACEHOLDER.findall(text) if name not in PLACEHOLDERS]
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        return f"{unknown[0]} is not a placeholder. There are {known}."
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
    before, _, behind = text.partition(link)
    return Markup('{1}<a href="{0}">{0}</a>{2}').format(link, before, behind)


def _paragraph(part: str, values: Mapping[str, Markup]) -> Markup:
    # Escaped before it is filled in, and the values are escaped already.
    lines = [Markup(filled(str(escape(line.strip())), values)) for line in part.splitlines()]  # noqa: S704
    return Markup("<p>{}</p>").format(Markup("<br>\n").join(lines))
