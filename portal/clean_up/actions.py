"""What can be done on Clean-up: one bulk action for those ticked, keep an account, and enter prices."""

from collections.abc import Mapping
from typing import Any

from portal import audit
from portal.accounts.models import Account
from portal.auth.models import User
from portal.clean_up import queries
from portal.clean_up.models import KeptAccount
from portal.connections.models import Connection
from portal.connections.settings import AddOnSettings
from portal.database import now, transaction
from portal.languages import gettext as _
from portal.operations.requests import Verb
from portal.people.models import Employee
from portal.runs.actions import plan_run
from portal.runs.models import Run

# List -> what is planned for those ticked, and the words of its button. Nobody's accounts are matched or kept.
PLANS = {
    queries.LEFT: (Verb.DEACTIVATE, _("Plan to deactivate")),
    queries.LICENSED: (Verb.LICENCE, _("Plan to take licences away")),
    queries.UNUSED: (Verb.DEACTIVATE, _("Plan to deactivate")),
}


def plan(scope: queries.Scope, tab: str, employee_ids: list[int], *, by: User) -> Run:
    """A bulk action for those of the list who are ticked: it is looked at before it starts. Raises NobodyChosen."""
    verb = PLANS[tab][0]
    select, _key = queries.SELECTS[tab]
    listed = select(scope).where(Account.employee.in_(employee_ids))
    accounts = list(listed)
    chosen = Employee.select().where(Employee.id.in_([account.employee_id for account in accounts]))
    options: dict[str, Any] = {}
    if verb == Verb.LICENCE:
        options = {"add": [], "remove": sorted({key for account in accounts for key in account.licence_ids})}
    source = _("Clean-up: %(list)s", list=queries.LISTS[tab])
    return plan_run(scope.connection, verb, (chosen,), by=by, source=source, options=options)


def keep(scope: queries.Scope, row: queries.Row, *, reason: str, until: Any, by: User) -> None:
    """No list shows the account until that day."""
    with audit.turn(scope.connection.organisation_id):
        mine = (KeptAccount.connection == scope.connection) & (KeptAccount.remote_id == row.remote_id)
        KeptAccount.delete().where(mine).execute()
        KeptAccount.create(
            organisation=scope.connection.organisation_id, connection=scope.connection, remote_id=row.remote_id,
            name=(row.username or row.name)[:320], reason=reason, until=until, by_name=by.display_name, kept_at=now(),
        )  # fmt: skip
        audit.record(by, "keep account", scope.connection, account=row.username, reason=reason, until=until.isoformat())


def stop_keeping(kept: KeptAccount, *, by: User) -> None:
    """The lists show the account again, if anything is the matter with it."""
    with audit.turn(kept.organisation_id):
        kept.delete_instance()
        audit.record(by, "stop keeping account", kept.connection, account=kept.name)


def set_prices(connection: Connection, prices: Mapping[str, str], currency: str, *, by: User) -> None:
    """What a seat of each licence costs each month."""
    mine = {"organisation": connection.organisation_id, "service": connection.service}
    with transaction():
        AddOnSettings.insert(**mine).on_conflict_ignore().execute()
        row = AddOnSettings.get(**mine)
        row.prices, row.currency = dict(prices), currency
        row.save(only=[AddOnSettings.prices, AddOnSettings.currency])
        audit.record(by, "change prices of licences", connection, currency=currency)
