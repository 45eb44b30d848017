"""Who starts soon, page by page, and how many of them are ready."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from peewee import JOIN, SQL, Select, fn

from portal.asking import kept
from portal.connections.models import Connection
from portal.day_one.readiness import Starter, look_at
from portal.paging import PER_PAGE, Page, beyond
from portal.people.models import Employee
from portal.people.searching import Reach, Sight, seen

# Beyond this number the page does not count who is ready.
MOST_COUNTED = 100
# How many are looked at together: one more shows whether there are more. And how many a page looks at, at most.
IN_ONE_LOOK, FURTHER, MOST_LOOKED_AT = MOST_COUNTED + 1, PER_PAGE + 1, 500
# Somebody who started up to this many days ago, and is not ready yet, is listed too.
BEGUN = 7
PERIODS = (14, 30, 90)
ORDER = (Employee.start_date, Employee.id)


@dataclass
class Board(Page[Starter]):
    """One page of those who start.

    people, ready: how many there are, said on the first page only. more: there are more than were counted, and `ready`
    is of some of them unless it was asked for exactly.
    """

    people: int = 0
    ready: int = 0
    more: bool = False


class Row(NamedTuple):
    """What a row of the page shows of a starter. parts: label, level, words and moment of each.

    in_days: until they start, below zero for those who have begun. may_have: names of accounts that may be theirs.
    """

    id: int
    name: str
    photo: str
    job_title: str
    department: str
    start_date: date | None
    in_days: int
    is_ready: bool
    missing: int
    parts: tuple[tuple[str, str, str, datetime | None], ...]
    may_have: str

    @classmethod
    def of(cls, starter: Starter, today: date, may_have: str) -> "Row":
        employee = starter.employee
        parts = tuple((label, part.level, part.words, part.at) for label, part in starter.parts.items())
        return cls(
            employee.id, employee.name, employee.photo, employee.job_title, employee.department, employee.start_date,
            ((employee.start_date or today) - today).days, starter.is_ready, starter.missing, parts, may_have,
        )  # fmt: skip


def board(
    sight: Sight, connection: Connection, *, today: date, days: int, missing: bool = False, after: int | None = None,
    exact: bool = False,
) -> Board:  # fmt: skip
    """A page of the starters, by their first day. missing: only those for whom something is missing.

    sight: whom the user may see. after: the number of the one behind whom it begins. exact: count who is ready of the
    first MOST_COUNTED also where there are more.
    """
    found = Board(start=after)
    looked_at = _looked_at(sight, connection, found, today=today, days=days, exact=exact)
    for number, starter in enumerate(looked_at, 1):
        if number <= found.people:
            found.ready += starter.is_ready
        wanted = not (missing and starter.is_ready)
        if wanted and len(found.rows) < PER_PAGE:
            found.rows.append(starter)
        elif wanted and found.further is None:
            found.further = found.rows[-1].employee.id
        counted = number > found.people or (found.more and not exact)
        if counted and found.further is not None:
            break
        if number == MOST_LOOKED_AT:
            found.further = found.further or starter.employee.id
            break
    return found


def _looked_at(
    sight: Sight, connection: Connection, found: Board, *, today: date, days: int, exact: bool
) -> Iterator[Starter]:
    """Employees who start within so many days, or began last week, with what is ready for them.

    On the first page, `found` is told first how many they are.
    """
    asked = {"organisation": sight.organisation, "own": sight.own}
    period = {"first": today - timedelta(days=BEGUN), "last": today + timedelta(days=days), "today": today}
    place = None
    if found.start is not None:
        place = _place.first(sight.reach, **asked, employee_id=found.start)
    else:
        (count,) = _count.first(sight.reach, **asked, **period)
        found.people, found.more = min(count, MOST_COUNTED), count > MOST_COUNTED
    most = FURTHER if found.start is not None or (found.more and not exact) else IN_ONE_LOOK
    while some := _starters.rows(sight.reach, place is not None, most, **asked, **period, place=list(place or ())):
        for employee in some:
            employee.organisation = connection.organisation
        yield from look_at(some, connection)
        if len(some) < most:
            return
        place = some[-1].start_date, some[-1].id


def _starting(reach: Reach, *, organisation: Any, own: Any, first: Any, last: Any, today: Any) -> Any:
    stays = Employee.end_date.is_null() | (Employee.end_date >= today)
    return seen(reach, organisation=organisation, own=own).where(Employee.start_date.between(first, last), stays)


@kept
def _count(reach: Reach, **period: Any) -> Any:
    """How many they are; no further than to see that it is more than are counted."""
    some = _starting(reach, **period).select(Employee.id).limit(MOST_COUNTED + 1)
    return Select([some], [fn.COUNT(SQL("1"))]).tuples()


@kept
def _starters(reach: Reach, begins: bool, most: int, *, place: Any, **period: Any) -> Any:
    manager = Employee.alias()
    found = _starting(reach, **period)
    if begins:
        found = found.where(beyond(ORDER, place))
    named = (manager.id, manager.first_name, manager.last_name, manager.preferred_name)
    joined = found.select(Employee, *named).join(
        manager, JOIN.LEFT_OUTER, on=Employee.manager == manager.id, attr="manager"
    )
    return joined.order_by(*ORDER).limit(most)


@kept
def _place(reach: Reach, *, organisation: Any, own: Any, employee_id: Any) -> Any:
    """Where in the order the employee is, with a first day."""
    found = seen(reach, organisation=organisation, own=own).select(*ORDER)
    return found.where(Employee.id == employee_id, Employee.start_date.is_null(False)).tuples()
