"""Names in any script, in the letters of an address: by the organisation's own habit where languages differ."""

import re
import unicodedata
from typing import cast

import cyrtranslit
from anyascii import anyascii

from portal.languages import gettext as _

# What each habit writes for letters with marks. Whatever is not named loses its mark.
LETTERS = {
    "plain": _("Without their marks: Jörg Müller is jorg.muller"),
    "german": _("As in German: Jörg Müller is joerg.mueller"),
    "nordic": _("As in Danish and Norwegian: Søren Ågård is soeren.aagaard"),
}
_GERMAN = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
_NORDIC = {"å": "aa", "ä": "ae", "æ": "ae", "ö": "oe", "ø": "oe"}
_WRITTEN = {"german": str.maketrans(_GERMAN), "nordic": str.maketrans(_NORDIC)}

# Languages that write the same Cyrillic letter in different ways, by the library's names for them.
CYRILLIC = {
    "any": _("As is usual in English"),
    "by": _("As in Belarusian"),
    "bg": _("As in Bulgarian"),
    "mk": _("As in Macedonian"),
    "mn": _("As in Mongolian"),
    "me": _("As in Montenegrin"),
    "ru": _("As in Russian"),
    "sr": _("As in Serbian"),
    "tj": _("As in Tajik"),
    "ua": _("As in Ukrainian"),
}
_CYRILLIC_LETTERS = re.compile(r"[\u0400-\u04ff]+")
# Symbols (emoji among them) and invisible characters are no part of a name; the library would spell them out.
_NO_LETTERS = ("S", "C")


def in_letters_of_an_address(text: str, letters: str = "plain", cyrillic: str = "any") -> str:
    """The text in ASCII, "Jörg 🌸" as "Jorg ". letters: a key of LETTERS. cyrillic: a key of CYRILLIC."""
    composed = unicodedata.normalize("NFC", text)
    text = "".join(sign for sign in composed if unicodedata.category(sign)[0] not in _NO_LETTERS)
    if letters in _WRITTEN:
        text = text.lower().translate(_WRITTEN[letters])
    if cyrillic != "any":
        text = _CYRILLIC_LETTERS.sub(lambda found: cast(str, cyrtranslit.to_latin(found[0], cyrillic)), text)
    return anyascii(text)
