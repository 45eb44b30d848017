"""What of a page is worked out once and kept: addresses, and macros that show nothing but what they are given.

A macro is kept for each set of arguments, and only where these are plain values. tests/test_rendering.py goes through
the macros named here and finds that none asks for anything else: who is signed in, the request. A form's token has its
place kept, and is put there each time.
"""

import secrets
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from typing import Any

import flask
from flask import Flask, g, has_request_context, request
from jinja2 import Undefined
from markupsafe import Markup, escape
from wtforms import SelectField
from wtforms.widgets import Select

from portal import languages
from portal.signing import form_token

# Template -> the macros in it that show nothing but their arguments.
KEPT = {
    "_sidebar.html": ("sidebar",),
    "macros/ui.html": (
        "status", "state", "badge", "avatar", "alert", "small_print", "empty_state", "row", "tabs", "trail", "pager",
        "menu_link", "menu_post", "face",
    ),
    "macros/forms.html": (
        "filter_choice", "in_place", "post_button", "submit", "tick_button", "filter_fold", "link_button", "cancel",
    ),
    "macros/frame.html": ("brand", "head", "section_links", "user_summary", "appearance"),
    "day_one/_starter_row.html": ("starter_row",),
    "employee_list/_employee_row.html": ("employee_row", "heading"),
    "operations/_activity_row.html": ("activity_row",),
    "runs/_run_row.html": ("run_row",),
    "audit/_line.html": ("audit_row",),
    "sync/_difference_buttons.html": ("difference_buttons",),
    "sync/_difference_row.html": ("difference_row",),
    "matching/_found_row.html": ("found_row",),
}  # fmt: skip
# So many of each macro, the latest; and of addresses.
MOST = 2_000
# Nobody who writes into a record knows it: it would be replaced there too.
TOKEN_PLACE = secrets.token_hex(16)
ALSO_PLAIN = (str, int, date, float, type(None))
# These, and the kinds of them that were met.
PLAIN = {*ALSO_PLAIN, bool, Markup}
# What a macro is given beside it; the kinds tell these apart from the tuples in their place.
ALSO_KEPT = frozenset((list, dict, Undefined))
# Of these kinds, equal values look the same. 1 and True are equal too, and a word and its markup.
ALIKE, ONLY_TUPLES = {str, int, date, type(None)}, frozenset((tuple,))
# The same where English is spoken: there a sentence is the text that it is equal to.
SAID = frozenset((languages.Said, languages.Sentence))
IN_ENGLISH = (PLAIN | SAID, ALIKE | SAID)
# Numbers that stand for others while the shape of an address is found out; no row has them.
STAND_INS = range(2_147_000_001, 2_147_000_099)


def ground(own: Any = None) -> tuple[str, str, str]:
    """On what all that is kept depends beside its own values: for addresses see `connected.about_one_application`.

    own: what the request has of its own, flask's g without its proxy.
    """
    own = own or g._get_current_object()
    found: tuple[str, str, str] | None = own.__dict__.get("ground")
    if found is None:
        # Few addresses have anything behind their path.
        asked = request.args.get("app", "") if request.query_string else ""
        found = own.ground = (request.script_root, asked, languages.current())
    return found


def url_for(endpoint: str, **values: Any) -> str:
    """As Flask's. Addresses that differ in whole numbers only are put together once."""
    if not has_request_context():
        return flask.url_for(endpoint, **values)
    if endpoint[0] == "." and request.blueprint:
        endpoint = request.blueprint + endpoint
    shown: list[tuple[str, str | int]] = []
    numbers = iter(STAND_INS)
    for name, value in values.items():
        if type(value) is Undefined:
            # As it is shown.
            value = ""
        if type(value) is int and value >= 0:
            shown.append((name, next(numbers)))
        elif isinstance(value, str) and name[0] != "_":
            shown.append((name, value))
        elif value is not None:
            return flask.url_for(endpoint, **values)
    shape = _shape(ground(), endpoint, tuple(shown))
    return shape % values if shape else flask.url_for(endpoint, **values)


@lru_cache(maxsize=MOST)
def _shape(_ground: tuple[str, str, str], endpoint: str, values: tuple[tuple[str, str | int], ...]) -> str:
    """The address with the names of the numbers in their places; empty where one is not found in it as it is."""
    address = flask.url_for(endpoint, **dict(values)).replace("%", "%%")  # type: ignore[arg-type]
    for name, number in values:
        if isinstance(number, int):
            if address.count(str(number)) != 1:
                return ""
            address = address.replace(str(number), f"%({name})d")
    return address


def pairs(values: dict[Any, Any]) -> tuple[tuple[Any, Any], ...]:
    """Keys and values as what a macro can be kept for."""
    return tuple(values.items())


def csrf_token() -> str:
    """The token of the forms of a page; in what is kept, the place where it goes."""
    if has_request_context() and g.get("keeping"):
        return TOKEN_PLACE
    return form_token()


def _as_tuple(value: Any) -> Any:
    """The value as what is kept can go by it: what is in a list or a dictionary; nothing of what is not there."""
    kind = type(value)
    return (
        tuple(value) if kind is list else tuple(value.items()) if kind is dict else "" if kind is Undefined else value
    )


