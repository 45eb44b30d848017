"""What the tab says of the manager: who it is at the application, and what happens with the one in the HR record."""

from peewee import JOIN

from portal.accounts.models import Account, Status
from portal.database import now
from portal.people.models import Employee


def words(account: Account, employee: Employee) -> str:
    """How the HR record and the application differ, and what the portal does about it; empty when they agree."""
    manager, theirs = _with_account(employee, account.connection_id)
    if manager is None:
        return (
            ""
            if account.manager_remote_id is None
            else "The HR record has no manager any more. Sync now removes this one."
        )
    if theirs is None or theirs.read_at is None:
        gone = " They have left." if manager.end_date and manager.end_date < now().date() else ""
        return f"{manager.name} has no account yet. The manager will be set as soon as there is one.{gone}"
    if account.manager_remote_id != theirs.remote_id and (account.manager_shown or "") != _shown(theirs):
        return f"The HR record says {manager.name}. Sync now sets this manager."
    return f"The account of {manager.name} is deactivated." if theirs.status == Status.DEACTIVATED else ""


def _with_account(employee: Employee, connection_id: int) -> tuple[Employee | None, Account | None]:
    """The manager and their account at the application, read by one statement."""
    if employee.manager_id is None:
        return None, None
    same = (Account.employee == Employee.id) & (Account.connection == connection_id) & Account.detached_at.is_null()
    query = Employee.select(Employee, Account).join(Account, JOIN.LEFT_OUTER, on=same, attr="account")
    manager = query.where(Employee.id == employee.manager_id).first()
    return manager, getattr(manager, "account", None)


def _shown(account: Account) -> str:
    return f"{account.display_name} ({account.username})"
