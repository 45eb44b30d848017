"""Text that a user typed: without invisible characters, and as a page shows it."""

import re

from markupsafe import Markup, escape

# A line of a list: a hyphen, a star or a bullet, and words.
_ITEM = re.compile(r"\s*[-*•]\s+(?=\S)")
# Control characters, halves of characters, and marks that show the rest of a line in another order. Persian and emoji
# need other invisible ones.
_NEVER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def paragraphs(text: str | None) -> Markup:
    """Plain text as paragraphs and lists of HTML: an empty line parts them, and lines of a list begin with a hyphen."""
    parts = [part for part in re.split(r"\n\s*\n", (text or "").replace("\r\n", "\n").strip()) if part.strip()]
    return Markup("\n").join(Markup("\n").join(_runs(part.splitlines())) for part in parts)


def _runs(lines: list[str]) -> list[Markup]:
    found: list[tuple[bool, list[str]]] = []
    for line in lines:
        is_item = bool(_ITEM.match(line))
        if not found or found[-1][0] != is_item:
            found.append((is_item, []))
        found[-1][1].append(_ITEM.sub("", line, count=1).strip())
    return [_list(some) if is_item else _paragraph(some) for is_item, some in found]


def _list(items: list[str]) -> Markup:
    return Markup("<ul>{}</ul>").format(Markup("").join(Markup("<li>{}</li>").format(item) for item in items))


def _paragraph(lines: list[str]) -> Markup:
    return Markup("<p>{}</p>").format(Markup("<br>\n").join(escape(line) for line in lines))


def storable(text: str | None) -> str:
    """The text with its line breaks, without what no database keeps and what turns the direction of a line."""
    return _NEVER.sub("", text or "")


def printable(text: str | None) -> str:
    """The text without control characters and without spaces around it."""
    return "".join(letter for letter in text or "" if letter.isprintable()).strip()
