"""What the worker does for the API: forget keys that are too old to come again."""

from huey import crontab

from portal.api import once
from portal.worker import job, queue


@queue.periodic_task(crontab(minute="53"))
@job
def forget_keys() -> None:
    once.forget_old()
