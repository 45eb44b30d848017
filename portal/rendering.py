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
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import flask
from flask import Flask, g, has_request_context, request
from flask.templating import Environment
from jinja2 import Template
from jinja2.runtime import Context
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
    "employee_list/_employee_row.html": ("employee_row",),
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
# Of these kinds, equal values look the same. 1 and True are equal too, and a word and its markup.
ALIKE, ONLY_TUPLES = {str, int, date, type(None)}, frozenset((tuple,))
# The same where English is spoken: there a sentence is the text that it is equal to.
SAID = frozenset((languages.Said, languages.Sentence))
IN_ENGLISH = (PLAIN | SAID, ALIKE | SAID)
# What a template calls most.
SIMPLE = frozenset((FunctionType, MethodType, BuiltinFunctionType, type(lru_cache(len))))
# Numbers that stand for others while the shape of an address is found out; no row has them.
STAND_INS = range(2_147_000_001, 2_147_000_099)


def ground(own: Any = None) -> tuple[str, str, str]:
    """On what all that is kept depends beside its own values: for addresses see `connected.about_one_application`.

    own: what the request has of its own, flask's g without its proxy.
    """
    own = own or g._get_current_object()
    found: tuple[str, str, str] | None = own.__dict__.get("ground")
    if found is None:
        found = own.ground = (request.script_root, request.args.get("app", ""), languages.current())
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
        if type(value) is int and value >= 0:
            shown.append((name, next(numbers)))
        elif isinstance(value, str) and name[0] != "_":
            shown.append((name, value))
        else:
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


class KeptMacro:
    """A macro of a template whose outcome is kept for each set of plain arguments."""

    def __init__(self, macro: Any):
        self._macro = macro
        # The latest of them, with whether a token has its place in it.
        self._kept: dict[Any, tuple[Any, bool]] = {}

    def __call__(self, *given: Any, **named: Any) -> Any:
        values = (*given, *named.values()) if named else given
        kinds = tuple(map(type, values))
        more = () if PLAIN.issuperset(kinds) else kinds_in(values) if has_request_context() else None
        if more is None or not has_request_context():
            return self._macro(*given, **named)
        own = g._get_current_object()
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
        here, kinds_of_rest, language = ground(own), tuple(map(type, rest)), languages.current()
        of_rest = kinds_in(rest, language)
        found, has_token = [], False
        for row in rows:
            kinds = kinds_in((row,), language)
            if kinds is None or of_rest is None:
                raise TypeError(f"{self._macro.name} is given what is not plain.")
            key = (here, (type(row), *kinds_of_rest), kinds + of_rest, (row, *rest))
            drawn, with_token = self._one(key, own, (row, *rest), {})
            found.append(drawn)
            has_token = has_token or with_token
        together = Markup().join(found)
        return together if own.get("keeping") or not has_token else _with_token(together)


def _with_token(found: Any) -> Any:
    return Markup(found.replace(TOKEN_PLACE, form_token()))  # noqa: S704


class Known(tuple[Any, ...]):
    """A tuple that is itself kept for a ground, with what `kinds_in` says of it."""

    kinds: tuple[Any, ...]

    @classmethod
    def of(cls, values: Iterable[Any]) -> "Known":
        """Raises TypeError for what is not plain."""
        made = cls(values)
        kinds = kinds_in((tuple(made),))
        if kinds is None:
            raise TypeError("What is kept is given what is not plain.")
        made.kinds = kinds
        return made


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
        if kind in plain:
            continue
        if kind is Known:
            found += value.kinds
        elif issubclass(kind, languages.Said):
            # Some are equal in English only.
            found.append(languages.in_language(value, language))
        elif issubclass(kind, tuple):
            inner = tuple(map(type, value))
            if alike.issuperset(inner) or (ONLY_TUPLES.issuperset(inner) and _all_are(alike, value)):
                continue
            deeper = kinds_in(tuple([one for one in value if type(one) not in plain]), language)
            if deeper is None:
                return None
            found += (inner, *deeper)
        elif not _learn(kind):
            return None
    return tuple(found)


def _all_are(kinds: set[type], rows: tuple[tuple[Any, ...], ...]) -> bool:
    return kinds.issuperset(map(type, chain.from_iterable(rows)))


def _learn(kind: type) -> bool:
    """Count this kind among those that are plain, if it is."""
    is_plain = issubclass(kind, ALSO_PLAIN)
    for plain, alike in ((PLAIN, ALIKE), IN_ENGLISH) if is_plain else ():
        plain.add(kind)
        if issubclass(kind, StrEnum):
            # It looks as the word that it is equal to.
            alike.add(kind)
    return is_plain


class PortalContext(Context):
    """What a template knows while it is drawn."""

    def call(self, called: Any, /, *given: Any, **named: Any) -> Any:
        """As jinja's own, which looks in several places whether what is called wants the context.

        A kept macro does not, and a function says so in one.
        """
        kind = type(called)
        if kind is not KeptMacro and (kind not in SIMPLE or hasattr(called, "jinja_pass_arg")):
            return super().call(called, *given, **named)
        if named:
            named.pop("_block_vars", None)
            named.pop("_loop_vars", None)
        return called(*given, **named)


class PortalTemplate(Template):
    """A template whose macros are imported once for all: nothing that differs between requests is a global."""

    def _get_default_module(self, ctx: Any = None) -> Any:
        if self._module is None:
            module = self.make_module()
            for name in KEPT.get(self.name or "", ()):
                setattr(module, name, KeptMacro(getattr(module, name)))
            self._module = module
        return self._module


class PortalEnvironment(Environment):
    """Flask's own, where a template begins with the globals as they are, and not with a chain of dictionaries."""

    context_class = PortalContext
    template_class = PortalTemplate

    def make_globals(self, d: Any) -> Any:
        return self.globals if d is None else super().make_globals(d)


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
