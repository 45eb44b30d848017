"""What follows when an operation is done: its mail goes out, and what its end has started is carried out at once."""

from portal.database import now
from portal.people.models import Employee
from portal.provisioning import delivery
from portal.provisioning.models import LoginMail, Operation, State, Verb


def follow(operation: Operation) -> list[Operation]:
    """Deliver the operation's mail if it is due; returns further operations (their ids) to be carried out now."""
    if operation.state != State.DONE:
        return []
    due = LoginMail.select(LoginMail.id).where(LoginMail.operation == operation, LoginMail.send_at <= now())
    for login_mail in list(due):
        delivery.deliver(LoginMail.get_by_id(login_mail.id))
    return list(_started_by(operation))


def _started_by(operation: Operation):
    """Updates of the employee and their reports that nobody has begun. Missed ones are found by the sweep."""
    return (
        Operation.select(Operation.id)
        .join(Employee)
        .where(
            Operation.verb == Verb.UPDATE,
            Operation.state == State.WAITING,
            Operation.attempts == 0,
            (Operation.employee == operation.employee_id) | (Employee.manager == operation.employee_id),
        )
    )
