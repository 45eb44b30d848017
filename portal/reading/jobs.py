"""What the worker does for mail that candidates write."""

from huey import crontab

from portal.mail.lane import Lane
from portal.reading import rounds
from portal.worker import job, queue

# An application that does not answer takes half a minute for each mailbox: the worker is kept from nothing else.
LANE = Lane("reading", 2)


@queue.periodic_task(crontab(minute="*"))
@job
def read_mailboxes() -> None:
    LANE.start(job(rounds.sweep))
