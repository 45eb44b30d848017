"""What the worker does about private addresses that were replaced."""

from huey import crontab

from portal.people import addresses
from portal.worker import job, queue


@queue.periodic_task(crontab(minute="*"))
@job
def tell_replaced() -> None:
    addresses.sweep()
