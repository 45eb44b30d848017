"""What the tab says of the manager: who it is at the application, and what happens with the one in the HR record."""

from typing import Any

from peewee import JOIN

from portal.accounts.models import Account, Status
from portal.asking import kept
from portal.database import now
from portal.languages import gettext as _
from portal.languages import joined
from portal.people.models import Employee


def words(account: Account, employee: Employee) -> str:
    """How the HR record and the application differ, and what the portal does about it; empty when they agree."""
    manager, theirs = _with_account(employee, account.connection_id)
    if manager is None:
        return (
            ""
            if account.manager_remote_id is None
            else _("The HR record has no manager any more. Sync now removes this one.")
        )
    if theirs is None or theirs.read_at is None:
        gone = _("They have left.") if manager.end_date and manager.end_date < now().date() else ""
        waits = _(
            "%(manager)s has no account yet. The manager will be set as soon as there is one.", manager=manager.name
        )
        return joined(waits, gone)
    if account.manager_remote_id != theirs.remote_id and (account.manager_shown or "") != _shown(theirs):
        return _("The HR record says %(manager)s. Sync now sets this manager.", manager=manager.name)
    return (
        _("The account of %(manager)s is deactivated.", manager=manager.name)
        if theirs.status == Status.DEACTIVATED
        else ""
    )


def _with_account(employee: Employee, connection_id: int) -> tuple[Employee | None, Account | None]:
    """The manager and their account at the application, read by one statement."""
    if employee.manager_id is None:
        return None, None
    manager = _manager.first(employee_id=employee.manager_id, connection_id=connection_id)
    return manager, getattr(manager, "account", None)


@kept
def _manager(*, employee_id: Any, connection_id: Any) -> Any:
    same = (Account.employee == Employee.id) & (Account.connection == connection_id) & Account.detached_at.is_null()
    query = Employee.select(Employee, Account).join(Account, JOIN.LEFT_OUTER, on=same, attr="account")
    return query.where(Employee.id == employee_id).limit(1)


def _shown(account: Account) -> str:
    return f"{account.display_name} ({account.username})"
