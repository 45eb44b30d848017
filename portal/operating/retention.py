"""What is removed once it is no longer of use, besides what sign-ins leave behind (auth/sweeping.py).

The audit log, operations and their outcomes stay.
"""

from datetime import timedelta
from typing import Any

from huey import crontab
from peewee import chunked

from portal.config import settings
from portal.connections.models import ConnectAttempt
from portal.database import count_rows, empty_journal, is_sqlite, now, transaction
from portal.leaving.models import Snapshot
from portal.operations.models import OPEN, Operation, Step
from portal.worker import job, queue

ATTEMPT_KEPT = timedelta(days=1)
# In one transaction, so that other processes do not wait long for the database.
AT_ONCE, MOST = 500, 20_000


@queue.periodic_task(crontab(minute="23"))
@job
def remove_old() -> None:
    """Every hour, at most so many rows: a large backlog is spread over the hours."""
    with transaction():
        ConnectAttempt.delete().where(ConnectAttempt.created_at < now() - ATTEMPT_KEPT).execute()
    if settings().keep_receipts_days:
        _shorten_receipts()
    if is_sqlite():
        # PostgreSQL's autovacuum looks there.
        count_rows()
    empty_journal()


def _shorten_receipts() -> None:
    """Drop the exchanges with the tenant from old receipts, and what was noted of leavers. What was done stays."""
    before = now() - timedelta(days=settings().keep_receipts_days)
    with transaction():
        Snapshot.delete().where(Snapshot.created_at < before).execute()
    final = Operation.select(Operation.id).where(Operation.finished_at < before, Operation.state.not_in(OPEN))
    old: Any = Step.select(Step.id).where(Step.operation.in_(final), Step.calls != []).limit(MOST)
    # Looked for once, and not in the transaction: the search goes through all that are shortened already.
    for some in chunked([step_id for (step_id,) in old.tuples()], AT_ONCE):
        with transaction():
            Step.update(calls=[]).where(Step.id.in_(list(some))).execute()
