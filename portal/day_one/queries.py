"""Who starts soon, page by page, and how many of them are ready."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from peewee import JOIN

from portal.connections.models import Connection
from portal.day_one.readiness import Starter, look_at
from portal.paging import PER_PAGE, Page, beyond
from portal.people.models import Employee

# Beyond so many, the page does not count who is ready.
MOST_COUNTED = 200
# So many are looked at together: one more shows whether there are more.
IN_ONE_LOOK, FURTHER = MOST_COUNTED + 1, PER_PAGE + 1
# Who began so many days ago and is not ready yet is listed too.
BEGUN = 7
PERIODS = (14, 30, 90)
ORDER = (Employee.start_date, Employee.id)


@dataclass
class Board(Page[Starter]):
    """One page of those who start.

    people, ready: how many there are, said on the first page only; more: that there are more than were counted.
    """

    people: int = 0
    ready: int = 0
    more: bool = False


def starters(visible: Any, *, today: date, days: int, after: int | None = None) -> Any:
    """Employees who start within so many days, or began last week, by their first day. after: an employee's number."""
    manager = Employee.alias()
    first, last = today - timedelta(days=BEGUN), today + timedelta(days=days)
    stays = Employee.end_date.is_null() | (Employee.end_date >= today)
    found = visible.where(Employee.start_date.between(first, last), stays)
    if after is not None and (edge := visible.where(Employee.id == after).first()) is not None and edge.start_date:
        found = found.where(beyond(ORDER, (edge.start_date, edge.id)))
    same = Employee.manager == manager.id
    joined = found.select(Employee, manager).join(manager, JOIN.LEFT_OUTER, on=same, attr="manager")
    return joined.order_by(*ORDER)


def board(
    visible: Any, connection: Connection, *, today: date, days: int, missing: bool = False, after: int | None = None
) -> Board:
    """A page of the starters. missing: only those for whom something is missing."""
    found = Board(start=after)
    for number, starter in enumerate(_looked_at(visible, connection, today=today, days=days, after=after), 1):
        counting = after is None and number <= MOST_COUNTED
        if counting:
            found.people, found.ready = number, found.ready + starter.is_ready
        found.more = after is None and not counting
        if missing and starter.is_ready:
            continue
        if len(found.rows) < PER_PAGE:
            found.rows.append(starter)
            continue
        found.further = found.rows[-1].employee.id
        if not counting:
            break
    return found


def _looked_at(
    visible: Any, connection: Connection, *, today: date, days: int, after: int | None = None
) -> Iterator[Starter]:
    most = IN_ONE_LOOK if after is None else FURTHER
    while some := list(starters(visible, today=today, days=days, after=after).limit(most)):
        for employee in some:
            employee.organisation = connection.organisation
        yield from look_at(some, connection)
        after = some[-1].id
