"""What a person and an account can be known by, folded so that what means the same compares equal."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from portal.accounts.letters import in_letters_of_an_address
from portal.connectors.base import RemoteAccount
from portal.people.models import Employee


class Sign(StrEnum):
    """What an account and an employee can have in common, the most telling first."""

    NUMBER = "number"
    ADDRESS = "address"
    PERSONAL = "personal email"
    LIKE_NUMBER = "like number"
    NAME = "name"
    USERNAME = "username"
    LIKE_NAME = "like name"
    DEPARTMENT = "department"


Key = tuple[Sign, str]

# German, Danish and Norwegian names are written in two ways in plain letters: Mueller and Muller, Haakon and Hakon.
_TWO_LETTERS = re.compile(r"ae|oe|ue|aa")
# Spellings of one sound, where a name was taken over from another script: Yuliya and Julia, Aleksey and Alexey.
_SOUNDS = (
    ("ph", "f"),
    ("x", "ks"),
    ("ck", "k"),
    ("ch", "h"),
    ("c", "k"),
    ("w", "v"),
    ("y", "i"),
    ("j", "i"),
    ("ou", "u"),
)
_IN_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")


@dataclass(frozen=True, slots=True)
class Signs:
    """All that an employee, or an account, can be known by. number, department: as they are written."""

    keys: frozenset[Key]
    number: str = ""
    department: str = ""


def of_employee(employee: Employee) -> Signs:
    """What an account of the employee's would have."""
    keys: set[Key] = set(_numbers(employee.employee_number))
    keys.update((Sign.ADDRESS, folded(address)) for address in (employee.company_email,) if address)
    keys.update((Sign.PERSONAL, folded(address)) for address in (employee.personal_email,) if address)
    for given in dict.fromkeys((employee.preferred_name, employee.first_name)):
        keys.update(_names(given, employee.last_name))
    return Signs(frozenset(keys), employee.employee_number, employee.department)


def of_account(remote: RemoteAccount) -> Signs:
    """What an account can be known by: its own name, its parts, and the words of its username."""
    fields = remote.fields
    number = str(fields.get("employee_number") or "")
    keys: set[Key] = set(_numbers(number))
    keys.update((Sign.ADDRESS, address) for address in addresses_of(remote))
    keys.update((Sign.PERSONAL, folded(address)) for address in (fields.get("personal_email"),) if address)
    keys.update(_names(str(fields.get("first_name") or ""), str(fields.get("last_name") or "")))
    keys.update(_names_as_shown(remote.display_name))
    keys.update(_name_in(remote.username))
    return Signs(frozenset(keys), number, str(fields.get("department") or ""))


def addresses_of(remote: RemoteAccount) -> set[str]:
    """Every address of the account, in small letters."""
    return {folded(address) for address in (remote.username, remote.email, *remote.aliases) if address}


def folded(text: str) -> str:
    return " ".join(text.casefold().split())


@lru_cache(maxsize=20_000)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in plain small letters, however it is written: "Müller, Anne-Marie" is muller anne marie."""
    plain = (name if name.isascii() else in_letters_of_an_address(name)).casefold().replace("'", "")
    return tuple(_TWO_LETTERS.sub(lambda found: found[0][0], word) for word in re.findall(r"[a-z0-9]+", plain))


def _numbers(number: str) -> Iterator[Key]:
    """The number itself, and the number without the zeros that a spreadsheet loses."""
    written = folded(number)
    if written:
        yield Sign.NUMBER, written
        yield Sign.LIKE_NUMBER, written.lstrip("0") or written


def _names(given: str, family: str) -> Iterator[Key]:
    """A name of which the parts are known, in any order, and its first given name with each family name."""
    first, last = words_of(given), words_of(family)
    if not first and not last:
        return
    yield from _in_any_order([*first, *last])
    yield from ((Sign.NAME, "".join(both)) for both in ((*first, *last), (*last, *first)))
    yield from _alike(first[:1], last)


def _names_as_shown(name: str) -> Iterator[Key]:
    """A name of which nobody says which part is which. What stands in brackets is no part of it."""
    words = words_of(_IN_BRACKETS.sub(" ", name))
    if words:
        yield from _in_any_order(words)
        yield Sign.NAME, "".join(words)
        yield from _alike(words[:1], words[1:])


def _in_any_order(words: Sequence[str]) -> Iterator[Key]:
    key = " ".join(sorted(words))
    yield Sign.NAME, key
    if len(words) > 1:
        yield Sign.USERNAME, key


def _name_in(username: str) -> Iterator[Key]:
    words = words_of(re.sub(r"[\d_]+", " ", username.partition("@")[0]))
    if len(words) > 1 and all(len(word) > 1 for word in words):
        yield Sign.USERNAME, " ".join(sorted(words))


def _alike(first: Iterable[str], others: Iterable[str]) -> Iterator[Key]:
    pairs = (sorted((_sound(one), _sound(other))) for one in first for other in others)
    yield from ((Sign.LIKE_NAME, " ".join(pair)) for pair in pairs)


@lru_cache(maxsize=20_000)
def _sound(word: str) -> str:
    for letters, sound in _SOUNDS:
        word = word.replace(letters, sound)
    return re.sub(r"(.)\1+", r"\1", word)
