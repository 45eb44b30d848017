"""What is removed once it is of no more use. The audit log, operations and their outcomes stay."""

from datetime import timedelta
from typing import Any

from huey import crontab
from peewee import Expression

from portal.addons.models import ConnectAttempt
from portal.auth.actions import ABSOLUTE_LIMIT
from portal.auth.models import HalfSignIn, OutsideSignIn, PasswordReset, Session
from portal.config import settings
from portal.database import now, transaction
from portal.provisioning.models import OPEN, Operation, Step
from portal.worker import job, queue

# In one transaction, so that nobody waits long for the database.
AT_ONCE, MOST = 500, 20_000


@queue.periodic_task(crontab(minute="23"))
@job
def remove_old() -> None:
    """Every hour, at most so many rows of each kind: a large backlog is spread over the hours."""
    over = now() - timedelta(days=settings().keep_sign_ins_days)
    # A session may be in use until its limit, whatever the setting says.
    _remove(Session, Session.created_at < over - ABSOLUTE_LIMIT)
    for model in (HalfSignIn, OutsideSignIn, ConnectAttempt, PasswordReset):
        _remove(model, model.created_at < over - timedelta(days=1))
    if settings().keep_receipts_days:
        _shorten_receipts()


def _remove(model: Any, which: Expression) -> None:
    for _ in range(MOST // AT_ONCE):
        with transaction():
            some = model.select(model.id).where(which).limit(AT_ONCE)
            if not model.delete().where(model.id.in_(some)).execute():
                return


def _shorten_receipts() -> None:
    """Drop the exchanges with the tenant from old receipts. What was done, and how it ended, stays."""
    before = now() - timedelta(days=settings().keep_receipts_days)
    final = Operation.select(Operation.id).where(Operation.finished_at < before, Operation.state.not_in(OPEN))
    for _ in range(MOST // AT_ONCE):
        with transaction():
            some = Step.select(Step.id).where(Step.operation.in_(final), Step.calls != []).limit(AT_ONCE)
            if not Step.update(calls=[]).where(Step.id.in_(some)).execute():
                return
