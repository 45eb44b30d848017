"""Which steps an employee's timelines have: made from the template, and moved when a date or the zone changes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from peewee import IntegrityError

from portal import audit
from portal.accounts.models import Account
from portal.connections.models import Connection
from portal.database import now
from portal.languages import gettext as _
from portal.organisations.plans import Feature
from portal.organisations.times import moment_of
from portal.people.models import Employee
from portal.people.zones import zone_of
from portal.timeline_templates import abilities
from portal.timeline_templates.applications import CREATE, created_at
from portal.timeline_templates.choosing import in_use, steps_for, template_of
from portal.timeline_templates.steps import STEPS, Anchor, Kind, TemplateStep
from portal.timelines import catalogue
from portal.timelines.models import TO_COME, UNSETTLED, Course, Itinerary, PlannedStep, StepState

# The name under which steps are carried out.
TIMELINE = "Timeline"
# Kind -> the fields of the record that it goes by, by their anchors. The last one is the day that ends it.
DATES: dict[Kind, dict[Anchor, str]] = {
    Kind.JOINER: {Anchor.START: "start_date"},
    Kind.LEAVER: {Anchor.END: "end_date"},
    Kind.LEAVE: {Anchor.LEAVE_FROM: "leave_from", Anchor.LEAVE_TO: "leave_to"},
}
DATE_FIELDS = tuple(name for fields in DATES.values() for name in fields.values())
PASSED = _("Its time had passed when it was planned.")
AT_ONCE = _("Its time had passed when it was planned, and a person confirmed that it happens at once.")


@dataclass(frozen=True)
class Wanted:
    """A step that a timeline is to have."""

    key: str
    place: int
    connection: Connection | None
    anchor: str
    days: int
    day: date
    hour: str
    due_at: datetime
    parts: list[str]

    @property
    def of(self) -> tuple[str, int | None]:
        return self.key, self.connection.id if self.connection else None


def dates_of(employee: Employee, kind: Kind) -> dict[str, str]:
    """Anchor -> ISO date, as the record has them; empty while one of them is missing."""
    found = {anchor: getattr(employee, name) for anchor, name in DATES.get(kind, {}).items()}
    return {str(anchor): day.isoformat() for anchor, day in found.items() if day} if all(found.values()) else {}


def wanted(
    employee: Employee, kind: Kind, dates: dict[str, str], options: dict[str, Any] | None = None,
    ended: Sequence[Connection] = (),
) -> list[Wanted]:  # fmt: skip
    """The steps that a timeline with these dates has, for a record as it is in memory, in their order.

    options: as the column of Itinerary. ended: connections at which steps wait until they are connected again.
    """
    template = steps_for(employee.organisation, kind, employee)
    zone, found = zone_of(employee), []
    places = _places(employee)
    created = {one.id for one in created_at(template, [connection for connection, _ in places])}
    places += [(connection, True) for connection in ended]
    for place, step in enumerate(template):
        known = catalogue.of(step.key)
        if known is None or step.anchor not in dates or _is_part(known, template, places):
            continue
        if not known.wanted(options or {}):
            continue
        day = date.fromisoformat(dates[step.anchor]) + timedelta(days=step.days)
        for connection in _where(step, known, places, created):
            found.append(
                Wanted(
                    step.key, place, connection, str(step.anchor), step.days, day, step.hour,
                    moment_of(day, step.hour, zone), catalogue.parts_of(step.key, template),
                )
            )  # fmt: skip
    return sorted(found, key=lambda one: (one.due_at, one.place))


def _is_part(known: catalogue.StepKind, template: list[TemplateStep], places: list[tuple[Connection, bool]]) -> bool:
    """Whether another step does it too, at some account. What only another one can do is left out without it."""
    whole = any(step.key == known.part_of for step in template) and any(has_account for _, has_account in places)
    return bool(known.part_of) and (known.act is None or whole)


def _places(employee: Employee) -> list[tuple[Connection, bool]]:
    """Each connected application, and whether the employee has an account there."""
    held = {account.connection_id for account in Account.all_live_of(employee)} if employee.id else set()
    return [(connection, connection.id in held) for connection in Connection.all_live_of(employee.organisation)]


def _where(
    step: TemplateStep, known: catalogue.StepKind, places: list[tuple[Connection, bool]], created: set[int]
) -> Iterator[Connection | None]:
    if not known.at_application or (known.human and not any(has_account for _, has_account in places)):
        yield None
        return
    for connection, has_account in places:
        if known.human and not abilities.has(connection, step.ability):
            continue
        # An account that is made ahead comes before the steps that need it.
        made_ahead = not known.needs_account or CREATE in step.after
        if has_account or (made_ahead and connection.id in created):
            yield connection


def follow(employee: Employee, *, by: Any = TIMELINE, at_once: bool = False) -> None:
    """Make, move and cancel the employee's timelines as the record in the database now asks for.

    at_once: what has passed already is carried out at once, which a person has confirmed; else it asks.
    """
    organisation = employee.organisation
    if not organisation.has(Feature.ACCOUNT_PROVISIONING):
        return
    # Who changes the record waits meanwhile: it would count as followed, by what was read before.
    with audit.turn(organisation.id):
        fresh = Employee.get_or_none(Employee.id == employee.id)
        if fresh is not None:
            fresh.organisation = organisation
            _follow_all(fresh, by=by, at_once=at_once)


def _follow_all(employee: Employee, *, by: Any, at_once: bool) -> None:
    for kind in (*DATES, Kind.MOVER):
        current = latest_of(employee, kind)
        # Of a move only a person says when it is.
        dates = current.dates if kind == Kind.MOVER and current is not None else dates_of(employee, kind)
        if current is not None and current.state == Course.OPEN:
            _follow(current, employee, dates, at_once=at_once, by=by)
        elif (
            kind in DATES
            and dates
            and in_use(employee.organisation, kind)
            and _is_new(employee, current, dates, at_once)
        ):
            make(employee, kind, dates, by=by, at_once=at_once)


def latest_of(employee: Employee, kind: str) -> Itinerary | None:
    """The employee's timeline of this kind that was made last."""
    mine = (Itinerary.employee == employee) & (Itinerary.kind == kind)
    return Itinerary.select().where(mine).order_by(Itinerary.id.desc()).first()


