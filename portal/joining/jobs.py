"""What the worker does on a first day."""

from huey import crontab

from portal.joining import first_day
from portal.mail.lane import Lane
from portal.worker import job, queue

# In a thread of its own, a large first day at an application that does not answer keeps the worker from nothing else.
LANE = Lane("first days", 1)


@queue.periodic_task(crontab(minute="*"))
@job
def allow_what_is_due() -> None:
    LANE.start(job(first_day.allow_what_is_due))
