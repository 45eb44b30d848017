"""What the worker does for matching."""

from huey import crontab

from portal.database import now
from portal.matching import reading
from portal.matching.models import Reading, ReadingState
from portal.worker import job, queue

BEHIND = -10


@queue.task(priority=BEHIND)
@job
def read_tenants() -> None:
    """Carry out the readings that nobody is at."""
    free = Reading.lease_until.is_null() | (Reading.lease_until < now())
    for waiting in list(Reading.select().where(Reading.state == ReadingState.READING, free).order_by(Reading.id)):
        reading.read(waiting)


@queue.periodic_task(crontab(minute="*"))
@job
def sweep_readings() -> None:
    """Take up a reading that a worker which died, or a queue that was lost, has left behind."""
    free = Reading.lease_until.is_null() | (Reading.lease_until < now())
    if Reading.select().where(Reading.state == ReadingState.READING, free).exists():
        read_tenants()
