"""What the worker does for changes that wait: tell the Admins, and end each that had no answer in time."""

from huey import crontab

from portal.controls import actions, telling
from portal.worker import job, queue


@queue.task()
@job
def tell() -> None:
    telling.tell_all()


@queue.periodic_task(crontab(minute="*"))
@job
def settle_changes() -> None:
    telling.tell_all()
    actions.settle_due()
