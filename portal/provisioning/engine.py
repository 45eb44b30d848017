"""Carries an Operation out, step by step: claim, journal, retry, resume, finish.

Each step writes its intent before it acts and its outcome afterwards. A step that finds its intent already written
knows that an earlier try was cut off, and looks before it acts. Whoever holds the lease carries the operation out;
every outcome is written only while that lease is still ours.
"""

import secrets
import time
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from portal import audit
from portal.connectors import for_connection
from portal.connectors.base import Call, Connector
from portal.connectors.errors import BadCredentials, ConnectorError, NotPermitted
from portal.database import now, transaction
from portal.logs import log
from portal.provisioning import steps
from portal.provisioning.models import OPEN, Operation, State, Step, StepState
from portal.provisioning.steps import Work
from portal.provisioning.verbs import CHANGES_NOTHING, StepPlan, plan_of

LEASE = timedelta(seconds=60)
# In a request a person waits; in the worker nobody does.
PATIENCE_IN_REQUEST = 4.0
PATIENCE_IN_WORKER = 20.0
FIRST_PAUSE = 0.15
LONGEST_WAIT = timedelta(minutes=10)
GIVE_UP_AFTER = 30


class LostLease(Exception):
    """Somebody else carries the operation out now, or it was cancelled: hands off."""


def start(**values: Any) -> Operation:
    """Write a new operation down, already in our hands. Raises IntegrityError while another one is open."""
    return Operation.create(
        state=State.RUNNING, lease_until=now() + LEASE, lease_by=secrets.token_hex(8), attempts=1, **values
    )


def carry_out(operation: Operation, *, ours: bool = False, patience: float = PATIENCE_IN_REQUEST) -> Operation:
    """Do what is left of the operation, and return it as it then stands in the database.

    ours: True for one that was just started, so that we hold its lease.
    patience: seconds in which a step that could not be done is tried again before the operation is put down as waiting.
    """
    if ours or claim(operation):
        try:
            _carry_out_claimed(operation, time.monotonic() + patience)
        except LostLease:
            log.info("lease lost", operation=operation.id)
    return Operation.get_by_id(operation.id)


def claim(operation: Operation) -> bool:
    """Take the operation's lease by compare-and-set. False when it is final, not due, or in somebody else's hands."""
    moment, token = now(), secrets.token_hex(8)
    free = Operation.lease_until.is_null() | (Operation.lease_until < moment)
    taken = (
        Operation.update(
            state=State.RUNNING, lease_until=moment + LEASE, lease_by=token, attempts=Operation.attempts + 1
        )
        .where(Operation.id == operation.id, Operation.state.in_(OPEN), Operation.not_before <= moment, free)
        .execute()
    )
    if taken:
        operation.__data__.update(Operation.get_by_id(operation.id).__data__)
    return bool(taken)


def due() -> list[Operation]:
    """Operations that wait for their time or were left behind by a worker that died."""
    moment = now()
    free = Operation.lease_until.is_null() | (Operation.lease_until < moment)
    query = Operation.select().where(Operation.state.in_(OPEN), Operation.not_before <= moment, free)
    return list(query.order_by(Operation.not_before).limit(500))


def _carry_out_claimed(operation: Operation, deadline: float) -> None:
    connection = operation.connection
    if not connection.is_live:
        _finish(operation, State.CANCELLED, message="The add-on was disconnected before this was done.")
        return
    connector = for_connection(connection)
    steps.expect_if_new(connector, operation.account)
    journal = {step.name: step for step in Step.select().where(Step.operation == operation)}
    for plan in plan_of(operation):
        step = journal.get(plan.name)
        if step is not None and step.state in (StepState.DONE, StepState.FAILED):
            continue
        if not _do(operation, plan, step, connector, deadline):
            return
    _finish(operation, State.DONE)


def _do(operation: Operation, plan: StepPlan, step: Step | None, connector: Connector, deadline: float) -> bool:
    """One step, tried until it is done, refused, or patience ends. False when the operation stops here for now."""
    interrupted, pause = step is not None, FIRST_PAUSE
    if step is None:
        step = Step(operation=operation, name=plan.name) if plan.local else _intend(operation, plan)
    while True:
        began = len(connector.calls)
        try:
            outcome = plan.run(Work(operation, connector, interrupted))
        except Exception as caught:
            error = _as_connector_error(caught, operation, plan)
            interrupted = interrupted or error.unknown
            wait = max(pause, error.retry_after or 0)
            if error.permanent or time.monotonic() + wait >= deadline:
                return _failed(operation, plan, step, error, connector.calls[began:])
            _note_calls(step, connector.calls[began:])
            time.sleep(wait)
            pause *= 2
            _renew(operation)
        else:
            _done(operation, step, outcome, connector.calls[began:])
            return True


