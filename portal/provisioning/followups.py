"""What follows when an operation is done: its mail goes out, and those who waited for this account are served."""

from portal.database import now, transaction
from portal.people.models import Employee
from portal.provisioning import delivery
from portal.provisioning.models import OPEN, Account, LoginMail, Operation, State, Verb


def follow(operation: Operation) -> list[Operation]:
    """Deliver the operation's mail if it is due; returns further operations that are now to be carried out."""
    if operation.state != State.DONE:
        return []
    login_mail = LoginMail.get_or_none(LoginMail.operation == operation)
    if login_mail is not None and login_mail.send_at <= now():
        delivery.deliver(login_mail)
    return _manager_of_reports(operation) if operation.verb in (Verb.CREATE, Verb.LINK, Verb.RESTORE) else []


def _manager_of_reports(operation: Operation) -> list[Operation]:
    """Now that this employee has an account: those who report to them, and have one, get their manager set."""
    reports = (
        Account.select(Account, Employee)
        .join(Employee)
        .where(
            Employee.manager == operation.employee_id,
            Account.connection == operation.connection_id,
            Account.detached_at.is_null(),
            Account.manager_remote_id.is_null(),
        )
    )
    started = []
    for account in list(reports):
        with transaction():
            busy = Operation.select().where(Operation.employee == account.employee, Operation.state.in_(OPEN))
            if not busy.exists():
                started.append(_set_manager(account, operation))
    return started


def _set_manager(account: Account, cause: Operation) -> Operation:
    return Operation.create(
        organisation=cause.organisation_id, employee=account.employee, connection=cause.connection_id, account=account,
        verb=Verb.UPDATE, by=cause.by, by_name=cause.by_name, requested={"manager": True},
    )  # fmt: skip
