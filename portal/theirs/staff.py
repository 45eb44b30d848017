"""Many employees at once, found by what an account can be known by: for whole tenants that are read page by page."""

import marshal
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from portal.accounts.naming import naming_of
from portal.connections.models import Connection
from portal.connectors.values import RemoteAccount
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.theirs import rules
from portal.theirs.models import Declined
from portal.theirs.rules import LinkOffer
from portal.theirs.signs import Key, Sign, Signs, folded, of_account, of_employee

# An entry of the index: so many bits of a sign's hash, then the place of an employee, in 63 bits together.
PLACE_BITS, HASH_BITS = 24, 39
# What leads from an account, whose number and name are an employee's, to that one, and to somebody else.
NOT_OF_ANOTHER = frozenset({Sign.NUMBER, Sign.ADDRESS, Sign.OWN})


@dataclass(frozen=True, slots=True)
class Owner:
    """An employee who has a number. signs: by which the name can be compared."""

    id: int
    name: str
    signs: Signs

    @classmethod
    def of(cls, employee: Employee) -> "Owner":
        return cls(employee.id, employee.name, of_employee(employee))

    def fits(self, account: Signs) -> bool:
        """Whether the account has their name too, or at least no other."""
        return not rules.has_other_name(self.signs, account)


class Staff:
    """Employees of one organisation by their signs. Each is held against accounts as they come.

    A hundred thousand people have two million signs. As objects these would take a gigabyte, so a person's signs are
    kept as bytes, and the index is one row of numbers.
    """

    def __init__(self, connection: Connection, employees: Iterable[Employee]):
        self._ids, self._signs, entries = array("q"), [], array("q")
        self._departments: list[str] = []
        self._owners = _Numbers(connection.organisation_id)
        naming = naming_of(connection)
        for place, employee in enumerate(employees):
            signs = of_employee(employee, naming)
            self._ids.append(employee.id)
            self._signs.append(_packed(signs))
            self._departments.append(sys.intern(folded(signs.department)))
            entries.extend(_hash_of(key) << PLACE_BITS | place for key in signs.keys)
        self._index = array("q", sorted(entries))

    def of(self, remote: RemoteAccount) -> dict[int, LinkOffer]:
        """Whose the account may be, by employee's number in the database, with the evidence for each."""
        signs, owner = of_account(remote), self._owners.of(remote)
        found: dict[int, LinkOffer] = {}
        people = {place: _unpacked(self._signs[place]) for place in self._worth_a_look(signs, owner)}
        # Two signs may have one hash.
        real = [place for place, person in people.items() if person.keys & signs.keys]
        for place in real:
            employee_id = self._ids[place]
            candidate = candidate_of(people[place], employee_id, remote, signs, owner)
            if rules.may_be(candidate.evidence, remote.protections, of_another=candidate.of_another):
                found[employee_id] = candidate
        return found

    def _worth_a_look(self, signs: Signs, owner: Owner | None) -> Iterator[int]:
        """The places whose people share enough with the account by the rules of `may_be`.

        Hundreds may be called alike in a large company, and each costs as much as the one who is meant.
        """
        others = owner is not None and owner.fits(signs)
        keys = [key for key in signs.keys if not others or key[0] in NOT_OF_ANOTHER]
        telling = {place for key in keys if key[0] not in rules.WEAK for place in self._places_of(key)}
        yield from telling
        its = folded(signs.department)
        for place in {place for key in keys if key[0] in rules.WEAK for place in self._places_of(key)} - telling:
            theirs = self._departments[place]
            if not its or not theirs or its == theirs:
                yield place

    def _places_of(self, key: Key) -> Iterator[int]:
        first = _hash_of(key) << PLACE_BITS
        for at in range(bisect_left(self._index, first), len(self._index)):
            if self._index[at] >> PLACE_BITS != first >> PLACE_BITS:
                return
            yield self._index[at] & (1 << PLACE_BITS) - 1


def _hash_of(key: Key) -> int:
    return hash(key) & (1 << HASH_BITS) - 1


def _packed(signs: Signs) -> bytes:
    keys = [(str(sign), text) for sign, text in signs.keys]
    return marshal.dumps((keys, signs.number, signs.department, signs.name, list(signs.sounds)))


def _unpacked(signs: bytes) -> Signs:
    keys, number, department, name, sounds = marshal.loads(signs)  # noqa: S302 - written by _packed
    return Signs(frozenset((Sign(sign), text) for sign, text in keys), number, department, name, frozenset(sounds))


def candidate_of(
    person: Signs, employee_id: int, remote: RemoteAccount, signs: Signs, owner: Owner | None
) -> LinkOffer:
    """The account held against the employee. owner: who has its number, be it this employee or another."""
    other = owner if owner is not None and owner.id != employee_id else None
    number_of = other.name if other else ""
    evidence = rules.compare(person, signs, number_of=number_of)
    return LinkOffer(remote, evidence, number_of=number_of, of_another=other is not None and other.fits(signs))


class _Numbers:
    """Who has which employee number in the organisation."""

    def __init__(self, organisation: Organisation | int):
        columns = (Employee.employee_number, Employee.id, Employee.first_name, Employee.preferred_name,
                   Employee.last_name)  # fmt: skip
        rows: Any = Employee.select(*columns).where(Employee.organisation == organisation)
        self._owners = {folded(owner[0]): owner for owner in rows.tuples().iterator()}

    def of(self, remote: RemoteAccount) -> Owner | None:
        found = self._owners.get(folded(str(remote.fields.get("employee_number") or "")))
        if found is None:
            return None
        number, row_id, first, preferred, last = found
        person = Employee(id=row_id, employee_number=number, first_name=first, preferred_name=preferred, last_name=last)
        return Owner.of(person)


def declined(connection_id: int) -> set[tuple[str, int]]:
    """(id of the account, number of the employee) that do not belong together, as a user said."""
    rows: Any = Declined.select(Declined.remote_id, Declined.employee).where(Declined.connection == connection_id)
    return set(rows.tuples())
