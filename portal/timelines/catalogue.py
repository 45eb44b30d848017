"""What each step of a timeline is: which operation it starts, or which person does it. Each subject registers its own.

catalogue.register(StepKind("block_for_leave", start=begin_absence, verb=Verb.BEGIN_ABSENCE, takes=True))

A step of a template that is not registered here is not planned.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.accounts.place import Place
from portal.auth.models import User
from portal.operations.models import Operation
from portal.people.models import Employee
from portal.problems import Problem
from portal.timeline_templates.steps import STEPS, Kind
from portal.timelines.models import PlannedStep

Start = Callable[[Place, PlannedStep, "User | str"], Operation]


class NotNeeded(Problem):
    """There is nobody or nothing that the step could be done for. It is skipped."""


class Continues(Problem):
    """What the step has begun goes on outside. It is asked again each minute."""


class Asks(Problem):
    """The step would undo what somebody has done meanwhile. A person reads the message, which says so, and decides."""


@dataclass(frozen=True)
class StepKind:
    """One step.

    start: begins its operation at one application and carries it out as far as a request does; raises a Problem, of
    which NothingToDo means that it is as asked already. verb: of that operation, by which it is known again. act: for
    what is no application's: does it at once and returns what it did, as a sentence; raises NotNeeded, Continues or
    another Problem. Neither: a person does it.
    part_of: key of the step whose operation carries it out too, at the same moment. needs_account: it is planned only
    where the employee has an account; else only where there is none yet. after: keys of steps that it waits for besides
    those of the template. takes: it takes something from the employee. per_application: for a person's task that is one
    for each application. confirm, skip: what a person's word about such a task is held against; they raise a Problem.
    settled: whether it was settled elsewhere, as "done" or "skipped". foresee: what is missing for it by the record and
    the settings as they are now, as a sentence; empty for nothing. Asks no application.
    wanted: whether a timeline with these options has the step. tells: what it will do for this employee, as a sentence.
    undo: puts the values before back, and returns what it did, as a sentence; raises a Problem when it cannot.
    """

    key: str
    start: Start | None = None
    verb: str = ""
    act: Callable[[Employee, PlannedStep, "User | str"], str] | None = None
    part_of: str = ""
    needs_account: bool = True
    after: tuple[str, ...] = ()
    takes: bool = False
    per_application: bool = False
    confirm: Callable[[Place, "User"], None] | None = None
    skip: Callable[[Place, "User"], None] | None = None
    settled: Callable[[Place], str] | None = None
    foresee: Callable[[PlannedStep], str] | None = None
    wanted: Callable[[dict[str, Any]], bool] = lambda options: True
    tells: Callable[[PlannedStep], str] | None = None
    undo: Callable[[PlannedStep, User], str] | None = None

    @property
    def human(self) -> bool:
        return self.start is None and self.act is None and not self.part_of

    @property
    def at_application(self) -> bool:
        return self.start is not None or self.per_application


_kinds: dict[str, StepKind] = {}


def register(kind: StepKind) -> None:
    """Make a step known. One that is registered later takes the place of an earlier one: its subject knows more."""
    _kinds[kind.key] = kind


def of(key: str) -> StepKind | None:
    """The step of this key; None for one that this version of the portal cannot do."""
    return _kinds.get(key)


def started_by_the_portal() -> list[str]:
    """Keys of the steps that change something at an application."""
    return [kind.key for kind in _kinds.values() if kind.start is not None]


def parts_of(key: str, among: list[Any]) -> list[str]:
    """Keys of those template steps that the operation of the step `key` carries out too."""
    return [step.key for step in among if (kind := of(step.key)) is not None and kind.part_of == key]


def label_of(step: PlannedStep) -> str:
    """What the step is called in templates and on pages."""
    return next((one.label for one in STEPS[Kind(step.itinerary.kind)] if one.key == step.key), step.key)
