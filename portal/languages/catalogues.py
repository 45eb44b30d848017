"""The languages there are, and where the sentences of each are: portal/languages/translations/<language>.po."""

from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from portal.languages.reading import ENGLISH

# As each is called by those who read it.
LANGUAGES = {ENGLISH: "English", "de": "Deutsch", "fr": "Français", "es": "Español"}
# Where the way to write days and numbers is that of one country.
LOCALES = {ENGLISH: "en_GB"}
FOLDER = Path(__file__).parent / "translations"


@cache
def catalogue(language: str) -> NullTranslations:
    """The sentences of a language. What it lacks stays English."""
    file = FOLDER / f"{language}.po"
    if not file.exists():
        return NullTranslations()
    packed = BytesIO()
    with file.open("rb") as written:
        write_mo(packed, read_po(written, locale=language))
    packed.seek(0)
    return Translations(packed)


@cache
def locale_of(language: str) -> Locale:
    """How days and numbers are written in a language."""
    return Locale.parse(LOCALES.get(language, language))
