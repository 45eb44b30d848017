"""Invisible characters, and letters that a program has lost or mixed up before the file came here."""

import html
import re
import unicodedata
from collections.abc import Sequence

from portal.languages import gettext as _

# Seen as something although Unicode counts them as format characters: signs before Arabic and other numbers.
_SEEN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
# Seen as nothing although Unicode counts them as letters, marks or symbols.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_ASCII = "".join(map(chr, (*range(33), 127)))
# What no database keeps: halves of characters, and a NUL, in whose place another character is that nobody sees.
_HALF, _INSTEAD = re.compile(r"[\ud800-\udfff]"), "\x7f"
_JOINERS = "\u200c\u200d"


def is_unseen(character: str) -> bool:
    """Whether nothing can be seen of the character, spaces apart."""
    if " " < character < "\x7f":
        return False
    kind = unicodedata.category(character)
    return (kind in ("Cf", "Cc", "Zl", "Zp") and character not in _SEEN) or character in _UNSEEN


def storable(text: str) -> str:
    """The text as a database keeps it: what is wrong in it stays wrong. Some programs fill up with NULs."""
    if "\0" in text:
        text = text.strip("\0 ").replace("\0", _INSTEAD)
    return text if text.isascii() else _HALF.sub("\ufffd", text)


def stripped(text: str) -> str:
    """The text without spaces and unseen characters at its ends.

    A joiner after a mark is part of the last letter, as in older Malayalam.
    """
    if text.isascii():
        return text.strip(_ASCII)
    begin, end = 0, len(text)
    while begin < end and (text[begin].isspace() or is_unseen(text[begin])):
        begin += 1
    while end > begin and (text[end - 1].isspace() or is_unseen(text[end - 1])) and not _ends_letter(text, end):
        end -= 1
    return text[begin:end]


def each_stripped(texts: Sequence[str]) -> tuple[str, ...]:
    """The same of many texts, which mostly need one look for all of them."""
    if "".join(texts).isascii():
        return tuple([text.strip(_ASCII) for text in texts])
    return tuple(map(stripped, texts))


def _ends_letter(text: str, end: int) -> bool:
    return text[end - 1] in _JOINERS and end > 1 and unicodedata.category(text[end - 2]) in ("Mn", "Mc")


def unseen_in(text: str) -> str:
    """The name of the first invisible character in it; empty when there is none."""
    if text.isascii() and text.isprintable():
        return ""
    found = next((c for c in text if is_unseen(c) or (c.isspace() and c != " ")), "")
    return unicodedata.name(found, f"U+{ord(found):04X}").lower() if found else ""


LOST = re.compile(r"(?<=[^\W\d_])\?(?=[^\W\d_])")
# How JSON writes letters beyond ASCII.
ESCAPED = re.compile(r"\\u[0-9a-fA-F]{4}")
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,31}\d{0,2});")
# How UTF-8 begins the letters of Latin, Greek and Cyrillic, and the quotes, when it is read as Windows-1252.
MIXED_UP = re.compile(rb"[\xc2-\xc5\xce-\xd1][\x80-\xbf]|\xe2\x80[\x90-\xbf]|\xe2\x82\xac")


def damage_to(text: str) -> str:
    """What happened to the letters of the text before it came here, as a sentence; empty for nothing."""
    if text.isascii():
        if ENTITY.search(text) and (meant := html.unescape(text)) != text:
            return _(
                "“%(text)s” is written as in a web page, and means “%(meant)s”. Type it as it is meant.",
                text=text[:60],
                meant=meant[:60],
            )
        if ESCAPED.search(text):
            return _(
                "“%(text)s” is written as in a program, and means “%(meant)s”. Type it as it is meant.",
                text=text[:60],
                meant=storable(ESCAPED.sub(lambda found: chr(int(found[0][2:], 16)), text))[:60],
            )
        if LOST.search(text):
            return _(
                "“%(text)s” lost a letter when the file was saved, and has a question mark in its place.",
                text=text[:60],
            )
        return ""
    if "\ufffd" in text:
        return _(
            "“%(text)s” lost a letter when the file was saved: save it again as “CSV UTF-8” from the program "
            "where it is right.",
            text=text[:60],
        )
    meant = _meant_by(text)
    if meant:
        return _(
            "“%(text)s” was damaged when the file was saved. It may mean “%(meant)s”.", text=text[:60], meant=meant[:60]
        )
    return damage_to(LOST.sub("?", text).encode("ascii", "ignore").decode()) if LOST.search(text) else ""


def _meant_by(text: str) -> str:
    """The text that becomes this one when its UTF-8 is read as Windows-1252 or Latin-1; empty when there is none."""
    try:
        data = b"".join(_as_byte(character) for character in text)
    except UnicodeEncodeError:
        return ""
    if not MIXED_UP.search(data):
        return ""
    try:
        return data.decode()
    except UnicodeDecodeError:
        # A part of it was right, or has lost more.
        return MIXED_UP.sub(lambda found: found[0].decode().encode("cp1252", "replace"), data).decode(
            "cp1252", "replace"
        )


def _as_byte(character: str) -> bytes:
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return character.encode("latin-1")
