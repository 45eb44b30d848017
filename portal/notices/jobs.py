"""What the worker does for emails without a secret."""

from huey import crontab

from portal.notices import delivery
from portal.worker import job, queue


@queue.periodic_task(crontab(minute="*"))
@job
def send_what_is_due() -> None:
    delivery.sweep()
