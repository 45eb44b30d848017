"""Every account of a tenant, read once, page by page: who has which address, and which may be whose."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from portal.accounts.models import Account
from portal.connections.models import Connection
from portal.connectors import for_connection
from portal.connectors.values import RemoteAccount
from portal.people.models import Employee
from portal.theirs.rules import LinkOffer
from portal.theirs.signs import addresses_of
from portal.theirs.staff import Staff, declined


class TenantIndex:
    """Reads the tenant when it is made, for these employees. Raises ConnectorError.

    addresses: all that are taken, in small letters.
    """

    def __init__(self, connection: Connection, employees: Iterable[Employee]):
        self.addresses: set[str] = set()
        self._found: dict[int, list[LinkOffer]] = defaultdict(list)
        self._staff = Staff(connection, employees)
        self._declined = declined(connection.id)
        linked = Account.select(Account, Employee).join(Employee).where(
            Account.connection == connection, Account.detached_at.is_null()
        )  # fmt: skip
        self._holders = {account.remote_id: account.employee.name for account in linked.iterator()}
        connector = for_connection(connection)
        for accounts in (connector.all_accounts(), connector.deleted_accounts()):
            for remote in accounts:
                self._note(remote)

    def _note(self, remote: RemoteAccount) -> None:
        self.addresses.update(addresses_of(remote))
        holder = self._holders.get(remote.id, "")
        for employee_id, candidate in self._staff.of(remote).items():
            refused = (remote.id, employee_id) in self._declined
            self._found[employee_id].append(replace(candidate, holder=holder, declined=refused))

    def of(self, employee: Employee) -> list[LinkOffer]:
        """The accounts that may be the employee's, also those that others have, the likeliest first."""
        return sorted(self._found.get(employee.id, ()), key=lambda candidate: candidate.rank)
