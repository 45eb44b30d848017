"""Names and employee numbers, folded so that two ways to write the same compare equal.

Imports compare by these, and so does the search for accounts that may be an employee's already.
"""

import re
import tomllib
import unicodedata
from collections import defaultdict
from functools import lru_cache
from itertools import chain, product
from pathlib import Path

from portal.accounts.letters import in_letters_of_an_address

# German, Danish and Norwegian names are written in two ways in plain letters: Mueller and Muller, Haakon and Hakon.
_TWO_LETTERS = re.compile(r"ae|oe|ue|aa")
_APOSTROPHES = str.maketrans("", "", "'’`´")
# Spellings of one sound, where a name was taken over from another script: Yuliya and Julia, Aleksey and Alexey.
_SOUNDS = (
    ("ph", "f"), ("x", "ks"), ("ck", "k"), ("ch", "h"), ("c", "k"), ("w", "v"), ("y", "i"), ("j", "i"), ("oi", "u"),
    ("ou", "u"),
)  # fmt: skip
# Before a name or behind it, and no part of it.
_TITLES = frozenset(
    ("dr", "prof", "professor", "mr", "mrs", "ms", "miss", "mx", "sir", "dame", "dipl", "herr", "frau",
     "phd", "msc", "bsc", "mba", "jr", "sr", "ii", "iii")
)  # fmt: skip
_MAC = re.compile(r"mac(?=[b-df-hj-np-tv-z][a-z]{2})")
# Ukrainian and Belarusian write a sound with it that Russian does not have: Honchar and Gonchar are one name.
_AS_H = str.maketrans({"г": "h", "Г": "H"})
_GREEK_OU = re.compile(r"ο[υύ]", re.IGNORECASE)
# Letters of scripts that are not written sign by sign in Latin ones: a name in them cannot be compared with another.
_APART = re.compile(r"[^\W\d_\u0000-\u058f\u10a0-\u10ff\u1d00-\u1fff\ufb00-\ufb17\uff21-\uff5a]")
# Of a name. No person has more.
MOST_WORDS = 16
# A letter that is doubled sounds the same; a figure that is makes another number.
_WORDS, _DOUBLED, _ZEROS = re.compile("[a-z0-9]+"), re.compile(r"([^0-9])\1+"), re.compile("^([a-z]*)0+(?=.)")
_WRITTEN_NUMBER = re.compile(r"([a-z]*)0*(\d+)")


def _given_names() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """A short name and the names it may be short for; a name and its other forms."""
    names: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("given_names.toml").read_text())
    stands_for: dict[str, list[str]] = defaultdict(list)
    for name, forms in names.items():
        for form in (name, *forms):
            stands_for[form].append(name)
    others = {
        form: tuple(other for name in whole for other in (name, *names[name]) if other != form)
        for form, whole in stands_for.items()
    }
    return {form: tuple(whole) for form, whole in stands_for.items()}, others


_STANDS_FOR, _OTHER_FORMS = _given_names()


def folded(text: str) -> str:
    """The text without capitals, doubled spaces and compatibility forms: for addresses and numbers as written."""
    return " ".join(text.casefold().split())


def in_latin(name: str) -> str:
    """The name in plain Latin letters, as it is mostly written by those who have one in other letters too."""
    if name.isascii():
        return name
    return in_letters_of_an_address(_GREEK_OU.sub("ou", unicodedata.normalize("NFKC", name)))


def readings(name: str) -> tuple[str, str]:
    """The name, and as it is read in Ukrainian; mostly the same."""
    return name, name.translate(_AS_H)


