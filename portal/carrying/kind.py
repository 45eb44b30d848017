"""What is particular to a kind of work: what it works with, when it is over before it began, who is told of its end."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Generic, TypeVar

from portal.carrying.holding import LostLease
from portal.carrying.models import StepState, Task
from portal.carrying.work import StepPlan, VerbPlan
from portal.connectors.errors import ConnectorError, Refused
from portal.languages import gettext as _
from portal.languages import joined

T = TypeVar("T", bound=Task)

LONGEST_WAIT = timedelta(minutes=10)


@dataclass
class Turn(Generic[T]):
    """One go at a task in our hands. tool: what it works with, which lists the `calls` that it made.

    steps: its journal, by name. begun: those first intended in this go.
    """

    task: T
    tool: Any
    deadline: float
    steps: dict[str, Any] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)

    def has_ended(self, plan: StepPlan) -> bool:
        step = self.steps.get(plan.name)
        return step is not None and step.state in (StepState.DONE, StepState.FAILED)

    def note(self, intended: Any) -> None:
        """A step whose intent is in the journal now."""
        if intended is not None:
            self.steps[intended.name] = intended
            self.begun.add(intended.name)


class Kind(ABC, Generic[T]):
    """What the engine asks of a kind of work. Only `opened` and `work` have no answer of their own."""

    # Fields of the task that a step's `save` may change besides its results.
    own_fields: tuple[Any, ...] = ()
    # What is cleared when a task ends.
    cleared: dict[str, Any] = {}
    # However often a task meets these, it is not given up: a person puts them right in their own time.
    never_given_up: tuple[type[ConnectorError], ...] = ()

    def why_over(self, task: T, verb: VerbPlan) -> str:
        """Why a task is cancelled before it goes on, as a sentence; empty for one that goes on."""
        return ""

    @abstractmethod
    def opened(self, task: T) -> AbstractContextManager[Any]:
        """What the steps work with. Raises ConnectorError: then the task waits."""

    @abstractmethod
    def work(self, task: T, tool: Any, line: Any, *, interrupted: bool) -> Any:
        """What a step is given."""

    def went_wrong(self, task: T, error: ConnectorError) -> None:
        """Called with each error that ends a go at the task."""

    def refusals(self, turn: Turn[T]) -> str:
        """What was refused on the way although the task as a whole is done."""
        return joined(*(step.note for step in turn.steps.values() if step.state == StepState.FAILED))

    def pause(self, task: T, error: ConnectorError) -> timedelta:
        """How long a task waits after an error."""
        usual = min(timedelta(seconds=2 ** min(task.attempts, 12)), LONGEST_WAIT)
        return max(usual, timedelta(seconds=error.retry_after or 0))

    def overtaken(self) -> ConnectorError:
        """What to say when our own tables have no room any more for what a step found out."""
        return Refused(_("Something else took its place in the meantime."))

    def put_off(self, task: T) -> None:
        """In the transaction that lets a task wait for another reason than before."""

    def ended(self, task: T, words: dict[str, Any]) -> None:
        """In the transaction that writes an end down, after the listeners."""

    def hold_in_time(self, task: T) -> None:
        """Before each request: a step of many slow ones must not outlive its lease. Raises LostLease."""
        if not task.hold_in_time():
            raise LostLease()
