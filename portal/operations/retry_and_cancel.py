"""Retry and cancel. Each may be impossible."""

from peewee import IntegrityError

from portal import audit
from portal.accounts.models import Account
from portal.auth.models import User
from portal.database import now, transaction
from portal.languages import gettext as _
from portal.operations import journal, registry
from portal.operations.jobs import carry_on
from portal.operations.models import Operation, State, Step, StepState
from portal.problems import Problem

START_AGAIN = _("Its temporary password is gone. Start again from the employee’s page.")
DISCONNECTED = _("The application has been disconnected since. Start again from the employee’s page.")
OVERTAKEN = _("A newer change was started for this employee. Start again from the employee’s page.")
UNLINKED = _("The account is no longer linked to this employee.")
UNDER_WAY = _("Another change is under way for this employee. Try again when it is done.")
MAY_HAVE_HAPPENED = _("Part of it may have happened already, so the portal finishes it instead.")


class CannotRetry(Problem):
    message = _("You can try again only what failed, and cancel only what waits.")


def why_no_retry(operation: Operation) -> str:
    """Why the operation cannot be tried again, as a sentence; empty when it can."""
    if operation.state not in (State.FAILED, State.WAITING):
        return CannotRetry.message
    if not operation.connection.is_live:
        return DISCONNECTED
    if operation.state == State.WAITING:
        return ""
    verb = registry.plan_of(operation)
    if verb.once or not verb.repeatable:
        return verb.once or START_AGAIN
    latest = Operation.latest_of(operation.employee, operation.connection)
    if latest is not None and latest.id > operation.id:
        return OVERTAKEN
    account = Account.live_of(operation.employee, operation.connection)
    if not verb.begins and (account is None or account.id != operation.account_id):
        return UNLINKED
    return ""


def may_be_cancelled(operation: Operation) -> bool:
    return operation.state == State.WAITING and not journal.may_have_changed(operation)


def retry(operation: Operation, *, by: User) -> Operation:
    """Try an operation that failed, or that waits, once more and now. Raises CannotRetry."""
    reason = why_no_retry(operation)
    if reason:
        raise CannotRetry(reason)
    try:
        with transaction():
            _put_back(operation)
            audit.record(by, f"retry: {operation.words}", operation.employee, operation=operation.id)
    except IntegrityError:
        raise CannotRetry(UNDER_WAY) from None
    return carry_on(Operation.get_by_id(operation.id))


def _put_back(operation: Operation) -> None:
    """Waiting, and due; what was refused is still to be done. What was asked and answered stays in the journal."""
    taken = Operation.update(
        state=State.WAITING, not_before=now(), lease_until=None, finished_at=None, attempts=0
    ).where(Operation.id == operation.id, Operation.state.in_((State.FAILED, State.WAITING)))
    if not taken.execute():
        raise CannotRetry()
    Step.update(state=StepState.WAITING, ended_at=None).where(
        Step.operation == operation, Step.state == StepState.FAILED
    ).execute()


def cancel(operation: Operation, *, by: User) -> Operation:
    """Give up an operation that waits and has changed nothing yet. Raises CannotRetry."""
    with transaction():
        if journal.may_have_changed(operation):
            raise CannotRetry(MAY_HAVE_HAPPENED)
        taken = Operation.update(
            state=State.CANCELLED, finished_at=now(), encrypted_password="", message=_("Cancelled."),
            next_step="", error_kind="", error_code="", error_request_id="",
        ).where(
            Operation.id == operation.id,
            Operation.state == State.WAITING,
            Operation.id.not_in(journal.changing_steps(operation)),
        )  # fmt: skip
        if not taken.execute():
            raise CannotRetry()
        audit.record(by, f"cancel: {operation.words}", operation.employee, operation=operation.id)
    return Operation.get_by_id(operation.id)
