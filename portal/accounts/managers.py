"""What the tab says of the manager: who it is at the application, and what happens with the one in the HR record."""

from portal.accounts.models import Account, Status
from portal.database import now
from portal.people.models import Employee


def words(account: Account, employee: Employee) -> str:
    """How the HR record and the application differ, and what the portal does about it; empty when they agree."""
    manager = employee.manager
    if manager is None:
        return (
            ""
            if account.manager_remote_id is None
            else "The HR record has no manager any more. Sync now removes this one."
        )
    theirs = Account.get_or_none(
        Account.employee == manager, Account.connection == account.connection_id, Account.detached_at.is_null()
    )
    if theirs is None or theirs.read_at is None:
        gone = " They have left." if manager.end_date and manager.end_date < now().date() else ""
        return f"{manager.name} has no account yet. The manager will be set as soon as there is one.{gone}"
    if account.manager_remote_id != theirs.remote_id and (account.manager_shown or "") != _shown(theirs):
        return f"The HR record says {manager.name}. Sync now sets this manager."
    return f"The account of {manager.name} is deactivated." if theirs.status == Status.DEACTIVATED else ""


def _shown(account: Account) -> str:
    return f"{account.display_name} ({account.username})"
