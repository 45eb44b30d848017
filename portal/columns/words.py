"""Words of a file and what they mean here: countries by name, and who works here, is on leave, or has left."""

import re
import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path

from babel import Locale
from babel.core import get_global

from portal.columns.headings import plain
from portal.organisations import zones
from portal.organisations.countries import countries
from portal.people import rules

LANGUAGES = (
    "en",
    "de",
    "fr",
    "es",
    "nl",
    "it",
    "pt",
    "pl",
    "sv",
    "da",
    "nb",
    "fi",
    "cs",
    "sk",
    "hu",
    "ro",
    "tr",
    "el",
    "ru",
    "uk",
    "ja",
    "zh",
    "ko",
)
CLEAR = "<<clear>>"
LONGEST = 100
# What programs and people write where there is nothing; in names some of them are names.
SIGNS_FOR_NOTHING = frozenset(("-", "--", "---", "–", "—", "."))
NOTHING = SIGNS_FOR_NOTHING | {
    "null", "(null)", "nan", "nat", "<na>", "\\n", "none", "(none)", "n/a", "nil", "(blank)", "(leer)", "(empty)",
    "undefined", "no_manager", "no manager",
}  # fmt: skip
IN_BRACKETS = re.compile(r"\s*[(\[].*?[)\]]\s*")


class Standing(StrEnum):
    """What a word of a status column says of a person. UNSAID: nothing about this."""

    ACTIVE = "active"
    LEAVE = "leave"
    LEFT = "left"
    UNSAID = "unsaid"


def country(text: str) -> str:
    """The code of two letters of a country that is given by code or by name in some language; else the text itself."""
    if len(text) > LONGEST:
        return text
    if text.upper() in countries():
        return text.upper()
    names = _countries()
    for word in (text, IN_BRACKETS.sub(" ", text)):
        if code := names.get(plain(word)):
            return code
    codes = {names[plain(part)] for part in re.split(r"[-–/()\[\]]", text) if plain(part) in names}
    return codes.pop() if len(codes) == 1 else text


@cache
def _countries() -> dict[str, str]:
    """Plain name or code to the code of two letters."""
    known, names = countries(), dict[str, set[str]]()
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in known:
                names.setdefault(plain(name), set()).add(code)
    # Codes of three letters, and UK.
    for alias, codes in get_global("territory_aliases").items():
        if alias.isalpha() and len(codes) == 1 and codes[0] in known:
            names.setdefault(plain(alias), set()).add(codes[0])
    for code, words in _data()["countries"].items():
        names.update({plain(word): {code} for word in words})
    return {name: codes.pop() for name, codes in names.items() if name and len(codes) == 1} | {
        plain(code): code for code in known
    }


def employment_type(text: str) -> str | None:
    """The employment type of a word in some language; None for a word that is not known."""
    return _employment_types().get(plain(text[:LONGEST]))


@cache
def _employment_types() -> dict[str, str]:
    listed = [(plain(word), name) for name, said in _data()["employment_types"].items() for word in said]
    return {**dict(listed), **{plain(name): name for name in rules.EMPLOYMENT_TYPES}}


def time_zone(text: str) -> str | None:
    """The key of a zone given by key, by its name in Windows, or as our own pages write it; None for other words.

    A short name such as EST or IST is none: there are several.
    """
    return _time_zones().get(plain(IN_BRACKETS.sub(" ", text[:LONGEST])))


@cache
def _time_zones() -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for key in rules.time_zones():
        if "/" in key and not key.startswith("Etc/"):
            found.setdefault(plain(key), set()).add(key)
    for key, label in zones.choices():
        found.setdefault(plain(IN_BRACKETS.sub(" ", label)), set()).add(key)
    for name, key in get_global("windows_zone_mapping").items():
        found.setdefault(plain(name), set()).add(key)
    return {word: keys.pop() for word, keys in found.items() if len(keys) == 1} | {"utc": "UTC", "etcutc": "UTC"}


def standing(text: str, *, inverted: bool = False) -> Standing | None:
    """What a status word says; None for a word that is not known. inverted: "yes" means that the person has left."""
    words = _standings()
    text = text[:LONGEST]
    for part in (text, re.split(r"\s[-–|/]\s|[(:,]", text)[0]):
        said = words.get(plain(part))
        if said and inverted and plain(part) in _plains(_data()["yes_and_no"]["words"]):
            return Standing.LEFT if said is Standing.ACTIVE else Standing.ACTIVE
        if said:
            return said
    return None


def is_inverted(heading: str) -> bool:
    """True for a column such as "archived", in which "yes" means that the person has left."""
    return plain(heading) in _plains(_data()["yes_and_no"]["inverted"])


@cache
def _standings() -> dict[str, Standing]:
    return {plain(word): Standing(name) for name, words in _data()["standing"].items() for word in words}


def _plains(words: list[str]) -> set[str]:
    return {plain(word) for word in words}


@cache
def _data() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
