"""What the worker does for deliveries: load by id, call, nothing more."""

from datetime import timedelta

from huey import crontab

from portal.carrying.engine import PATIENCE_IN_WORKER
from portal.database import now
from portal.messages import engine, portal_mail
from portal.messages.models import Delivery
from portal.worker import job, queue


@queue.task()
@job
def deliver(delivery_id: int) -> None:
    delivery = Delivery.get_or_none(Delivery.id == delivery_id)
    if delivery is not None:
        finish(engine.carry_out(delivery, patience=PATIENCE_IN_WORKER))


@queue.periodic_task(crontab(minute="*"))
@job
def sweep_deliveries() -> None:
    """Pick up what is due, and what was left behind by a process that died."""
    portal_mail.sweep()
    for delivery in engine.due():
        deliver(delivery.id)


def carry_on(delivery: Delivery, *, ours: bool = False) -> Delivery:
    """Carry the delivery out as far as it gets in a request, and see to what comes next."""
    delivery = engine.carry_out(delivery, ours=ours)
    finish(delivery)
    return delivery


def finish(delivery: Delivery) -> None:
    """See to what comes next: the next try at its time, or what follows from being done."""
    if delivery.is_open:
        # Not before the lease of the process that has it now would have ended.
        due = max(delivery.not_before, delivery.lease_until or delivery.not_before)
        deliver.schedule((delivery.id,), delay=max(due - now(), timedelta(seconds=0)))
    for further in engine.DELIVERIES.follow(delivery):
        deliver(further)
