"""Which steps of timelines fall on which day, in the organisation's time zone: by the index on when they are due."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from peewee import JOIN, Case, Cast, fn

from portal.accounts.models import Account
from portal.connections.models import Connection
from portal.database import now
from portal.foresight import words
from portal.foresight.models import Foresight
from portal.languages import N_, number, pgettext
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.paging import Page, beyond, start_of
from portal.people.models import Employee
from portal.timeline_templates import abilities
from portal.timeline_templates.steps import STEPS, Kind
from portal.timelines import catalogue
from portal.timelines.models import Itinerary, PlannedStep, StepState

# How many days, and how many steps, are shown at a time.
DAYS = 14
PER_PAGE = 50
# A step is late after this time.
LATE = timedelta(hours=3)
# What is no longer of interest.
GONE = (StepState.CANCELLED,)
HUMAN = tuple(step.key for steps in STEPS.values() for step in steps if step.human)
LABELS = {step.key: step.label for steps in STEPS.values() for step in steps}


@dataclass
class Day:
    """A day of the calendar. kinds: how many steps of each kind; needing: how many of all need a person."""

    day: date
    kinds: Counter[str] = field(default_factory=Counter)
    needing: int = 0

    @property
    def steps(self) -> int:
        return self.kinds.total()


def bounds(organisation: Organisation, first: date, last: date) -> tuple[datetime, datetime]:
    """The moments between which these days are, where the organisation is; the second one no longer belongs to them."""
    ends = (datetime.combine(day, time.min, organisation.zone) for day in (first, last + timedelta(days=1)))
    begins, ended = (moment.astimezone(UTC) for moment in ends)
    return begins, ended


def _among(organisation: Organisation, kind: str, people: Any) -> Any:
    found = (PlannedStep.organisation == organisation) & PlannedStep.state.not_in(GONE)
    if people is not None:
        found &= _of(people)
    return found & (Itinerary.kind == kind) if kind else found


def _of(people: Any) -> Any:
    """The condition for steps of some employees. people: a select of them."""
    return PlannedStep.employee.in_(people.select(Employee.id))


def needs_a_person(moment: datetime) -> Any:
    """The condition for steps that wait for a person: failed, asking, a person's own task, or late."""
    return _asks() | _is_overdue(moment)


def _asks() -> Any:
    return PlannedStep.state.in_((StepState.FAILED, StepState.ASKS))


def _is_overdue(moment: datetime) -> Any:
    planned = (PlannedStep.state == StepState.PLANNED) & (PlannedStep.due_at <= moment)
    return planned & (PlannedStep.key.in_(HUMAN) | (PlannedStep.due_at < moment - LATE))


def days_of(organisation: Organisation, *, first: date, kind: str = "", people: Any = None) -> list[Day]:
    """The days from `first` on, each with its counts: those of them that have steps.

    people: a select of the employees whose steps count; None for everybody. So in the other questions here.
    """
    begins, ends = bounds(organisation, first, first + timedelta(days=DAYS - 1))
    needing = fn.SUM(Case(None, [(needs_a_person(now()), 1)], 0))
    # Few moments differ: the hours of the templates, in few zones.
    counted: Any = (
        PlannedStep.select(PlannedStep.due_at, Itinerary.kind, fn.COUNT(PlannedStep.id), needing)
        .join(Itinerary)
        .where(_among(organisation, kind, people), PlannedStep.due_at >= begins, PlannedStep.due_at < ends)
        .group_by(PlannedStep.due_at, Itinerary.kind)
    )
    found: dict[date, Day] = {}
    for due_at, of_kind, count, asking in counted.tuples():
        day = due_at.astimezone(organisation.zone).date()
        entry = found.setdefault(day, Day(day))
        entry.kinds[of_kind] += count
        entry.needing += asking
    return [found[day] for day in sorted(found)]


def needing(organisation: Organisation, *, kind: str = "", people: Any = None) -> Any:
    """The steps that need a person, of whatever day, the earliest first."""
    # Two queries, each answered by the index: one with "or" would read years of steps that are done.
    mine: Any = PlannedStep.select(PlannedStep.id).where(PlannedStep.organisation == organisation)
    found = _with_people().where(
        PlannedStep.id.in_(mine.where(_asks()).union_all(mine.where(_is_overdue(now())))),
        _among(organisation, kind, people),
    )
    return found.order_by(PlannedStep.due_at, PlannedStep.id)


def refused(organisation: Organisation, *, people: Any = None) -> Any:
    """The steps of the days ahead at accounts that the portal will leave alone, the earliest first."""
    same = (Account.employee == PlannedStep.employee) & (Account.connection == PlannedStep.connection)
    query = (
        _with_people().switch(PlannedStep).join(Account, on=same).join(Foresight, on=Foresight.account == Account.id)
    )
    found = query.where(
        Foresight.organisation == organisation, Foresight.barred != "", Account.detached_at.is_null(),
        PlannedStep.organisation == organisation, PlannedStep.state == StepState.PLANNED,
        PlannedStep.key.in_(catalogue.started_by_the_portal()),
        PlannedStep.due_at.between(now(), now() + timedelta(days=DAYS)),
    )  # fmt: skip
    found = found if people is None else found.where(_of(people))
    return found.order_by(PlannedStep.due_at, PlannedStep.id)


