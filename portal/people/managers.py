"""Finding the person who is meant by a number or a name, and keeping reporting lines free of loops."""

from portal.people.models import Employee
from portal.people.searching import Employees, search

MOST_SHOWN = 8
MOST_COMPARED = 200


def find(visible: Employees, text: str, chosen: int | None = None) -> tuple[Employee | None, list[Employee]]:
    """Who is meant by an employee number or a whole name: that person, or else those it could be.

    chosen: the employee picked from the matches of this same text; a pick for another text is ignored.
    """
    if chosen is not None:
        picked = search(visible, text).where(Employee.id == chosen).first()
        if picked is not None:
            return picked, []
    numbered = visible.where(Employee.employee_number == text).first()
    if numbered is not None:
        return numbered, []
    near = matches(visible, text, MOST_COMPARED)
    named = [employee for employee in near if text.casefold() in _names(employee)]
    return (named[0], []) if len(named) == 1 else (None, (named or near)[:MOST_SHOWN])


def matches(visible: Employees, text: str, most: int = MOST_SHOWN) -> list[Employee]:
    """The first employees whose records hold the words of the text; none for no words."""
    if not text.strip():
        return []
    return list(search(visible, text).order_by(Employee.sort_name, Employee.id).limit(most))


def _names(employee: Employee) -> set[str]:
    first, last = employee.first_name, employee.last_name
    return {name.strip().casefold() for name in (employee.name, f"{first} {last}", f"{last} {first}")}


def would_loop(employee: Employee, manager: Employee) -> bool:
    """True when the employee is the manager, or above the manager in the reporting line."""
    above: int | None = manager.id
    seen: set[int] = set()
    while above is not None and above not in seen:
        if above == employee.id:
            return True
        seen.add(above)
        above = Employee.select(Employee.manager).where(Employee.id == above).scalar()
    return False
