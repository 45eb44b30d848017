"""A page of the Employee List. Every query starts from `visible`, the employees whom the user may see."""

import time
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

from peewee import SQL, Select, fn

from portal.accounts.models import Status
from portal.asking import kept
from portal.employee_list.filtering import Filter, Sort, matching
from portal.employee_list.statuses import Statuses, statuses_of
from portal.languages import gettext as _
from portal.languages import ngettext, number
from portal.paging import beyond
from portal.people.models import Employee
from portal.people.searching import MOST_LISTED, Employees, How, Reach, Sight, found_in, narrowed, seen

PER_PAGE = 25
# Seconds for which the count may miss that one of MANY employees came or left.
MANY, COUNT_LASTS = 10_000, 60
_COUNTED: dict[Sight, tuple[float, int]] = {}
# A search that finds many finds a page of them among this many of the list; otherwise it asks the index.
NEAR = (600, 6_000)


class Listed(NamedTuple):
    """What a row of the list shows of an employee, by the names of the record."""

    id: int
    first_name: str
    last_name: str
    preferred_name: str
    job_title: str
    department: str
    employee_number: str
    start_date: date | None
    end_date: date | None
    leave_from: date | None
    leave_to: date | None
    photo: str
    # At each application; none where they are not shown.
    statuses: tuple[Status, ...] = ()

    name = Employee.name
    is_starter, is_on_leave, is_leaver = Employee.is_starter, Employee.is_on_leave, Employee.is_leaver


@dataclass
class EmployeePage:
    """Some of the employees. before, after: the cursors of the pages around this one, None at either end.

    total: how many match the filter, which is not counted beyond MOST_LISTED: then there are `more`.
    """

    rows: list[Listed]
    total: int
    more: bool = False
    before: int | None = None
    after: int | None = None
    statuses: Statuses = field(default_factory=Statuses)

    @property
    def count_words(self) -> str:
        if self.more:
            return _("More than %(number)s employees", number=number(MOST_LISTED))
        return ngettext("%(num)s employee", "%(num)s employees", self.total)

    @property
    def found_words(self) -> str:
        """count_words, where a filter narrows the list."""
        if self.more:
            return _("More than %(number)s employees found", number=number(MOST_LISTED))
        return ngettext("%(num)s employee found", "%(num)s employees found", self.total)

    @property
    def bulk_words(self) -> str:
        """The button that starts a bulk action for all of them."""
        if self.more:
            return _("Bulk action for more than %(number)s employees", number=number(MOST_LISTED))
        return ngettext("Bulk action for %(num)s employee", "Bulk action for all %(num)s employees", self.total)


