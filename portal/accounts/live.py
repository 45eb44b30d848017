"""The account and the connection that a person means, or why there is none."""

from portal.accounts.models import Account
from portal.connections.live import live_connection
from portal.people.models import Employee
from portal.problems import Problem


class NoAccount(Problem):
    """This employee has no account in the connected application."""

    next_step = "Create one, or link the account that already exists."


def account_of(employee: Employee) -> Account:
    """The employee's live account. Raises NotConnected, NoAccount."""
    live_connection(employee)
    account = Account.live_of(employee)
    if account is None:
        raise NoAccount()
    return account
