"""What follows when an operation is done: its mail goes out, and what its end has started is carried out at once."""

from typing import Any

from flask import has_request_context

from portal.asking import kept
from portal.database import now
from portal.hand_over import delivery
from portal.hand_over.models import LoginMail
from portal.operations import registry
from portal.operations.models import Operation, State
from portal.operations.requests import Verb
from portal.people.models import Employee


@registry.after(Verb.CREATE, Verb.RESEND, Verb.ALLOW, Verb.PASS, Verb.UNDO_LEAVE)
def deliver_its_mail(operation: Operation) -> list[int]:
    """Have the operation's mail sent if it is due. A person waits for that a few seconds, the worker not at all."""
    due = _due.rows(operation=operation.id, moment=now())
    if due and not has_request_context():
        delivery.wake()
        return []
    for login_mail in due:
        delivery.send_now(login_mail, operation.connection)
    return []


@kept
def _due(*, operation: Any, moment: Any) -> Any:
    return LoginMail.select().where(LoginMail.operation == operation, LoginMail.send_at <= moment)


@registry.after()
def go_on_with_updates(operation: Operation) -> list[int]:
    """Updates of the employee and their reports that no worker has begun. Missed ones are found by the sweep."""
    return [operation_id for (operation_id,) in _updates.rows(employee=operation.employee_id)]


@kept
def _updates(*, employee: Any) -> Any:
    begun_by_nobody = (Operation.state == State.WAITING) & (Operation.attempts == 0) & (Operation.verb == Verb.UPDATE)
    theirs = (Operation.employee == employee) | (Employee.manager == employee)
    return Operation.select(Operation.id).join(Employee).where(begun_by_nobody, theirs).tuples()
