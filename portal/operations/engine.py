"""Carries an Operation out, step by step: claim, journal, retry, resume, finish.

Each step writes its intent before it acts and its outcome afterwards. A step that finds its intent already written
knows that an earlier try was cut off, and looks before it acts. The worker that holds the lease carries it out;
every outcome is written only while that lease is still ours.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import zip_longest
from typing import Any

from peewee import IntegrityError

from portal import audit
from portal.connections import health
from portal.connectors import for_connection
from portal.connectors.base import Call, Connector
from portal.connectors.errors import AlreadyDone, BadCredentials, ConnectorError, NotFound, Protected, Refused
from portal.connectors.http import before_each
from portal.database import now, transaction
from portal.logs import log
from portal.operations import journal, registry
from portal.operations.models import Operation, State, Step, StepState
from portal.operations.requests import Request
from portal.operations.work import Outcome, StepPlan, Work

# In a request a person waits; in the worker none does.
PATIENCE_IN_REQUEST = 4.0
PATIENCE_IN_WORKER = 20.0
FIRST_PAUSE = 0.15
LONGEST_WAIT = timedelta(minutes=10)
GIVE_UP_AFTER = 30
# Answers about the account, and not about the portal or the service: they will be the same next time.
FINAL = (Refused, Protected, NotFound, AlreadyDone)


class LostLease(Exception):
    """Another process carries the operation out now, or a user cancelled it: leave it alone."""


def start(request: Request, **values: Any) -> Operation:
    """Write a new operation down, already in our hands. Raises IntegrityError while another one is open."""
    return Operation.ask_for(request, held=True, state=State.RUNNING, attempts=1, **values)


def carry_out(operation: Operation, *, ours: bool = False, patience: float = PATIENCE_IN_REQUEST) -> Operation:
    """Do what is left of the operation, and return its row as it is afterwards.

    ours: True for one that was just started, so that we hold its lease.
    patience: seconds in which a step that could not be done is tried again before the operation is put down as waiting.
    """
    if ours or claim(operation):
        try:
            with before_each(lambda: _hold_in_time(operation)):
                _carry_out_claimed(operation, time.monotonic() + patience, new=ours)
            return operation
        except LostLease:
            log.info("lease lost", operation=operation.id)
    return Operation.get_by_id(operation.id)


def claim(operation: Operation) -> bool:
    """Take the operation's lease by compare-and-set. False when it is final, not due, or held by another process."""
    taken = operation.claim(state=State.RUNNING, attempts=Operation.attempts + 1)
    if taken:
        operation.__data__.update(Operation.get_by_id(operation.id).__data__)
    return taken


def due() -> list[Operation]:
    """Operations that wait for their time or were left behind by a worker that died."""
    return list(Operation.due().order_by(Operation.not_before).limit(500))


def _carry_out_claimed(operation: Operation, deadline: float, *, new: bool) -> None:
    if not operation.connection.is_live:
        _finish(
            operation,
            State.CANCELLED,
            message=f"{operation.connection.service_name} was disconnected before this was done.",
        )
        return
    verb = registry.plan_of(operation)
    if verb.feature and not operation.organisation.has(verb.feature) and not journal.may_have_changed(operation):
        _finish(operation, State.CANCELLED, message=f"{verb.feature.capitalize()} is no longer part of your plan.")
        return
    turn = _Turn(operation, for_connection(operation.connection), deadline)
    if not new:
        turn.steps = {step.name: step for step in Step.select().where(Step.operation == operation).order_by(Step.id)}
        verb.resume(turn.connector, operation)
    left = [plan for plan in verb.steps_for(operation) if not turn.has_ended(plan)]
    if not left:
        _finish(operation, State.DONE, message=turn.refusals())
    for plan, following in zip_longest(left, left[1:]):
        if not _do(turn, plan, following):
            return


@dataclass
class _Turn:
    """One go at an operation in our hands. steps: its journal, by name. begun: those first intended in this go."""

    operation: Operation
    connector: Connector
    deadline: float
    steps: dict[str, Step] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)

    def has_ended(self, plan: StepPlan) -> bool:
        step = self.steps.get(plan.name)
        return step is not None and step.state in (StepState.DONE, StepState.FAILED)

    def note(self, intended: Step | None) -> None:
        """A step whose intent is in the journal now."""
        if intended is not None:
            self.steps[intended.name] = intended
            self.begun.add(intended.name)

    def refusals(self) -> str:
        """What was refused on the way although the operation as a whole is done."""
        notes = [step.note for step in self.steps.values() if step.state == StepState.FAILED]
        return " ".join([*notes, *self.operation.results.get("field_warnings", {}).values()])


