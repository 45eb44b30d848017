"""Lines that would add somebody who may be known already: in the Employee List, or elsewhere in the same file."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from portal.columns.answers import Like, WhoQuestion
from portal.import_plans.staff import Facts, plain_number

MOST = 3
Key = tuple[Any, ...]


def questions(new: list[tuple[int, Facts]], known: Iterable[Facts]) -> list[WhoQuestion]:
    """A question for each new line that is like somebody known, or like a line above it.

    new: line and what it says, in the order of the lines. known: everybody in the Employee List, and what the file
    makes of them.
    """
    keys_of = [tuple(_keys(facts)) for _, facts in new]
    wanted: dict[Key, list[Facts]] = {key: [] for keys in keys_of for key in keys}
    for person in known:
        for key in _keys(person):
            if key in wanted:
                _remember(wanted[key], person)
    found = []
    for (line, facts), keys in zip(new, keys_of, strict=True):
        like = _like(facts, keys, wanted)
        if like:
            alike = any(plain_number(facts.employee_number) == plain_number(person.number) for person in like)
            found.append(WhoQuestion(line, facts.employee_number, facts.name, like, alike))
        for key in keys:
            _remember(wanted[key], facts)
    return found


def _remember(people: list[Facts], person: Facts) -> None:
    if len(people) < MOST and all(person.key != other.key for other in people):
        people.append(person)


def _keys(facts: Facts) -> Iterator[Key]:
    for address in sorted(facts.addresses):
        yield "address", address
    if facts.start_date:
        for name in sorted(facts.plain_names):
            yield "name", name, facts.start_date
    if number := plain_number(facts.employee_number):
        yield "number", number


def _like(facts: Facts, keys: Iterable[Key], wanted: dict[Key, list[Facts]]) -> tuple[Like, ...]:
    """Those who are like the line, each once, with everything that speaks for it."""
    people: dict[str, tuple[Facts, list[str]]] = {}
    for key in keys:
        for person in wanted[key]:
            people.setdefault(person.key, (person, []))[1].append(_words(key, facts, person))
    ordered = sorted(people.values(), key=lambda found: (not found[0].key.isdigit(), -len(found[1])))
    return tuple(
        Like(person.key, person.employee_number, person.name, tuple(dict.fromkeys(why)), _day(person.start_date))
        for person, why in ordered[:MOST]
    )


def _words(key: Key, facts: Facts, person: Facts) -> str:
    if key[0] == "address":
        return f"the same email address, {key[1]}"
    if key[0] == "name":
        return f"the same name and start date, {_day(key[2])}"
    same = facts.employee_number.casefold() == person.employee_number.casefold()
    return f"the same number but for {'capital letters' if same else 'zeros or signs'}"


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else ""
