"""Seats in the coming months: what is free now, less those who start, and back from those who leave."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from peewee import Select, fn

from portal import counting
from portal.accounts import licences
from portal.accounts.models import Account
from portal.asking import Several, kept, one_of
from portal.connections.models import Connection
from portal.connections.offer import names_of
from portal.database import count_of
from portal.people.models import Employee
from portal.people.searching import Reach, Sight, seen
from portal.selecting import ONE
from portal.timeline_templates.choosing import in_use
from portal.timeline_templates.steps import Kind
from portal.timelines.models import UNSETTLED, Course, Itinerary, PlannedStep

HORIZON = 180
# The steps of a timeline that take a seat, and give one back.
OF_SEATS = ("create_blocked", "take_licences")


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
    looked_at: how many start and leave until then.
    """

    until: date
    outlooks: list[Outlook]
    undecided: int
    taken: bool
    looked_at: int


def lately(sight: Sight, connection: Connection, *, today: date) -> Forecast:
    """The forecast by the seats of now; where very many start and leave, of those who did a moment ago."""
    seats = repr([(licence["id"], licence["free"]) for licence in connection.licences])
    key = ("day one", connection.id, sight, today, seats)
    return counting.remembered(
        key, lambda: forecast(sight, connection, today=today), size=lambda found: found.looked_at
    )


def forecast(sight: Sight, connection: Connection, *, today: date) -> Forecast:
    """For each licence that starters need or leavers have, by the seats that were free when they were last read.

    sight: the employees who count. With a timeline, the days of its steps count. Without one, a starter without an
    account needs a seat on the first day, and a leaver gives one back on the day after the last, if a deactivation
    takes licences. A licence that does not tell how many seats are left has no forecast.
    """
    asked = _Asked(sight, connection, today, today + timedelta(days=HORIZON))
    defaults, planned = licences.Defaults(connection), _planned(asked)
    needed, undecided = _needed(asked, defaults, planned["create_blocked"])
    with_deactivate = defaults.settings.licences_go_on_deactivate
    freed = _freed(asked, planned["take_licences"], with_deactivate=with_deactivate)
    taken = with_deactivate or in_use(connection.organisation, Kind.LEAVER)
    free = {licence["id"]: licence["free"] for licence in connection.licences}
    named = names_of(connection, {key for key in (*needed, *freed) if free.get(key, 0) is not None})
    outlooks = [
        Outlook(
            name, free.get(licence, 0), _days(free.get(licence, 0), needed.get(licence, {}), freed.get(licence, {}))
        )
        for licence, name in named.items()
    ]
    looked_at = sum(_people.first(*asked.shape, **asked.values, **asked.period))
    return Forecast(asked.until, sorted(outlooks, key=lambda outlook: outlook.lowest), undecided, taken, looked_at)


@dataclass(frozen=True)
class _Asked:
    """Whose starters and leavers are looked at, and from which day until which."""

    sight: Sight
    connection: Connection
    today: date
    until: date

    @property
    def shape(self) -> tuple[Any, ...]:
        return (self.sight.reach,)

    @property
    def values(self) -> dict[str, Any]:
        return {"organisation": self.sight.organisation, "own": self.sight.own}

    @property
    def period(self) -> dict[str, date]:
        return {"first": self.today, "last": self.until}


PerDay = dict[str, dict[date, int]]


def _days(free: int, needed: dict[date, int], freed: dict[date, int]) -> list[Day]:
    days, left = [], free
    for day in sorted({*needed, *freed}):
        left += freed.get(day, 0) - needed.get(day, 0)
        days.append(Day(day, needed.get(day, 0), freed.get(day, 0), left))
    return days


def _needed(asked: _Asked, defaults: licences.Defaults, planned: dict[int, date]) -> tuple[PerDay, int]:
    """Licence -> day -> how many starters without an account get it then; and for how many none is chosen."""
    found: PerDay = defaultdict(lambda: defaultdict(int))
    undecided, connection = 0, asked.connection
    chosen: dict[tuple[str, str], str | None] = {}
    for employee in _without_account.rows(*asked.shape, **asked.values, **asked.period, connection=connection.id):
        alike = employee.department, employee.country
        if alike not in chosen:
            employee.organisation = connection.organisation
            chosen[alike] = defaults.of(employee).licence_id
        licence_id = chosen[alike]
        if licence_id is None:
            undecided += 1
        elif licence_id:
            found[licence_id][max(asked.today, planned.get(employee.id, employee.start_date))] += 1
    return found, undecided


