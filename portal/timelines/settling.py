"""Notes what has become of the steps that were begun."""

from datetime import timedelta

from portal.database import now
from portal.languages import gettext as _
from portal.operations.models import OPEN, Operation, State
from portal.people.models import Employee
from portal.timelines import carrying, catalogue
from portal.timelines.models import PlannedStep, StepState

# A worker that has taken a step begins its operation within this time, or has died.
BEGINS_WITHIN = timedelta(minutes=10)
DIED = _("The portal was stopped while it began this.")


def settle(employee: Employee | None = None) -> int:
    """Note what has become of the operations, also of one that was tried again from its receipt. Returns how many.

    employee: only for this one.
    """
    query = PlannedStep.select(PlannedStep, Operation).join(Operation)
    ended = (PlannedStep.state == StepState.WAITING) & Operation.state.not_in(OPEN)
    later = (PlannedStep.state == StepState.FAILED) & (Operation.state == State.DONE)
    found = list(query.where((ended | later) & (True if employee is None else PlannedStep.employee == employee)))
    for step in found:
        if step.operation is not None:
            carrying.note_end(step, step.operation)
    without = (PlannedStep.state == StepState.WAITING) & PlannedStep.operation.is_null()
    # Only a step that goes on outside says why it waits.
    for step in list(PlannedStep.select().where(without, PlannedStep.reason != "")):
        if (known := catalogue.of(step.key)) is not None and known.act is not None:
            carrying.attempt(step, step.employee, known, step.done_by)
    lost = PlannedStep.select().where(without, PlannedStep.reason == "", PlannedStep.begun_at < now() - BEGINS_WITHIN)
    for step in list(lost):
        _look_up(step)
    return len(found)


def _look_up(step: PlannedStep) -> None:
    """What became of a step whose worker died: its operation, if it was written down; else it is planned again."""
    known = catalogue.of(step.key)
    mine = (Operation.employee == step.employee_id) & (Operation.connection == step.connection_id)
    since = mine & (Operation.created_at >= step.begun_at) & (Operation.verb == (known.verb if known else ""))
    operation = Operation.select().where(since).order_by(Operation.id).first()
    if operation is None:
        carrying.become(step, StepState.PLANNED, DIED)
    else:
        step.operation = operation
        step.save(only=[PlannedStep.operation])
