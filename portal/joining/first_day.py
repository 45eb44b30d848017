"""Accounts that were made ahead and wait for the first day: whose sign-in is allowed now, and by whom if not by us."""

from datetime import timedelta
from itertools import groupby

from portal.accounts.models import Account
from portal.accounts.place import Place
from portal.connections.models import Connection
from portal.database import now
from portal.hand_over.moments import sign_in_opens
from portal.logs import log
from portal.operations import bulk
from portal.operations.models import Operation
from portal.operations.requests import Verb
from portal.organisations.models import Organisation
from portal.organisations.plans import Feature, plans_with
from portal.people.models import Employee
from portal.problems import Problem
from portal.provisioning import actions
from portal.timelines import planning

# The name under which it is done.
AUTOMATIC = "Timeline"
# Somebody whose first day was longer ago is not let in unseen: a person presses the button.
TOO_LATE = timedelta(days=3)


def due() -> list[Account]:
    """Accounts whose sign-in is to be allowed now."""
    moment = now()
    # Nowhere is the local day more than fourteen hours ahead.
    days = Employee.start_date.between((moment - TOO_LATE).date() - timedelta(days=1), (moment + TOO_LATE).date())
    waiting = (
        Account.select(Account, Employee, Connection, Organisation)
        .join(Employee)
        .switch(Account)
        .join(Connection)
        .switch(Account)
        .join(Organisation)
        .where(
            Account.waits_for_start, Account.detached_at.is_null(), Connection.disconnected_at.is_null(),
            Organisation.plan.in_(plans_with(Feature.ACCOUNT_PROVISIONING)), days,
        )
        .order_by(Account.connection, Employee.start_date, Account.id)
    )  # fmt: skip
    return [account for account in waiting if _is_due(account)]


def _is_due(account: Account) -> bool:
    employee, moment = account.employee, now()
    opens = sign_in_opens(employee)
    if opens is None or not opens <= moment < opens + TOO_LATE or employee.has_left(employee.organisation.today):
        return False
    if planning.plans(employee, account.connection_id, "allow_sign_in"):
        return False
    tried = Operation.select().where(
        Operation.account == account, Operation.verb == Verb.ALLOW, Operation.created_at >= opens
    )
    # One that failed told why, and is for a person to try again.
    return not tried.exists()


def allow_what_is_due() -> int:
    """Allow each sign-in whose morning has come, those at one application side by side; returns how many were begun."""
    begun: list[int] = []

    def allow(account: Account) -> None:
        try:
            actions.allow_sign_in(Place.of_account(account), by=AUTOMATIC)
            begun.append(account.id)
        except Problem as problem:
            # Something else is under way for the employee: the next turn comes in a minute.
            log.info("sign-in not allowed yet", account=account.id, reason=problem.message)

    for _connection, accounts in groupby(due(), key=lambda account: account.connection_id):
        those = list(accounts)
        bulk.carry_out_many(those[0].connection, those, allow)
    return len(begun)
