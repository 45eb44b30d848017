"""What the Employee List shows. Every query starts from `visible`, the employees whom the user may see."""

import time
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from peewee import JOIN, fn

from portal import filters
from portal.accounts.models import Account, Status
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.paging import beyond, start_of
from portal.people.models import Employee
from portal.people.searching import MANY, MOST_LISTED, Employees, search

PER_PAGE = 25
# Seconds for which the count may miss that one of MANY employees came or left.
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
    ON_LEAVE = "on-leave"


WHO = {
    Who.CURRENT: "Current employees",
    Who.STARTERS: "Starters",
    Who.LEAVERS: "Leavers",
    Who.LEFT: "People who have left",
    Who.ON_LEAVE: "People on leave",
    Who.UNRELIEVED: "Leavers with no new manager for their team",
}


class Sort(StrEnum):
    NAME = "name"
    DEPARTMENT = "department"
    START_DATE = "start-date"
    NUMBER = "employee-number"


def _is_status(text: str) -> bool:
    """Whether it is a Status, or one at an application: its key, a colon, and the Status."""
    service, colon, status = text.rpartition(":")
    return status in list(Status) and (service in SERVICES if colon else True)


@dataclass(frozen=True)
class Filter(filters.Filter):
    """Which employees are listed, and in which order. sort: a Sort, with a hyphen before it for the other way round."""

    q: str = filters.words(most=200)
    department: str = filters.words(most=200)
    location: str = filters.words(most=200)
    status: str = filters.that(_is_status)
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

    def words(self) -> list[str]:
        """What is looked for, as people say it."""
        service, _, status = self.status.rpartition(":")
        said = [f"“{self.q}”" if self.q else "", self.department, self.location]
        said += [f"{SERVICES[service].name}: {status}" if service else status, WHO[Who(self.who)] if self.who else ""]
        return [words for words in said if words]

    @property
    def narrows_beside_search(self) -> bool:
        return bool(self.department or self.location or self.status or self.who)

    @property
    def narrows(self) -> bool:
        return bool(self.q or self.narrows_beside_search)


@dataclass
class EmployeePage:
    """Some of the employees. before, after: the cursors of the pages around this one, None at either end.

    total: how many match the filter, which is not counted beyond MOST_LISTED: then there are `more`.
    """

    rows: list[Employee]
    total: int
    more: bool = False
    before: int | None = None
    after: int | None = None
    statuses: "Statuses" = field(default_factory=lambda: Statuses())

    @property
    def count_words(self) -> str:
        if self.more:
            return f"More than {MOST_LISTED:,} employees"
        return f"{self.total:,} employee{'' if self.total == 1 else 's'}"


@dataclass
class Statuses:
    """services: names of the connected applications by key, in the order of connecting. known: by employee and key."""

    services: dict[str, str] = field(default_factory=dict)
    known: dict[tuple[int, str], Status] = field(default_factory=dict)

    def of(self, employee: Employee) -> list[Status]:
        """The employee's status at each of the applications; one word, No access, while nothing is connected."""
        return [self.known.get((employee.id, key), Status.NO_ACCESS) for key in self.services or ("",)]

    @property
    def headings(self) -> list[str]:
        """What the columns are called."""
        return list(self.services.values()) if len(self.services) > 1 else ["Account"]

    @property
    def choices(self) -> dict[str, str]:
        """What can be filtered by -> its words: with several applications each status names one."""
        if len(self.services) < 2:
            return {word: word for word in Status}
        return {f"{key}:{word}": f"{name}: {word}" for key, name in self.services.items() for word in Status}


def employee_page(
    visible: Employees,
    chosen: Filter,
    *,
    today: date,
    after: int | None = None,
    before: int | None = None,
    organisation_id: int = 0,
) -> EmployeePage:
    """One page of the employees that the filter lets through.

    after, before: number of the employee at the edge of the page that was shown; the first page when it is not visible.
    today: in the organisation's zone. organisation_id: whose accounts are looked up, and filtered by; 0 for none.
    """
    found = matching(visible, chosen, today=today, with_status=bool(organisation_id))
    rows, earlier, later = _window(found, visible, chosen, after, before)
    total = _total(found, chosen) if earlier or later else len(rows)
    return EmployeePage(
        rows,
        total=total,
        more=chosen.narrows and total > MOST_LISTED,
        before=rows[0].id if earlier else None,
        after=rows[-1].id if later else None,
        statuses=statuses_of(rows, organisation_id) if organisation_id else Statuses(),
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
    """A page of rows from the start of the query, and whether there are more."""
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
    if chosen.location:
        found = found.where(Employee.location == chosen.location)
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
    if who == Who.ON_LEAVE:
        return (Employee.leave_from <= today) & (Employee.leave_to.is_null() | (Employee.leave_to > today))
    if who == Who.UNRELIEVED:
        reports = Employee.alias()
        has_reports = fn.EXISTS(reports.select(reports.id).where(reports.manager == Employee.id))
        return Employee.end_date.is_null(False) & Employee.successor.is_null() & has_reports
    begun = Employee.start_date.is_null() | (Employee.start_date <= today)
    return begun & (Employee.end_date.is_null() | (Employee.end_date >= today))


def _has_status(chosen: str) -> Any:
    """chosen: a Status, or the key of an application, a colon, and a Status there."""
    service, _, status = chosen.rpartition(":")
    own = Account.select(Account.id).join(Connection).where(
        Account.employee == Employee.id, Connection.disconnected_at.is_null(), *_is_known()
    )  # fmt: skip
    if service:
        own = own.where(Connection.service == service)
    if status == Status.NO_ACCESS:
        return ~fn.EXISTS(own)
    return fn.EXISTS(own.where(Account.enabled == (status == Status.ACTIVE)))


def _is_known() -> tuple[Any, Any]:
    return Account.detached_at.is_null(), Account.read_at.is_null(False)


def statuses_of(employees: list[Employee], organisation_id: int) -> Statuses:
    """What the organisation is connected to, and the statuses of the employees there, in one query."""
    mine = (Account.connection == Connection.id) & Account.employee.in_([employee.id for employee in employees])
    for condition in _is_known():
        mine &= condition
    live = (Connection.organisation == organisation_id) & Connection.disconnected_at.is_null()
    rows: Any = Connection.select(Connection.service, Account.employee, Account.enabled)
    rows = rows.join(Account, JOIN.LEFT_OUTER, on=mine).where(live).order_by(Connection.id).tuples()
    found = Statuses()
    for key, employee_id, enabled in rows:
        found.services.setdefault(key, SERVICES[key].name)
        if employee_id is not None:
            found.known[employee_id, key] = Status.ACTIVE if enabled else Status.DEACTIVATED
    return found
