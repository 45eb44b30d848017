"""In which language the pages for people who apply are, and what they say in it.

The person's own choice comes first, then the language in which the organisation writes to candidates, then what the
browser asks for.
"""

import re
import sys
from datetime import date
from functools import lru_cache

from babel import Locale
from babel.dates import format_date
from flask import Blueprint, g, request, session, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from portal import templating
from portal.careers.german import SENTENCES
from portal.interviews import words
from portal.interviews.models import Interview
from portal.mail import choices, texts
from portal.organisations.models import Organisation

ENGLISH, GERMAN = "en", "de"
# As each is called by those who read it.
NAMES = {ENGLISH: "English", GERMAN: "Deutsch"}
CHOSEN = "careers_language"
PLACE = re.compile(r"\\\{(\w+)\\\}")


def settle(organisation: Organisation, country: str = "") -> None:
    """Say whose page is shown. country: of the vacancy or the candidate; empty when it is not known."""
    kept = choices.of(organisation).language
    if kept == texts.BY_COUNTRY and country:
        kept = texts.language_for(kept, country)
    elif kept != GERMAN:
        # English is what an organisation has that chose nothing.
        return
    g.careers_language = kept


def current() -> str:
    """The language of this page."""
    mine = session.get(CHOSEN)
    if mine in NAMES:
        return str(mine)
    kept: str | None = g.get("careers_language")
    return kept or request.accept_languages.best_match(list(NAMES), default=ENGLISH) or ENGLISH


def choose(language: str) -> None:
    """Note what the person chose, for this browser. What is no language here changes nothing."""
    if language in NAMES:
        session[CHOSEN] = language


def other() -> tuple[str, str]:
    """The language that the page is not in, and its name."""
    language = ENGLISH if current() == GERMAN else GERMAN
    return language, NAMES[language]


def switch_address() -> str:
    """This page in the other language; after a form, the page that the form was on."""
    endpoint, values = request.endpoint or "", request.view_args or {}
    if request.method == "POST":
        endpoint, values = (".vacancy", values) if endpoint == "careers.send" else (".ask", {})
    return url_for(endpoint, **values, language=other()[0])


def in_language(language: str, sentence: str) -> str:
    """An English sentence with nothing to fill in, in this language."""
    return SENTENCES[sentence] if language == GERMAN else sentence


def say(sentence: str, **values: object) -> str:
    """An English sentence in the language of the page. values: what its braces stand for.

    A sentence that another room has filled in already is recognised by the words around what it filled in.
    """
    if current() == GERMAN:
        if sentence in SENTENCES:
            sentence = SENTENCES[sentence]
        elif not values:
            return _recognised(sentence)
    if any(isinstance(value, Markup) for value in values.values()):
        return escape(sentence).format(**values)
    return sentence.format(**values) if values else sentence


def _recognised(sentence: str) -> str:
    for pattern, german in _patterns():
        if found := pattern.fullmatch(sentence):
            return german.format(**found.groupdict())
    return sentence


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    with_places = [(english, german) for english, german in SENTENCES.items() if "{" in english]
    return [(re.compile(PLACE.sub(r"(?P<\1>.+)", re.escape(english)), re.DOTALL), de) for english, de in with_places]


def day(moment: date | None) -> str:
    """ "5 Dec 2026", "5. Dezember 2026"."""
    if current() == GERMAN and moment:
        return format_date(moment, "d. MMMM y", locale=GERMAN)
    return templating.local_date(moment)


def country(code: str) -> str:
    """The country's name."""
    return Locale(GERMAN).territories.get(code, code) if current() == GERMAN else templating.country_name(code)


def number(written: str) -> str:
    """A number as it is written in English, with a point."""
    return written.replace(".", ",") if current() == GERMAN else written


def interview_time(interview: Interview) -> str:
    """When it is."""
    return words.of(interview, language=current())


def _note_choice() -> None:
    choose(request.args.get("language", ""))


def _vary(response: Response) -> Response:
    response.vary.add("Accept-Language")
    response.vary.add("Cookie")
    return response


def speak(blueprint: Blueprint) -> None:
    """Have this blueprint's pages in the person's language. Their templates know this module as `careers`."""
    blueprint.before_request(_note_choice)
    blueprint.after_request(_vary)
    blueprint.record_once(lambda state: state.app.jinja_env.globals.update(say=say, careers=sys.modules[__name__]))
