"""What the Employee List shows. Every query starts from `visible`, the employees whom the user may see."""

import time
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from peewee import Select, fn

from portal import filters
from portal.accounts.models import Account, Status
from portal.connections.models import Connection
from portal.paging import beyond, start_of
from portal.people.models import Employee
from portal.people.searching import MANY, MOST_LISTED, Employees, search

PER_PAGE = 25
MOST_DEPARTMENTS = 500
# Seconds for which nobody notices that one of MANY employees came or left.
COUNT_LASTS = 60
_COUNTED: dict[str, tuple[float, int]] = {}


class Who(StrEnum):
    """Which of the employees, by their dates."""

    EVERYONE = ""
    CURRENT = "current"
    STARTERS = "starters"
    LEAVERS = "leavers"
    LEFT = "left"
    UNRELIEVED = "leavers-with-reports"


class Sort(StrEnum):
    NAME = "name"
    DEPARTMENT = "department"
    START_DATE = "start-date"
    NUMBER = "employee-number"


@dataclass(frozen=True)
class Filter(filters.Filter):
    """Which employees are listed, and in which order. sort: a Sort, with a hyphen before it for the other way round."""

    q: str = filters.words(most=200)
    department: str = filters.words(most=200)
    status: str = filters.one_of(Status)
    who: str = filters.one_of(Who, Who.EVERYONE)
    sort: str = filters.one_of([*Sort, *(f"-{sort}" for sort in Sort)], Sort.NAME)

    @property
    def by(self) -> Sort:
        return Sort(self.sort.removeprefix("-"))

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    def sorted_by(self, sort: str) -> dict[str, str]:
        """For the address behind a column's heading: sort by it; the other way round when it already is."""
        return replace(self, sort=f"-{sort}" if self.sort == sort else sort).values()

    @property
    def narrows(self) -> bool:
        return bool(self.q or self.department or self.status or self.who)


@dataclass
class EmployeePage:
    """Some of the employees. before, after: the cursors of the pages around this one, None at either end.

    total: how many fit the filter, which is not counted beyond MOST_LISTED: then there are `more`.
    """

    rows: list[Employee]
    total: int
    more: bool = False
    before: int | None = None
    after: int | None = None
    statuses: dict[int, Status] = field(default_factory=dict)

    @property
    def count_words(self) -> str:
        if self.more:
            return f"More than {MOST_LISTED:,} employees"
        return f"{self.total:,} employee{'' if self.total == 1 else 's'}"

    def status_of(self, employee: Employee) -> Status:
        return self.statuses.get(employee.id, Status.NO_ACCESS)


def employee_page(
    visible: Employees,
    chosen: Filter,
    *,
    today: date,
    after: int | None = None,
    before: int | None = None,
    with_status: bool = False,
) -> EmployeePage:
    """One page of the employees that the filter lets through.

    after, before: number of the employee at the edge of the page that was shown; the first page when it is not visible.
    today: in the organisation's zone. with_status: look up the accounts' statuses, and filter by them.
    """
    found = matching(visible, chosen, today=today, with_status=with_status)
    rows, earlier, later = _window(found, visible, chosen, after, before)
    total = _total(found, chosen) if earlier or later else len(rows)
    return EmployeePage(
        rows,
        total=total,
        more=chosen.narrows and total > MOST_LISTED,
        before=rows[0].id if earlier else None,
        after=rows[-1].id if later else None,
        statuses=statuses_of(rows) if with_status else {},
    )


def _total(found: Employees, chosen: Filter) -> int:
    """How many there are; of those who are searched for, no more are counted than anybody would page through."""
    if chosen.narrows:
        return found.select(Employee.id).limit(MOST_LISTED + 1).count()
    query = str(found.select(Employee.id).sql())
    counted_at, count = _COUNTED.get(query, (0.0, 0))
    if time.monotonic() > counted_at + COUNT_LASTS or count < MANY:
        count = found.count()
        _COUNTED[query] = (time.monotonic(), count)
    return count


