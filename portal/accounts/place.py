"""A place: one employee at one connected application. It is loaded once, and whatever is done there is handed it."""

from dataclasses import dataclass

from portal.accounts.models import Account
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.connectors.base import Service
from portal.languages import gettext as _
from portal.people.models import Employee
from portal.problems import Problem


class NoAccount(Problem):
    message = _("This employee has no account in the connected application.")
    next_step = _("Create one, or link the account that already exists.")


@dataclass
class Place:
    """An employee, the connection to one application, and the employee's account there. account: None without one."""

    employee: Employee
    connection: Connection
    account: Account | None = None

    def __post_init__(self) -> None:
        if self.account is not None:
            # What is loaded already is not loaded again by way of the account.
            self.account.employee, self.account.connection = self.employee, self.connection

    @classmethod
    def of(cls, employee: Employee, connection: Connection) -> "Place":
        """The place of an employee at a connection that was loaded before."""
        return cls(employee, connection, Account.live_of(employee, connection))

    @classmethod
    def all_of(cls, employee: Employee) -> "list[Place]":
        """The employee at each of the connected applications, in the order of connecting."""
        accounts = {account.connection_id: account for account in Account.all_live_of(employee)}
        live = Connection.all_live_of(employee.organisation)
        return [cls(employee, connection, accounts.get(connection.id)) for connection in live]

    @classmethod
    def of_account(cls, account: Account) -> "Place":
        """The place of an account; without the account when it has been detached since."""
        return cls(account.employee, account.connection, account if account.detached_at is None else None)

    @property
    def service(self) -> Service:
        return SERVICES[self.connection.service]

    def need_account(self) -> Account:
        """The account. Raises NoAccount."""
        if self.account is None:
            raise NoAccount()
        return self.account

    def as_it_is(self) -> "Place":
        """The same place with the account as the portal knows it now: what was done meanwhile may have changed it."""
        return Place.of(self.employee, self.connection)
