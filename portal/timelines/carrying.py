"""Carries due steps out: each minute, the oldest first, by the operations that a single press would start.

A step is taken by compare-and-set before its operation begins; settling.py looks it up when a worker died in between.
"""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from portal.accounts.place import NoAccount, Place
from portal.connections.live import NotConnected
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.connectors.errors import ConnectorError
from portal.database import now
from portal.languages import gettext as _
from portal.languages import joined, read, stored
from portal.logs import log
from portal.operations import bulk
from portal.operations.models import Operation, State
from portal.organisations.plans import Feature
from portal.organisations.times import moment_of
from portal.people.models import Employee
from portal.people.zones import zone_of
from portal.problems import Problem
from portal.provisioning.actions import NothingToDo, UnderWay
from portal.provisioning.updates import makes_way
from portal.timeline_templates.abilities import ability_of, refuses
from portal.timeline_templates.steps import STEPS, Kind
from portal.timelines import catalogue, planning
from portal.timelines.models import Course, PlannedStep, StepState
from portal.timelines.planning import DATES, TIMELINE

# A step that is later than the first of these is told; one later than the second is asked about.
LATE, TOO_LATE = timedelta(hours=3), timedelta(days=3)
AT_ONCE = 200
LONGEST_TURN, SHORT_WAIT = 15.0, 1.0
GRANT = _("An Admin can grant it under Settings > Add-ons.")
# What becomes of a step that could not be done yet.
GOES_ON: dict[type[Problem], StepState] = {
    UnderWay: StepState.PLANNED, catalogue.Continues: StepState.WAITING, catalogue.Asks: StepState.ASKS,
}  # fmt: skip
# Steps that are settled, as far as those that come after them are concerned.
OUT_OF_THE_WAY = (StepState.DONE, StepState.SKIPPED, StepState.CANCELLED)


def note_end(step: PlannedStep, operation: Operation) -> None:
    """Note what has become of the step, by its operation, which has ended."""
    goes_on = step.itinerary.state == Course.OPEN and not _can_act(operation)
    if operation.state == State.CANCELLED and goes_on:
        # A disconnect, or the end of the plan, came in between: the step waits until it can begin again.
        become(step, StepState.PLANNED, operation.message)
        return
    state = StepState.DONE if operation.state == State.DONE else StepState.FAILED
    if state == StepState.DONE and (skipped := operation.results.get("skipped")):
        become(step, StepState.SKIPPED, read(skipped), ended_at=operation.finished_at or now())
        planning.end_if_over(step.itinerary)
        return
    become(step, state, joined(operation.message, operation.next_step), ended_at=operation.finished_at or now())
    planning.end_if_over(step.itinerary)


def _can_act(operation: Operation) -> bool:
    return operation.connection.is_live and operation.organisation.has(Feature.ACCOUNT_PROVISIONING)


def due() -> Any:
    """The steps whose time has come, the oldest first.

    Those that could not begin come behind all others, by turns: however many wait for a person, who leaves is blocked.
    """
    query = PlannedStep.select().where(PlannedStep.state == StepState.PLANNED, PlannedStep.due_at <= now())
    turn = PlannedStep.looked_at.asc(nulls="first")
    return query.order_by(turn, PlannedStep.due_at, PlannedStep.place, PlannedStep.id)


def connections_with_due_steps() -> list[int]:
    """The connections where something is due, that which has waited longest first; 0 for what is no application's."""
    longest: Any = fn.MIN(PlannedStep.due_at)
    query = due().order_by().select(PlannedStep.connection).group_by(PlannedStep.connection).order_by(longest)
    return [connection_id or 0 for (connection_id,) in query.tuples()]


def take_turn(connection_id: int) -> int:
    """Begin what is due at one connection, side by side, within its budget. Returns how many do not wait any more."""
    looked: list[int] = []
    try:
        if not connection_id:
            # Read to the end first: SQLite lets nobody write who still reads what another has changed meanwhile.
            for step in list(due().where(PlannedStep.connection.is_null()).limit(AT_ONCE)):
                looked.append(step.id)
                carry_out(step)
        else:
            connection = Connection.get_by_id(connection_id)
            bulk.carry_out_many(connection, _steps_at(connection, looked), begin)
    finally:
        # One at which the turn broke off comes behind the others next time.
        stays = PlannedStep.id.in_(looked) & (PlannedStep.state == StepState.PLANNED)
        waiting = PlannedStep.update(looked_at=now()).where(stays).execute()
    return len(looked) - waiting


