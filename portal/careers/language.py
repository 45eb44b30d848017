"""In which language the pages for people who apply are.

The person's own choice comes first, then the language in which the organisation writes to candidates, then that of the
organisation's own pages, then what the browser asks for.
"""

import sys

from flask import Blueprint, g, request, session, url_for
from werkzeug.wrappers import Response

from portal import languages
from portal.languages import LANGUAGES, current
from portal.languages.of_reader import of_browser
from portal.mail import choices, texts
from portal.organisations.models import Organisation

CHOSEN = "careers_language"


def settle(organisation: Organisation, country: str = "") -> None:
    """Say whose page is shown. country: of the vacancy or the candidate; empty when it is not known."""
    if session.get(CHOSEN) in LANGUAGES:
        return
    wanted = choices.of(organisation).language
    if wanted == texts.BY_COUNTRY and country:
        wanted = texts.language_for(wanted, country)
    elif wanted == languages.ENGLISH:
        # An organisation that chose nothing for its mails has this one.
        wanted = organisation.language
    if wanted in LANGUAGES:
        g.language = wanted


def choose(language: str) -> None:
    """Note what the person chose, for this browser. What is no language here changes nothing."""
    if language in LANGUAGES:
        session[CHOSEN] = g.language = language


def others() -> list[tuple[str, str]]:
    """The languages that the page is not in, each with its name."""
    return [(language, name) for language, name in LANGUAGES.items() if language != current()]


def switch_address(language: str) -> str:
    """This page in another language; after a form, the page that the form was on."""
    endpoint, values = request.endpoint or "", request.view_args or {}
    if request.method == "POST":
        endpoint, values = (".vacancy", values) if endpoint == "careers.send" else (".ask", {})
    return url_for(endpoint, **values, language=language)


def in_others(sentence: str) -> list[tuple[str, str]]:
    """A marked sentence in the languages that the page is not in."""
    said = languages.gettext(sentence)
    return [(language, said.in_language(language)) for language, _name in others()]


def _begin() -> None:
    chosen = session.get(CHOSEN)
    g.language = chosen if chosen in LANGUAGES else of_browser()
    choose(request.args.get("language", ""))


def _vary(response: Response) -> Response:
    response.vary.add("Accept-Language")
    response.vary.add("Cookie")
    return response


def speak(blueprint: Blueprint) -> None:
    """Have this blueprint's pages in the person's language. Their templates know this module as `careers`."""
    blueprint.before_request(_begin)
    blueprint.after_request(_vary)
    blueprint.record_once(lambda state: state.app.jinja_env.globals.update(careers=sys.modules[__name__]))
