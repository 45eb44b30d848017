"""What the worker does for mail that candidates write."""

from huey import crontab

from portal.reading import rounds
from portal.worker import job, queue


@queue.periodic_task(crontab(minute="*"))
@job
def read_mailboxes() -> None:
    rounds.sweep()
