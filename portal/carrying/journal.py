"""What the journal of a task says: which of its steps may have changed something at the connected application."""

from dataclasses import fields
from typing import Any

from portal.carrying.models import Line, StepState
from portal.carrying.registry import Registry
from portal.connectors.errors import ConnectorError
from portal.connectors.values import Call

MAYBE = (StepState.INTENDED, StepState.UNKNOWN, StepState.DONE)


class Journal:
    """The journals of one kind of work. line: the table of its lines. owner: their field that names the task."""

    def __init__(self, line: type[Any], owner: Any, registry: Registry[Any]):
        self.line, self.owner, self._registry = line, owner, registry

    def lines_of(self, task: Any) -> list[Any]:
        """The lines of the task, in order."""
        return list(self.line.select().where(self.owner == task).order_by(self.line.id))

    def new(self, task: Any, name: str) -> Any:
        """A line that is not written down yet."""
        return self.line(**{self.owner.name: task}, name=name)

    def changing_steps(self, task: Any) -> Any:
        """Steps of the task that may have changed something there, by the task's id."""
        harmless = [step.name for step in self._registry.plan_of(task).steps if not step.changes]
        return self.line.select(self.owner).where(
            self.owner == task, self.line.name.not_in(harmless), self.line.state.in_(MAYBE)
        )

    def may_have_changed(self, task: Any, *, besides: Line | None = None) -> bool:
        """Whether anything may be different at the application because of it. besides: a step not to count."""
        query = self.changing_steps(task)
        if besides is not None and besides.id:
            query = query.where(self.line.id != besides.id)
        return bool(query.exists())

    def may_have_made(self, task: Any) -> bool:
        """Whether something may have been made at the application that only this task knows of."""
        names = [step.name for step in self._registry.plan_of(task).steps if step.makes]
        return bool(self.changing_steps(task).where(self.line.name.in_(names)).exists())

    def owes(self, task: Any) -> bool:
        """Whether a step is still to be done that is never given up."""
        names = {step.name for step in self._registry.plan_of(task).steps if step.owed}
        done = (self.owner == task) & self.line.name.in_(names) & (self.line.state == StepState.DONE)
        return bool(self.line.select().where(done).count() < len(names))

    def step_may_have_happened(self, task: Any, name: str) -> bool:
        return bool(self.changing_steps(task).where(self.line.name == name).exists())


def try_may_have_worked(error: ConnectorError, calls: list[Call]) -> bool:
    """Whether a try that ended in this error, after these exchanges, may still have changed something."""
    return error.unknown or any(call.may_have_changed for call in calls)


def noted(line: Line, calls: list[Call]) -> list[dict]:
    """The line's exchanges with these added, as they are kept."""
    return [*line.calls, *({**_plain(call), "at": call.at.isoformat()} for call in calls)]


def _plain(call: Call) -> dict[str, Any]:
    return {field.name: getattr(call, field.name) for field in fields(call)}
