"""Which employees are looked for: what an address says of them, and the conditions that follow from it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from peewee import fn

from portal import filters
from portal.accounts.models import Account, Status
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.employee_list.statuses import is_known
from portal.languages import gettext as _
from portal.people.models import Employee
from portal.people.searching import Employees, search


class Who(StrEnum):
    """Which of the employees, by their dates."""

    EVERYONE = ""
    CURRENT = "current"
    STARTERS = "starters"
    LEAVERS = "leavers"
    LEFT = "left"
    UNRELIEVED = "leavers-with-reports"
    ON_LEAVE = "on-leave"
    NO_RETURN = "no-return"


WHO = {
    Who.CURRENT: _("Current employees"),
    Who.STARTERS: _("Starters"),
    Who.LEAVERS: _("Leavers"),
    Who.LEFT: _("People who have left"),
    Who.ON_LEAVE: _("People on leave"),
    Who.NO_RETURN: _("People on leave, now or later, without a day of return"),
    Who.UNRELIEVED: _("Leavers with no new manager for their team"),
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
        wanted = f"-{sort}" if self.sort == sort else sort
        chosen = self.values()
        # It comes last in an address, as it is the last field.
        chosen.pop("sort", None)
        return chosen if wanted == Sort.NAME else {**chosen, "sort": wanted}

    def words(self) -> list[str]:
        """What is looked for, as people say it."""
        service, _colon, status = self.status.rpartition(":")
        said = [f"“{self.q}”" if self.q else "", self.department, self.location]
        if status:
            word = _(status)
            said.append(_("%(label)s: %(text)s", label=SERVICES[service].name, text=word) if service else word)
        said.append(WHO[Who(self.who)] if self.who else "")
        return [words for words in said if words]

    @property
    def narrows_beside_search(self) -> bool:
        return bool(self.department or self.location or self.status or self.who)

    @property
    def narrows(self) -> bool:
        return bool(self.q or self.narrows_beside_search)


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
    if who == Who.NO_RETURN:
        return has_no_return(today)
    if who == Who.UNRELIEVED:
        reports = Employee.alias()
        has_reports = fn.EXISTS(reports.select(reports.id).where(reports.manager == Employee.id))
        return Employee.end_date.is_null(False) & Employee.successor.is_null() & has_reports
    begun = Employee.start_date.is_null() | (Employee.start_date <= today)
    return begun & (Employee.end_date.is_null() | (Employee.end_date >= today))


def has_no_return(today: date) -> Any:
    """True of employees with a leave, now or later, whose return nobody has entered."""
    on_leave = Employee.leave_from.is_null(False) & Employee.leave_to.is_null()
    return on_leave & (Employee.end_date.is_null() | (Employee.end_date >= today))


def _has_status(chosen: str) -> Any:
    """chosen: a Status, or the key of an application, a colon, and a Status there."""
    service, _, status = chosen.rpartition(":")
    own = Account.select(Account.id).join(Connection).where(
        Account.employee == Employee.id, Connection.disconnected_at.is_null(), *is_known()
    )  # fmt: skip
    if service:
        own = own.where(Connection.service == service)
    if status == Status.NO_ACCESS:
        return ~fn.EXISTS(own)
    return fn.EXISTS(own.where(Account.enabled == (status == Status.ACTIVE)))