def why_refused(steps: list[PlannedStep]) -> dict[int, str]:
    """Step -> why the portal leaves its account alone, and what to do."""
    query: Any = Foresight.select(Account.employee, Account.connection, Foresight.barred).join(Account)
    mine = query.where(Account.employee.in_([step.employee_id for step in steps]), Account.detached_at.is_null())
    barred = {(employee, connection): protection for employee, connection, protection in mine.tuples()}
    return {
        step.id: words.of_protection(barred[step.employee_id, step.connection_id], step.connection)
        for step in steps if step.connection is not None
    }  # fmt: skip


def not_allowed(organisation: Organisation, connection: Connection) -> list[str]:
    """What steps of the days ahead are called that the application does not allow yet."""
    keys = {step.key for steps in STEPS.values() for step in steps if abilities.refuses(connection, step.ability)}
    if not keys:
        return []
    parts: Any = Cast(PlannedStep.parts, "TEXT")
    query: Any = PlannedStep.select(PlannedStep.key, parts).where(
        PlannedStep.organisation == organisation, PlannedStep.connection == connection,
        PlannedStep.state == StepState.PLANNED, PlannedStep.due_at.between(now(), now() + timedelta(days=DAYS)),
    )  # fmt: skip
    planned = {key for own, others in query.distinct().tuples() for key in (own, *json.loads(others))}
    return [LABELS[key] for key in LABELS if key in keys & planned]


def _with_people() -> Any:
    query = PlannedStep.select(PlannedStep, Itinerary, Employee, Connection)
    joined = query.join(Itinerary).switch(PlannedStep).join(Employee, on=PlannedStep.employee)
    return joined.switch(PlannedStep).join(Connection, JOIN.LEFT_OUTER, on=PlannedStep.connection)


def steps_on(
    organisation: Organisation, day: date, *, kind: str = "", after: int | None = None, people: Any = None
) -> Page[PlannedStep]:  # fmt: skip
    """A page of the day's steps: what needs a person first, what is done last. after: a step's number."""
    begins, ends = bounds(organisation, day, day)
    settled = (StepState.DONE, StepState.SKIPPED)
    rank = Case(None, [(needs_a_person(now()), 0), (PlannedStep.state.in_(settled), 2)], 1)
    order = (rank, PlannedStep.due_at, PlannedStep.id)
    found = _with_people().where(
        _among(organisation, kind, people), PlannedStep.due_at >= begins, PlannedStep.due_at < ends
    )  # fmt: skip
    if after is not None:
        edge: Any = PlannedStep.select(rank, PlannedStep.due_at, PlannedStep.id).where(
            PlannedStep.id == after, PlannedStep.organisation == organisation
        )
        for place in edge.tuples():
            found = found.where(beyond(order, place))
    rows, more = start_of(found.order_by(*order), PER_PAGE)
    return Page(rows, after, rows[-1].id if more else None)


def label_of(step: PlannedStep) -> str:
    """What the step is called, as in Settings > Timelines."""
    return LABELS.get(step.key, step.key)


@dataclass(frozen=True)
class Look:
    """How the state of a step is shown: a word, its colour and its icon."""

    word: str
    colour: str
    icon: str


LOOKS = {
    StepState.PLANNED: Look(_("Planned"), "blue", "clock"),
    StepState.ASKS: Look(_("Asks you"), "yellow", "question-mark-circle"),
    StepState.HELD: Look(_("Waits for approval"), "yellow", "clock"),
    StepState.WAITING: Look(_("Under way"), "blue", "arrow-path"),
    StepState.DONE: Look(_("Done"), "green", "check-circle"),
    StepState.FAILED: Look(_("Failed"), "red", "exclamation-circle"),
    StepState.SKIPPED: Look(_("Skipped"), "secondary", "forward"),
    StepState.CANCELLED: Look(_("Cancelled"), "secondary", "x-circle"),
}  # fmt: skip


def look_of(step: PlannedStep) -> Look:
    """The state of the step in a word: a planned one whose time has passed is late, or waits for a person."""
    if step.state == StepState.PLANNED and step.due_at <= now():
        if step.key in HUMAN:
            return Look(_("Waits for you"), "yellow", "hand-raised")
        if step.due_at < now() - LATE:
            return Look(_("Late"), "red", "exclamation-triangle")
    return LOOKS[StepState(step.state)]


KINDS: dict[str, str] = {
    Kind.JOINER: _("Joiner"),
    Kind.MOVER: _("Mover"),
    Kind.LEAVER: _("Leaver"),
    Kind.LEAVE: pgettext("leave of absence", "Leave"),
}
MANY_OF: dict[str, str] = {
    Kind.JOINER: _("Joiners"),
    Kind.MOVER: _("Movers"),
    Kind.LEAVER: _("Leavers"),
    Kind.LEAVE: _("People on leave"),
}
_COUNTED = {
    Kind.JOINER: N_("%(num)s for joiners"),
    Kind.MOVER: N_("%(num)s for movers"),
    Kind.LEAVER: N_("%(num)s for leavers"),
    Kind.LEAVE: N_("%(num)s for people on leave"),
}


def counted(kind: str, count: int) -> str:
    """How many steps of a day are of a kind: "2 for joiners"."""
    return _(_COUNTED[Kind(kind)], num=number(count))
