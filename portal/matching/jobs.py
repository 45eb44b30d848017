"""What the worker does for matching."""

from huey import crontab

from portal.mail.lane import Lane
from portal.matching import reading
from portal.matching.models import Reading
from portal.worker import job, queue

BEHIND = -10
# A large tenant may take many minutes to read: the worker is kept from nothing else.
LANE = Lane("readings", 2)


@queue.task(priority=BEHIND)
@job
def read_tenants() -> None:
    """Carry out the readings that no worker holds; without a free thread those that have one go on to them."""
    LANE.start(job(_read_all))


def _read_all() -> None:
    while waiting := Reading.due().first():
        reading.read(waiting)


@queue.periodic_task(crontab(minute="*"))
@job
def sweep_readings() -> None:
    """Take up a reading that a worker which died, or a queue that was lost, has left behind."""
    if Reading.due().exists():
        read_tenants()