def disconnected_of(rows: Iterable[PlannedStep]) -> list[Connection]:
    """The disconnected applications at which some of the steps are to come: they go on there once it is connected."""
    ids = {row.connection_id for row in rows if row.connection_id is not None and row.state in TO_COME}
    return list(Connection.select().where(Connection.id.in_(ids), Connection.disconnected_at.is_null(False)))


def steps_of(itinerary: Itinerary) -> list[PlannedStep]:
    """The steps of the timeline, in the order of their moments."""
    return list(itinerary.steps.order_by(PlannedStep.due_at, PlannedStep.place, PlannedStep.id))


def _is_new(employee: Employee, current: Itinerary | None, dates: dict[str, str], at_once: bool) -> bool:
    """Whether these dates want a timeline: not what is over, nor what a person has cancelled."""
    if current is not None and current.dates == dates:
        return False
    return at_once or date.fromisoformat(max(dates.values())) >= _today(employee)


def _today(employee: Employee) -> date:
    return now().astimezone(zone_of(employee)).date()


def plans(employee: Employee, connection_id: int, key: str) -> bool:
    """Whether a timeline of the employee has this step at this connection and it is not settled yet."""
    mine = (PlannedStep.employee == employee) & (PlannedStep.connection == connection_id) & (PlannedStep.key == key)
    return PlannedStep.select().where(mine, PlannedStep.state.in_(UNSETTLED)).exists()


def make(
    employee: Employee, kind: Kind, dates: dict[str, str], *, by: Any = TIMELINE, at_once: bool = False,
    options: dict[str, Any] | None = None,
) -> Itinerary | None:  # fmt: skip
    """A timeline with these dates; None while there is an open one, or nothing to plan."""
    steps = wanted(employee, kind, dates, options)
    if not steps:
        return None
    template = template_of(employee.organisation, kind, employee)
    try:
        with audit.turn(employee.organisation_id):
            made = Itinerary.create(
                organisation=employee.organisation, employee=employee, kind=kind, dates=dates, template_id=template.id,
                version=template.version, options=options or {}, time_zone=zone_of(employee).key, by_name=_name(by),
            )  # fmt: skip
            add(made, employee, steps, at_once=at_once)
            audit.record(by, f"make {kind} timeline", employee, dates=dates, version=template.version)
    except IntegrityError:
        return None
    return made


