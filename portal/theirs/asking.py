"""What the application is asked about employees: numbers, addresses, names and usernames that an account may have."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from portal.accounts.letters import LETTERS, in_letters_of_an_address
from portal.accounts.naming import Naming, candidates
from portal.accounts.spelling import in_latin, other_forms, plain_number, readings, words_of
from portal.connectors.values import Wanted
from portal.people.models import Employee

# Numbers with zeros in front are looked for up to this length.
LONGEST_NUMBER = 10
# A tenant has many domains; an address is looked for in the first of them.
MOST_DOMAINS = 3
# How many of each are asked about for one person: together they are few enough for one request.
MOST_NAMES, MOST_WORDS, MOST_FORMS, MOST_FAMILIES, MOST_USERNAMES = 20, 24, 12, 6, 20
FIELDS = ("numbers", "addresses", "personal", "names", "words", "families", "usernames")


def wanted(employee: Employee, naming: Naming, domains: Sequence[str]) -> Wanted:
    """Everything by which one employee's account could be found."""
    names = _names(employee)
    habits = [in_letters_of_an_address(name, habit) for name in names for habit in LETTERS]
    spelt = _unlike([*names, *habits, *_latin(names)])
    return Wanted(
        numbers=_numbers(employee.employee_number),
        addresses=_addresses(employee, naming, domains),
        personal=tuple(filter(None, (employee.personal_email,))),
        names=_in_both_forms(spelt)[:MOST_NAMES],
        words=_in_both_forms([*spelt, *_shortened(employee)])[:MOST_WORDS],
        families=_in_both_forms(_families(employee))[:MOST_FAMILIES] if employee.first_name else (),
        usernames=_unlike(_usernames(employee, naming))[:MOST_USERNAMES],
    )


def wanted_of_many(employees: Iterable[Employee], naming: Naming, domains: Sequence[str]) -> Wanted:
    """What is asked about some dozens of people in one go: less of each."""
    every = []
    for employee in employees:
        names = _names(employee)
        spelt = _in_both_forms(_unlike([*names, *_latin(names)]))
        every.append(Wanted(
            numbers=(employee.employee_number,),
            addresses=_addresses(employee, naming, domains),
            personal=tuple(filter(None, (employee.personal_email,))),
            names=spelt,
            words=spelt,
            usernames=(next(candidates(employee, naming)),),
        ))  # fmt: skip
    return Wanted(*(_unlike([value for one in every for value in getattr(one, name)]) for name in FIELDS))


def _names(employee: Employee) -> tuple[str, ...]:
    first, last = employee.first_name, employee.last_name
    given = (employee.preferred_name or first, first)
    return _unlike(" ".join(part for part in (one, last) if part) for one in given)


def _latin(names: Iterable[str]) -> Iterator[str]:
    return (in_latin(reading) for name in names for reading in readings(name))


def _addresses(employee: Employee, naming: Naming, domains: Sequence[str]) -> tuple[str, ...]:
    """Those of the employee, and the one that they would get."""
    proposed = next(candidates(employee, naming))
    would_get = (f"{proposed}@{domain}" for domain in domains[:MOST_DOMAINS])
    return _unlike(filter(None, (employee.company_email, employee.personal_email, *would_get)))


def _families(employee: Employee) -> tuple[str, ...]:
    """The family name as a whole, and each word of it: an account may have one of two."""
    last = employee.last_name
    parts = [part for part in re.split(r"[\s-]+", last) if len(part) > 2]
    without = re.sub(r"^(mac|mc)\s?(?=\w{3})", "", last, flags=re.IGNORECASE)
    both = [f"{mac}{without}" for mac in ("Mac ", "Mc ", "Mac", "Mc")] if without != last else []
    return _unlike([last, *_latin([last]), *parts, *both])


def _shortened(employee: Employee) -> list[str]:
    """Each given name with the last family name, and other forms of the first: Bill Stone for William Stone."""
    given, family = words_of(f"{employee.first_name} {employee.preferred_name}".strip()), words_of(employee.last_name)
    if not given or not family:
        return []
    forms = [form for one in given for form in (one, *other_forms(one))]
    return [f"{form} {word}" for word in dict.fromkeys((family[-1], family[0])) for form in forms][:MOST_FORMS]


def _usernames(employee: Employee, naming: Naming) -> Iterator[str]:
    """Beginnings of usernames: the one that the employee would get, and those that others make of the same name."""
    yield next(candidates(employee, naming))
    family = words_of(employee.last_name)
    for given in _unlike((employee.preferred_name or employee.first_name, employee.first_name)):
        first = words_of(given)
        if not first or not family:
            continue
        one, last = "".join(first), "".join(family)
        yield from (f"{one}{sign}{last}" for sign in (".", "", "_", "-"))
        yield from (f"{last}{sign}{one}" for sign in (".", ""))
        yield from (f"{word}.{other}" for word in first for other in family)
        yield from (f"{form}.{family[-1]}" for form in other_forms(first[0]))


def _numbers(number: str) -> tuple[str, ...]:
    """The number as it may be written: with fewer and more zeros, without signs, as a spreadsheet has it."""
    plain = plain_number(number)
    letters = plain.rstrip("0123456789")
    digits = plain.removeprefix(letters).lstrip("0")
    if not digits or len(digits) > LONGEST_NUMBER:
        return _unlike([number, plain])
    padded = [digits.zfill(length) for length in range(len(digits), LONGEST_NUMBER + 1)]
    if not letters:
        return _unlike([number, *padded, f"{digits}.0"])
    written = re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", number))
    return _unlike([number, written, written.upper(), f"{letters}{digits}", *padded])


def _in_both_forms(values: Iterable[str]) -> tuple[str, ...]:
    """Each as one character for a letter with its marks, and as several: applications compare them as they are."""
    return _unlike(unicodedata.normalize(form, value) for value in values for form in ("NFC", "NFD"))


def _unlike(values: Iterable[str]) -> tuple[str, ...]:
    """Each once, whatever the case."""
    tidy = (" ".join(value.split()) for value in values)
    return tuple({value.casefold(): value for value in tidy if value}.values())
