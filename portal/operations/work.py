"""What an operation is made of: verbs with their steps, what a step is given, and what it gives back."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from portal.accounts.models import Account
from portal.connectors.base import Connector
from portal.operations.models import Operation
from portal.organisations.plans import Feature


@dataclass(frozen=True)
class Outcome:
    """What a step found out. before, after: for the receipt. remember: added to the operation's results."""

    before: dict | None = None
    after: dict | None = None
    note: str = ""
    remember: dict | None = None
    save: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Work:
    """An operation under way. interrupted: an earlier try of this step got no answer, so it may have worked."""

    operation: Operation
    connector: Connector
    interrupted: bool = False

    @property
    def remote_id(self) -> str:
        return self.operation.results.get("remote_id") or self.account.remote_id

    @property
    def account(self) -> Account:
        """The account the operation is about. Only a create or a link has none, until its first step is done."""
        if self.operation.account is None:
            raise LookupError(f"operation {self.operation.id} has no account")
        return self.operation.account


@dataclass(frozen=True)
class StepPlan:
    """One step of a verb.

    optional: a refusal is noted on the receipt and the operation goes on without it.
    local: no remote call, so its intent need not be written down before it: it happens, or not, in one transaction.
    changes: whether it may change something at the connected application.
    makes: it makes something there that the portal would lose sight of if it gave the operation up.
    owed: until it is done the operation is not given up, however often it has to wait.
    """

    name: str
    title: str
    run: Callable[[Work], Outcome]
    optional: bool = False
    local: bool = False
    changes: bool = True
    makes: bool = False
    owed: bool = False
    wanted: Callable[[Operation], bool] = lambda operation: True


@dataclass(frozen=True)
class VerbPlan:
    """A verb: what it does in words ("create account"), its steps in their order, and how it may be begun.

    feature: what the organisation's plan must have, if anything. begins: it starts without an account of the
    employee's. repeatable: it can be tried again after it failed; False where its secret is gone by then. once: why it
    is never tried again, as a sentence, where that is for another reason.
    each: further steps, one for each thing that the operation names, before the last of `steps`.
    resume: called before an operation is taken up again, so that the connector knows what lately happened.
    """

    words: str
    steps: tuple[StepPlan, ...]
    feature: Feature | None = None
    begins: bool = False
    repeatable: bool = True
    once: str = ""
    each: Callable[[Operation], list[StepPlan]] = field(default=lambda operation: [])
    resume: Callable[[Connector, Operation], None] = field(default=lambda connector, operation: None)

    def all_steps(self, operation: Operation) -> list[StepPlan]:
        """The steps that the operation could have, in order."""
        return [*self.steps[:-1], *self.each(operation), *self.steps[-1:]]

    def steps_for(self, operation: Operation) -> list[StepPlan]:
        """The steps that this operation needs, in order. One that is all there is cannot be skipped."""
        wanted = [step for step in self.all_steps(operation) if step.wanted(operation)]
        return [replace(wanted[0], optional=False)] if len(wanted) == 1 else wanted
