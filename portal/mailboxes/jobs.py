"""What the worker does for people's mailboxes."""

from huey import crontab

from portal.mail.lane import Lane
from portal.mailboxes import looking_after
from portal.worker import job, queue

# An application that does not answer takes half a minute for each mailbox: the worker is kept from nothing else.
LANE = Lane("mailboxes", 1)


@queue.periodic_task(crontab(minute="*/5"))
@job
def look_after_mailboxes() -> None:
    LANE.start(job(looking_after.sweep))