def _steps_at(connection: Connection, looked: list[int]) -> Iterator[PlannedStep]:
    """Those whose turn it is. looked: the numbers of those that were taken."""
    until, busy_for = time.monotonic() + LONGEST_TURN, SERVICES[connection.service].busy_for
    for step in list(due().where(PlannedStep.connection == connection).limit(AT_ONCE)):
        if time.monotonic() > until or busy_for(connection.tenant_id) > SHORT_WAIT:
            return
        looked.append(step.id)
        yield step


def begin(step: PlannedStep) -> None:
    """Begin the step. It sees to its operation itself."""
    carry_out(step)


def carry_out(step: PlannedStep, *, by: Any = TIMELINE, asked: bool = False) -> PlannedStep | None:
    """Carry the step out as far as a request does; None when it cannot be begun now, and says why.

    asked: a person wants it now, whatever its time.
    """
    step = PlannedStep.get_by_id(step.id)
    employee, known = step.employee, catalogue.of(step.key)
    if step.state not in (StepState.PLANNED, StepState.ASKS, StepState.FAILED) or known is None:
        return None
    if not asked and not _is_its_time(step, employee):
        return None
    if known.human:
        _see_if_settled(step, known)
        return None
    if reason := _why_not_yet(step):
        _say(step, reason)
        return None
    if reason := why_refused(step, step.key):
        if asked:
            _say(step, reason)
        else:
            become(step, StepState.SKIPPED, reason, ended_at=now())
            planning.end_if_over(step.itinerary)
        return None
    _leave_out(step)
    if not _take(step):
        return None
    attempt(step, employee, known, by)
    return step


def attempt(step: PlannedStep, employee: Employee, known: catalogue.StepKind, by: Any) -> None:
    """Start the step. When that fails, its reason says why."""
    try:
        _start(step, employee, known, by)
    except ConnectorError as error:
        become(step, StepState.PLANNED, error.message)
    except NotConnected as problem:
        become(step, StepState.PLANNED, problem.message)
    except Exception:
        log.exception("step could not be started", step=step.id)
        become(
            step, StepState.FAILED, _("The portal met an error it did not expect. Ask your IT team: the log says more.")
        )


def _see_if_settled(step: PlannedStep, known: catalogue.StepKind) -> None:
    """A person's task that was settled on another page."""
    if known.settled is not None and step.connection is not None and step.connection.is_live:
        found = known.settled(Place.of(step.employee, step.connection))
        if found:
            become(step, StepState(found), "", ended_at=now())
            planning.end_if_over(step.itinerary)


def _is_its_time(step: PlannedStep, employee: Employee) -> bool:
    """Whether the step is due by the record as it is now. One that is too late asks from now on."""
    itinerary = step.itinerary
    if itinerary.kind in DATES and planning.dates_of(employee, Kind(itinerary.kind)) != itinerary.dates:
        planning.follow(employee)
        step = PlannedStep.get_by_id(step.id)
    moment = moment_of(step.day, step.hour, zone_of(employee))
    if moment != step.due_at:
        PlannedStep.update(due_at=moment).where(PlannedStep.id == step.id).execute()
    if step.state != StepState.PLANNED or moment > now():
        return False
    known = catalogue.of(step.key)
    is_too_late = moment < now() - TOO_LATE and step.reason != planning.AT_ONCE
    if is_too_late and known is not None and not known.human and not _is_held_up(step):
        become(step, StepState.ASKS, _("Its day was more than 3 days ago."))
        return False
    return True


def _is_held_up(step: PlannedStep) -> bool:
    """Whether the step waits for one before it, and so is late for a reason that was told."""
    return bool(_steps_before(step))


def _steps_before(step: PlannedStep) -> list[PlannedStep]:
    """The steps that have to be done first and are not: of the same application, or of none.

    What is no application's own comes after those of all of them.
    """
    template = next((one for one in STEPS[Kind(step.itinerary.kind)] if one.key == step.key), None)
    known = catalogue.of(step.key)
    keys = {*(template.after if template else ()), *(known.after if known else ())}
    here: Any = True
    if step.connection_id is not None:
        here = PlannedStep.connection.is_null() | (PlannedStep.connection == step.connection_id)
    before = PlannedStep.select().where(
        PlannedStep.itinerary == step.itinerary_id, PlannedStep.key.in_(keys), here,
        PlannedStep.state.not_in(OUT_OF_THE_WAY),
    )  # fmt: skip
    return list(before)


