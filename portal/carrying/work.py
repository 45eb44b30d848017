"""What work is made of: verbs with their steps in order, and what a step gives back."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from portal.organisations.plans import Feature


@dataclass(frozen=True)
class Outcome:
    """What a step found out. before, after: for the receipt. remember: added to the task's results."""

    before: dict | None = None
    after: dict | None = None
    note: str = ""
    remember: dict | None = None
    save: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class StepPlan:
    """One step of a verb. run: is given the work that the engine of its kind makes, and does it.

    optional: a refusal is noted on the receipt and the task goes on without it.
    local: no remote call, so its intent need not be written down before it: it happens, or not, in one transaction.
    changes: whether it may change something at the connected application.
    makes: it makes something there that the portal would lose sight of if it gave the task up.
    owed: until it is done the task is not given up, however often it has to wait.
    """

    name: str
    title: str
    run: Callable[[Any], Outcome]
    optional: bool = False
    local: bool = False
    changes: bool = True
    makes: bool = False
    owed: bool = False
    wanted: Callable[[Any], bool] = lambda task: True


@dataclass(frozen=True)
class VerbPlan:
    """A verb: what it does in words ("create account"), its steps in their order, and how it may be begun.

    feature: what the organisation's plan must have, if anything. begins: it starts without an account of the
    employee's. repeatable: it can be tried again after it failed; False where its secret is gone by then. once: why it
    is never tried again, as a sentence, where that is for another reason.
    each: further steps, one for each thing that the task names, before the last of `steps`.
    resume: called before a task is taken up again, so that the connector knows what lately happened.
    """

    words: str
    steps: tuple[StepPlan, ...]
    feature: Feature | None = None
    begins: bool = False
    repeatable: bool = True
    once: str = ""
    each: Callable[[Any], list[StepPlan]] = field(default=lambda task: [])
    resume: Callable[[Any, Any], None] = field(default=lambda connector, task: None)

    def all_steps(self, task: Any) -> list[StepPlan]:
        """The steps that the task could have, in order."""
        return [*self.steps[:-1], *self.each(task), *self.steps[-1:]]

    def steps_for(self, task: Any) -> list[StepPlan]:
        """The steps that this task needs, in order. One that is all there is cannot be skipped."""
        wanted = [step for step in self.all_steps(task) if step.wanted(task)]
        return [replace(wanted[0], optional=False)] if len(wanted) == 1 else wanted
