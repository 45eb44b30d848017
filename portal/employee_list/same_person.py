"""Who may be the person already whom somebody is about to add: asked before there are two records of one person."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from portal.columns import names
from portal.languages import gettext as _
from portal.people.models import Employee
from portal.people.searching import Employees, search

MOST_SHOWN, MOST_COMPARED = 3, 200
COMPARED = ("first_name", "last_name", "preferred_name", "personal_email", "company_email")


class Known(NamedTuple):
    """why: what the two have in common, as a title."""

    employee: Employee
    why: str


def known(visible: Employees, values: Mapping[str, Any], holders: Iterable[Employee] = ()) -> list[Known]:
    """The first few employees who have one of these email addresses, or else the same whole name.

    values: of the fields COMPARED, in the record that is about to be added. holders: who has such an address, as far as
    others know. Leavers count: the person may be coming back.
    """
    addresses = {address.casefold() for address in (values["personal_email"], values["company_email"]) if address}
    found: dict[int, Known] = {}
    for employee in chain(holders, _holders(visible, addresses)):
        words = _(
            "%(name)s (%(number)s) has the same email address", name=employee.name, number=employee.employee_number
        )
        found.setdefault(employee.id, Known(employee, words))
    for employee in _namesakes(visible, values):
        words = _("%(name)s (%(number)s) has the same name", name=employee.name, number=employee.employee_number)
        found.setdefault(employee.id, Known(employee, words))
    return list(found.values())[:MOST_SHOWN]


def _holders(visible: Employees, addresses: set[str]) -> Iterator[Employee]:
    for address in sorted(addresses):
        for employee in search(visible, address).order_by(Employee.id).limit(MOST_COMPARED):
            if addresses & {employee.personal_email.casefold(), employee.company_email.casefold()}:
                yield employee


def _namesakes(visible: Employees, values: Mapping[str, Any]) -> Iterator[Employee]:
    first, last, preferred = (values[name] for name in ("first_name", "last_name", "preferred_name"))
    wanted = names.whole_names(first, last, preferred)
    for given in dict.fromkeys((first, preferred)) if wanted else ():
        for employee in search(visible, f"{given} {last}").order_by(Employee.id).limit(MOST_COMPARED) if given else ():
            if wanted & names.whole_names(employee.first_name, employee.last_name, employee.preferred_name):
                yield employee
