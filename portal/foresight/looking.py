"""Looks at an account before it is changed: two questions to the application, and nothing is changed."""

from datetime import timedelta
from typing import Any

from portal import background
from portal.accounts.known import look_at
from portal.accounts.models import Account
from portal.connectors import SERVICES, for_connection
from portal.connectors.base import Connector
from portal.connectors.errors import ConnectorError, NotPermitted
from portal.database import now
from portal.foresight.models import Foresight
from portal.languages import gettext as _
from portal.logs import log
from portal.people.models import Employee

# After this time the portal looks again; sooner where nothing could be read.
HOLDS, SOONER = timedelta(days=1), timedelta(hours=1)
# Seconds that a page waits for what it has not seen yet.
PATIENCE = 3.0


def of(employee: Employee) -> dict[int, Foresight]:
    """Connection id -> what was last seen of the employee's account there."""
    query = Foresight.select(Foresight, Account).join(Account)
    mine = query.where(Account.employee == employee, Account.detached_at.is_null())
    return {seen.account.connection_id: seen for seen in mine}


def look_for_page(accounts: list[Account]) -> None:
    """Look at those that nobody has looked at yet; what takes longer than a person waits is there on the next page."""
    known = {seen.account_id for seen in Foresight.select().where(Foresight.account.in_(accounts))}
    unseen = [account for account in accounts if account.id not in known and account.connection.is_live]
    under_way = [background.begin(lambda account=account: look(account)) for account in unseen]
    for question in under_way:
        try:
            background.result_of(question, PATIENCE)
        except background.StillUnderWay:
            return


def look(account: Account) -> None:
    """Look at the account and write down what will stand in the way. What was seen before stays where that fails."""
    try:
        found = {**_seen(account), "problem": "", "seen_at": now(), "again_at": now() + HOLDS}
    except ConnectorError as error:
        found = {"problem": f"{error.message} {error.next_step}".strip(), "again_at": now() + SOONER}
    except Exception:
        # One account that is described oddly must not keep the others from being looked at.
        log.exception("account could not be looked at ahead", account=account.id)
        found = {"problem": _("The portal met an error it did not expect."), "again_at": now() + HOLDS}
    row = {"organisation": account.organisation_id, "account": account.id, "again_at": now()}
    Foresight.insert(row).on_conflict_ignore().execute()
    Foresight.update(found).where(Foresight.account == account).execute()


def _seen(account: Account) -> dict[str, Any]:
    connector = for_connection(account.connection)
    _, protections = look_at(connector, account)
    barred = min(protections) if protections else ""
    groups: dict[str, Any] = {"out_of_reach": {}, "licensing": []}
    if SERVICES[account.connection.service].capabilities.has_groups:
        groups = _groups(connector, account.remote_id)
    return {"barred": str(barred), **groups}


def _groups(connector: Connector, account_id: str) -> dict[str, Any]:
    """The groups that will stay, or go later than the others; None for both where the portal may not see them."""
    try:
        held = [one.group for one in connector.groups_of(account_id) if one.member]
    except NotPermitted:
        return {"out_of_reach": None, "licensing": None}
    return {
        "out_of_reach": {group.name: group.why_not for group in held if not group.writable},
        "licensing": sorted(group.name for group in held if group.writable and group.licence_ids),
    }
