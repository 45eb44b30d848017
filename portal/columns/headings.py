"""What the headings of a file mean: the words of people and of other HR systems, as data in headings.toml."""

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from anyascii import anyascii

from portal.languages import gettext as _

# Columns that are no field of the record.
FULL_NAME, LAST_FIRST, STATUS = "=full_name", "=full_name_last_first", "=status"
IGNORED = "ignored"
NUMBER = "employee_number"
IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
# How many characters of a heading count.
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file. place: from 0. means: our field or a word above, IGNORED, or "" while that is not known.

    could_be: what it may mean, where a person has to say. why: for a column that is skipped beside a better one.
    """

    place: int
    heading: str
    means: str = ""
    could_be: tuple[str, ...] = ()
    why: str = ""

    @property
    def known(self) -> bool:
        return bool(self.means or self.could_be)

    @property
    def name(self) -> str:
        """What a person calls it: the heading, or the letter that a spreadsheet gives the column."""
        return self.heading or _("column %(letters)s", letters=letters(self.place))


@dataclass(frozen=True, slots=True)
class Headings:
    """The columns of a file. known: how many of them are recognised, those to skip among them."""

    columns: tuple[Column, ...] = field(default=())

    @property
    def known(self) -> int:
        return sum(column.known for column in self.columns)

    @property
    def open(self) -> tuple[Column, ...]:
        """Those about which a person has to say what they mean."""
        return tuple(column for column in self.columns if not column.means)

    @property
    def fingerprint(self) -> str:
        """The same for files with the same headings in the same order."""
        words = "\n".join(plain(column.heading) for column in self.columns)
        return hashlib.sha256(words.encode()).hexdigest()


def recognise(cells: Sequence[str]) -> Headings:
    """What each heading means. A field that several columns claim is given to none of them."""
    here = {plain(cell) for cell in cells}
    words = _words()
    found = [_meanings(cell, here, words) for cell in cells]
    sure, alone = (Counter(getattr(meanings, rank) for meanings in found) for rank in ("sure", "alone"))
    columns = [_column(place, cells[place], meanings, sure, alone) for place, meanings in enumerate(found)]
    return Headings(tuple(_key_is_certain(columns, found)))


def plain(heading: str) -> str:
    """The heading without case, accents, spaces and signs. # is a number."""
    return _plain(heading[:LONGEST])


def letters(place: int) -> str:
    """The name of the column in a spreadsheet: A for 0, AA for 26."""
    name, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


@lru_cache(maxsize=20_000)
def _plain(heading: str) -> str:
    # Before it is written in plain letters: letters of other scripts become several words there.
    text = anyascii(heading.casefold().replace("#", " number ")).casefold()
    return re.sub("[^0-9a-z]", "", text)


def vocabulary() -> dict[str, str]:
    """Plain heading to what it surely means."""
    return {
        word: meanings.sure or meanings.alone for word, meanings in _words().items() if meanings.sure or meanings.alone
    }


@dataclass(slots=True)
class _Meanings:
    sure: str = ""
    alone: str = ""
    maybe: tuple[str, ...] = ()


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


@cache
def _words() -> dict[str, _Meanings]:
    """Plain heading to what it means alone."""
    words: dict[str, _Meanings] = {}
    for name, ranks in _table().items():
        if name == "beside":
            continue
        for heading in (name, *ranks.get("sure", ())):
            words.setdefault(plain(heading), _Meanings()).sure = name
        for heading in ranks.get("alone", ()):
            words.setdefault(plain(heading), _Meanings()).alone = name
        for heading in ranks.get("maybe", ()):
            meanings = words.setdefault(plain(heading), _Meanings())
            if name not in meanings.maybe:
                meanings.maybe = (*meanings.maybe, name)
    return words


@cache
def _beside() -> tuple[tuple[frozenset[str], frozenset[str], str], ...]:
    rules = _table()["beside"]
    return tuple((_plains(rule["headings"]), _plains(rule["of"]), rule["means"]) for rule in rules)


def _plains(headings: Sequence[str]) -> frozenset[str]:
    return frozenset(plain(heading) for heading in headings)


def _meanings(cell: str, here: set[str], words: dict[str, _Meanings]) -> _Meanings:
    """What the heading means, as it is or without what is in brackets: "Start date (DD/MM/YYYY)"."""
    for heading in (plain(cell), plain(IN_BRACKETS.sub(" ", cell[:LONGEST]))):
        for headings, of, means in _beside():
            if heading in headings and here & of:
                return _Meanings(sure=means)
        if heading and heading in words:
            return words[heading]
    return _Meanings()


def _column(place: int, heading: str, meanings: _Meanings, sure: Counter[str], alone: Counter[str]) -> Column:
    heading = heading.strip()
    if meanings.sure:
        if meanings.sure == IGNORED or sure[meanings.sure] == 1:
            return Column(place, heading, meanings.sure)
        return Column(place, heading, could_be=(meanings.sure,))
    if meanings.alone:
        if sure[meanings.alone]:
            return Column(place, heading, IGNORED, (meanings.alone,), why=meanings.alone)
        if alone[meanings.alone] == 1:
            return Column(place, heading, meanings.alone)
        return Column(place, heading, could_be=(meanings.alone,))
    return _perhaps(place, heading, meanings, sure, alone)


def _perhaps(place: int, heading: str, meanings: _Meanings, sure: Counter[str], alone: Counter[str]) -> Column:
    """A column that may mean several things, without those that other columns mean."""
    taken = {name for name in meanings.maybe if sure[name] or alone[name]}
    if sure["first_name"] or sure["last_name"]:
        taken |= {FULL_NAME, LAST_FIRST}.intersection(meanings.maybe)
    could_be = tuple(name for name in meanings.maybe if name not in taken)
    if meanings.maybe and not could_be:
        return Column(place, heading, IGNORED, meanings.maybe, why=meanings.maybe[0])
    return Column(place, heading, could_be=could_be)


def _key_is_certain(columns: list[Column], found: list[_Meanings]) -> list[Column]:
    """Ask about every column that may hold the employee number, once there are two."""
    numbers = [meanings.sure == NUMBER or NUMBER in meanings.maybe for meanings in found]
    if sum(numbers) < 2:
        return columns
    return [
        Column(column.place, column.heading, could_be=(NUMBER,)) if number else column
        for column, number in zip(columns, numbers, strict=True)
    ]
