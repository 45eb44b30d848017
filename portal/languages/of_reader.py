"""In which language a page is: as its reader chose, else as the organisation did, else as the browser asks."""

from functools import lru_cache
from typing import Any

from babel import negotiate_locale
from flask import Flask, g, has_request_context, request
from flask_login import current_user
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response
from wtforms.meta import DefaultMeta

from portal.languages import reading
from portal.languages.catalogues import LANGUAGES
from portal.varying import vary_by

# How many characters of what a browser asks for are kept.
LONGEST = 200


def of_reader() -> str:
    """The key of the language of this page; English where there is no page."""
    if not has_request_context():
        return reading.ENGLISH
    # Each sentence of a page asks, so without a proxy.
    own = g._get_current_object()
    language: str | None = own.get("language")
    if language is None:
        # Meanwhile, should finding the user fail: a page that says so is needed too.
        own.language = of_browser()
        language = own.language = _chosen() or own.language
    return language


def _chosen() -> str:
    user: Any = current_user._get_current_object()
    if not user or not user.is_authenticated:
        return ""
    wanted = user.language or user.organisation.language
    return wanted if wanted in LANGUAGES else ""


def of_browser() -> str:
    """What the browser asks for, as far as there is one of them; else English."""
    return _asked_for(request.headers.get("Accept-Language", "")[:LONGEST])


@lru_cache(maxsize=500)
def _asked_for(header: str) -> str:
    wanted = [value for value, _ in parse_accept_header(header, LanguageAccept)]
    return negotiate_locale(wanted, list(LANGUAGES), sep="-") or reading.ENGLISH


def _name(response: Response) -> Response:
    """Say which language it is, and of what that depends."""
    if "language" in g and response.mimetype == "text/html":
        response.headers["Content-Language"] = g.language
        vary_by(response, "Accept-Language")
    return response


def init_app(app: Flask, settings: Any) -> None:
    reading.ask(of_reader)
    # What WTForms itself says of a field has translations of its own.
    app.config["WTF_I18N_ENABLED"] = False
    DefaultMeta.locales = property(lambda meta: [reading.current()])
    app.after_request(_name)