def add(itinerary: Itinerary, employee: Employee, steps: list[Wanted], *, at_once: bool) -> None:
    """Write these steps down for the timeline. at_once: what has passed is carried out; else it asks."""
    rows = [
        {
            "organisation": itinerary.organisation_id, "itinerary": itinerary.id, "employee": employee.id,
            "connection": one.connection.id if one.connection else None, "key": one.key, "place": one.place,
            "anchor": one.anchor, "days": one.days, "day": one.day, "hour": one.hour, "due_at": one.due_at,
            "parts": one.parts, **state_of(one.key, one.due_at, at_once),
        }
        for one in steps
    ]  # fmt: skip
    if rows:
        PlannedStep.insert_many(rows).execute()


def state_of(key: str, due_at: datetime, at_once: bool) -> dict[str, Any]:
    """What has passed already asks before it is done. A person's own task only begins late."""
    known = catalogue.of(key)
    if due_at > now() or known is None or known.human:
        return {"state": StepState.PLANNED, "reason": ""}
    return {"state": StepState.PLANNED if at_once else StepState.ASKS, "reason": AT_ONCE if at_once else PASSED}


def _follow(itinerary: Itinerary, employee: Employee, dates: dict[str, str], *, at_once: bool, by: Any) -> None:
    with audit.turn(itinerary.organisation_id):
        if not dates and itinerary.kind != Kind.MOVER:
            cancel(itinerary, by=by, reason=_("The date was removed."))
            return
        moved = dates != itinerary.dates
        _move(itinerary, employee, dates, at_once=at_once, moved=moved)
        if moved:
            audit.record(by, f"move {itinerary.kind} timeline", employee, before=itinerary.dates, after=dates)
        itinerary.dates, itinerary.time_zone, itinerary.followed_at = dates, zone_of(employee).key, now()
        itinerary.save(only=[Itinerary.dates, Itinerary.time_zone, Itinerary.followed_at])


def _move(itinerary: Itinerary, employee: Employee, dates: dict[str, str], *, at_once: bool, moved: bool) -> None:
    rows = list(PlannedStep.select().where(PlannedStep.itinerary == itinerary))
    known = {(row.key, row.connection_id) for row in rows}
    zone = zone_of(employee)
    for row in rows:
        if row.state not in TO_COME or (row.anchor not in dates and not row.moved_by_hand):
            continue
        if not row.moved_by_hand:
            row.day = date.fromisoformat(dates[row.anchor]) + timedelta(days=row.days)
        due_at = moment_of(row.day, row.hour, zone)
        if due_at != row.due_at:
            anew = moved and not row.moved_by_hand and row.state != StepState.HELD
            values = {"day": row.day, "due_at": due_at, **(state_of(row.key, due_at, at_once) if anew else {})}
            # Not one that a worker has begun meanwhile, nor one that a person has moved or skipped.
            same = (PlannedStep.state == row.state) & (PlannedStep.moved_by_hand == row.moved_by_hand)
            PlannedStep.update(values).where(PlannedStep.id == row.id, same).execute()
    if itinerary.kind in DATES:
        steps = wanted(employee, Kind(itinerary.kind), dates)
        fresh = [one for one in steps if one.of not in known]
        # A version that was saved since counts for timelines made since: only other applications are added. Of one at
        # which nothing is planned yet all steps are, because the account came after the timeline.
        keys, planned_at = {row.key for row in rows}, {row.connection_id for row in rows if _is_started(row.key)}
        came = [one for one in fresh if one.connection is not None and one.connection.id not in planned_at]
        if came:
            _leave_to_others(rows, steps)
        add(itinerary, employee, [one for one in fresh if one.key in keys or one in came], at_once=at_once)


def _is_started(key: str) -> bool:
    """Whether the portal itself starts the step at an application."""
    known = catalogue.of(key)
    return known is not None and known.start is not None


def _leave_to_others(rows: list[PlannedStep], steps: list[Wanted]) -> None:
    """Cancel what was planned without an account and is done at one now, or with another step."""
    held = {step.of for step in steps}
    gone = [row.id for row in rows if row.connection_id is None and (row.key, None) not in held]
    mine = PlannedStep.id.in_(gone) & (PlannedStep.state.in_(TO_COME)) & ~PlannedStep.moved_by_hand
    reason = _("There is an account now: it is done there, or with another step.")
    PlannedStep.update(state=StepState.CANCELLED, reason=reason, ended_at=now(), done_by=TIMELINE).where(mine).execute()


