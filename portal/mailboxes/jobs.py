"""What the worker does for people's mailboxes."""

from huey import crontab

from portal.mailboxes import looking_after
from portal.worker import job, queue


@queue.periodic_task(crontab(minute="*/5"))
@job
def look_after_mailboxes() -> None:
    looking_after.sweep()