def employee_page(
    sight: Sight,
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
    asked = _Asked.of(sight, chosen, today, with_status=bool(organisation_id))
    rows, earlier, later = _window(asked, after, before)
    statuses = Statuses()
    if organisation_id:
        statuses = statuses_of([row.id for row in rows], organisation_id)
        rows = [Listed(*row[:-1], statuses.shown_for(row.id)) for row in rows]
    total = _total(asked) if earlier or later else len(rows)
    return EmployeePage(
        rows,
        total=total,
        more=chosen.narrows and total > MOST_LISTED,
        before=rows[0].id if earlier else None,
        after=rows[-1].id if later else None,
        statuses=statuses,
    )


@dataclass(frozen=True)
class _Asked:
    """What is asked for, apart: what shapes the statement, and the values in it. among: those whom a search found."""

    sight: Sight
    chosen: Filter
    shape: tuple[Any, ...]
    values: dict[str, Any]

    @classmethod
    def of(cls, sight: Sight, chosen: Filter, today: date, *, with_status: bool) -> "_Asked":
        among = found_in(sight, chosen.q)
        plain = replace(
            chosen, q="", department="y" if chosen.department else "", location="y" if chosen.location else "",
            status=chosen.status if with_status else "",
        )  # fmt: skip
        values = {
            "organisation": sight.organisation, "own": sight.own, "today": today, "department": chosen.department,
            "location": chosen.location, **among.values,
        }  # fmt: skip
        return cls(sight, chosen, (sight.reach, plain, among.how), values)


def _asked(
    reach: Reach, chosen: Filter, among: How | None, *, organisation: Any, own: Any, today: Any, department: Any,
    location: Any, **searched: Any,
) -> Employees:  # fmt: skip
    """The employees that are asked for, in no particular order."""
    visible = narrowed(seen(reach, organisation=organisation, own=own), among, **searched)
    given = replace(chosen, department=chosen.department and department, location=chosen.location and location)
    return matching(visible, given, today=today)


@kept
def _listed(
    reach: Reach, chosen: Filter, among: How | None, downwards: bool, beside: bool, near: int, *, place: Any,
    words: Any = (), **given: Any,
) -> Any:  # fmt: skip
    """A page of rows, and one more to see whether there are any. place: the one beside which it begins.

    near: how many of the list are looked through for those who are searched for; 0 for no such bound.
    """
    searched = {} if near else {"words": words}
    found, keys = _asked(reach, chosen, None if near else among, **searched, **given), _keys(chosen)
    order = [key.desc() if downwards else key.asc() for key in keys]
    if beside:
        found = found.where(beyond(keys, place, downwards=downwards))
    if near:
        some = Employee.id.in_(found.select(Employee.id).order_by(*order).limit(near))
        found = narrowed(Employee.select().where(some), How.MANY, words=words)
    columns = [getattr(Employee, name) for name in Listed._fields[:-1]]
    return found.select(*columns).order_by(*order).limit(PER_PAGE + 1).tuples()


@kept
def _placed(reach: Reach, chosen: Filter, *, organisation: Any, own: Any, employee_id: Any) -> Any:
    visible = seen(reach, organisation=organisation, own=own)
    return visible.select(*_keys(chosen)).where(Employee.id == employee_id).tuples()


@kept
def _count(reach: Reach, chosen: Filter, among: How | None, bounded: bool, **given: Any) -> Any:
    found = _asked(reach, chosen, among, **given).select(Employee.id)
    counted = found.limit(MOST_LISTED + 1) if bounded else found
    return Select([counted], [fn.COUNT(SQL("1"))]).tuples()


def _total(asked: _Asked) -> int:
    """How many there are; of those who are searched for, no more are counted than anybody would page through."""
    if asked.shape[-1] == How.INDEX and not asked.chosen.narrows_beside_search:
        return MOST_LISTED + 1
    if asked.chosen.narrows:
        return _count.first(*asked.shape, True, **asked.values)[0]
    counted_at, count = _COUNTED.get(asked.sight, (0.0, 0))
    if time.monotonic() > counted_at + COUNT_LASTS or count < MANY:
        count = _count.first(*asked.shape, False, **asked.values)[0]
        _COUNTED[asked.sight] = (time.monotonic(), count)
    return count


def _window(asked: _Asked, after: int | None, before: int | None) -> tuple[list[Listed], bool, bool]:
    """The rows of the page, whether there are earlier ones, and whether there are later ones."""
    backwards, descending = before is not None, asked.chosen.descending
    cursor = before if backwards else after
    place = _place(asked, cursor) if cursor is not None else None
    if place is not None:
        rows, more = _rows(asked, descending != backwards, place)
        if backwards and more:
            return rows[::-1], True, True
        if rows and not backwards:
            return rows, True, more
    rows, more = _rows(asked, descending, [])
    return rows, False, more


def _place(asked: _Asked, employee_id: int) -> list[Any] | None:
    """What the list is ordered by, of this employee."""
    reach, organisation, own = asked.sight
    place = _placed.first(reach, asked.shape[1], organisation=organisation, own=own, employee_id=employee_id)
    return None if place is None else list(place)


def _rows(asked: _Asked, downwards: bool, place: list[Any]) -> tuple[list[Listed], bool]:
    """A page of rows, and whether there are more."""
    for near in (*NEAR, 0) if asked.shape[-1] == How.INDEX else (0,):
        rows = _listed.made(Listed, *asked.shape, downwards, bool(place), near, place=place, **asked.values)
        if len(rows) > PER_PAGE:
            break
    return rows[:PER_PAGE], len(rows) > PER_PAGE


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
