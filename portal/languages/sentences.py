"""Sentences that know how to be said in another language.

A Sentence is its English text, so that a log, a table and a program read English. Only a page shows it otherwise: a
template asks every text for `__html__`. What is put together of it by `+` or an f-string is plain English again, and
stays English on the page: give what is filled in by name, `_("%(name)s is back.", name=employee.name)`, and put whole
sentences beside each other with `joined`.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from babel.lists import format_list
from markupsafe import Markup, escape

from portal.languages.catalogues import catalogue, locale_of
from portal.languages.reading import ENGLISH, current

# In a column: after the English text, how it is put together. No keyboard types it, but a file or a server may have it:
# it is taken out of what is filled in.
HOW = "\x1e"


class Said(str):
    """Text in English, which a page shows in the language of its reader. how: from a language to the text in it."""

    how: Callable[[str], str]
    parts: dict[str, Any]

    def __new__(cls, text: str, how: Callable[[str], str] | None = None, parts: dict[str, Any] | None = None) -> "Said":
        said = super().__new__(cls, text)
        said.how, said.parts = how or (lambda language: text), parts or {}
        return said

    def in_language(self, language: str) -> str:
        return str(self) if language == ENGLISH else self.how(language)

    def __html__(self) -> Markup:
        return escape(self.in_language(current()))


class Sentence(Said):
    """A sentence of a catalogue, with what is filled in."""


def in_language(text: Any, language: str) -> str:
    """Any value as text in the language: what is no sentence of ours is what it is."""
    return text.in_language(language) if isinstance(text, Said) else str(text)


def gettext(message: str, /, **values: Any) -> Sentence:
    """The sentence. values: what replaces `%(name)s`; with any of them a per cent sign is written `%%`."""
    return _sentence(message, values)


def pgettext(context: str, message: str, /, **values: Any) -> Sentence:
    """As gettext, where the same English means several things. context: which of them, for who translates."""
    return _sentence(message, values, context=context)


def ngettext(one: str, many: str, count: int, /, **values: Any) -> Sentence:
    """A sentence about a number of things, which replaces `%(num)s`. Each language has its own plural."""
    return _sentence(one, values, many=many, count=count)


def npgettext(context: str, one: str, many: str, count: int, /, **values: Any) -> Sentence:
    return _sentence(one, values, context=context, many=many, count=count)


def _sentence(
    message: str, values: dict[str, Any], *, context: str = "", many: str = "", count: int | None = None
) -> Sentence:
    from portal.languages.formats import number

    if count is not None and "num" not in values:
        values = {**values, "num": number(count)}

    def how(language: str) -> str:
        found = _found(catalogue(language), message, context, many, count)
        return found % {name: in_language(value, language) for name, value in values.items()} if values else found

    english = message if count is None or count == 1 else many
    parts = {"id": message, "context": context, "many": many, "count": count, "values": values}
    return Sentence(english % values if values else english, how, parts)


def _found(translations: Any, message: str, context: str, many: str, count: int | None) -> str:
    if not message:
        # Under the empty text a catalogue keeps what it says of itself.
        return ""
    if count is None:
        found = translations.upgettext(context, message) if context else translations.ugettext(message)
    elif context:
        found = translations.unpgettext(context, message, many, count)
    else:
        found = translations.ungettext(message, many, count)
    return str(found)


def joined(*texts: str, by: str = " ") -> Said:
    """Whole sentences beside each other, without those that are empty."""
    kept = [text for text in texts if text]
    said = Said(by.join(kept), lambda language: by.join(in_language(text, language) for text in kept))
    said.parts = {"joined": kept, "by": by}
    return said


def shortened(text: str, most: int) -> Said:
    """The text, or as much of it as has so many characters, with a sign that there is more."""
    return Said(_short(text, most), lambda language: _short(in_language(text, language), most))


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def begun(text: str) -> Said:
    """The text as a sentence begins with it: with a capital letter."""
    said = Said(_capital(text), lambda language: _capital(in_language(text, language)))
    said.parts = {"begun": [text]}
    return said


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def listed(texts: Iterable[Any], style: str = "standard") -> Said:
    """ "Ada, Grace and Tom". style: as Babel's format_list, "or" for the other word."""
    kept = list(texts)

    def how(language: str) -> str:
        return format_list([in_language(text, language) for text in kept], style, locale=locale_of(language))  # type: ignore[arg-type]

    return Said(how(ENGLISH), how, {"listed": kept, "style": style})


def stored(text: str) -> str:
    """The text as it is kept in a column: what is filled in beside it, so that it can be said in any language later."""
    plain = str(text).replace(HOW, "")
    if not isinstance(text, Said) or not text.parts:
        return plain
    parts = _plain(text)
    return plain if parts == {"id": str(text)} else f"{plain}{HOW}{json.dumps(parts, ensure_ascii=False)}"


def read(text: str) -> Said:
    """What `stored` made, and any text that was kept before it: that is looked up as it is."""
    plain, _, parts = text.partition(HOW)
    try:
        return _made(json.loads(parts)) if parts else gettext(plain)
    except (ValueError, KeyError, TypeError, AttributeError):
        # Kept before the sign was taken out of what is filled in.
        return Said(text.replace(HOW, ""))


def _plain(value: Any) -> Any:
    """As JSON can keep it."""
    if isinstance(value, Sentence):
        parts = {name: part for name, part in value.parts.items() if part not in ("", None, {})}
        return (
            {**parts, "values": {name: _plain(v) for name, v in parts["values"].items()}}
            if "values" in parts
            else parts
        )
    if isinstance(value, Said):
        return {
            name: [_plain(p) for p in part] if isinstance(part, list) else part for name, part in value.parts.items()
        }
    return value if isinstance(value, int | float | str | bool | None) else str(value)


def _made(parts: Any) -> Any:
    from portal.languages import formats

    if not isinstance(parts, dict):
        return parts
    if "joined" in parts:
        return joined(*map(_made, parts["joined"]), by=parts["by"])
    if "begun" in parts:
        return begun(_made(parts["begun"][0]))
    if "listed" in parts:
        return listed(map(_made, parts["listed"]), parts["style"])
    if "format" in parts:
        return formats.made(parts)
    values = {name: _made(value) for name, value in parts.get("values", {}).items()}
    return _sentence(
        parts["id"], values, context=parts.get("context", ""), many=parts.get("many", ""), count=parts.get("count"),
    )  # fmt: skip