def _go_on(turn: _Turn, following: StepPlan | None) -> Step | None:
    """In the transaction of one step's outcome: the intent of the next, or the operation's end when there is none."""
    if following is None:
        _finish(turn.operation, State.DONE, message=turn.refusals())
    elif not following.local and following.name not in turn.steps:
        return Step.create(operation=turn.operation, name=following.name)
    return None


@contextmanager
def _all_or_nothing(*rows: Any) -> Iterator[None]:
    """A transaction that, when it fails, leaves the rows in memory too as they were."""
    before = [{**vars(row), "__data__": dict(row.__data__), "__rel__": dict(row.__rel__)} for row in rows]
    try:
        with transaction():
            yield
    except BaseException:
        for row, values in zip(rows, before, strict=True):
            vars(row).update(values)
        raise


def _do(turn: _Turn, plan: StepPlan, following: StepPlan | None) -> bool:
    """One step, tried until it is done, refused, or patience ends. False when the operation stops here for now."""
    operation, connector, pause = turn.operation, turn.connector, FIRST_PAUSE
    step = turn.steps.get(plan.name)
    interrupted = step is not None and step.state != StepState.WAITING and plan.name not in turn.begun
    if not plan.local and plan.name not in turn.begun:
        step = _intend(operation, plan, step)
    step = turn.steps[plan.name] = step or Step(operation=operation, name=plan.name)
    while True:
        began = len(connector.calls)
        try:
            _done(turn, step, plan.run(Work(operation, connector, interrupted)), connector.calls[began:], following)
            return True
        except LostLease:
            _keep_evidence(step, connector.calls[began:])
            raise
        except Exception as caught:
            error, calls = _as_connector_error(caught, operation, plan), connector.calls[began:]
            interrupted = interrupted or journal.try_may_have_worked(error, calls)
            wait = max(pause, error.retry_after or 0)
            if error.permanent or time.monotonic() + wait >= turn.deadline:
                return _failed(turn, plan, step, error, calls, following, interrupted=interrupted)
            _note_calls(operation, step, calls)
            time.sleep(wait)
            pause *= 2


def _as_connector_error(error: Exception, operation: Operation, plan: StepPlan) -> ConnectorError:
    """The error itself; for an unexpected one, a temporary one, so that it does not end what was begun."""
    if isinstance(error, ConnectorError):
        return error
    log.exception("step failed", operation=operation.id, step=plan.name)
    return ConnectorError("The portal met an error it did not expect.", permanent=False, code=type(error).__name__)


def _intend(operation: Operation, plan: StepPlan, step: Step | None = None) -> Step:
    with transaction():
        _renew(operation)
        if step is None:
            return Step.create(operation=operation, name=plan.name)
        if step.state == StepState.WAITING:
            step.state = StepState.INTENDED
            step.save(only=[Step.state])
        return step


def _renew(operation: Operation, **changes: Any) -> None:
    """Hold on to the operation, writing the changes, only while the lease is ours. Raises LostLease."""
    if not operation.hold(**changes):
        raise LostLease()


def _hold_in_time(operation: Operation) -> None:
    """Before each request: a step of many slow ones must not outlive its lease. Raises LostLease."""
    if not operation.hold_in_time():
        raise LostLease()


def _release(operation: Operation, **changes: Any) -> None:
    """Let go of the operation, writing the changes, only while the lease is ours. Raises LostLease."""
    if not operation.release(**changes):
        raise LostLease()


def _note_calls(operation: Operation, step: Step, calls: list[Call]) -> None:
    with transaction():
        _renew(operation)
        step.calls = journal.noted(step, calls)
        if step.id:
            step.save(only=[Step.calls])


def _keep_evidence(step: Step, calls: list[Call]) -> None:
    """What was asked and answered belongs on the receipt, even of an operation that was cancelled meanwhile."""
    if step.id and calls:
        with transaction():
            kept = Step.get_or_none(Step.id == step.id)
            if kept is not None:
                Step.update(calls=journal.noted(kept, calls)).where(Step.id == step.id).execute()


