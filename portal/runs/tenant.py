"""Every account of a tenant, read once, page by page: who has which address and which employee number."""

from dataclasses import dataclass

from portal.connectors.base import Connector, Protection, RemoteAccount
from portal.people.models import Employee

BARRED = (Protection.GUEST, Protection.DELETED)


@dataclass(frozen=True, slots=True)
class Match:
    """An account that may be an employee's. evidence: what they share. barred: why it cannot be linked, if so."""

    remote_id: str
    account: str
    evidence: str
    barred: Protection | None


class Everybody:
    """Reads the tenant when it is made. Raises ConnectorError. addresses: all that are taken, in small letters."""

    def __init__(self, connector: Connector):
        self.addresses: dict[str, str] = {}
        self._accounts: dict[str, tuple[str, Protection | None]] = {}
        self._numbered: dict[str, str] = {}
        for account in connector.all_accounts():
            self._note(account)
        for account in connector.deleted_accounts():
            self._note(account)

    def _note(self, account: RemoteAccount) -> None:
        barred = next((kind for kind in BARRED if kind in account.protections), None)
        self._accounts[account.id] = (account.username, barred)
        for address in (account.username, account.email, *account.aliases):
            if address:
                self.addresses.setdefault(address.casefold(), account.id)
        number = account.fields.get("employee_number")
        if number:
            self._numbered.setdefault(number, account.id)

    def match_of(self, employee: Employee) -> Match | None:
        """The account with the employee's number, else the one with their company email."""
        by_number = self._numbered.get(employee.employee_number)
        by_address = self.addresses.get(employee.company_email.casefold()) if employee.company_email else None
        found = by_number or by_address
        if found is None:
            return None
        shared = [
            word for word, same in (("employee number", by_number), ("company email", by_address)) if same == found
        ]
        username, barred = self._accounts[found]
        name = f"{username} (in the recycle bin)" if barred == Protection.DELETED else username
        return Match(found, name, f"their {' and '.join(shared)}", barred)
