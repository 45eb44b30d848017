"""What a person and an account can be known by, folded so that what means the same compares equal."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.accounts.naming import Naming, candidates
from portal.accounts.spelling import digits_of, folded, pairs_of, plain_number, sounds_in, spellings, words_of
from portal.connectors.values import RemoteAccount
from portal.people.models import Employee

__all__ = [
    "Key", "Sign", "Signs", "addresses_of", "folded", "names_of", "of_account", "of_employee", "words_of",
]  # fmt: skip


class Sign(StrEnum):
    """What an account and an employee can have in common, the most telling first.

    OWN: the employee's personal email is the account's own address. PROPOSED: the username that the employee would get.
    """

    NUMBER = "number"
    ADDRESS = "address"
    OWN = "own address"
    PERSONAL = "personal email"
    LIKE_NUMBER = "like number"
    WRITTEN_NUMBER = "number written otherwise"
    NAME = "name"
    USERNAME = "username"
    LIKE_NAME = "like name"
    PROPOSED = "proposed username"
    DEPARTMENT = "department"


Key = tuple[Sign, str]
_IN_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")


@dataclass(frozen=True, slots=True)
class Signs:
    """All that an employee, or an account, can be known by. number, department, name: as they are written.

    sounds: every word of the name as it sounds.
    """

    keys: frozenset[Key]
    number: str = ""
    department: str = ""
    name: str = ""
    sounds: frozenset[str] = frozenset()


def of_employee(employee: Employee, naming: Naming | None = None) -> Signs:
    """What an account of the employee's would have. naming: how usernames are made, to know which they would get."""
    keys: set[Key] = set(_numbers(employee.employee_number))
    keys.update((Sign.ADDRESS, folded(address)) for address in (employee.company_email,) if address)
    for address in filter(None, (employee.personal_email,)):
        keys.update(((Sign.PERSONAL, folded(address)), (Sign.OWN, folded(address))))
    for given in dict.fromkeys((employee.preferred_name, employee.first_name)):
        keys.update(_names(given, employee.last_name))
    keys.add((Sign.PROPOSED, next(candidates(employee, naming))))
    sounds = sounds_in(employee.preferred_name, employee.first_name, employee.last_name)
    return Signs(frozenset(keys), employee.employee_number, employee.department, employee.name, sounds)


def of_account(remote: RemoteAccount) -> Signs:
    """What an account can be known by: its own name, its parts, and the words of its username."""
    fields = remote.fields
    number = str(fields.get("employee_number") or "")
    keys: set[Key] = set(_numbers(number))
    for address in addresses_of(remote):
        keys.update(((Sign.ADDRESS, address), (Sign.OWN, address), (Sign.PROPOSED, address.partition("@")[0])))
    keys.update((Sign.PERSONAL, folded(address)) for address in (fields.get("personal_email"),) if address)
    first, last = str(fields.get("first_name") or ""), str(fields.get("last_name") or "")
    keys.update(_names(first, last))
    keys.update(_names_as_shown(remote.display_name))
    keys.update(_name_in(remote.username))
    shown = _IN_BRACKETS.sub(" ", remote.display_name)
    sounds = sounds_in(shown, first, last, _local_part(remote.username))
    return Signs(frozenset(keys), number, str(fields.get("department") or ""), remote.display_name, sounds)


def addresses_of(remote: RemoteAccount) -> set[str]:
    """Every address of the account, in small letters."""
    return {folded(address) for address in (remote.username, remote.email, *remote.aliases) if address}


def names_of(remote: RemoteAccount) -> tuple[str, ...]:
    """Each text that holds the name of the account's person, or may."""
    first, last = (str(remote.fields.get(name) or "") for name in ("first_name", "last_name"))
    return _IN_BRACKETS.sub(" ", remote.display_name), f"{first} {last}", _local_part(remote.username)


def _numbers(number: str) -> Iterator[Key]:
    """The number itself, without the zeros that a spreadsheet loses, and without everything but its digits."""
    written = folded(number)
    if written:
        yield Sign.NUMBER, written
        yield Sign.LIKE_NUMBER, written.lstrip("0") or written
        if plain_number(number):
            yield Sign.WRITTEN_NUMBER, digits_of(number)


def _names(given: str, family: str) -> Iterator[Key]:
    """A name whose parts are known, in any order, and each given name with each family name."""
    for first, last in spellings(given, family):
        if not first and not last:
            continue
        yield from _in_any_order([*first, *last])
        for both in ((*first, *last), (*last, *first)):
            yield Sign.NAME, "".join(both)
            yield Sign.USERNAME, "".join(both)
        yield from ((Sign.LIKE_NAME, pair) for pair in pairs_of(first, last))


def _names_as_shown(name: str) -> Iterator[Key]:
    """A name that does not say which part is which. What is in brackets is not part of it."""
    for (words,) in spellings(_IN_BRACKETS.sub(" ", name)):
        if words:
            yield from _in_any_order(words)
            yield Sign.NAME, "".join(words)
            yield from _alike(words)


def _in_any_order(words: Sequence[str]) -> Iterator[Key]:
    key = " ".join(sorted(words))
    yield Sign.NAME, key
    if len(words) > 1:
        yield Sign.USERNAME, key


def _local_part(username: str) -> str:
    return re.sub(r"[\d_]+", " ", username.partition("@")[0])


def _name_in(username: str) -> Iterator[Key]:
    """The words of a username; one that is written in one word may be a whole name too: maryobrien."""
    words = words_of(_local_part(username))
    if all(len(word) > 1 for word in words):
        yield Sign.USERNAME, " ".join(sorted(words))
        yield from _alike(words)


def _alike(words: tuple[str, ...]) -> Iterator[Key]:
    """The first word may be the given name, or the last the family name."""
    pairs: Iterable[str] = pairs_of(words[:1], words[1:]) | pairs_of(words[:-1], words[-1:])
    yield from ((Sign.LIKE_NAME, pair) for pair in pairs)
