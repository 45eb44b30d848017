"""Carries a task out, step by step: claim, journal, retry, resume, finish.

Each step writes its intent before it acts and its outcome afterwards. A step that finds its intent already written
knows that an earlier try was cut off, and looks before it acts. The worker that holds the lease carries it out;
every outcome is written only while that lease is still ours.

A kind of work is a table of tasks, a table of journal lines, a Registry of verbs, and a subclass of Engine.
"""

import time
from contextlib import ExitStack
from itertools import zip_longest
from typing import Any

from peewee import IntegrityError

from portal.carrying.holding import LostLease, all_or_nothing, release, renew
from portal.carrying.journal import Journal, noted, try_may_have_worked
from portal.carrying.kind import Kind, T, Turn
from portal.carrying.models import Line, State, StepState
from portal.carrying.registry import Registry
from portal.carrying.work import Outcome, StepPlan, VerbPlan
from portal.committing import write
from portal.connectors.errors import AlreadyDone, ConnectorError, NotFound, Protected, Refused
from portal.connectors.http import before_each
from portal.connectors.values import Call
from portal.database import lend, now
from portal.languages import gettext as _
from portal.logs import log

# In a request a person waits; in the worker none does.
PATIENCE_IN_REQUEST = 4.0
PATIENCE_IN_WORKER = 20.0
FIRST_PAUSE = 0.15
GIVE_UP_AFTER = 30
# Answers about what was asked, and not about the portal or the service: they will be the same next time.
FINAL = (Refused, Protected, NotFound, AlreadyDone)
OUTCOME = [Line.state, Line.ended_at, Line.calls, Line.before, Line.after, Line.note]
NO_ERROR = {"next_step": "", "error_kind": "", "error_code": "", "error_request_id": ""}