def _done(turn: _Turn, step: Step, outcome: Outcome, calls: list[Call], following: StepPlan | None) -> None:
    """Write the outcome down. Raises LostLease; Refused when our own tables have no room for it any more."""
    operation = turn.operation
    try:
        with _all_or_nothing(operation, step):
            _renew(operation, results={**operation.results, **(outcome.remember or {})})
            ours = operation.account_id, operation.encrypted_password
            outcome.save()
            if ours != (operation.account_id, operation.encrypted_password):
                operation.save(only=[Operation.account, Operation.encrypted_password])
            step.state, step.before, step.after, step.note = StepState.DONE, outcome.before, outcome.after, outcome.note
            _end(step, calls)
            intended = _go_on(turn, following)
    except IntegrityError as error:
        raise Refused(
            "Somebody linked this account, or this employee, to another in the meantime.",
            next_step="Check the employee's page and the account, then decide again.",
        ) from error
    turn.note(intended)


OUTCOME = [Step.state, Step.ended_at, Step.calls, Step.before, Step.after, Step.note]


def _end(step: Step, calls: list[Call]) -> None:
    step.calls, step.ended_at = journal.noted(step, calls), now()
    step.save(only=OUTCOME if step.id else None)


def _failed(
    turn: _Turn,
    plan: StepPlan,
    step: Step,
    error: ConnectorError,
    calls: list[Call],
    following: StepPlan | None,
    *,
    interrupted: bool = False,
) -> bool:
    """Write the refusal down. True when the operation can go on without this step.

    interrupted: a try of this step may have worked, although no answer says so.
    """
    operation = turn.operation
    health.note(operation.connection, error)
    step.note = error.message
    if error.permanent and not _must_go_on(operation, plan, step, error, interrupted):
        with _all_or_nothing(operation, step):
            _renew(operation)
            step.state, intended = StepState.FAILED, None
            _end(step, calls)
            if plan.optional:
                intended = _go_on(turn, following)
            else:
                _finish(operation, State.FAILED, error=error)
        turn.note(intended)
        return plan.optional
    step.state = StepState.UNKNOWN if interrupted else StepState.WAITING
    step.calls = journal.noted(step, calls)
    with transaction():
        _renew(operation)
        step.save()
    _wait(operation, error)
    return False


def _must_go_on(operation: Operation, plan: StepPlan, step: Step, error: ConnectorError, interrupted: bool) -> bool:
    """Whether a lasting error is waited for all the same, so that nothing is left half done.

    So it is once something may have changed and the error is about the portal itself: its credentials, its permissions.
    """
    if plan.optional:
        return isinstance(error, BadCredentials)
    if isinstance(error, FINAL):
        return False
    return interrupted or journal.may_have_changed(operation, besides=step)


def _wait(operation: Operation, error: ConnectorError) -> None:
    # A sign-in that has ended is renewed by a person, in their own time: what waits for it is not given up.
    lasts = operation.attempts >= GIVE_UP_AFTER and not isinstance(error, BadCredentials)
    if lasts and _may_give_up(operation):
        _finish(operation, State.FAILED, error=error)
        return
    pause = min(timedelta(seconds=2 ** min(operation.attempts, 12)), LONGEST_WAIT)
    pause = max(pause, timedelta(seconds=error.retry_after or 0))
    _release(operation, state=State.WAITING, not_before=now() + pause, **_words(error))


def _may_give_up(operation: Operation) -> bool:
    """Not while something may exist that only this operation knows of, nor before what it is there for is done."""
    return not journal.may_have_made(operation) and not journal.owes(operation)


def _words(error: ConnectorError) -> dict[str, Any]:
    return {
        "message": error.message,
        "next_step": error.next_step,
        "error_kind": type(error).__name__,
        "error_code": error.code,
        "error_request_id": error.request_id,
    }


NO_ERROR = {"next_step": "", "error_kind": "", "error_code": "", "error_request_id": ""}


def _finish(operation: Operation, state: State, *, error: ConnectorError | None = None, message: str = "") -> None:
    words = _words(error) if error else {"message": message, **NO_ERROR}
    with transaction():
        _release(operation, state=state, finished_at=now(), encrypted_password="", **words)
        registry.settle(operation)
        audit.record(
            operation.by or operation.by_name or "portal",
            f"{operation.words}: {state}",
            operation.employee,
            organisation=operation.organisation,
            operation=operation.id,
            reason=words["message"],
        )