def _starting(reach: Reach, *, organisation: Any, own: Any, first: Any, last: Any) -> Any:
    return seen(reach, organisation=organisation, own=own).where(Employee.start_date.between(first, last))


def _ending(reach: Reach, *, organisation: Any, own: Any, first: Any, last: Any) -> Any:
    return seen(reach, organisation=organisation, own=own).where(Employee.end_date.between(first, last))


@kept
def _people(reach: Reach, **given: Any) -> Any:
    """How many start, and how many leave."""
    both = [count_of(_starting(reach, **given)), count_of(_ending(reach, **given))]
    return Select((), [count.alias(name) for count, name in zip(both, ("start", "end"), strict=True)]).tuples()


@kept
def _without_account(reach: Reach, *, connection: Any, **given: Any) -> Any:
    """What a rule could ask of a starter (see `connections.settings.RULES_BY`), and the first day."""
    has_one = Account.select(ONE).where(
        Account.employee == Employee.id, Account.connection == connection, Account.detached_at.is_null()
    )
    columns = (Employee.id, Employee.start_date, Employee.department, Employee.country)
    return _starting(reach, **given).select(*columns).where(~fn.EXISTS(has_one))


def _planned(asked: _Asked) -> dict[str, dict[int, date]]:
    """For the steps that take a seat and give one back: employee -> the day of that step at the connection."""
    found: dict[str, dict[int, date]] = {key: {} for key in OF_SEATS}
    steps = _steps.rows(*asked.shape, **asked.values, connection=asked.connection.id, last=asked.until)
    for key, employee_id, day in steps:
        found[key][employee_id] = day
    return found


@kept
def _steps(reach: Reach, *, organisation: Any, own: Any, connection: Any, last: Any) -> Any:
    mine = (PlannedStep.connection == connection) & PlannedStep.key.in_(OF_SEATS) & PlannedStep.state.in_(UNSETTLED)
    query: Any = PlannedStep.select(PlannedStep.key, PlannedStep.employee, PlannedStep.day).where(
        mine, PlannedStep.organisation == organisation, PlannedStep.day <= last,
        PlannedStep.employee.in_(seen(reach, organisation=organisation, own=own).select(Employee.id)),
    )  # fmt: skip
    return query.tuples()


def _freed(asked: _Asked, planned: dict[int, date], *, with_deactivate: bool) -> PerDay:
    """Licence -> day -> how many leavers give it back then."""
    found: PerDay = defaultdict(lambda: defaultdict(int))
    at = asked.connection.id
    rows = _of_these.rows(connection=at, employees=Several(planned)) if planned else []
    if with_deactivate:
        rows += _of_leavers.rows(*asked.shape, **asked.values, **asked.period, connection=at)
    for _account_id, employee_id, all_of_them, own, end_date in {row[0]: row for row in rows}.values():
        day = planned.get(employee_id) or end_date + timedelta(days=1)
        for licence_id in all_of_them if own is None else own:
            found[licence_id][max(asked.today, day)] += 1
    return found


def _accounts(connection: Any) -> Any:
    columns = (Account.id, Account.employee, Account.licence_ids, Account.own_licence_ids, Employee.end_date)
    found = Account.select(*columns).join(Employee)
    return found.where(Account.connection == connection, Account.detached_at.is_null()).tuples()


@kept
def _of_these(*, connection: Any, employees: Any) -> Any:
    return _accounts(connection).where(one_of(Account.employee, employees))


@kept
def _of_leavers(reach: Reach, *, connection: Any, organisation: Any, **given: Any) -> Any:
    """Of those whose leaving no timeline carries out."""
    on_timeline = Itinerary.select(Itinerary.employee).where(
        Itinerary.organisation == organisation, Itinerary.kind == Kind.LEAVER, Itinerary.state == Course.OPEN
    )
    leaving = _ending(reach, organisation=organisation, **given).select(Employee.id)
    leaving = leaving.where(Employee.id.not_in(on_timeline))
    return _accounts(connection).where(Account.employee.in_(leaving), Account.enabled)
