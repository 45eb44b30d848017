"""What a person does to a step or to a whole timeline. Each is one transaction with its line in the audit log."""

from datetime import date, time, timedelta
from typing import Any

from portal import audit
from portal.accounts.place import Place
from portal.auth.models import User
from portal.database import now
from portal.languages import gettext as _
from portal.languages import joined
from portal.organisations.times import moment_of
from portal.people.zones import zone_of
from portal.problems import Problem
from portal.timelines import carrying, catalogue, planning
from portal.timelines.models import TO_COME, Itinerary, PlannedStep, StepState

SKIPPABLE = (*TO_COME, StepState.FAILED)
LONGEST_AHEAD = timedelta(days=800)


def hour_of(text: str) -> str:
    """A time of day as it is kept, "18:00". Raises ValueError."""
    return time.fromisoformat(text).strftime("%H:%M")


class CannotMove(Problem):
    """The step cannot be at this time. passed: it has passed already, and a tick would have it done at once."""

    status = 422

    def __init__(self, message: str, *, passed: bool = False):
        super().__init__(message)
        self.passed = passed


class Settled(Problem):
    message = _("This step is done, skipped or under way already.")
    next_step = _("Look at the timeline again.")


def move(step: PlannedStep, day: date, hour: str, *, by: User, at_once: bool = False) -> None:
    """Give the step a day and an hour of its own, which no date moves any more. Raises CannotMove, Settled.

    at_once: the time may have passed; the step is then carried out at once.
    """
    moment = moment_of(day, hour, zone_of(step.employee))
    if moment > now() + LONGEST_AHEAD:
        raise CannotMove(_("Choose a day within two years."))
    if moment <= now() and not at_once:
        raise CannotMove(_("This time has already passed. It would happen at once."), passed=True)
    values: dict[str, Any] = {"day": day, "hour": hour, "due_at": moment, "moved_by_hand": True}
    if step.state != StepState.HELD:
        values |= {"state": StepState.PLANNED, "reason": ""}
    _change(step, (step.state,) if step.state in TO_COME else TO_COME, "move step", by, **values)


def skip(step: PlannedStep, *, by: User) -> None:
    """Leave the step out. Raises Settled."""
    known = catalogue.of(step.key)
    if known is not None and known.skip is not None and step.connection is not None:
        known.skip(Place.of(step.employee, step.connection), by)
    _change(step, SKIPPABLE, "skip step", by, state=StepState.SKIPPED, ended_at=now(), done_by=by.display_name)
    planning.end_if_over(step.itinerary)


def do_now(step: PlannedStep, *, by: User) -> PlannedStep:
    """Carry the step out now, whatever its time. Raises Settled; Problem with the reason when it has to wait."""
    if step.state not in SKIPPABLE:
        raise Settled()
    done = carrying.carry_out(step, by=by, asked=True)
    if done is None:
        reason = PlannedStep.get_by_id(step.id).reason
        raise Problem(reason or _("The step cannot be done now."))
    return done


def do_all_now(itinerary: Itinerary, *, by: User) -> int:
    """Carry out all steps whose time has passed, one after the other as far as they depend. Returns how many."""
    moment = now().astimezone(zone_of(itinerary.employee))
    at_once = {
        "day": moment.date(), "hour": f"{moment:%H:%M}", "due_at": now(), "moved_by_hand": True,
        "state": StepState.PLANNED, "reason": "",
    }  # fmt: skip
    return _settle_asking(itinerary, "do steps now", by, **at_once)


def skip_all(itinerary: Itinerary, *, by: User) -> int:
    """Leave out all steps whose time has passed. Returns how many."""
    values = {"state": StepState.SKIPPED, "ended_at": now(), "done_by": by.display_name}
    count = _settle_asking(itinerary, "skip steps", by, **values)
    planning.end_if_over(itinerary)
    return count


def _settle_asking(itinerary: Itinerary, what: str, by: User, **values: Any) -> int:
    asking = (PlannedStep.itinerary == itinerary) & (PlannedStep.state == StepState.ASKS)
    with audit.turn(itinerary.organisation_id):
        count = PlannedStep.update(values).where(asking).execute()
        if count:
            audit.record(by, what, itinerary.employee, timeline=itinerary.kind, steps=count)
    return count


def done_by_hand(step: PlannedStep, *, by: User) -> None:
    """A person has done what only a person can. Raises Settled; a Problem when the application does not show it."""
    known = catalogue.of(step.key)
    if known is None or not known.human:
        raise Settled()
    if known.confirm is not None and step.connection is not None:
        known.confirm(Place.of(step.employee, step.connection), by)
    _change(step, SKIPPABLE, "step done", by, state=StepState.DONE, ended_at=now(), done_by=by.display_name)
    planning.end_if_over(step.itinerary)


def undo(step: PlannedStep, *, by: User) -> str:
    """Put back what the step changed, and say what that was. Raises Settled; a Problem when it cannot be put back."""
    known = catalogue.of(step.key)
    if step.state != StepState.DONE or known is None or known.undo is None:
        raise Settled()
    said = known.undo(step, by)
    reason = joined(_("Undone."), said)
    _change(step, (StepState.DONE,), "undo step", by, state=StepState.CANCELLED, reason=reason, ended_at=now())
    return said


def _change(step: PlannedStep, states: Any, what: str, by: User, **values: Any) -> None:
    with audit.turn(step.organisation_id):
        mine = (PlannedStep.id == step.id) & PlannedStep.state.in_(states)
        if not PlannedStep.update(values).where(mine).execute():
            raise Settled()
        told: dict[str, Any] = {name: str(values[name]) for name in ("day", "hour") if name in values}
        audit.record(by, what, step.employee, step=catalogue.label_of(step), **told)