class Engine(Kind[T]):
    """The engine of one kind of work. A subclass says what is particular to the kind, as `Kind` lists it."""

    def __init__(self, tasks: type[T], registry: Registry[T], journal: Journal):
        self.tasks, self.registry, self.journal = tasks, registry, journal

    def carry_out(self, task: T, *, ours: bool = False, patience: float = PATIENCE_IN_REQUEST) -> T:
        """Do what is left of the task, and return its row as it is afterwards.

        ours: True for one that was just started, so that we hold its lease.
        patience: seconds in which a step that could not be done is tried again before the task is put down as waiting.
        """
        if ours or self.claim(task):
            try:
                with before_each(lambda: self.hold_in_time(task)):
                    self._carry_out_claimed(task, time.monotonic() + patience, new=ours)
                return task
            except LostLease:
                log.info("lease lost", **self._named(task))
        # Erased in the meantime, perhaps.
        return self.tasks.get_or_none(self.tasks.id == task.id) or task

    def begin(self, task: T) -> None:
        """Within the transaction that writes a task down, in our hands: the intent of its first step as well."""
        verb = self.registry.plan_of(task)
        first = next(iter(verb.steps_for(task)), None)
        if first is not None and not first.local and not self.why_over(task, verb):
            task.intended = self._begin(task, first)

    def claim(self, task: T) -> bool:
        """Take the task's lease by compare-and-set. False when it is final, not due, or held by another process."""
        taken = task.claim(state=State.RUNNING, attempts=self.tasks.attempts + 1)
        if taken:
            task.__data__.update(self.tasks.get_by_id(task.id).__data__)
        return taken

    def due(self, *conditions: Any) -> list[T]:
        """Tasks that wait for their time or were left behind by a worker that died. conditions: what else is so."""
        found = self.tasks.due().where(*conditions) if conditions else self.tasks.due()
        return list(found.order_by(self.tasks.not_before).limit(500))

    def cancel(self, task: T, message: str) -> bool:
        """Within a transaction: end a task that waits, whatever its journal says. False when it does not wait."""
        changes: dict[str, Any] = {
            "state": State.CANCELLED, "finished_at": now(), "lease_until": None, "message": message, **NO_ERROR,
            **self.cleared,
        }  # fmt: skip
        waits = (self.tasks.id == task.id) & (self.tasks.state == State.WAITING)
        if not self.tasks.update(changes).where(waits).execute():
            return False
        task.__data__.update(self.tasks.get_by_id(task.id).__data__)
        self.registry.settle(task)
        self.ended(task, {"message": message})
        return True

    def _carry_out_claimed(self, task: T, deadline: float, *, new: bool) -> None:
        verb = self.registry.plan_of(task)
        over = self.why_over(task, verb)
        if over:
            self._finish(task, State.CANCELLED, message=over)
            return
        with ExitStack() as stack:
            try:
                tool = stack.enter_context(self.opened(task))
            except ConnectorError as error:
                self._wait(task, error)
                return
            self._take_steps(Turn(task, tool, deadline), verb, new=new)

    def _take_steps(self, turn: Turn[T], verb: VerbPlan, *, new: bool) -> None:
        task = turn.task
        if new:
            turn.note(task.intended)
        else:
            turn.steps = {step.name: step for step in self.journal.lines_of(task)}
            verb.resume(turn.tool, task)
        left = [plan for plan in verb.steps_for(task) if not turn.has_ended(plan)]
        if not left:
            self._finish(task, State.DONE, message=self.refusals(turn))
        for plan, following in zip_longest(left, left[1:]):
            if not self._do(turn, plan, following):
                return

    def _go_on(self, turn: Turn[T], following: StepPlan | None, **changes: Any) -> Any:
        """In the transaction of one step's outcome: the intent of the next, or the task's end when there is none.

        changes: what the step has changed of the task. Raises LostLease, which takes the outcome back.
        """
        if following is None:
            self._finish(turn.task, State.DONE, message=self.refusals(turn), **changes)
            return None
        renew(turn.task, **changes)
        return self._begin(turn.task, following) if not following.local and following.name not in turn.steps else None

    def _begin(self, task: T, plan: StepPlan) -> Any:
        line = self.journal.new(task, plan.name)
        line.save(force_insert=True)
        return line

    def _do(self, turn: Turn[T], plan: StepPlan, following: StepPlan | None) -> bool:
        """One step, tried until it is done, refused, or patience ends. False when the task stops here for now."""
        task, tool, pause = turn.task, turn.tool, FIRST_PAUSE
        step = turn.steps.get(plan.name)
        interrupted = step is not None and step.state != StepState.WAITING and plan.name not in turn.begun
        if not plan.local and plan.name not in turn.begun:
            step = self._intend(task, plan, step)
        step = turn.steps[plan.name] = step or self.journal.new(task, plan.name)
        while True:
            began = len(tool.calls)
            try:
                outcome = plan.run(self.work(task, tool, step, interrupted=interrupted))
                self._done(turn, step, outcome, tool.calls[began:], following)
                return True
            except LostLease:
                self._keep_evidence(step, tool.calls[began:])
                raise
            except Exception as caught:
                error, calls = self._as_connector_error(caught, task, plan), tool.calls[began:]
                interrupted = interrupted or try_may_have_worked(error, calls)
                wait = max(pause, error.retry_after or 0)
                if error.permanent or time.monotonic() + wait >= turn.deadline:
                    return self._failed(turn, plan, step, error, calls, following, interrupted=interrupted)
                self._note_calls(task, step, calls)
                lend()
                time.sleep(wait)
                pause *= 2

    def _as_connector_error(self, error: Exception, task: T, plan: StepPlan) -> ConnectorError:
        """The error itself; for an unexpected one, a temporary one, so that it does not end what was begun."""
        if isinstance(error, ConnectorError):
            return error
        log.exception("step failed", **self._named(task), step=plan.name)
        return ConnectorError(
            _("The portal met an error it did not expect."), permanent=False, code=type(error).__name__
        )

    def _intend(self, task: T, plan: StepPlan, step: Any = None) -> Any:
        def intend() -> Any:
            renew(task)
            if step is None:
                return self._begin(task, plan)
            if step.state == StepState.WAITING:
                step.state = StepState.INTENDED
                step.save(only=[Line.state])
            return step

        return write(intend)

    def _note_calls(self, task: T, step: Any, calls: list[Call]) -> None:
        def note() -> None:
            renew(task)
            step.calls = noted(step, calls)
            if step.id:
                step.save(only=[Line.calls])

        write(note)

    def _keep_evidence(self, step: Any, calls: list[Call]) -> None:
        """What was asked and answered belongs on the receipt, even of a task that was cancelled meanwhile."""
        table = self.journal.line

        def keep() -> None:
            kept = table.get_or_none(table.id == step.id)
            if kept is not None:
                table.update(calls=noted(kept, calls)).where(table.id == step.id).execute()

        if step.id and calls:
            write(keep)

    def _done(self, turn: Turn[T], step: Any, outcome: Outcome, calls: list[Call], following: StepPlan | None) -> None:
        """Write the outcome down. Raises LostLease; Refused when our own tables have no room for it any more."""
        task = turn.task

        def done() -> Any:
            before = self._own(task)
            outcome.save()
            task.results = {**task.results, **(outcome.remember or {})}
            step.state, step.before, step.after, step.note = (
                StepState.DONE, outcome.before, outcome.after, outcome.note,
            )  # fmt: skip
            _end(step, calls)
            own = self._own(task)
            changed = {name: value for name, value in own.items() if value != before[name]}
            return self._go_on(turn, following, results=task.results, **changed)

        try:
            intended = all_or_nothing(done, task, step)
        except IntegrityError as error:
            if not write(task.hold):
                raise LostLease() from error
            raise self.overtaken() from error
        turn.note(intended)

    def _named(self, task: T) -> dict[str, Any]:
        """For a line of the log: operation=7."""
        return {self.tasks.__name__.lower(): task.id}

    def _own(self, task: T) -> dict[str, Any]:
        return {own.name: task.__data__.get(own.name) for own in self.own_fields}

    def _failed(
        self, turn: Turn[T], plan: StepPlan, step: Any, error: ConnectorError, calls: list[Call],
        following: StepPlan | None, *, interrupted: bool = False,
    ) -> bool:  # fmt: skip
        """Write the refusal down. True when the task can go on without this step.

        interrupted: a try of this step may have worked, although no answer says so.
        """
        task = turn.task
        self.went_wrong(task, error)
        step.note = error.message
        if error.permanent and not self._must_go_on(task, plan, step, error, interrupted):

            def failed() -> Any:
                step.state = StepState.FAILED
                _end(step, calls)
                return self._go_on(turn, following) if plan.optional else self._finish(task, State.FAILED, error=error)

            turn.note(all_or_nothing(failed, task, step))
            return plan.optional
        step.state = StepState.UNKNOWN if interrupted else StepState.WAITING
        step.calls = noted(step, calls)

        def put_off() -> None:
            renew(task)
            step.save()

        write(put_off)
        self._wait(task, error)
        return False

    def _must_go_on(self, task: T, plan: StepPlan, step: Any, error: ConnectorError, interrupted: bool) -> bool:
        """Whether to wait although the error lasts, so that nothing is left half done.

        So it is once something may have changed and the error is about the portal itself: its credentials, its
        permissions.
        """
        if plan.optional:
            return isinstance(error, self.never_given_up)
        if isinstance(error, FINAL):
            return False
        return interrupted or self.journal.may_have_changed(task, besides=step)

    def _wait(self, task: T, error: ConnectorError) -> None:
        lasts = task.attempts >= GIVE_UP_AFTER and not isinstance(error, self.never_given_up)
        if lasts and self._may_give_up(task):
            self._finish(task, State.FAILED, error=error)
            return
        words = _words(error)
        is_news = task.message != words["message"]

        def wait() -> None:
            release(task, state=State.WAITING, not_before=now() + self.pause(task, error), **words)
            if is_news:
                self.put_off(task)

        write(wait)

    def _may_give_up(self, task: T) -> bool:
        """Not while something may exist that only this task knows of, nor before what it is there for is done."""
        return not self.journal.may_have_made(task) and not self.journal.owes(task)

    def _finish(
        self, task: T, state: State, *, error: ConnectorError | None = None, message: str = "", **changes: Any
    ) -> None:
        words = _words(error) if error else {"message": message, **NO_ERROR}

        def finish() -> None:
            release(task, state=state, finished_at=now(), **{**changes, **self.cleared, **words})
            self.registry.settle(task)
            self.ended(task, words)

        write(finish)


def _end(step: Any, calls: list[Call]) -> None:
    step.calls, step.ended_at = noted(step, calls), now()
    step.save(only=OUTCOME if step.id else None)


def _words(error: ConnectorError) -> dict[str, Any]:
    return {
        "message": error.message,
        "next_step": error.next_step,
        "error_kind": type(error).__name__,
        "error_code": error.code,
        "error_request_id": error.request_id,
    }
