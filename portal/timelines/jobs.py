"""What the worker does for timelines."""

from huey import crontab

from portal.timelines import brake, carrying
from portal.worker import job, queue

# What a person has pressed goes first.
BEHIND = -10


@queue.periodic_task(crontab(minute="*"))
@job
def sweep() -> None:
    """Bring the timelines up to date, and see that what is due is begun."""
    carrying.settle()
    carrying.follow_changes()
    brake.settle_due()
    for connection_id in carrying.connections_with_due_steps():
        take_turn(connection_id)


@queue.task(priority=BEHIND)
@job
def take_turn(connection_id: int) -> None:
    """Begin what is due at one connection; what is left goes on in the next turn."""
    if carrying.take_turn(connection_id) >= carrying.AT_ONCE:
        take_turn(connection_id)


@queue.periodic_task(crontab(minute="7"))
@job
def recompute() -> None:
    carrying.recompute()
