"""Seats in the coming months: what is free now, less those who start, and back from those who leave."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from peewee import fn

from portal.accounts import licences
from portal.accounts.models import Account
from portal.connections.models import Connection
from portal.connections.offer import names_of
from portal.people.models import Employee
from portal.timeline_templates.choosing import in_use
from portal.timeline_templates.steps import Kind
from portal.timelines.models import UNSETTLED, Course, Itinerary, PlannedStep

HORIZON = 180


@dataclass(frozen=True)
class Day:
    """A day on which the seats of a licence change. left: free at its end, below zero when there are too few."""

    day: date
    starters: int
    leavers: int
    left: int


@dataclass
class Outlook:
    """What becomes of one licence. free: now."""

    name: str
    free: int
    days: list[Day] = field(default_factory=list)

    @property
    def starters(self) -> int:
        return sum(day.starters for day in self.days)

    @property
    def leavers(self) -> int:
        return sum(day.leavers for day in self.days)

    @property
    def short(self) -> Day | None:
        """The first day on which seats are missing."""
        return next((day for day in self.days if day.left < 0), None)

    @property
    def lowest(self) -> int:
        """The fewest that are left on any day."""
        return min((day.left for day in self.days), default=self.free)


@dataclass
class Forecast:
    """until: the last day that was looked at. undecided: starters for whom no licence is chosen.

    taken: whether the organisation takes licences away when it deactivates, so that leavers give seats back.
    looked_at: how many starters and leavers it was worked out from.
    """

    until: date
    outlooks: list[Outlook]
    undecided: int
    taken: bool
    looked_at: int


def forecast(visible: Any, connection: Connection, *, today: date) -> Forecast:
    """For each licence that starters need or leavers have, by the seats that were free when they were last read.

    visible: the employees, as access.py gives them. With a timeline, the days of its steps count. Without one, a
    starter without an account needs a seat on the first day, and a leaver gives one back on the day after the last, if
    a deactivation takes licences. A licence that does not tell how many seats are left has no forecast.
    """
    until = today + timedelta(days=HORIZON)
    defaults, planned = licences.Defaults(connection), _planned(visible, connection, until=until)
    needed, undecided = _needed(visible, defaults, planned["create_blocked"], today=today, until=until)
    with_deactivate = defaults.settings.licences_go_on_deactivate
    leaving = planned["take_licences"]
    freed = _freed(visible, connection, leaving, today=today, until=until, with_deactivate=with_deactivate)
    taken = with_deactivate or in_use(connection.organisation, Kind.LEAVER)
    free = {licence["id"]: licence["free"] for licence in connection.licences}
    named = names_of(connection, {key for key in (*needed, *freed) if free.get(key, 0) is not None})
    outlooks = [
        Outlook(
            name, free.get(licence, 0), _days(free.get(licence, 0), needed.get(licence, {}), freed.get(licence, {}))
        )
        for licence, name in named.items()
    ]
    looked_at = undecided + sum(count for days in (*needed.values(), *freed.values()) for count in days.values())
    return Forecast(until, sorted(outlooks, key=lambda outlook: outlook.lowest), undecided, taken, looked_at)


PerDay = dict[str, dict[date, int]]


def _days(free: int, needed: dict[date, int], freed: dict[date, int]) -> list[Day]:
    days, left = [], free
    for day in sorted({*needed, *freed}):
        left += freed.get(day, 0) - needed.get(day, 0)
        days.append(Day(day, needed.get(day, 0), freed.get(day, 0), left))
    return days


def _needed(
    visible: Any, defaults: licences.Defaults, planned: dict[int, date], *, today: date, until: date
) -> tuple[PerDay, int]:
    """Licence -> day -> how many starters without an account get it then; and for how many none is chosen."""
    found: PerDay = defaultdict(lambda: defaultdict(int))
    undecided, connection = 0, defaults.connection
    has_one = Account.select().where(
        Account.employee == Employee.id, Account.connection == connection, Account.detached_at.is_null()
    )
    starting = visible.where(Employee.start_date.between(today, until), ~fn.EXISTS(has_one))
    for employee in starting.select(Employee.id, Employee.start_date, Employee.department, Employee.country).iterator():
        employee.organisation = connection.organisation
        licence_id = defaults.of(employee).licence_id
        if licence_id is None:
            undecided += 1
        elif licence_id:
            found[licence_id][max(today, planned.get(employee.id, employee.start_date))] += 1
    return found, undecided


def _planned(visible: Any, connection: Connection, *, until: date) -> dict[str, dict[int, date]]:
    """For the steps that take a seat and give one back: employee -> the day of that step at the connection."""
    found: dict[str, dict[int, date]] = {"create_blocked": {}, "take_licences": {}}
    mine = (PlannedStep.connection == connection) & PlannedStep.key.in_(list(found)) & PlannedStep.state.in_(UNSETTLED)
    query: Any = PlannedStep.select(PlannedStep.key, PlannedStep.employee, PlannedStep.day).where(
        mine, PlannedStep.organisation == connection.organisation_id, PlannedStep.day <= until,
        PlannedStep.employee.in_(visible.select(Employee.id)),
    )  # fmt: skip
    for key, employee_id, day in query.tuples():
        found[key][employee_id] = day
    return found


def _freed(
    visible: Any, connection: Connection, planned: dict[int, date], *, today: date, until: date, with_deactivate: bool
) -> PerDay:
    """Licence -> day -> how many leavers give it back then."""
    found: PerDay = defaultdict(lambda: defaultdict(int))
    on_timeline = Itinerary.select(Itinerary.employee).where(
        Itinerary.organisation == connection.organisation_id, Itinerary.kind == Kind.LEAVER,
        Itinerary.state == Course.OPEN,
    )  # fmt: skip
    leaving = visible.select(Employee.id).where(
        Employee.end_date.between(today, until), Employee.id.not_in(on_timeline)
    )
    gives_back = Account.employee.in_(list(planned))
    if with_deactivate:
        gives_back |= Account.employee.in_(leaving) & Account.enabled
    account = Account.select(Account, Employee).join(Employee).where(
        Account.connection == connection, Account.detached_at.is_null(), gives_back
    )  # fmt: skip
    for one in account.iterator():
        day = planned.get(one.employee_id) or one.employee.end_date + timedelta(days=1)
        for licence_id in one.licence_ids if one.own_licence_ids is None else one.own_licence_ids:
            found[licence_id][max(today, day)] += 1
    return found