def _why_not_yet(step: PlannedStep) -> str:
    """Why the step has to wait, as a sentence; empty when it has not."""
    before = _steps_before(step)
    if before:
        failed = before[0].state == StepState.FAILED
        step_before = catalogue.label_of(before[0])
        if failed:
            return _("“%(step)s” failed. This step waits for it.", step=step_before)
        return _("“%(step)s” comes first. This step waits for it.", step=step_before)
    if not step.employee.organisation.has(Feature.ACCOUNT_PROVISIONING):
        return _("Account provisioning is not part of your plan. The step waits.")
    connection = step.connection
    if connection is None:
        return ""
    if not connection.is_live:
        return _("%(service)s is not connected. The step waits until it is.", service=connection.service_name)
    latest, known = Operation.latest_of(step.employee, connection), catalogue.of(step.key)
    if latest is None or not latest.is_open or (known and makes_way(latest, known.verb)):
        return ""
    return _("Another change is under way (%(words)s). The step waits for it.", words=latest.words)


def why_refused(step: PlannedStep, key: str) -> str:
    """Why the application does not allow the step, or another that is done with it; empty when it does."""
    connection = step.connection
    if connection is None or not refuses(connection, ability_of(step.itinerary.kind, key)):
        return ""
    return joined(_("%(service)s does not allow the portal to do this yet.", service=connection.service_name), GRANT)


def _leave_out(step: PlannedStep) -> None:
    """Do without the parts that the application does not allow; the timeline names them."""
    found = {key: stored(reason) for key in step.parts if (reason := why_refused(step, key))}
    if found != (step.left_out or {}):
        step.left_out = found
        step.save(only=[PlannedStep.left_out])
    step.parts = [key for key in step.parts if key not in found]


def _take(step: PlannedStep) -> bool:
    """Take the step, by compare-and-set. False when another worker has it."""
    moment: datetime = now()
    mine = (PlannedStep.id == step.id) & (PlannedStep.state == step.state)
    values = {"state": StepState.WAITING, "begun_at": moment, "reason": "", "operation": None}
    if not PlannedStep.update(values).where(mine).execute():
        return False
    step.state, step.begun_at, step.operation = StepState.WAITING, moment, None
    return True


def _start(step: PlannedStep, employee: Employee, known: catalogue.StepKind, by: Any) -> None:
    who = by if isinstance(by, str) else by.display_name
    PlannedStep.update(done_by=who).where(PlannedStep.id == step.id).execute()
    try:
        if known.act is not None:
            become(step, StepState.DONE, known.act(employee, step, by), ended_at=now())
        elif known.start is not None and step.connection is not None:
            operation = known.start(Place.of(employee, step.connection), step, by)
            step.operation = operation
            PlannedStep.update(operation=operation).where(PlannedStep.id == step.id).execute()
            if not operation.is_open:
                note_end(step, operation)
                return
    except NoAccount:
        become(step, StepState.SKIPPED, _("%(name)s has no account there.", name=employee.name), ended_at=now())
    except (UnderWay, catalogue.Continues, catalogue.Asks) as problem:
        become(step, GOES_ON[type(problem)], problem.message)
    except NothingToDo as problem:
        become(step, StepState.DONE, problem.message, ended_at=now())
    except catalogue.NotNeeded as problem:
        become(step, StepState.SKIPPED, problem.message, ended_at=now())
    except Problem as problem:
        become(step, StepState.FAILED, joined(problem.message, problem.next_step))
    planning.end_if_over(step.itinerary)


def _say(step: PlannedStep, reason: str) -> None:
    if reason != step.reason:
        PlannedStep.update(reason=reason).where(PlannedStep.id == step.id).execute()


def become(step: PlannedStep, state: StepState, reason: str, **values: Any) -> None:
    """Write the state down. values: of other columns."""
    step.state, step.reason = state, reason
    PlannedStep.update(state=state, reason=reason, **values).where(PlannedStep.id == step.id).execute()


def is_late(step: PlannedStep) -> bool:
    """Whether the step should have been done, or was done, more than three hours after its time."""
    if step.state in (StepState.SKIPPED, StepState.CANCELLED):
        return False
    return (step.ended_at or now()) > step.due_at + LATE
