"""What the worker does for timelines."""

import time
from typing import Any

from huey import crontab
from peewee import JOIN, fn

from portal.accounts.models import Account
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.database import now
from portal.foresight import looking
from portal.foresight.models import Foresight
from portal.timelines import brake, carrying, following, settling
from portal.timelines.models import TO_COME, PlannedStep
from portal.worker import job, queue

# What a person has pressed goes first.
BEHIND = -10
# How many accounts are looked at in a turn, and for how many seconds.
AT_ONCE, LONGEST_LOOK = 100, 30.0


@queue.periodic_task(crontab(minute="*"))
@job
def sweep() -> None:
    """Bring the timelines up to date, and see that what is due is begun."""
    settling.settle()
    following.follow_changes()
    brake.settle_due()
    for connection_id in carrying.connections_with_due_steps():
        take_turn(connection_id)


@queue.periodic_task(crontab(minute="*/5"))
@job
def look_ahead() -> None:
    """Look at accounts that steps will change, so that what the application will refuse is told before the day."""
    until = time.monotonic() + LONGEST_LOOK
    for account in to_look_at():
        if time.monotonic() > until:
            return
        if SERVICES[account.connection.service].busy_for(account.connection.tenant_id) <= carrying.SHORT_WAIT:
            looking.look(account)


def to_look_at() -> list[Account]:
    """Those that nobody has looked at for a day, the ones whose steps come first before the others."""
    same = (Account.employee == PlannedStep.employee) & (Account.connection == PlannedStep.connection)
    seen = Foresight.again_at.is_null() | (Foresight.again_at <= now())
    query: Any = PlannedStep.select(Account.id).join(Account, on=same).join(Connection)
    query = query.switch(Account).join(Foresight, JOIN.LEFT_OUTER, on=Foresight.account == Account.id)
    query = query.where(
        PlannedStep.state.in_(TO_COME), Account.detached_at.is_null(), Connection.disconnected_at.is_null(), seen
    )
    earliest: Any = fn.MIN(PlannedStep.due_at)
    ids = list(query.group_by(Account.id).order_by(earliest).limit(AT_ONCE).tuples())
    found = Account.select(Account, Connection).join(Connection).where(Account.id.in_([row[0] for row in ids]))
    accounts = {account.id: account for account in found}
    return [accounts[account_id] for (account_id,) in ids if accounts[account_id].connection.is_live]


@queue.task(priority=BEHIND)
@job
def take_turn(connection_id: int) -> None:
    """Begin what is due at one connection; what is left goes on in the next turn."""
    if carrying.take_turn(connection_id) >= carrying.AT_ONCE:
        take_turn(connection_id)


@queue.periodic_task(crontab(minute="7"))
@job
def recompute() -> None:
    following.recompute()
