"""Every account of a tenant, read once, page by page: who has which address and which employee number."""

from dataclasses import dataclass

from portal.connectors.base import Connector, Protection, RemoteAccount
from portal.people.models import Employee

BARRED = (Protection.GUEST, Protection.DELETED)


@dataclass(frozen=True, slots=True)
class Match:
    """An account that may be an employee's. evidence: what they share. barred: why it cannot be linked, if so.

    doubt: why it is not certain which account is meant, as a sentence; empty when it is.
    """

    remote_id: str
    account: str
    evidence: str
    barred: Protection | None
    doubt: str = ""


class Everybody:
    """Reads the tenant when it is made. Raises ConnectorError. addresses: all that are taken, in small letters."""

    def __init__(self, connector: Connector):
        self.addresses: dict[str, str] = {}
        self._accounts: dict[str, tuple[str, Protection | None]] = {}
        self._numbered: dict[str, str] = {}
        self._shared_numbers: dict[str, str] = {}
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
        if number and self._numbered.setdefault(number, account.id) != account.id:
            self._shared_numbers[number] = account.id

    def match_of(self, employee: Employee) -> Match | None:
        """The account with the employee's number, else the one with their company email."""
        number = employee.employee_number
        by_number = self._numbered.get(number)
        by_address = self.addresses.get(employee.company_email.casefold()) if employee.company_email else None
        found = by_number or by_address
        if found is None:
            return None
        shared = [
            word for word, same in (("employee number", by_number), ("company email", by_address)) if same == found
        ]
        barred = self._accounts[found][1]
        doubt = self._doubt(found, self._shared_numbers.get(number), by_address)
        return Match(found, self._name(found), f"their {' and '.join(shared)}", barred, doubt)

    def _doubt(self, found: str, same_number: str | None, by_address: str | None) -> str:
        if same_number:
            return f"{self._name(found)} and {self._name(same_number)} both have their employee number."
        if by_address and by_address != found:
            return f"{self._name(found)} has their employee number, but {self._name(by_address)} their company email."
        return ""

    def _name(self, account_id: str) -> str:
        username, barred = self._accounts[account_id]
        return f"{username} (in the recycle bin)" if barred == Protection.DELETED else username
