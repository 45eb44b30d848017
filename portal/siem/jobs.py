"""What the worker does for targets of the audit log: every minute, push what they do not have."""

from huey import crontab

from portal.database import now
from portal.siem import sending
from portal.siem.models import Target
from portal.webhooks import telling
from portal.worker import job, queue


@queue.periodic_task(crontab(minute="*"))
@job
def push() -> None:
    due = Target.select(Target.id).where(Target.paused_at.is_null(), Target.not_before <= now())
    for (target_id,) in list(due.tuples()):
        begin(target_id)


@queue.periodic_task(crontab(minute="7"))
@job
def tell_paused() -> None:
    telling.tell_those_left(Target, sending.tell_paused)


def begin(target_id: int) -> None:
    """Push in a thread of its own; without a free one the next minute does it."""
    sending.LANE.start(lambda: sending.send_all(target_id))