def _window(
    found: Employees, visible: Employees, chosen: Filter, after: int | None, before: int | None
) -> tuple[list[Employee], bool, bool]:
    """The rows of the page, whether there are earlier ones, and whether there are later ones."""
    backwards = before is not None
    keys = _keys(chosen)
    cursor = before if backwards else after
    place = visible.select(*keys).where(Employee.id == cursor).tuples().first() if cursor is not None else None
    if place is not None:
        beside = found.where(beyond(keys, place, downwards=chosen.descending != backwards))
        rows, more = _start_of(beside, keys, chosen.descending != backwards)
        if backwards and more:
            return rows[::-1], True, True
        if rows and not backwards:
            return rows, True, more
    rows, more = _start_of(found, keys, chosen.descending)
    return rows, False, more


def _start_of(query: Employees, keys: list[Any], downwards: bool) -> tuple[list[Employee], bool]:
    """A page of rows from the start of the query, and whether it goes on."""
    return start_of(query.order_by(*(key.desc() if downwards else key.asc() for key in keys)), PER_PAGE)


def _keys(chosen: Filter) -> list[Any]:
    """What the list is ordered by, ending with what no two employees share. No start date comes last, either way."""
    undated = date.min if chosen.descending else date.max
    first: dict[Sort, list[Any]] = {
        Sort.NAME: [Employee.sort_name],
        Sort.DEPARTMENT: [Employee.department, Employee.sort_name],
        Sort.START_DATE: [fn.COALESCE(Employee.start_date, undated), Employee.sort_name],
        Sort.NUMBER: [Employee.employee_number],
    }
    return [*first[chosen.by], Employee.id]


def matching(visible: Employees, chosen: Filter, *, today: date, with_status: bool = True) -> Employees:
    """The employees whom the filter lets through, in no particular order."""
    found = search(visible, chosen.q)
    if chosen.department:
        found = found.where(Employee.department == chosen.department)
    if chosen.status and with_status:
        found = found.where(_has_status(chosen.status))
    return found.where(_is_who(chosen.who, today)) if chosen.who else found


def _is_who(who: str, today: date) -> Any:
    starter = Employee.start_date > today
    if who == Who.STARTERS:
        return starter
    if who == Who.LEAVERS:
        return Employee.end_date.is_null(False)
    if who == Who.LEFT:
        return Employee.end_date < today
    if who == Who.UNRELIEVED:
        reports = Employee.alias()
        has_reports = fn.EXISTS(reports.select(reports.id).where(reports.manager == Employee.id))
        return Employee.end_date.is_null(False) & Employee.successor.is_null() & has_reports
    begun = Employee.start_date.is_null() | (Employee.start_date <= today)
    return begun & (Employee.end_date.is_null() | (Employee.end_date >= today))


def _known_accounts() -> Any:
    return Account.select(Account.employee, Account.enabled).join(Connection).where(
        Account.detached_at.is_null(), Account.read_at.is_null(False), Connection.disconnected_at.is_null()
    )  # fmt: skip


def _has_status(status: str) -> Any:
    own = _known_accounts().where(Account.employee == Employee.id)
    if status == Status.NO_ACCESS:
        return ~fn.EXISTS(own)
    return fn.EXISTS(own.where(Account.enabled == (status == Status.ACTIVE)))


def statuses_of(employees: list[Employee]) -> dict[int, Status]:
    """The statuses of those of the employees who have a known account, in one query."""
    accounts = _known_accounts().where(Account.employee.in_([employee.id for employee in employees])).tuples()
    return {employee: Status.ACTIVE if enabled else Status.DEACTIVATED for employee, enabled in accounts}


def departments(visible: Employees) -> list[str]:
    """The departments of the employees, to choose from: each is looked up in the index after the one before it."""
    first = visible.select(fn.MIN(Employee.department)).where(Employee.department > "")
    named = first.cte("named", recursive=True, columns=("name",))
    following = visible.select(fn.MIN(Employee.department)).where(Employee.department > named.c.name)
    further = Select([named], [following]).where(named.c.name.is_null(False))
    found = named.union_all(further)
    return list(found.select_from(found.c.name).where(found.c.name.is_null(False)).limit(MOST_DEPARTMENTS).scalars())
