"""Encodings of before Unicode: which of them a text may be in, the likeliest first, for a person to choose from."""

import re
from dataclasses import dataclass, field

from portal.languages import gettext as _

NAMES = {
    "cp1252": _("Windows-1252 (Western European)"),
    "mac_roman": _("Macintosh Roman"),
    "cp1250": _("Windows-1250 (Central European: Polish, Czech, Hungarian …)"),
    "cp1254": _("Windows-1254 (Turkish)"),
    "cp1257": _("Windows-1257 (Baltic)"),
    "cp1251": _("Windows-1251 (Cyrillic)"),
    "cp1253": _("Windows-1253 (Greek)"),
    "iso8859_2": _("ISO 8859-2 (Central European)"),
    "iso8859_9": _("ISO 8859-9 (Turkish)"),
    "iso8859_7": _("ISO 8859-7 (Greek)"),
    "koi8_u": _("KOI8 (Cyrillic)"),
    "cp850": _("DOS 850 (Western European)"),
    "cp852": _("DOS 852 (Central European)"),
    "cp932": _("Shift-JIS (Japanese)"),
    "gb18030": _("GB 18030 (Chinese, simplified)"),
    "big5": _("Big5 (Chinese, traditional)"),
    "cp949": _("Korean (Windows-949)"),
    "cp1255": _("Windows-1255 (Hebrew)"),
    "cp1256": _("Windows-1256 (Arabic)"),
}
# What programs of a country write, where it is not Windows-1252.
USUAL = {
    **dict.fromkeys(("PL", "CZ", "SK", "HU", "SI", "HR", "BA", "RO", "AL", "ME"), ("cp1250", "iso8859_2", "cp852")),
    **dict.fromkeys(("RU", "UA", "BY", "BG", "MK", "RS", "KZ", "KG"), ("cp1251", "koi8_u")),
    **dict.fromkeys(("GR", "CY"), ("cp1253", "iso8859_7")),
    **dict.fromkeys(("LT", "LV", "EE"), ("cp1257",)),
    "TR": ("cp1254", "iso8859_9"),
    "JP": ("cp932",),
    "CN": ("gb18030",),
    "SG": ("gb18030",),
    "TW": ("big5",),
    "HK": ("big5",),
    "KR": ("cp949",),
    "IL": ("cp1255",),
    **dict.fromkeys(("SA", "AE", "EG", "JO", "MA", "DZ", "TN", "IQ", "KW", "QA", "LB"), ("cp1256",)),
}
SIGNS = frozenset("’‘“”„–—…•€\xa0´`°§©®")
# Between the separators of lists. A space of other scripts is part of a word.
_WORDS = re.compile(r"[^\x09-\x0d\x1c-\x20,;|\"]+")
# A letter with a mark inside a word, before a small one: if it is a capital, it was read wrongly.
_INSIDE = re.compile(r"(?<=[^\W\d_])(?=[^\x00-\x7f])[^\W\d_](?=[a-z])")
# Letters that only Icelandic and Faroese have, and pairs that are in no word of a language of Western Europe.
_ICELANDIC = re.compile(r"[þðÞÐ]")
_UNLIKELY = re.compile(r"(?<=\w)[ÿ¹³¿ªº](?=\w)|\bø")
_RUN, _NORDIC, _ACUTE = re.compile(r"\w+"), frozenset("øØ"), frozenset("íáýúÍÁÝ")
_SCRIPTS = (re.compile(r"[a-zA-Z\xc0-\u024f]"), re.compile(r"[\u0370-\u03ff]"), re.compile(r"[\u0400-\u04ff]"),
            re.compile(r"[\u0590-\u05ff]"), re.compile(r"[\u0600-\u06ff]"), re.compile(r"[\uff61-\uff9f]"),
            re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]"))  # fmt: skip


@dataclass
class HowRead:
    """How a file is read where that is a choice.

    encoding, sheet: the user's earlier answer, or else what was taken. country: the organisation's. encodings: those it
    may be in, the likeliest first: name, words, and a word of the file as it reads then. sample: three lines as read.
    asks: it cannot be told which. sheets: every sheet that people see.
    """

    encoding: str = ""
    sheet: str = ""
    country: str = ""
    encodings: list[tuple[str, str, str]] = field(default_factory=list)
    sample: list[str] = field(default_factory=list)
    asks: bool = False
    sheets: list[str] = field(default_factory=list)


def candidates(sample: bytes, country: str, *, apart: bool) -> list[str]:
    """The encodings that the sample may be in, the likeliest first. apart: most of it is not in Latin letters."""
    usual = USUAL.get(country, ())
    others = ("cp1251", "cp1253", "cp932", "gb18030", "cp949", "big5") if apart else ("cp1252",)
    order = list(dict.fromkeys((*usual, *others, *NAMES)))
    worth = {name: oddities(text, country) for name in order if (text := _decoded(sample, name)) is not None}
    return sorted(worth, key=lambda name: (worth[name], order.index(name)))


def oddities(text: str, country: str = "") -> float:
    """How many of the words with letters beyond ASCII look as if they were read wrongly, from 0 to 1."""
    words = _words_of(text)
    return sum(_is_odd(word, country) for word in words) / len(words) if words else 0.0


def _words_of(text: str) -> list[str]:
    """Those with a letter beyond ASCII."""
    return [word for word in _WORDS.findall(text) if not word.isascii()]


def _is_odd(word: str, country: str) -> bool:
    if any(not sign.isalpha() and sign not in SIGNS for sign in word if sign > "\x7f"):
        return True
    if any(found[0].isupper() for found in _INSIDE.finditer(word)) or (
        _ICELANDIC.search(word) and country not in ("IS", "FO")
    ):
        return True
    if country != "FO" and (_UNLIKELY.search(word) or any(map(_mixes, _RUN.findall(word)))):
        return True
    return sum(bool(script.search(word)) for script in _SCRIPTS) > 1


def _mixes(run: str) -> bool:
    """Whether letters are together that no language of Western Europe has both of, but Faroese."""
    return not _NORDIC.isdisjoint(run) and not _ACUTE.isdisjoint(run)


def first_word(sample: bytes, encoding: str) -> str:
    """A word of the sample with letters beyond ASCII, as it reads in the encoding."""
    return next(iter(_words_of(_decoded(sample, encoding) or "")), "")[:40]


def _decoded(sample: bytes, name: str) -> str | None:
    try:
        return sample.decode(name)
    except UnicodeDecodeError:
        return None