@lru_cache(maxsize=20_000)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in plain small letters, however it is written: "Müller, Anne-Marie" is muller anne marie.

    Titles do not count, unless nothing else is there.
    """
    if name.isascii() and name.isalnum():
        # Most names.
        return (_with_mc(_TWO_LETTERS.sub(_first_letter, name.lower())),)
    plain = in_latin(name).casefold().translate(_APOSTROPHES)
    words = _WORDS.findall(plain)
    if _TWO_LETTERS.search(plain):
        words = [_TWO_LETTERS.sub(_first_letter, word) for word in words]
    words = ([word for word in words if word not in _TITLES] or words)[:MOST_WORDS]
    return tuple(map(_with_mc, words))


def _first_letter(found: re.Match[str]) -> str:
    return found[0][0]


def _with_mc(word: str) -> str:
    return _MAC.sub("mc", word) if word.startswith("mac") else word


# One person is looked for by several keys, one after the other.
@lru_cache(maxsize=1_000)
def spellings(*names: str) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """The words of each of the names, for each way to read its letters, and with "Mac Donald" in one word too."""
    if "".join(names).isascii():
        words = tuple(map(words_of, names))
        joined = tuple(map(_with_mac, words))
        return (words,) if joined == words else (words, joined)
    read = dict.fromkeys(tuple(map(words_of, some)) for some in zip(*map(readings, names), strict=True))
    return tuple(dict.fromkeys(way for some in read for way in (some, tuple(map(_with_mac, some)))))


def _with_mac(words: tuple[str, ...]) -> tuple[str, ...]:
    if len(words) < 2 or ("mac" not in words[:-1] and "mc" not in words[:-1]):
        return words
    joined = re.sub(r"\b(?:mac|mc) (?=\w)", "mc", " ".join(words))
    return tuple(joined.split())


@lru_cache(maxsize=20_000)
def sounds_of(word: str) -> frozenset[str]:
    """How the word sounds, and the given names that it may be short for."""
    forms = _STANDS_FOR.get(word)
    return frozenset(map(_sound, (word, *forms))) if forms else frozenset((_sound(word),))


def _sound(word: str) -> str:
    for letters, sound in _SOUNDS:
        word = word.replace(letters, sound)
    return _DOUBLED.sub(_first, word)


def _first(found: re.Match[str]) -> str:
    return found[1]


def other_forms(given: str) -> tuple[str, ...]:
    """Other forms of a given name, in plain letters: "bill" for "william"."""
    return _OTHER_FORMS.get(given, ())


def whole_names(*names: str) -> set[str]:
    """The words of the names in one order, for each way to spell them. One word is no whole name."""
    written = [sorted(chain.from_iterable(spelt)) for spelt in spellings(*names)]
    return {" ".join(words) for words in written if len(words) > 1}


def like_names(given: str, family: str) -> set[str]:
    """Each given name with each family name, as they sound: a name without some of its parts."""
    pairs: set[str] = set()
    for first, last in spellings(given, family):
        pairs |= pairs_of(first, last)
    return pairs


def pairs_of(first: tuple[str, ...], others: tuple[str, ...]) -> set[str]:
    """The same, for words of names."""
    if len(first) == 1 == len(others):
        # Most names.
        return {
            f"{one} {other}" if one <= other else f"{other} {one}"
            for one in sounds_of(first[0])
            for other in sounds_of(others[0])
        }
    sounds = (pair for one, other in product(first, others) for pair in product(sounds_of(one), sounds_of(other)))
    return {" ".join(sorted(pair)) for pair in sounds}


def sounds_in(*names: str) -> frozenset[str]:
    """Every word of the names as it sounds. Two people of whom these have nothing in common have other names."""
    words = {word for spelt in spellings(*names) for some in spelt for word in some}
    return frozenset(sound for word in words if len(word) > 1 for sound in sounds_of(word))


def is_apart(name: str) -> bool:
    """Whether the name is in a script that cannot be compared with Latin letters: Chinese, Arabic …"""
    return bool(_APART.search(name))


def plain_number(number: str) -> str:
    """The number without case, signs, zeros in front of its digits and ".0" behind: what stays when it is written
    in another way.
    """
    plain = number.casefold()
    if not (number.isascii() and number.isalnum()):
        written = re.sub(r"(?<=\d)\.0+$", "", unicodedata.normalize("NFKC", number).casefold().strip())
        plain = re.sub(r"[\W_]", "", written)
    return _ZEROS.sub(_first, plain)


def digits_of(number: str) -> str:
    """The number without the letters in front of it too: 123 for "E-00123". The plain number when it has others."""
    found = _WRITTEN_NUMBER.fullmatch(number.lower()) if number.isascii() else None
    if found is None:
        number = plain_number(number)
        found = _WRITTEN_NUMBER.fullmatch(number)
    return found.group(2) if found else number


def may_be_one_number(one: str, other: str, *, other_name: bool) -> bool:
    """Whether two numbers differ only in how they are written. other_name: the names of the two say otherwise.

    123 and E-00123 may be two series of numbers, so the names must agree; E-123 and F-123 are two numbers.
    """
    first, second = plain_number(one), plain_number(other)
    if first == second:
        return bool(first)
    return not other_name and digits_of(one) == digits_of(other) and (first.isdigit() or second.isdigit())
