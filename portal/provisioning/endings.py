"""What an operation's end means for others, written down in the same transaction as the end itself.

So a crash right after it loses nothing: the database holds what is to follow, and a sweep finds it.
"""

from typing import Any

from peewee import IntegrityError

from portal import happenings
from portal.accounts import fields
from portal.accounts.models import Account
from portal.asking import kept
from portal.database import database, now
from portal.hand_over.steps import withdraw_mails
from portal.languages import gettext as _
from portal.operations import journal, registry
from portal.operations.models import Operation, State, Step, StepState
from portal.operations.requests import UpdateRequest, Verb
from portal.people.models import Employee


@registry.when_ended()
def set_managers_that_can_be_set(operation: Operation) -> None:
    for account in _lacking_their_manager(operation):
        _set_manager(account, operation)


@registry.when_ended(Verb.RESEND, Verb.ALLOW, Verb.PASS, Verb.UNDO_LEAVE, state=State.FAILED)
def withdraw_mails_that_may_be_wrong(operation: Operation) -> None:
    """A password that may have been replaced must not be mailed any more."""
    happened = any(journal.step_may_have_happened(operation, name) for name in ("password", "pass"))
    if operation.account is not None and happened:
        withdraw_mails(operation.account, problem=_("A fresh password may have been set, so it was not sent."))


@registry.when_ended(Verb.CREATE, state=State.FAILED)
def detach_what_is_gone(operation: Operation) -> None:
    """An account that was made, and was gone before it could be read back, is no account of the employee's."""
    if operation.account_id is not None:
        Account.update(detached_at=now(), detached_by="deleted").where(
            Account.id == operation.account_id, Account.read_at.is_null(), Account.detached_at.is_null()
        ).execute()


# What other systems are told once an account has changed.
TOLD = {
    **dict.fromkeys((Verb.CREATE,), "account.created"),
    **dict.fromkeys((Verb.LINK,), "account.linked"),
    **dict.fromkeys(
        (Verb.RESTORE, Verb.REACTIVATE, Verb.ALLOW, Verb.UNDO_LEAVE, Verb.END_ABSENCE), "account.activated"
    ),
    **dict.fromkeys((Verb.DEACTIVATE, Verb.LEAVE, Verb.BEGIN_ABSENCE), "account.deactivated"),
}


@registry.when_ended()
def tell_that_it_is_done(operation: Operation) -> None:
    _tell(operation, "operation.done", TOLD.get(Verb(operation.verb)))


@registry.when_ended(state=State.FAILED)
def tell_that_it_failed(operation: Operation) -> None:
    _tell(operation, "operation.failed", "account.failed")


def _tell(operation: Operation, *kinds: str | None) -> None:
    told = {
        "employee_id": operation.employee_id, "operation_id": operation.id, "verb": operation.verb,
        "state": str(operation.state), "application": operation.connection.service,
    }  # fmt: skip
    found = [happenings.Happening(kind, told) for kind in kinds if kind]
    happenings.tell_all(operation.organisation_id, "operation", lambda: found)


def _lacking_their_manager(operation: Operation) -> list[Account]:
    """Accounts whose manager has an account now, and is not set yet: the employee's reports', and their own."""
    if operation.verb == Verb.UNLINK or "manager" not in fields.chosen(operation.connection):
        return []
    values = {"employee": operation.employee_id, "connection": operation.connection_id}
    lacking = _without_their_manager.rows(operation.verb in (Verb.CREATE, Verb.LINK, Verb.RESTORE), **values)
    if any(account.employee_id == operation.employee_id for account in lacking) and _manager_was_refused(operation):
        return [account for account in lacking if account.employee_id != operation.employee_id]
    return lacking


@kept
def _without_their_manager(with_reports: bool, *, employee: Any, connection: Any) -> Any:
    """Of the employee, and of those who report to them: accounts whose manager has an account and is not set."""
    managers = Account.alias()
    lacking_one = Account.manager_remote_id.is_null()
    them = (Employee.id == employee) & lacking_one
    if with_reports:
        # Those who were moved to this manager before there was an account still show the one before.
        them |= (Employee.manager == employee) & (lacking_one | (Account.manager_remote_id != managers.remote_id))
    return (
        Account.select(Account.id, Account.employee)
        .join(Employee)
        .join(managers, on=(managers.employee == Employee.manager))
        .where(
            them,
            Account.connection == connection,
            Account.detached_at.is_null(),
            Account.read_at.is_null(False),
            managers.id != Account.id,
            managers.connection == connection,
            managers.detached_at.is_null(),
            managers.read_at.is_null(False),
        )
    )


def _manager_was_refused(operation: Operation) -> bool:
    manager = (Step.operation == operation) & (Step.name == "manager") & (Step.state == StepState.FAILED)
    return Step.select().where(manager).exists()


def _set_manager(account: Account, cause: Operation) -> None:
    """Write down that the manager is to be set. While something else is open for the employee, its end sees to it."""
    try:
        with database.atomic():
            Operation.ask_for(
                UpdateRequest(manager=True),
                organisation=cause.organisation_id, employee=account.employee_id, connection=cause.connection_id,
                account=account, by=cause.by_id, by_name=cause.by_name,
            )  # fmt: skip
    except IntegrityError:
        pass
