"""What the worker does for webhooks: send what is due, in threads of their own, and forget what is old."""

from datetime import timedelta

from huey import crontab

from portal.database import now, transaction
from portal.webhooks import delivering, telling
from portal.webhooks.models import KEPT, Delivery, Receiver, State, free
from portal.worker import job, queue

# What is due later than that is found by the sweep.
SOON = 60.0
MOST_FORGOTTEN = 5000


@queue.task()
@job
def deliver(receiver_id: int) -> None:
    begin(receiver_id)


def begin(receiver_id: int) -> None:
    """Send what is due in a thread; without a free one the next sweep does it."""
    delivering.LANE.start(lambda: _send(receiver_id))


def _send(receiver_id: int) -> None:
    wait = delivering.send_all(receiver_id)
    if wait is not None and wait < SOON:
        deliver.schedule((receiver_id,), delay=timedelta(seconds=wait + 0.1))


@queue.periodic_task(crontab(minute="*"))
@job
def sweep() -> None:
    """Send what is due and what was left behind by a process that died: two threads for each receiver."""
    due = Delivery.select(Delivery.receiver).join(Receiver).where(Receiver.paused_at.is_null(), free(now()))
    for (receiver_id,) in list(due.distinct().tuples()):
        for _ in range(delivering.MOST_OPEN):
            begin(receiver_id)


@queue.periodic_task(crontab(minute="7"))
@job
def tell_paused() -> None:
    telling.tell_those_left(Receiver, telling.tell_paused)


@queue.periodic_task(crontab(minute="37"))
@job
def forget_old() -> None:
    old = Delivery.select(Delivery.id).where(
        Delivery.made_at < now() - KEPT, Delivery.state != State.SENDING
    ).limit(MOST_FORGOTTEN)  # fmt: skip
    with transaction():
        Delivery.delete().where(Delivery.id.in_(old)).execute()
