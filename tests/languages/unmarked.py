"""Finds text that is not marked on every page of any tests, whose English stays what it is.

`python -m pytest -p tests.languages.unmarked tests/imports` prints at the end what was shown outside of a translation,
and where: look for what should be marked. Names that people typed are among it.
"""

import re
import tempfile
from collections import defaultdict
from functools import cache
from itertools import pairwise
from pathlib import Path

import flask
import pytest

from portal.languages import reading
from tests.languages import pseudo
from tests.pages import tree_of

# Characters that nobody sees or types, in place of the brackets; they are taken away before a test sees the page.
OPEN, CLOSE = "\ue000", "\ue001"
SOURCES = ("portal/**/*.py", "templates/**/*.html")
NOT_SHOWN = ("portal/sandbox", "portal/demo", "portal/migrations", "portal/languages")
found: dict[str, set[str]] = defaultdict(set)


def pytest_sessionstart(session):
    session.unmarked = spoken = pseudo.spoken(
        Path(tempfile.mkdtemp(prefix="unmarked-")), "en_GB", lambda text: f"{OPEN}{text}{CLOSE}"
    )
    spoken.__enter__()
    # After all fixtures, also those that make an application.
    asks = reading.ask
    reading.ask = lambda of_reader: asks(lambda: _british(of_reader()))
    init = flask.Flask.__init__

    def with_look(app, *arguments, **options):
        init(app, *arguments, **options)
        app.after_request(_look)

    flask.Flask.__init__ = with_look


def _british(language: str) -> str:
    return "en_GB" if language == "en" and flask.has_request_context() else language


def _look(response):
    if response.direct_passthrough or response.is_streamed:
        return response
    raw = response.get_data()
    # What only a redirect says, nobody reads.
    if response.mimetype == "text/html" and response.status_code // 100 != 3:
        text = raw.decode()
        for shown in pseudo.outside(tree_of(text), OPEN + CLOSE) if text.strip() else ():
            if _is_ours(shown):
                found[shown].add(f"{flask.request.method} {flask.request.url_rule}")
    for bracket in (OPEN, CLOSE):
        raw = raw.replace(bracket.encode(), b"").replace(f"\\u{ord(bracket):04x}".encode(), b"")
    if raw != response.get_data():
        response.set_data(raw)
    return response


@cache
def _said() -> str:
    files = [file for pattern in SOURCES for file in Path(pseudo.ROOT).glob(pattern)]
    kept = [file for file in files if not str(file.relative_to(pseudo.ROOT)).startswith(NOT_SHOWN)]
    return " ".join(" ".join(re.findall(r"[A-Za-z’]+", file.read_text())) for file in kept)


@cache
def _is_ours(text: str) -> bool:
    """Whether two words after each other, or the only one, are anywhere in our sources: else somebody typed it."""
    words = re.findall(r"[A-Za-z’]+", text)
    pairs = [f" {first} {second} " for first, second in pairwise(words)] or [f" {words[0]} "]
    return any(pair in _said() for pair in pairs)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter):
    terminalreporter.section("shown outside of a translation")
    for text, places in sorted(found.items(), key=lambda item: (min(item[1]), item[0])):
        terminalreporter.line(f"{min(places)}{f' and {len(places) - 1} more' if len(places) > 1 else ''}: {text[:200]}")