class KeptMacro:
    """A macro of a template whose outcome is kept for each set of plain arguments."""

    def __init__(self, macro: Any):
        self._macro = macro
        # The latest of them, with whether a token has its place in it.
        self._kept: dict[Any, tuple[Any, bool]] = {}

    def __call__(self, *given: Any, **named: Any) -> Any:
        values = (*given, *named.values()) if named else given
        kinds = tuple(map(type, values))
        if not ALSO_KEPT.isdisjoint(kinds):
            values = tuple(map(_as_tuple, values))
        if not has_request_context():
            return self._macro(*given, **named)
        own = g._get_current_object()
        more = () if PLAIN.issuperset(kinds) else kinds_in(values)
        if more is None:
            return self._macro(*given, **named)
        found, has_token = self._one((ground(own), kinds, more, values, *named), own, given, named)
        return found if own.get("keeping") or not has_token else _with_token(found)

    def _one(self, key: Any, own: Any, given: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, bool]:
        """What is kept, drawn where it is not."""
        kept = self._kept.get(key)
        if kept is None:
            outer, own.keeping = own.get("keeping", False), True
            try:
                found = self._macro(*given, **named)
            finally:
                own.keeping = outer
            if len(self._kept) >= MOST:
                # Of the oldest, a tenth.
                for old in list(self._kept)[: max(1, MOST // 10)]:
                    self._kept.pop(old, None)
            kept = self._kept[key] = found, TOKEN_PLACE in found
        return kept

    def each(self, rows: Iterable[tuple[Any, ...]], *rest: Any) -> Markup:
        """What it makes of each row, put together. rows: tuples of what is plain. rest: its further arguments."""
        own = g._get_current_object()
        language = languages.current()
        plain, alike = IN_ENGLISH if language == languages.ENGLISH else (PLAIN, ALIKE)
        beside = ground(own), tuple(map(type, rest)), kinds_in(rest, language), rest
        found, has_token, known = [], False, self._kept
        for row in rows:
            kinds: tuple[Any, ...] | None = tuple(map(type, row))
            if not plain.issuperset(kinds):  # type: ignore[arg-type]
                inner = [value for value in row if type(value) not in plain]
                # Most rows have nothing else in them than tuples, of what looks like what it is equal to.
                if not all(type(value) is tuple and _has_only(alike, value) for value in inner):
                    kinds = kinds_in((row,), language)
            if kinds is None or beside[2] is None:
                raise TypeError(f"{self._macro.name} is given what is not plain.")
            key = beside, type(row), kinds, row
            kept = known.get(key) or self._one(key, own, (row, *rest), {})
            found.append(kept[0])
            has_token = has_token or kept[1]
        # Each is markup already.
        together = Markup("".join(found))  # noqa: S704
        return together if own.get("keeping") or not has_token else _with_token(together)


def _with_token(found: Any) -> Any:
    return Markup(found.replace(TOKEN_PLACE, form_token()))  # noqa: S704


class Known(tuple[Any, ...]):
    """A tuple that is itself kept for a ground: what it looks like is worked out once, and equal ones look alike."""

    kinds: tuple[Any, ...]
    number: int

    @classmethod
    def of(cls, values: Iterable[Any]) -> "Known":
        """Raises TypeError for what is not plain."""
        made = cls(values)
        kinds = kinds_in((tuple(made),))
        if kinds is None:
            raise TypeError("What is kept is given what is not plain.")
        made.kinds, made.number = kinds, hash((tuple(made), kinds))
        return made

    def __hash__(self) -> int:
        return self.number

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Known) and self.kinds == other.kinds and super().__eq__(other))

    def __ne__(self, other: object) -> bool:
        return not self == other


def kinds_in(values: tuple[Any, ...], language: str = "") -> tuple[Any, ...] | None:
    """What tells values apart that are equal and do not look alike: kinds of what is in tuples, sentences as shown.

    None where a value is not plain, so that nothing can be kept for it. language: that is spoken, where it is known.
    """
    language = language or languages.current()
    plain, alike = IN_ENGLISH if language == languages.ENGLISH else (PLAIN, ALIKE)
    kinds = tuple(map(type, values))
    if plain.issuperset(kinds):
        return ()
    found: list[Any] = []
    for value, kind in zip(values, kinds, strict=True):
        if kind in plain or kind is Known:
            continue
        if issubclass(kind, languages.Said):
            # Some are equal in English only.
            found.append(languages.in_language(value, language))
        elif issubclass(kind, tuple):
            inner = tuple(map(type, value))
            if _has_only(alike, value):
                continue
            deeper = kinds_in(tuple([one for one in value if type(one) not in plain]), language)
            if deeper is None:
                return None
            found += (inner, *deeper)
        elif not _learn(kind):
            return None
    return tuple(found)


def _has_only(kinds: set[type], values: tuple[Any, ...]) -> bool:
    """Whether all values are of these kinds, or tuples of them."""
    inner = set(map(type, values))
    return inner <= kinds or (inner == ONLY_TUPLES and kinds.issuperset(map(type, chain.from_iterable(values))))


def _learn(kind: type) -> bool:
    """Count this kind among those that are plain, if it is."""
    is_plain = issubclass(kind, ALSO_PLAIN)
    for plain, alike in ((PLAIN, ALIKE), IN_ENGLISH) if is_plain else ():
        plain.add(kind)
        if issubclass(kind, StrEnum):
            # It looks as the word that it is equal to.
            alike.add(kind)
    return is_plain


class KeptOptions(Select):
    """A list to choose from. Each option is drawn once: there are 600 time zones, and WTForms is slow with them."""

    @classmethod
    def render_option(cls, choice: Any, **attributes: Any) -> Any:
        if attributes or choice.render_kw or type(choice.value) not in (str, int):
            return super().render_option(choice, **attributes)
        return _option(str(choice.value), escape(choice.label or choice.value), bool(choice.selected))


@lru_cache(maxsize=MOST)
def _option(value: str, label: Markup, selected: bool) -> Markup:
    begins = Markup("<option selected value") if selected else Markup("<option value")
    return Markup('{}="{}">{}</option>').format(begins, value, label)


def init_app(app: Flask, settings: Any) -> None:
    SelectField.widget = KeptOptions()
    app.jinja_env.globals.update(url_for=url_for, csrf_token=csrf_token, pairs=pairs)