def ask_for(
    employee: Employee, kind: Kind, key: str, connection: Connection, day: date, hour: str, options: dict[str, Any], *,
    by: Any,
) -> Itinerary:  # fmt: skip
    """Plan a step for a day and an hour that a person has chosen, in the open timeline of this kind or in a new one.

    options: joined to those of the timeline. The same step that is still to come there is planned so instead.
    """
    template = template_of(employee.organisation, kind, employee)
    with audit.turn(employee.organisation_id):
        itinerary = latest_of(employee, kind)
        if itinerary is None or itinerary.state != Course.OPEN:
            itinerary = Itinerary.create(
                organisation=employee.organisation, employee=employee, kind=kind, template_id=template.id,
                version=template.version, time_zone=zone_of(employee).key, by_name=_name(by),
            )  # fmt: skip
        itinerary.options = {**itinerary.options, **options}
        itinerary.save(only=[Itinerary.options])
        moment = moment_of(day, hour, zone_of(employee))
        mine = (PlannedStep.itinerary == itinerary) & (PlannedStep.key == key) & (PlannedStep.connection == connection)
        PlannedStep.delete().where(mine, PlannedStep.state.in_((*TO_COME, StepState.FAILED))).execute()
        place = [step.key for step in STEPS[kind]].index(key)
        add(
            itinerary, employee, [Wanted(key, place, connection, Anchor.ASKED, 0, day, hour, moment, [])], at_once=False
        )
        PlannedStep.update(moved_by_hand=True).where(mine, PlannedStep.state.in_(TO_COME)).execute()
        audit.record(by, f"plan step of {kind} timeline", employee, step=key, day=day.isoformat(), hour=hour)
    return itinerary


def change(
    itinerary: Itinerary, employee: Employee, dates: dict[str, str], options: dict[str, Any], *,
    by: Any, at_once: bool = False,
) -> None:  # fmt: skip
    """Give a timeline other dates and options: its steps move, begin and go with them, but for those of a moment of
    their own.
    """
    with audit.turn(itinerary.organisation_id):
        _follow(itinerary, employee, dates, at_once=at_once, by=by)
        itinerary.options = options
        itinerary.save(only=[Itinerary.options])
        rows = list(PlannedStep.select().where(PlannedStep.itinerary == itinerary))
        ended = disconnected_of(rows)
        steps = {one.of: one for one in wanted(employee, Kind(itinerary.kind), dates, options, ended)}
        held = {(row.key, row.connection_id) for row in rows if row.state != StepState.CANCELLED}
        gone = [row.id for row in rows if row.anchor in dates and (row.key, row.connection_id) not in steps]
        PlannedStep.update(
            state=StepState.CANCELLED, reason=_("The plan was changed."), ended_at=now(), done_by=_name(by)
        ).where(PlannedStep.id.in_(gone), PlannedStep.state.in_((*TO_COME, StepState.FAILED))).execute()
        fresh = [one for of, one in steps.items() if of not in held and one.connection not in ended]
        add(itinerary, employee, fresh, at_once=at_once)
        audit.record(by, f"change {itinerary.kind} timeline", employee, dates=dates)


def cancel(itinerary: Itinerary, *, by: Any, reason: str) -> int:
    """Cancel what is still to come; what is done stays done. Returns how many steps that were."""
    with audit.turn(itinerary.organisation_id):
        mine = (PlannedStep.itinerary == itinerary) & PlannedStep.state.in_((*TO_COME, StepState.FAILED))
        changes = {"state": StepState.CANCELLED, "reason": reason, "ended_at": now(), "done_by": _name(by)}
        count = PlannedStep.update(changes).where(mine).execute()
        itinerary.state, itinerary.ended_at = Course.CANCELLED, now()
        itinerary.save(only=[Itinerary.state, Itinerary.ended_at])
        audit.record(by, f"cancel {itinerary.kind} timeline", itinerary.employee, reason=reason, steps=count)
    return count


def end_if_over(itinerary: Itinerary) -> None:
    """A timeline with nothing to come is over."""
    mine = (PlannedStep.itinerary == itinerary) & PlannedStep.state.in_(UNSETTLED)
    if not PlannedStep.select().where(mine).exists():
        Itinerary.update(state=Course.ENDED, ended_at=now()).where(
            Itinerary.id == itinerary.id, Itinerary.state == Course.OPEN
        ).execute()


def _name(by: Any) -> str:
    return by if isinstance(by, str) else by.display_name
