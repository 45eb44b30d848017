"""What the worker does for the HR records that changed."""

from huey import crontab

from portal.operations.jobs import carry_out
from portal.provisioning import updates
from portal.sync import differences
from portal.worker import job, queue


@queue.periodic_task(crontab(minute="*"))
@job
def send_changed_records() -> None:
    """Start an update for each account whose HR record changed, but for the fields whose difference is ignored."""
    for account in updates.changed():
        update = updates.request_update(account, but=differences.ignored_of(account))
        if update is not None:
            carry_out(update.id)
