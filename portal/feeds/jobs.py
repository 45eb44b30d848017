"""What the worker does for feeds: begin runs by their schedule, and carry them out, one at a time for each feed."""

from huey import crontab

from portal.database import now
from portal.feeds import running, telling
from portal.feeds.models import Feed, FeedRun, How
from portal.mail.lane import Lane
from portal.organisations.plans import Feature
from portal.worker import job, queue

# Other systems may take minutes to answer: in threads of their own they keep the worker from nothing.
LANE = Lane("feeds", 4)


@queue.task()
@job
def take_runs() -> None:
    """Carry out the runs that no worker holds; without a free thread those that have one go on to them."""
    LANE.start(carry_out_due)


def carry_out_due() -> None:
    """Carry out what is due, one run after the other."""
    while run := FeedRun.due().first():
        running.carry_on(run)


@queue.periodic_task(crontab(minute="*"))
@job
def sweep_feeds() -> None:
    """Begin what is due, take up what a worker that died has left, and send the emails that are due."""
    moment = now()
    due = Feed.next_at.is_null() | (Feed.next_at <= moment)
    for feed in list(Feed.select().where(due, Feed.paused_at.is_null(), Feed.stopped_at.is_null())):
        same = Feed.next_at.is_null() if feed.next_at is None else Feed.next_at == feed.next_at
        mine = Feed.update(next_at=feed.after(moment)).where(Feed.id == feed.id, same)
        if mine.execute() and feed.next_at is not None and feed.organisation.has(Feature.ACCOUNT_PROVISIONING):
            running.begin(feed, How.SCHEDULE)
    if FeedRun.due().exists():
        take_runs()
    for feed in list(Feed.select().where(Feed.paused_at.is_null())):
        telling.tell(feed)


@queue.periodic_task(crontab(minute="37"))
@job
def forget_old_files() -> None:
    """Files of runs are kept for 30 days, and the log has the last 50 runs of a feed."""
    running.forget_old()
