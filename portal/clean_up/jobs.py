"""What the worker does for Clean-up."""

from huey import crontab

from portal.clean_up import reading
from portal.clean_up.models import UseReading
from portal.worker import job, queue

BEHIND = -10


@queue.task(priority=BEHIND)
@job
def read_uses() -> None:
    """Carry out the readings that no worker holds."""
    for waiting in list(UseReading.due()):
        reading.read(waiting)


@queue.periodic_task(crontab(minute="*"))
@job
def sweep_uses() -> None:
    """Take up a reading that a worker which died, or a queue that was lost, has left behind."""
    if UseReading.due().exists():
        read_uses()
