"""Accounts of the tenant that may be an employee's, with what speaks for each."""

from dataclasses import dataclass, replace

from portal.addons.models import Connection
from portal.connectors import for_connection
from portal.connectors.base import Protection, RemoteAccount
from portal.people.models import Employee
from portal.provisioning.models import Account
from portal.provisioning.steps import PROTECTED

NEVER_LINKED = frozenset({Protection.GUEST, Protection.DELETED})


@dataclass(frozen=True)
class Candidate:
    """An account of the tenant that may be this employee's. reasons: what speaks for it. holder: whose it is."""

    remote: RemoteAccount
    reasons: list[str]
    holder: str = ""

    @property
    def barred(self) -> str:
        """Why it cannot be linked; empty when it can."""
        if self.holder:
            return f"Already linked to {self.holder}."
        kinds = self.remote.protections & NEVER_LINKED
        return PROTECTED[sorted(kinds)[0]] if kinds else ""

    @property
    def watched(self) -> str:
        """Why it would only be watched; empty for one that the portal may change."""
        kinds = self.remote.protections - NEVER_LINKED
        return PROTECTED[sorted(kinds)[0]] if kinds else ""


def candidates(employee: Employee, connection: Connection, text: str) -> list[Candidate]:
    """Accounts of the tenant that match the text, those with most in common with the employee first.

    Raises ConnectorError.
    """
    if not text:
        return []
    return sorted(
        _judged(employee, connection, for_connection(connection).search(text)),
        key=lambda candidate: -len(candidate.reasons),
    )


def candidate(employee: Employee, connection: Connection, remote_id: str) -> Candidate:
    """One account of the tenant, with all that protects it. Raises ConnectorError, NotFound when there is none."""
    connector = for_connection(connection)
    remote = connector.find(remote_id)
    remote = replace(remote, protections=remote.protections | connector.protections(remote.id))
    return _judged(employee, connection, [remote])[0]


def _judged(employee: Employee, connection: Connection, remotes: list[RemoteAccount]) -> list[Candidate]:
    query = Account.select(Account, Employee).join(Employee)
    linked = query.where(
        Account.connection == connection,
        Account.detached_at.is_null(),
        Account.remote_id.in_([remote.id for remote in remotes]),
    )
    holders = {account.remote_id: account.employee.name for account in linked}
    return [Candidate(remote, what_speaks_for(employee, remote), holders.get(remote.id, "")) for remote in remotes]


def what_speaks_for(employee: Employee, remote: RemoteAccount) -> list[str]:
    """What an account has in common with an employee, in words."""
    addresses = {address.casefold() for address in (remote.username, remote.email or "", *remote.aliases) if address}
    reasons = []
    if employee.employee_number and remote.fields.get("employee_number") == employee.employee_number:
        reasons.append("same employee number")
    if employee.company_email and employee.company_email.casefold() in addresses:
        reasons.append("same address as the company email")
    if remote.display_name.casefold() == employee.name.casefold():
        reasons.append("same name")
    if employee.department and remote.fields.get("department") == employee.department:
        reasons.append("same department")
    return reasons
