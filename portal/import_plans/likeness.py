"""Lines about people who may be others than they seem: new ones who may be known, and known ones who may be others."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

from portal.accounts.spelling import digits_of, may_be_one_number
from portal.columns.answers import Like, WhoQuestion
from portal.import_plans.staff import Facts
from portal.languages import gettext as _
from portal.languages import long_day
from portal.tables import TooMuch
from portal.tables.budget import TOO_MUCH

MOST = 3
# By so many signs the people of one file are told apart: a few for each.
MOST_KEYS = 3_000_000
# What a key begins with; behind it is what two people have in common.
ADDRESS, NAME, LIKE_NAME, NUMBER = "@=~#"


def questions(new: list[tuple[int, Facts]], known: Iterable[Facts]) -> list[WhoQuestion]:
    """A question for each new line that is like a known person, or like a line above it.

    new: line and what it says, in the order of the lines. known: everybody in the Employee List, and what the file
    makes of them. Raises TooMuch.
    """
    keys_of = _all_keys(new)
    wanted, shared = _shared(keys_of)
    for person in known:
        for key in _keys(person):
            if key in wanted:
                _remember(shared.setdefault(key, []), person)
    found = []
    for (line, facts), own in zip(new, keys_of, strict=True):
        if shared.keys().isdisjoint(own):
            continue
        keys = [key for key in own if key in shared]
        like = _like(facts, keys, shared)
        if like:
            alike = any(digits_of(facts.employee_number) == digits_of(person.number) for person in like)
            found.append(WhoQuestion(line, facts.employee_number, facts.name, like, alike))
        for key in keys:
            _remember(shared[key], facts)
    return found


def _shared(keys_of: Iterable[Iterable[str]]) -> tuple[set[str], dict[str, list[Facts]]]:
    """All the keys, and those of more than one line, which are few."""
    seen: set[str] = set()
    shared: dict[str, list[Facts]] = {}
    for keys in keys_of:
        for key in keys:
            if key in seen:
                shared[key] = []
            seen.add(key)
    return seen, shared


def _remember(people: list[Facts], person: Facts) -> None:
    if len(people) < MOST and all(person.key != other.key for other in people):
        people.append(person)


def _all_keys(new: list[tuple[int, Facts]]) -> list[tuple[str, ...]]:
    """The keys of each line. Raises TooMuch for names of more words than people have."""
    keys_of, left = [], MOST_KEYS
    for line, facts in new:
        keys_of.append(tuple(_keys(facts)))
        left -= len(keys_of[-1])
        if left < 0:
            raise TooMuch(_("The names in the file have more words than people’s names have."), TOO_MUCH, line)
    return keys_of


def _keys(facts: Facts) -> Iterator[str]:
    """By what a person is found. As texts: Python would look at a million of other objects again and again."""
    for address in sorted(facts.addresses):
        yield ADDRESS + address
    if facts.start_date:
        day = facts.start_date.isoformat()
        for name in sorted(facts.whole_names):
            yield f"{NAME}{name} {day}"
        for name in sorted(facts.like_names):
            yield f"{LIKE_NAME}{name} {day}"
    if digits := digits_of(facts.employee_number):
        yield NUMBER + digits


def _like(facts: Facts, keys: Iterable[str], wanted: dict[str, list[Facts]]) -> tuple[Like, ...]:
    """Those who are like the line, each once, with all the evidence."""
    people: dict[str, tuple[Facts, list[str]]] = {}
    for key in keys:
        for person in wanted[key]:
            if key[0] == NUMBER and not _is_one_number(facts, person):
                continue
            people.setdefault(person.key, (person, []))[1].append(_words(key, facts, person))
    ordered = sorted(people.values(), key=lambda found: (not found[0].key.isdigit(), -len(found[1])))
    return tuple(
        Like(person.key, person.employee_number, person.name, _best_of(why), _day(person.start_date))
        for person, why in ordered[:MOST]
    )


def _best_of(why: Iterable[str]) -> tuple[str, ...]:
    """Each reason once; a similar name is not said beside the same one."""
    said = tuple(dict.fromkeys(why))
    has_name = any(words.startswith("the same name") for words in said)
    return tuple(words for words in said if not (has_name and words.startswith("a similar name")))


def _is_one_number(facts: Facts, person: Facts) -> bool:
    other_name = not facts.sounds & person.sounds
    return may_be_one_number(facts.employee_number, person.employee_number, other_name=other_name)


def _words(key: str, facts: Facts, person: Facts) -> str:
    if key[0] == ADDRESS:
        return _("the same email address, %(address)s", address=key[1:])
    if key[0] in (NAME, LIKE_NAME):
        return _words_of_day(key[0], facts.start_date)
    return _(
        "the same number except for %(difference)s",
        difference=_difference(facts.employee_number.casefold(), person.employee_number.casefold()),
    )


# A file may ask about everybody: a hundred thousand sentences take a hundred megabytes, and most say the same.
@lru_cache(maxsize=20_000)
def _words_of_day(what: str, day: date | None) -> str:
    if what == NAME:
        return _("the same name and start date, %(day)s", day=_day(day))
    return _("a similar name and the same start date, %(day)s", day=_day(day))


def _difference(number: str, other: str) -> str:
    if number == other:
        return _("capital letters")
    first, second = (re.sub(r"[\W_]", "", one).lstrip("0") for one in (number, other))
    return _("zeros or signs") if first == second else _("how it is written")


def still_the_same(line: int, facts: Facts, known: Facts) -> WhoQuestion | None:
    """The question whether a line about a known number is about the same person; None without evidence against it.

    facts: as the line makes them. Name and personal email together become another person's where rows were exchanged.
    """
    before, after = known.personal_email.casefold(), facts.personal_email.casefold()
    if not (before and after) or before == after or not (known.sounds and facts.sounds) or known.sounds & facts.sounds:
        return None
    why = (_("the same number, but another name and another personal email"),)
    like = Like(known.key, known.employee_number, known.name, why, _day(known.start_date))
    return WhoQuestion(line, facts.employee_number, facts.name, (like,), alike=True, still=True)


def _day(day: date | None) -> str:
    return long_day(day) if day else ""
