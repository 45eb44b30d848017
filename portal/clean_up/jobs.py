"""What the worker does for Clean-up."""

from huey import crontab

from portal.clean_up import reading
from portal.clean_up.models import UseReading
from portal.mail.lane import Lane
from portal.worker import job, queue

BEHIND = -10
# A large tenant may take many minutes to read: the worker is kept from nothing else.
LANE = Lane("uses", 2)


@queue.task(priority=BEHIND)
@job
def read_uses() -> None:
    """Carry out the readings that no worker holds; without a free thread those that have one go on to them."""
    LANE.start(job(_read_all))


def _read_all() -> None:
    while waiting := UseReading.due().first():
        reading.read(waiting)


@queue.periodic_task(crontab(minute="*"))
@job
def sweep_uses() -> None:
    """Take up a reading that a worker which died, or a queue that was lost, has left behind."""
    if UseReading.due().exists():
        read_uses()
