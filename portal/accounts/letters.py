"""Names in any script, in the letters of an address: by the organisation's own habit where languages differ."""

import re
import unicodedata
from typing import cast

import cyrtranslit
from anyascii import anyascii

# What each habit writes for letters with marks. Whatever is not named loses its mark.
LETTERS = {
    "plain": "Without their marks: Jörg Müller is jorg.muller",
    "german": "As in German: Jörg Müller is joerg.mueller",
    "nordic": "As in Danish and Norwegian: Søren Ågård is soeren.aagaard",
}
_GERMAN = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
_NORDIC = {"å": "aa", "ä": "ae", "æ": "ae", "ö": "oe", "ø": "oe"}
_WRITTEN = {"german": str.maketrans(_GERMAN), "nordic": str.maketrans(_NORDIC)}

# Languages that write the same Cyrillic letter in different ways, by the library's names for them.
CYRILLIC = {
    "any": "As is usual in English",
    "by": "As in Belarusian",
    "bg": "As in Bulgarian",
    "mk": "As in Macedonian",
    "mn": "As in Mongolian",
    "me": "As in Montenegrin",
    "ru": "As in Russian",
    "sr": "As in Serbian",
    "tj": "As in Tajik",
    "ua": "As in Ukrainian",
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
