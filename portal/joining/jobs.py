"""What the worker does on a first day."""

from huey import crontab

from portal.joining import first_day
from portal.worker import job, queue


@queue.periodic_task(crontab(minute="*"))
@job
def allow_what_is_due() -> None:
    first_day.allow_what_is_due()