def _as_connector_error(error: Exception, operation: Operation, plan: StepPlan) -> ConnectorError:
    """The error itself, or, for one that nobody expected, a temporary one: what was begun is not given up for it."""
    if isinstance(error, ConnectorError):
        return error
    log.exception("step failed", operation=operation.id, step=plan.name)
    return ConnectorError("The portal met an error it did not expect.", permanent=False, code=type(error).__name__)


def _intend(operation: Operation, plan: StepPlan) -> Step:
    with transaction():
        _renew(operation)
        return Step.create(operation=operation, name=plan.name)


def _renew(operation: Operation, **changes: Any) -> None:
    """Write to the operation, and hold on to it, only while the lease is ours. Raises LostLease."""
    changes = {"lease_until": now() + LEASE, **changes}
    held = (
        (Operation.id == operation.id) & (Operation.lease_by == operation.lease_by) & (Operation.state == State.RUNNING)
    )
    if not Operation.update(**changes).where(held).execute():
        raise LostLease()
    for name, value in changes.items():
        setattr(operation, name, value)


def _calls(calls: list[Call]) -> list[dict]:
    return [{**asdict(call), "at": call.at.isoformat()} for call in calls]


def _note_calls(step: Step, calls: list[Call]) -> None:
    step.calls = [*step.calls, *_calls(calls)]
    if step.id:
        step.save(only=[Step.calls])


def _done(operation: Operation, step: Step, outcome: steps.Outcome, calls: list[Call]) -> None:
    with transaction():
        _renew(operation)
        outcome.save()
        operation.results = {**operation.results, **(outcome.remember or {})}
        fields = [Operation.results, Operation.account, Operation.sealed_password]
        operation.save(only=fields)
        step.state, step.ended_at = StepState.DONE, now()
        step.before, step.after, step.note = outcome.before, outcome.after, outcome.note
        step.calls = [*step.calls, *_calls(calls)]
        step.save()


def _failed(operation: Operation, plan: StepPlan, step: Step, error: ConnectorError, calls: list[Call]) -> bool:
    """Write the refusal down. True when the operation can go on without this step."""
    step.calls = [*step.calls, *_calls(calls)]
    step.note = error.message
    if error.permanent and plan.optional:
        step.state, step.ended_at = StepState.FAILED, now()
        with transaction():
            _renew(operation)
            step.save()
        return True
    if error.permanent and not _must_go_on(operation, error):
        step.state, step.ended_at = StepState.FAILED, now()
        step.save()
        _finish(operation, State.FAILED, error=error)
        return False
    step.state = StepState.UNKNOWN if error.unknown else step.state
    step.save()
    _wait(operation, error)
    return False


def _must_go_on(operation: Operation, error: ConnectorError) -> bool:
    """After a remote change, lost credentials or permissions are waited for, so that nothing is left half done."""
    changed = Step.select().where(
        Step.operation == operation,
        Step.name.not_in(CHANGES_NOTHING),
        Step.state.in_((StepState.DONE, StepState.UNKNOWN)),
    )
    return isinstance(error, BadCredentials | NotPermitted) and changed.exists()


def _wait(operation: Operation, error: ConnectorError) -> None:
    if operation.attempts >= GIVE_UP_AFTER and not _nothing_lost(operation):
        _finish(operation, State.FAILED, error=error)
        return
    pause = min(timedelta(seconds=2 ** min(operation.attempts, 12)), LONGEST_WAIT)
    pause = max(pause, timedelta(seconds=error.retry_after or 0))
    _renew(operation, state=State.WAITING, lease_until=None, not_before=now() + pause, **_words(error))


def _nothing_lost(operation: Operation) -> bool:
    """True while giving up would lose sight of an account that may exist."""
    create = Step.get_or_none(Step.operation == operation, Step.name == "create")
    return create is not None and create.state != StepState.FAILED


def _words(error: ConnectorError) -> dict[str, Any]:
    return {
        "message": error.message,
        "next_step": error.next_step,
        "error_kind": type(error).__name__,
        "error_code": error.code,
        "error_request_id": error.request_id,
    }


def _finish(operation: Operation, state: State, *, error: ConnectorError | None = None, message: str = "") -> None:
    words = _words(error) if error else {"message": message, "next_step": "", "error_kind": "", "error_code": ""}
    with transaction():
        _renew(operation, state=state, lease_until=None, finished_at=now(), sealed_password="", **words)
        audit.record(
            operation.by or operation.by_name or "portal",
            f"{operation.words}: {state}",
            operation.employee,
            organisation=operation.organisation,
            operation=operation.id,
            reason=words["message"],
        )
