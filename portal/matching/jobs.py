"""What the worker does for matching."""

from huey import crontab

from portal.matching import reading
from portal.matching.models import Reading
from portal.worker import job, queue

BEHIND = -10


@queue.task(priority=BEHIND)
@job
def read_tenants() -> None:
    """Carry out the readings that no worker holds."""
    for waiting in list(Reading.due()):
        reading.read(waiting)


@queue.periodic_task(crontab(minute="*"))
@job
def sweep_readings() -> None:
    """Take up a reading that a worker which died, or a queue that was lost, has left behind."""
    if Reading.due().exists():
        read_tenants()
