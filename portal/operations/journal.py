"""What the journal of an operation says: which of its steps may have changed something at the connected application."""

from dataclasses import fields
from typing import Any

from portal.connectors.base import Call
from portal.connectors.errors import ConnectorError
from portal.operations import registry
from portal.operations.models import Operation, Step, StepState

MAYBE = (StepState.INTENDED, StepState.UNKNOWN, StepState.DONE)


def changing_steps(operation: Operation) -> Any:
    """Steps of the operation that may have changed something there, by the operation's id."""
    harmless = [step.name for step in registry.plan_of(operation).steps if not step.changes]
    return Step.select(Step.operation).where(
        Step.operation == operation, Step.name.not_in(harmless), Step.state.in_(MAYBE)
    )


def may_have_changed(operation: Operation, *, besides: Step | None = None) -> bool:
    """Whether anything may be different at the application because of this operation. besides: a step not to count."""
    query = changing_steps(operation)
    return (query.where(Step.id != besides.id) if besides is not None and besides.id else query).exists()


def may_have_made(operation: Operation) -> bool:
    """Whether something may have been made at the application that only this operation knows of."""
    names = [step.name for step in registry.plan_of(operation).steps if step.makes]
    return changing_steps(operation).where(Step.name.in_(names)).exists()


def owes(operation: Operation) -> bool:
    """Whether a step is still to be done that is never given up."""
    names = {step.name for step in registry.plan_of(operation).steps if step.owed}
    done = (Step.operation == operation) & Step.name.in_(names) & (Step.state == StepState.DONE)
    return Step.select().where(done).count() < len(names)


def step_may_have_happened(operation: Operation, name: str) -> bool:
    return changing_steps(operation).where(Step.name == name).exists()


def try_may_have_worked(error: ConnectorError, calls: list[Call]) -> bool:
    """Whether a try that ended in this error, after these exchanges, may have changed something all the same."""
    return error.unknown or any(call.may_have_changed for call in calls)


def noted(step: Step, calls: list[Call]) -> list[dict]:
    """The step's exchanges with these added, as they are kept."""
    return [*step.calls, *({**_plain(call), "at": call.at.isoformat()} for call in calls)]


def _plain(call: Call) -> dict[str, Any]:
    return {field.name: getattr(call, field.name) for field in fields(call)}
