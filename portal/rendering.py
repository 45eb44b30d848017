"""What of a page is worked out once and kept: addresses, and macros that show nothing but what they are given.

A macro is kept for each set of arguments, and only where these are plain values. tests/test_rendering.py goes through
the macros named here and finds that none asks for anything else: who is signed in, the request. A form's token has its
place kept, and is put there each time.
"""

import secrets
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from itertools import chain
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
ALIKE, ONLY_TUPLES = frozenset((str, int, date, type(None))), frozenset((tuple,))
# Numbers that stand for others while the shape of an address is found out; no row has them.
STAND_INS = range(2_147_000_001, 2_147_000_099)


def ground() -> tuple[str, str, str]:
    """On what all that is kept depends beside its own values: for addresses see `connected.about_one_application`."""
    own = g._get_current_object()
    found: tuple[str, str, str] | None = own.get("ground")
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
        self._kept = lru_cache(maxsize=MOST, typed=True)(
            lambda _ground, _kinds, *given, **named: macro(*given, **named)
        )

    def __call__(self, *given: Any, **named: Any) -> Any:
        kinds = kinds_in((*given, *named.values())) if has_request_context() else None
        if kinds is None:
            return self._macro(*given, **named)
        own = g._get_current_object()
        if own.get("keeping"):
            return self._kept(ground(), kinds, *given, **named)
        own.keeping = True
        try:
            found: Any = self._kept(ground(), kinds, *given, **named)
        finally:
            own.keeping = False
        return _with_token(found)

    def each(self, rows: Iterable[tuple[Any, ...]], *rest: Any) -> Markup:
        """What it makes of each row, put together. rows: tuples of what is plain. rest: its further arguments."""
        own, here, kept, of_rest = g._get_current_object(), ground(), self._kept, kinds_in(rest)
        found, outer = [], own.get("keeping", False)
        own.keeping = True
        try:
            for row in rows:
                kinds = kinds_in((row,))
                if kinds is None or of_rest is None:
                    raise TypeError(f"{self._macro.name} is given what is not plain.")
                found.append(kept(here, kinds + of_rest, row, *rest))
        finally:
            own.keeping = outer
        together = Markup().join(found)
        return together if outer else _with_token(together)


def _with_token(found: Any) -> Any:
    return Markup(found.replace(TOKEN_PLACE, form_token())) if TOKEN_PLACE in found else found  # noqa: S704


def kinds_in(values: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """What tells values apart that are equal and do not look alike: kinds of what is in tuples, sentences as shown.

    None where a value is not plain, so that nothing can be kept for it.
    """
    kinds = tuple(map(type, values))
    if PLAIN.issuperset(kinds):
        return ()
    found: list[Any] = []
    for value, kind in zip(values, kinds, strict=True):
        if kind in PLAIN:
            continue
        if issubclass(kind, languages.Said):
            # Some are equal in English only.
            found.append(languages.in_language(value, languages.current()))
        elif issubclass(kind, tuple):
            inner = tuple(map(type, value))
            if ALIKE.issuperset(inner) or (ONLY_TUPLES.issuperset(inner) and _all_alike(value)):
                continue
            deeper = kinds_in(tuple([one for one in value if type(one) not in PLAIN]))
            if deeper is None:
                return None
            found += (inner, *deeper)
        elif issubclass(kind, ALSO_PLAIN):
            PLAIN.add(kind)
        else:
            return None
    return tuple(found)


def _all_alike(rows: tuple[tuple[Any, ...], ...]) -> bool:
    return ALIKE.issuperset(map(type, chain.from_iterable(rows)))


class PortalContext(Context):
    """What a template knows while it is drawn."""

    def call(self, called: Any, /, *given: Any, **named: Any) -> Any:
        """As jinja's own, which looks first whether what is called wants the context: a kept macro does not."""
        if type(called) is not KeptMacro:
            return super().call(called, *given, **named)
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
