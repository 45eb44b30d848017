"""The steps that bring the HR record to the account: fields, manager, and the company email the other way."""

from typing import Any

from portal import audit
from portal.accounts import field_values
from portal.accounts.known import remember_account, shows_manager, with_manager
from portal.accounts.models import Account
from portal.asking import kept
from portal.connectors import SERVICES
from portal.connectors.errors import NotFound, NotPermitted, Protected, Refused, TryLater
from portal.connectors.values import Protection
from portal.database import now
from portal.languages import N_, joined, stored
from portal.languages import gettext as _
from portal.operations.models import Operation, Step
from portal.operations.requests import ForManager, UpdateRequest, Verb
from portal.people.models import Employee
from portal.provisioning.steps import NOT_YET, Outcome, Work, expect_if_new
from portal.theirs.rules import why


def set_manager(work: Work) -> Outcome:
    """Set the manager from the HR record, if the manager has an account in the same tenant."""
    manager = manager_account(work.operation)
    if manager is None and work.account.manager_remote_id and not _has_manager(work.operation):
        return _clear_manager(work)
    if manager is None or manager.remote_id == work.remote_id:
        return Outcome(note=_("The manager has no account there yet."))
    refuse_protected(work)
    expect_if_new(work.connector, manager)
    try:
        work.connector.set_manager(work.remote_id, manager.remote_id)
    except NotFound as error:
        work.connector.find(work.remote_id)
        raise error.worded(
            _(
                "The account of the manager, %(username)s, no longer exists, so no manager was set.",
                username=manager.username,
            ),
            next_step=_("Choose another manager on the Profile, or restore that account."),
            kind=Refused,
        ) from error
    account = work.account
    if work.operation.verb != Verb.CREATE:
        # A create reads all of it back at its end.
        found = with_manager(work.connector, work.connector.find(work.remote_id), manager.remote_id)
        if not shows_manager(found, manager.remote_id):
            raise TryLater(NOT_YET)

    def save() -> None:
        account.manager_remote_id = manager.remote_id
        Account.update(
            manager_remote_id=manager.remote_id, manager_shown=f"{manager.display_name} ({manager.username})"
        ).where(Account.id == account.id).execute()

    return Outcome(after={N_("manager"): manager.username}, save=save)


def refuse_protected(work: Work, known: frozenset[Protection] = frozenset()) -> None:
    """Raises Protected when the account is one that the portal leaves alone. known: what was seen already."""
    if work.operation.verb == Verb.CREATE:
        return
    found = known or work.connector.protections(work.remote_id)
    if found:
        raise Protected(why(found))


def _clear_manager(work: Work) -> Outcome:
    refuse_protected(work)
    work.connector.set_manager(work.remote_id, None)
    account = work.account

    def save() -> None:
        Account.update(manager_remote_id=None, manager_shown="").where(Account.id == account.id).execute()

    return Outcome(after={N_("manager"): N_("none")}, save=save)


def _has_manager(operation: Operation) -> bool:
    return Employee.select().where(Employee.id == operation.employee_id, Employee.manager.is_null(False)).exists()


def manager_account(operation: Operation) -> Account | None:
    """The account of the employee's manager in the operation's tenant."""
    found: Account | None = _managers_account.first(employee=operation.employee_id, connection=operation.connection_id)
    return found


@kept
def _managers_account(*, employee: Any, connection: Any) -> Any:
    manager = Employee.select(Employee.manager).where(Employee.id == employee)
    accounts = Account.select(Account.id, Account.remote_id, Account.username, Account.display_name)
    theirs = (Account.employee == manager) & (Account.connection == connection)
    return accounts.where(theirs, Account.detached_at.is_null(), Account.read_at.is_null(False)).limit(1)


def send_fields(work: Work) -> Outcome:
    """Give the account the values of the HR record."""
    service, remote = SERVICES[work.operation.connection.service], work.connector.find(work.remote_id)
    held = {**remote.fields, "display_name": remote.display_name}
    fields, left_out = field_values.acceptable(service, work.operation.request_as(UpdateRequest).fields)
    different = field_values.lacking(service, remote, fields)
    if different:
        refuse_protected(work, remote.protections)
        left_out |= _update(work, different)
    elif left_out and not _sets_manager(work):
        raise Refused(joined(*left_out.values()), next_step=_("Then press Sync now."))
    sent = {name: str(value or "") for name, value in different.items() if name not in left_out}
    warnings = {**left_out, **field_values.cut(service, sent, left_out)}
    return Outcome(
        before={name: str(held.get(name) or "") for name in sent},
        after=sent,
        note=joined(*warnings.values()) or ("" if sent else _("Already up to date.")),
        remember={"field_warnings": {name: stored(words) for name, words in warnings.items()}},
        save=lambda: _forget_sent(work.account, left_out),
    )


def _update(work: Work, fields: dict[str, Any]) -> field_values.LeftOut:
    """Send the values; where none is taken, go on only if there is something else to be done."""
    try:
        return field_values.update(work.connector, work.remote_id, fields)
    except (Refused, NotPermitted) as error:
        if not _sets_manager(work) or (isinstance(error, NotPermitted) and error.target not in fields):
            raise
        return dict.fromkeys(fields, joined(error.message, field_values.LEFT_OUT))


def _sets_manager(work: Work) -> bool:
    """Whether the operation also has a manager to set, or to take away."""
    operation = work.operation
    return operation.request_as(ForManager).manager and (
        _has_manager(operation) or work.account.manager_remote_id is not None
    )


def _forget_sent(account: Account, left_out: dict[str, str]) -> None:
    """What was refused is not what the account should show: it is tried again when the record next changes."""
    if left_out:
        sent = Account.get_by_id(account.id).fields_sent
        Account.update(fields_sent=field_values.sent(sent, left_out)).where(Account.id == account.id).execute()


def _shows(held: str, sent: str) -> bool:
    """Whether the service holds what was sent, or the beginning of it where it has no room for all."""
    return held == sent or (held != "" and sent.startswith(held))


def read_back_fields(work: Work) -> Outcome:
    """Read the account again. Raises TryLater while it does not show what was sent."""
    remote = work.connector.find(work.remote_id)
    held = {**remote.fields, "display_name": remote.display_name}
    sent = Step.get(Step.operation == work.operation, Step.name == "fields").after or {}
    late = [name for name, value in sent.items() if not _shows(str(held.get(name) or ""), value)]
    if late:
        raise TryLater(NOT_YET)
    account = work.account
    return Outcome(after=sent, save=lambda: remember_account(account, remote))


def update_company_email(work: Work) -> Outcome:
    operation, address = work.operation, work.account.username
    before = Employee.get_by_id(operation.employee_id).company_email

    def save() -> None:
        employee = Employee.get_by_id(operation.employee_id)
        employee.company_email, employee.changed_at = address, now()
        employee.save(only=[Employee.company_email, Employee.changed_at, Employee.search_text])
        changes = {"company_email": [before, address]}
        audit.record(operation.by or operation.by_name, "edit employee", employee, changes=changes)

    return Outcome(before={N_("company email"): before or N_("none")}, after={N_("company email"): address}, save=save)
